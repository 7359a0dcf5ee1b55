import { createHash } from 'node:crypto';
import { AwsError } from './errors.ts';

/** One page of `items` and the token of the next. A token holds for the call it was given for (same `scope`); else InvalidNextToken. */
export function page<Item>(
  items: readonly Item[],
  size: number,
  token: unknown,
  scope: string,
): { items: Item[]; nextToken: string | undefined } {
  const mark = createHash('sha256').update(scope).digest('base64url').slice(0, 16);
  let from = 0;
  if (typeof token === 'string' && token !== '') {
    const [given, offset] = Buffer.from(token, 'base64url').toString('utf8').split(':');
    from = Number(offset);
    if (given !== mark || !Number.isInteger(from) || from < 1)
      throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  }
  const next = from + size;
  return {
    items: items.slice(from, next),
    nextToken: next < items.length ? Buffer.from(`${mark}:${next}`, 'utf8').toString('base64url') : undefined,
  };
}
