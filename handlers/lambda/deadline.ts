import type { Context } from 'aws-lambda';
import { ANSWER_RESERVE_MS, type Deadline } from '../../src/watchdog/deadline.ts';

/** The run must have answered while Lambda still listens. */
export function deadlineOf(context: Pick<Context, 'getRemainingTimeInMillis'>): Deadline {
  return { leftMs: () => Math.max(0, context.getRemainingTimeInMillis() - ANSWER_RESERVE_MS) };
}

/** Of the reserve: what nobody stopped is answered for. Calls to AWS end before, and tell which of them it was. */
const LAST_ANSWER_MS = 2000;

/** The run's time is up, and something in it did not end. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';

  constructor() {
    super('podtime did not finish in time.');
  }
}

/** The step's answer. Rejects with `OutOfTime` while Lambda still listens, however long the step goes on. */
export async function inTime<T>(context: Pick<Context, 'getRemainingTimeInMillis'>, step: T | Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const leftMs = Math.max(0, context.getRemainingTimeInMillis() - LAST_ANSWER_MS);
    timer = setTimeout(() => reject(new OutOfTime()), leftMs);
  });
  try {
    return await Promise.race([step, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
