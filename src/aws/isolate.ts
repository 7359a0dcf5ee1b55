import type { SentCommands } from '../watchdog/ports.ts';
import { isCode, sentenceOf } from './errors.ts';

/** What holds for one command of SSM: parts of it are dealt these out and never get them whole. */
export interface Limits {
  /** MaxConcurrency: hosts at one time; SSM takes none below 1. */
  concurrency: number;
  /** MaxErrors. */
  errors: number;
}

/** Sends one command; answers SSM's id. Throws an error whose `cause` is the SDK's. */
export type Send = (ids: string[], limits: Limits) => Promise<string>;

/** What came of it; where an error ended it, that error and the ids that it kept from being sent. */
export interface Isolated extends SentCommands {
  failure: Error | null;
  unsent: string[];
}

const NOTHING: Isolated = { commands: [], refused: [], unsure: [], failure: null, unsent: [] };

const NO_ROOM =
  'SSM refuses one of the hosts asked with it without saying which, and as many as may be asked at one time are; the next wave asks again';

/**
 * One terminated or unmanaged id fails the whole call with InvalidInstanceId. Those that the error names are left out and the
 * rest is sent again; when it names none, the ids are halved until those at fault stand alone. The limits of all that is sent
 * sum up to those given, at the most.
 *
 * Any other error ends it: what was sent is told, with its ids, and the rest is unsent, or unsure where SSM may have taken it.
 */
export async function isolating(ids: string[], limits: Limits, send: Send): Promise<Isolated> {
  if (ids.length === 0) return NOTHING;
  if (limits.concurrency < 1) return { ...NOTHING, refused: refusedAll(ids, NO_ROOM) };
  try {
    return { ...NOTHING, commands: [{ commandId: await send(ids, limits), instanceIds: ids }] };
  } catch (error) {
    const failure = error as Error;
    const why = sentenceOf(failure.cause ?? failure);
    if (isCode(failure.cause, 'InvalidInstanceId')) return without(ids, limits, why, send);
    return isRefusal(failure.cause)
      ? { ...NOTHING, failure, unsent: ids }
      : { ...NOTHING, unsure: [{ instanceIds: ids, why }], failure };
  }
}

/** Sends to all but those that SSM will not have. */
async function without(ids: string[], limits: Limits, why: string, send: Send): Promise<Isolated> {
  const told = new Set(why.match(/\bi-[0-9a-f]+/g));
  const named = ids.length === 1 ? ids : ids.filter((id) => told.has(id));
  if (named.length > 0) {
    const others = ids.filter((id) => !named.includes(id));
    const rest = await isolating(others, share(limits, others.length, ids.length), send);
    return { ...rest, refused: [...refusedAll(named, why), ...rest.refused] };
  }
  const half = ids.slice(0, Math.ceil(ids.length / 2));
  const others = ids.slice(half.length);
  const own = share(limits, half.length, ids.length);
  // one is left for the others, where there are two
  const concurrency = Math.min(own.concurrency, Math.max(1, limits.concurrency - 1));
  let spent = 0;
  const first = await isolating(half, { ...own, concurrency }, async (some, given) => {
    const commandId = await send(some, given);
    spent += given.concurrency;
    return commandId;
  });
  if (first.failure) return { ...first, unsent: [...first.unsent, ...others] };
  const second = await isolating(
    others,
    {
      concurrency: Math.min(limits.concurrency - spent, share(limits, others.length, ids.length).concurrency),
      errors: limits.errors - own.errors,
    },
    send,
  );
  return {
    ...second,
    commands: [...first.commands, ...second.commands],
    refused: [...first.refused, ...second.refused],
  };
}

/** As much of the limits as `some` ids are of all. */
function share({ concurrency, errors }: Limits, some: number, all: number): Limits {
  return { concurrency: Math.ceil((concurrency * some) / all), errors: Math.floor((errors * some) / all) };
}

export function refusedAll(ids: string[], why: string): SentCommands['refused'] {
  return ids.map((instanceId) => ({ instanceId, why }));
}

/** Whether the service said no. Without an answer, or with one of its own failure, it may have done what was asked. */
function isRefusal(cause: unknown): boolean {
  const status = (cause as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
  return status !== undefined && status < 500;
}
