import type { RunningDaemon } from '../host/collected.ts';
import type { Source } from '../ntp/source.ts';
import { longestSilenceSeconds } from './freshness.ts';

/** Where a clock stands, seen from one host: from `low` to `high` milliseconds ahead of the host's own. */
export interface Interval {
  low: number;
  high: number;
}

/** Milliseconds that two clocks may run apart in a second: PHI, 15 ppm, the worst rate that RFC 5905 takes a clock to drift by. */
const PHI_MS_PER_SECOND = 0.015;

/**
 * The interval in which a row says that its clock stands: offset +- u, and u is how far the measurement may be wrong by itself.
 *
 * | daemon       | u |
 * | ------------ | - |
 * | ntpd, ntpsec | delay / 2 + jitter |
 * | chrony       | the error that it tells of each source (field 10 of `chronyc -c sources`, which has the root distance in it) |
 * | ntpd-rs      | delay / 2 + the uncertainty that it tells |
 *
 * each + 15 ppm of the time since it was heard, at the most. null: one of these is not known.
 *
 * @param secondsOf the time since the row was heard
 */
export function intervalOf(
  source: Source,
  daemon: RunningDaemon,
  secondsOf: (source: Source) => number | null = longestSilenceSeconds,
): Interval | null {
  const { offsetMs, delayMs, jitterMs, uncertaintyMs } = source;
  const spread = uncertaintyMs ?? jitterMs;
  // chrony's rows have no delay
  const half = daemon === 'chrony' ? 0 : delayMs === null ? null : Math.abs(delayMs) / 2;
  const seconds = secondsOf(source);
  if (offsetMs === null || spread === null || half === null || seconds === null) return null;
  const error = half + spread + PHI_MS_PER_SECOND * seconds;
  return { low: offsetMs - error, high: offsetMs + error };
}

/** What the time since a row was heard adds to its interval, on either side. */
export function agedMs(source: Source): number {
  return PHI_MS_PER_SECOND * (longestSilenceSeconds(source) ?? 0);
}

/**
 * What several rows of one clock say together: where all of them intersect that, else all that any of them says, for then one is wrong
 * and nobody knows which.
 *
 * @param intervals one at the least
 */
export function together(intervals: readonly Interval[]): Interval {
  const [first] = intervals;
  if (first !== undefined && intervals.length === 1) return first;
  const lows = intervals.map(({ low }) => low);
  const highs = intervals.map(({ high }) => high);
  const [low, high] = [Math.max(...lows), Math.min(...highs)];
  return low <= high ? { low, high } : spanOf(intervals);
}

/** All that any of the intervals says; one at the least. */
export function spanOf(intervals: readonly Interval[]): Interval {
  return {
    low: Math.min(...intervals.map(({ low }) => low)),
    high: Math.max(...intervals.map(({ high }) => high)),
  };
}

/** Whether one point is in all of them. */
export function allAgree(intervals: readonly Interval[]): boolean {
  return Math.max(...intervals.map(({ low }) => low)) <= Math.min(...intervals.map(({ high }) => high));
}

/** Whether one point is in all of them, each made wider by so much on either side. One that is not known (null) is in none. */
export function agreeWithin(intervals: readonly (Interval | null)[], byMs: number): boolean {
  let last = Number.NEGATIVE_INFINITY;
  let first = Number.POSITIVE_INFINITY;
  for (const interval of intervals) {
    if (interval === null) return false;
    if (interval.low > last) last = interval.low;
    if (interval.high < first) first = interval.high;
  }
  return last - byMs <= first + byMs;
}

/** What the largest set of intervals that share a point has in common; of several as large the lowest. null: of no interval. */
export function mostHeldOf(intervals: readonly Interval[]): Interval | null {
  const most = mostAgreeing(intervals);
  const start = intervals.map(({ low }) => low).filter((low) => holding(intervals, low) === most);
  const low = Math.min(...start);
  const holders = intervals.filter((interval) => interval.low <= low && low <= interval.high);
  return holders.length === 0 ? null : { low, high: Math.min(...holders.map(({ high }) => high)) };
}

/** How many of the intervals hold the point that most of them hold. */
export function mostAgreeing(intervals: readonly Interval[]): number {
  return Math.max(0, ...intervals.map(({ low }) => holding(intervals, low)));
}

/**
 * From the first to the last point that more than half of the intervals hold; null: none is held by so many. Whatever the rest say, a
 * true value that lies in more than half of them lies in it: it is the intersection of RFC 5905's selection (11.2.1; Marzullo's
 * algorithm) without the midpoint rule, for a majority and not for the largest crowd, which may be one of liars and a few honest.
 *
 * @param of more than half of so many are wanted, where some have no interval
 */
export function majorityOf(intervals: readonly Interval[], of = intervals.length): Interval | null {
  const majority = Math.floor(of / 2) + 1;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const interval of intervals) {
    if (interval.low < low && holding(intervals, interval.low) >= majority) low = interval.low;
    if (interval.high > high && holding(intervals, interval.high) >= majority) high = interval.high;
  }
  return low <= high ? { low, high } : null;
}

function holding(intervals: readonly Interval[], point: number): number {
  let count = 0;
  for (const { low, high } of intervals) if (low <= point && point <= high) count += 1;
  return count;
}

/** How far an interval lies from another: positive above it, negative below it, 0 where they touch. */
export function gapTo({ low, high }: Interval, other: Interval): number {
  if (low > other.high) return low - other.high;
  return high < other.low ? high - other.low : 0;
}

/** The interval made wider by so much on either side. */
export function stretched(interval: Interval, byMs: number): Interval {
  return { low: interval.low - byMs, high: interval.high + byMs };
}
