import type { Clock } from './clock.ts';

/** The endpoint's own timers over its clock: all of them end with the endpoint. */
export interface Timers {
  nowMs(): number;
  /** Calls `then` once, `simMs` simulated milliseconds from now. */
  after(simMs: number, then: () => void): () => void;
  stop(): void;
}

export function createTimers(clock: Clock): Timers {
  const pending = new Set<() => void>();
  let stopped = false;
  return {
    nowMs: () => clock.nowMs(),
    after(simMs, then) {
      if (stopped) return () => {};
      const cancelTimer = clock.after(simMs, () => {
        pending.delete(cancel);
        then();
      });
      const cancel = () => {
        pending.delete(cancel);
        cancelTimer();
      };
      pending.add(cancel);
      return cancel;
    },
    stop() {
      stopped = true;
      for (const cancel of [...pending]) cancel();
    },
  };
}
