import { MOST_TURNS } from '../plan/plan.ts';
import type { SentCommands } from '../watchdog/ports.ts';
import { codeIn, isCode, isRefusal, NoTimeLeft, reasonOf } from './errors.ts';

/** What holds for one command of SSM: parts of it are dealt these out and never get them whole. */
export interface CommandLimits {
  /** Hosts at one time; SSM takes none below 1. */
  maxConcurrency: number;
  /** SSM sends to no further host when more than so many failed. */
  maxErrors: number;
}

/** Sends one command; answers SSM's id. Throws an error whose `cause` is the SDK's. */
export type Send = (ids: string[], limits: CommandLimits) => Promise<string>;

/** What came of it; where an error ended it, that error and the ids that it kept from being sent. */
export interface IsolatedCommands extends SentCommands {
  failure: Error | null;
  unsent: string[];
}

const NOTHING: IsolatedCommands = { commands: [], refused: [], unsure: [], failure: null, unsent: [] };

/** Stands in a sentence after `i-… was not cycled: `. */
const CONCURRENCY_USED_UP =
  'as many hosts as may run at one time were sent to. SSM refused a host of the same command and did not name it. ' +
  'The next wave asks again';

/**
 * One terminated or unmanaged id fails the whole call with InvalidInstanceId. Those that the error names are left out and the
 * rest is sent again; when it names none, the ids are halved until those at fault stand alone. The limits of all that is sent
 * sum up to those given, at the most.
 *
 * Any other error ends it: what was sent is listed with its ids. The rest is unsent where SSM refused it or was not asked, and
 * unsure where SSM may have taken it: without an answer, or with one that cannot be read.
 */
export async function sendIsolatingInvalid(
  ids: string[],
  limits: CommandLimits,
  send: Send,
): Promise<IsolatedCommands> {
  if (ids.length === 0) return NOTHING;
  // a part that was dealt little concurrency would take longer than a wave is waited for
  const most = limits.maxConcurrency * MOST_TURNS;
  if (ids.length > most) {
    const some = await sendIsolatingInvalid(ids.slice(0, most), limits, send);
    return { ...some, refused: [...some.refused, ...refusedAll(ids.slice(most), CONCURRENCY_USED_UP)] };
  }
  try {
    return { ...NOTHING, commands: [{ commandId: await send(ids, limits), instanceIds: ids }] };
  } catch (error) {
    const failure = error as Error;
    if (isRefusal(failure.cause) && isCode(failure.cause, 'InvalidInstanceId')) {
      return sendWithoutInvalid(ids, limits, failure, send);
    }
    return isRefusal(failure.cause) || failure.cause instanceof NoTimeLeft
      ? { ...NOTHING, failure, unsent: ids }
      : { ...NOTHING, unsure: [{ instanceIds: ids, why: reasonOf(failure) }], failure };
  }
}

/** Sends to all but those that SSM will not have. */
async function sendWithoutInvalid(
  ids: string[],
  limits: CommandLimits,
  failure: Error,
  send: Send,
): Promise<IsolatedCommands> {
  const idsInMessage = new Set(String(failure.cause).match(/\bi-[0-9a-f]+/g));
  const invalid = ids.length === 1 ? ids : ids.filter((id) => idsInMessage.has(id));
  if (invalid.length > 0) {
    const others = ids.filter((id) => !invalid.includes(id));
    const rest = await sendIsolatingInvalid(others, shareOf(limits, others.length, ids.length), send);
    return { ...rest, refused: [...refusedAll(invalid, reasonOf(failure), codeIn(failure)), ...rest.refused] };
  }
  const firstHalf = ids.slice(0, Math.ceil(ids.length / 2));
  const secondHalf = ids.slice(firstHalf.length);
  const firstShare = shareOf(limits, firstHalf.length, ids.length);
  // one is left for the second half, where there are two
  const maxConcurrency = Math.min(firstShare.maxConcurrency, Math.max(1, limits.maxConcurrency - 1));
  let spent = 0;
  const first = await sendIsolatingInvalid(firstHalf, { ...firstShare, maxConcurrency }, async (some, given) => {
    const commandId = await send(some, given);
    spent += given.maxConcurrency;
    return commandId;
  });
  if (first.failure) return { ...first, unsent: [...first.unsent, ...secondHalf] };
  const second = await sendIsolatingInvalid(
    secondHalf,
    {
      maxConcurrency: Math.min(
        limits.maxConcurrency - spent,
        shareOf(limits, secondHalf.length, ids.length).maxConcurrency,
      ),
      maxErrors: limits.maxErrors - firstShare.maxErrors,
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
function shareOf({ maxConcurrency, maxErrors }: CommandLimits, some: number, all: number): CommandLimits {
  return {
    maxConcurrency: Math.ceil((maxConcurrency * some) / all),
    maxErrors: Math.floor((maxErrors * some) / all),
  };
}

export function refusedAll(ids: string[], why: string, cause?: string): SentCommands['refused'] {
  return ids.map((instanceId) => ({ instanceId, why, ...(cause !== undefined && { cause }) }));
}
