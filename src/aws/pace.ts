import type { Call } from './call.ts';
import type { Time } from './hear-command.ts';

/** Lets calls through one after the other. */
export interface Pace {
  /** Resolves when the next call may be made. */
  turn(): Promise<void>;
}

/** So many calls a second and no burst, whoever asks: the first at once, each other no sooner than that after the one before. */
export function evenPace(perSecond: number, { nowMs, pause }: Time): Pace {
  let nextAtMs = Number.NEGATIVE_INFINITY;
  return {
    async turn() {
      const now = nowMs();
      const atMs = Math.max(now, nextAtMs);
      nextAtMs = atMs + 1000 / perSecond;
      if (atMs > now) await pause(atMs - now);
    },
  };
}

/** The same calls, each when its turn has come; its time limit begins then. */
export function paced(call: Call, pace: Pace | null): Call {
  if (pace === null) return call;
  return async (action, step, limitMs) => {
    await pace.turn();
    return call(action, step, limitMs);
  };
}
