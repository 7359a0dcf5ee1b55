import type { Interval } from './intervals.ts';

/**
 * Intervals, or null where a row could not be read, as plain numbers: `low, high, low, high, …`, and NaN twice for null. A tick keeps a
 * dozen of each host until all have answered; as objects they would take four times the memory, and a tenth of the CPU to keep.
 */
export type PackedIntervals = readonly number[];

/** `intervals`: none has a bound that is NaN. */
export function packed(intervals: readonly (Interval | null)[]): PackedIntervals {
  const numbers: number[] = [];
  for (const interval of intervals) numbers.push(interval?.low ?? Number.NaN, interval?.high ?? Number.NaN);
  // without the room that was left to grow
  return numbers.slice();
}

/** As they were. */
export function unpacked(numbers: PackedIntervals): (Interval | null)[] {
  const intervals: (Interval | null)[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    const [low, high] = [numbers[at] ?? Number.NaN, numbers[at + 1] ?? Number.NaN];
    intervals.push(Number.isNaN(low) ? null : { low, high });
  }
  return intervals;
}
