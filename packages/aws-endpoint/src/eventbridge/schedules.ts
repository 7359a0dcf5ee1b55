import type { Timers } from '../timers.ts';

/** A schedule that is to be kept: of a rule (no window) or of EventBridge Scheduler. */
export interface Recurring {
  name: string;
  /** Simulated ms. */
  periodMs: number;
  /** Each run comes anywhere within so long after its time. */
  windowMs: number;
  /** Starts the target. */
  run(): void;
}

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(1 minute)`, `rate(5 minutes)`: simulated milliseconds. Throws for any other expression. */
export function readRate(name: string, expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const unitMs = UNIT_MS[unit ?? ''];
  if (unitMs === undefined || Number(count) < 1) {
    throw new Error(
      `schedule ${name}: the local endpoint does not keep ${expression}, only rate(N minutes|hours|days)`,
    );
  }
  return Number(count) * unitMs;
}

/**
 * Keeps schedules from now on: the first time of each lies within one period, at an offset of its own, the others a period apart;
 * a flexible window moves each run by itself, so that two can come close together, or nearly two periods apart.
 */
export function keepSchedules(schedules: readonly Recurring[], timers: Timers, random: () => number): void {
  for (const { periodMs, windowMs, run } of schedules) {
    const due = () => {
      if (windowMs === 0) run();
      else timers.after(random() * windowMs, run);
      timers.after(periodMs, due);
    };
    timers.after(random() * periodMs, due);
  }
}
