import type { Clock } from '@podtime/aws-endpoint';

/** Where simulated time begins: far from any leap second, the same in every run. */
const BORN_MS = Date.UTC(2026, 0, 15, 10);
/** So many turns of the event loop without news mean that everybody waits. */
const QUIET_TURNS = 4;

/**
 * Time that stands still while anybody computes and jumps when all wait: hours without a wait, alike on a busy machine.
 * Decision 0056.
 */
export interface VirtualTime extends Clock {
  /** What is under way outside of JavaScript (a request on a socket, a file); while there is any, time stands. */
  busy(): void;
  idle(): void;
  /** Lets time pass until the promise settles, at the most `limitMs`; whether it did. */
  until(promise: Promise<unknown>, limitMs: number): Promise<boolean>;
  /** Lets so much time pass. */
  pass(ms: number): Promise<void>;
}

export function createVirtualTime(): VirtualTime {
  let atMs = BORN_MS;
  let underWay = 0;
  let news = 0;
  let due: { atMs: number; then: () => void }[] = [];

  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  async function quiet(): Promise<void> {
    for (let turns = 0; turns < QUIET_TURNS; turns += 1) {
      const before = news;
      await turn();
      if (underWay > 0 || news !== before) turns = -1;
    }
  }
  /** Fires the next timer that is due by `limitMs`; false when there is none. */
  function jump(limitMs: number): boolean {
    const next = due.reduce<(typeof due)[number] | null>(
      (first, timer) => (timer.atMs <= limitMs && (first === null || timer.atMs < first.atMs) ? timer : first),
      null,
    );
    if (next === null) return false;
    due = due.filter((timer) => timer !== next);
    atMs = Math.max(atMs, next.atMs);
    next.then();
    return true;
  }

  return {
    factor: 1,
    nowMs: () => atMs,
    wallMs: () => atMs,
    after(simMs, then) {
      const timer = { atMs: atMs + Math.max(0, simMs), then };
      due.push(timer);
      return () => {
        due = due.filter((other) => other !== timer);
      };
    },
    busy() {
      underWay += 1;
      news += 1;
    },
    idle() {
      underWay -= 1;
      news += 1;
    },
    async until(promise, limitMs) {
      const untilMs = atMs + limitMs;
      let settled = false;
      const note = () => {
        settled = true;
      };
      promise.then(note, note);
      for (;;) {
        await quiet();
        if (settled) return true;
        if (!jump(untilMs)) break;
      }
      atMs = untilMs;
      return false;
    },
    async pass(ms) {
      const untilMs = atMs + ms;
      do await quiet();
      while (jump(untilMs));
      atMs = untilMs;
    },
  };
}
