import { AwsError } from '../errors.ts';
import type { StoredPoint } from './store.ts';

export const STATISTICS = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const;

/** All points of one period and one unit together. */
export interface Bucket {
  /** Start of the period, epoch ms. */
  atMs: number;
  unit: string;
  points: StoredPoint[];
}

/** Groups points of [startMs, endMs) by period, aligned to the epoch, oldest first. */
export function bucketsOf(
  points: readonly StoredPoint[],
  startMs: number,
  endMs: number,
  periodSeconds: number,
): Bucket[] {
  const periodMs = periodSeconds * 1000;
  const buckets = new Map<string, Bucket>();
  for (const point of points) {
    if (point.atMs < startMs || point.atMs >= endMs) continue;
    const atMs = Math.floor(point.atMs / periodMs) * periodMs;
    const key = `${atMs} ${point.unit}`;
    const bucket = buckets.get(key) ?? { atMs, unit: point.unit, points: [] };
    bucket.points.push(point);
    buckets.set(key, bucket);
  }
  return [...buckets.values()].sort((a, b) => a.atMs - b.atMs);
}

/** One of the five plain statistics over values with counts and statistic sets. */
export function statistic(name: (typeof STATISTICS)[number], points: readonly StoredPoint[]): number {
  const parts = points.flatMap(({ values, statistics }) =>
    statistics === null
      ? values.map(({ value, count }) => ({ sampleCount: count, sum: value * count, minimum: value, maximum: value }))
      : [statistics],
  );
  const sampleCount = parts.reduce((sum, part) => sum + part.sampleCount, 0);
  const sum = parts.reduce((total, part) => total + part.sum, 0);
  switch (name) {
    case 'SampleCount':
      return sampleCount;
    case 'Sum':
      return sum;
    case 'Average':
      return sampleCount === 0 ? 0 : sum / sampleCount;
    case 'Minimum':
      return Math.min(...parts.map((part) => part.minimum));
    case 'Maximum':
      return Math.max(...parts.map((part) => part.maximum));
  }
}

/** `p99`, `p99.9` -> 99.9; null when it is no percentile from p0.0 to p100. */
export function readPercentile(name: string): number | null {
  const percent = /^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(name)?.[1];
  return percent !== undefined && Number(percent) <= 100 ? Number(percent) : null;
}

/**
 * Percentiles want raw values: null for a statistic set (unless all of it is one value), and for any negative value
 * (API reference, GetMetricStatistics). The value at the nearest rank of the counted values.
 */
export function percentile(percent: number, points: readonly StoredPoint[]): number | null {
  const raw = points.flatMap(({ values, statistics }) => {
    if (statistics === null) return values;
    const single = statistics.sampleCount === 1 || statistics.minimum === statistics.maximum;
    return [{ value: single ? statistics.minimum : Number.NaN, count: statistics.sampleCount }];
  });
  const counted = raw.filter(({ count }) => count > 0).sort((a, b) => a.value - b.value);
  if (counted.length === 0 || counted.some(({ value }) => Number.isNaN(value) || value < 0)) return null;
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  const rank = (percent / 100) * total;
  let below = 0;
  for (const { value, count } of counted) {
    below += count;
    if (below >= rank) return value;
  }
  return counted.at(-1)?.value ?? null;
}

/** A statistic by its API name over one bucket; null where it is not to be had. Throws for a name that is none. */
export function namedStatistic(name: string, points: readonly StoredPoint[]): number | null {
  const plain = STATISTICS.find((candidate) => candidate === name);
  if (plain !== undefined) return statistic(plain, points);
  const percent = readPercentile(name);
  if (percent === null)
    throw new AwsError(
      'InvalidParameterValue',
      `The value ${name} for parameter Stat is invalid: the local endpoint has ${STATISTICS.join(', ')} and p0.0 to p100.`,
    );
  return percentile(percent, points);
}
