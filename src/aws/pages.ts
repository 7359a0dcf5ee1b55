import type { Call, CallOptions } from './call.ts';
import { UnreadableAnswer } from './errors.ts';

/** How a listing is paged. A token is whatever says where the next page starts. */
export interface Listing<Page, Token> {
  /** What is being done, as `call` takes it. */
  action: string;
  /** Reads one page: the first without a token. */
  read(options: CallOptions, token: Token | undefined): Promise<Page>;
  /** Where the next page starts; undefined after the last one. A page may be empty and have a next one. */
  next(page: Page): Token | undefined;
}

/**
 * The pages of a listing, each by a call with a limit of its own; the next is on its way while one is worked on. A token that
 * came before would lead round in a circle: it ends the paging with an error.
 */
export async function* pages<Page, Token>(
  call: Call,
  { action, read, next }: Listing<Page, Token>,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  const readPage = (token: Token | undefined) => {
    if (token !== undefined) seen.add(JSON.stringify(token));
    return call(action, async (options) => {
      const answer = await read(options, token);
      const following = JSON.stringify(next(answer));
      if (seen.has(following)) throw new UnreadableAnswer('AWS gave the same page token again');
      return answer;
    });
  };
  let coming: Promise<Page> | null = readPage(undefined);
  while (coming) {
    const page: Page = await coming;
    const token = next(page);
    coming = token === undefined ? null : readPage(token);
    // it is thrown where it is awaited, above
    coming?.catch(() => undefined);
    yield page;
  }
}
