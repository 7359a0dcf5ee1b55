import type { Context } from 'aws-lambda';
import type { Deadline } from '../../src/watchdog/deadline.ts';

/** Kept back of what Lambda says is left: the answer is made and logged in it, and a call that is aborted ends in it. */
const RESERVE_MS = 3000;

/** The run must have answered while Lambda still listens. */
export function deadlineOf(context: Pick<Context, 'getRemainingTimeInMillis'>): Deadline {
  return { leftMs: () => Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS) };
}
