/**
 * Simulated time: the endpoint's delays are counted in it, and so may be whatever stands behind its agents.
 * Decision 0026.
 */
export interface Clock {
  /** Simulated seconds that pass in one real second, now. */
  readonly factor: number;
  /** Simulated epoch milliseconds. */
  nowMs(): number;
  /** What the clock of a client shows, epoch milliseconds: real time, whatever the factor. */
  wallMs(): number;
  /** Calls `then` once, `simMs` simulated milliseconds from now. Returns what cancels it. */
  after(simMs: number, then: () => void): () => void;
}

/** A clock whose pace can be changed while it runs. */
export interface ScaledClock extends Clock {
  /** From now on simulated time passes so many times as fast; what is due keeps its simulated time. */
  setFactor(factor: number): void;
}

/** setTimeout turns longer waits into 1 ms (Node's documentation of setTimeout). */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * A clock that runs `factor` times as fast as the wall clock, both starting at the same instant. Its timers do not
 * keep the process alive.
 */
export function createScaledClock(factor: number): ScaledClock {
  mustBeFactor(factor);
  let pace = { factor, fromWallMs: Date.now(), fromMs: Date.now() };
  const nowMs = () => pace.fromMs + (Date.now() - pace.fromWallMs) * pace.factor;
  /** Each sets its timer anew, by the pace of now. */
  const pending = new Set<() => void>();
  return {
    get factor() {
      return pace.factor;
    },
    nowMs,
    wallMs: () => Date.now(),
    after(simMs, then) {
      const dueMs = nowMs() + Math.max(0, simMs);
      let timer: NodeJS.Timeout;
      const fire = () => {
        pending.delete(arm);
        then();
      };
      const arm = () => {
        clearTimeout(timer);
        const leftMs = (dueMs - nowMs()) / pace.factor;
        timer = setTimeout(leftMs > LONGEST_TIMER_MS ? arm : fire, Math.min(Math.max(0, leftMs), LONGEST_TIMER_MS));
        timer.unref();
      };
      pending.add(arm);
      arm();
      return () => {
        pending.delete(arm);
        clearTimeout(timer);
      };
    },
    setFactor(next) {
      mustBeFactor(next);
      pace = { factor: next, fromMs: nowMs(), fromWallMs: Date.now() };
      for (const arm of pending) arm();
    },
  };
}

function mustBeFactor(factor: number): void {
  if (Number.isFinite(factor) && factor > 0) return;
  throw new RangeError(`the time factor must be a number above 0, not ${factor}`);
}

/** A clock that stands still until told to go on: tests of minutes and hours without a wait. */
export interface SteppedClock extends Clock {
  /** Goes on by `simMs`, calling what falls due in its order, and lets pending promises settle in between. */
  advance(simMs: number): Promise<void>;
}

/** `startMs`: simulated epoch milliseconds at first. */
export function createSteppedClock(startMs: number = Date.now()): SteppedClock {
  let atMs = startMs;
  let due: { atMs: number; then: () => void }[] = [];
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    factor: 1,
    nowMs: () => atMs,
    wallMs: () => atMs,
    after(simMs, then) {
      const entry = { atMs: atMs + Math.max(0, simMs), then };
      due.push(entry);
      return () => {
        due = due.filter((other) => other !== entry);
      };
    },
    async advance(simMs) {
      const untilMs = atMs + simMs;
      await settle();
      for (;;) {
        const next = due.reduce<(typeof due)[number] | null>(
          (first, entry) => (entry.atMs <= untilMs && (first === null || entry.atMs < first.atMs) ? entry : first),
          null,
        );
        if (next === null) break;
        due = due.filter((entry) => entry !== next);
        atMs = Math.max(atMs, next.atMs);
        next.then();
        await settle();
      }
      atMs = untilMs;
    },
  };
}
