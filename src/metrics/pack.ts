import { type Metric, type MetricName, metricNamed, NAMESPACE } from './catalogue.ts';
import type { Datum } from './hosts.ts';

/** One PutMetricData call, as the SDK takes it. */
export interface PutRequest {
  Namespace: string;
  MetricData: PutDatum[];
}

export interface PutDatum {
  MetricName: MetricName;
  Dimensions: { Name: string; Value: string }[];
  Timestamp: Date;
  Unit: Metric['unit'];
  /** One number; else distinct `Values` in rising order with as many `Counts`. */
  Value?: number;
  Values?: number[];
  Counts?: number[];
}

/** CloudWatch's limits for one call (API reference, PutMetricData and MetricDatum). */
export const MAX_DATA = 1000;
export const MAX_VALUES = 150;
/** 1 MB, less a margin of 2 % for what stands around the body; counted before gzip, as the page does not say which. */
export const MAX_BYTES = 980_000;
/** Values must lie within -2^360 to 2^360; half of that, so that rounding cannot step over it. */
const MAX_SIZE = 2 ** 359;

/** A millionth of a millisecond is a nanosecond: less is noise of the arithmetic, and would keep equal values apart. */
const STEPS_PER_UNIT = 1e6;
/** Distributions of more than 150 distinct values are rounded to this: each value is off by 0.5 % at most. */
export const SIGNIFICANT_DIGITS = 3;

/** The SDK sends JSON; the query protocol spells out every value's path and needs about ten times the room. */
export type Protocol = 'json' | 'query';

/**
 * Packs data into as few PutMetricData calls as CloudWatch allows: equal values are counted together; a datum of more
 * than 150 distinct values is rounded to three significant digits and, where that is not enough, split in several,
 * which CloudWatch adds up again. Values it would refuse are left out: `metricFaults` says which. The sum of the
 * counts is the number of values given, less those.
 * Decision 0017.
 */
export function packMetricData(data: readonly Datum[], protocol: Protocol = 'json'): PutRequest[] {
  const requests: PutRequest[] = [];
  let bytes = 0;
  let current: PutRequest | null = null;
  for (const datum of data.flatMap(putData)) {
    const needed = protocol === 'json' ? jsonBytes(datum) : queryBytes(datum);
    if (current === null || current.MetricData.length === MAX_DATA || bytes + needed > MAX_BYTES) {
      current = { Namespace: NAMESPACE, MetricData: [] };
      requests.push(current);
      bytes = ENVELOPE_BYTES;
    }
    current.MetricData.push(datum);
    bytes += needed;
  }
  return requests;
}

/** A sentence for each datum with values that CloudWatch would refuse and `packMetricData` leaves out. */
export function metricFaults(data: readonly Datum[]): string[] {
  return data.flatMap(({ name, dimensions, values }) => {
    const refused = values.filter((value) => !isAccepted(name, value));
    if (refused.length === 0) return [];
    const where = [dimensions.Pod, dimensions.Tier, dimensions.AZ].filter((part) => part !== undefined).join(', ');
    const first = refused[0];
    return [
      `metric ${name} of ${where}: ${refused.length} of ${values.length} values left out, the first is ${first}; a ` +
        (metricNamed(name).kind === 'distribution'
          ? 'distribution takes numbers from 0 to 2^359'
          : 'metric takes numbers from -2^359 to 2^359'),
    ];
  });
}

function isAccepted(name: MetricName, value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > MAX_SIZE) return false;
  // One negative value and CloudWatch shows no percentile of the whole period.
  return value >= 0 || metricNamed(name).kind !== 'distribution';
}

function putData({ name, dimensions, values, atMs }: Datum): PutDatum[] {
  const common = {
    MetricName: name,
    Dimensions: Object.entries(dimensions)
      .filter(([, value]) => value !== undefined)
      .map(([Name, Value]) => ({ Name, Value })),
    Timestamp: new Date(atMs),
    Unit: metricNamed(name).unit,
  };
  const counted = countEqual(values.filter((value) => isAccepted(name, value)));
  if (counted.length === 1 && counted[0]?.[1] === 1) return [{ ...common, Value: counted[0][0] }];
  const split: PutDatum[] = [];
  for (let from = 0; from < counted.length; from += MAX_VALUES) {
    const part = counted.slice(from, from + MAX_VALUES);
    split.push({ ...common, Values: part.map(([value]) => value), Counts: part.map(([, count]) => count) });
  }
  return split;
}

/** Distinct values, rising, each with its count. */
function countEqual(values: readonly number[]): [number, number][] {
  const exact = new Map<number, number>();
  for (const value of values) add(exact, dropNoise(value), 1);
  const counts = exact.size <= MAX_VALUES ? exact : new Map<number, number>();
  if (counts !== exact) for (const [value, count] of exact) add(counts, shorten(value), count);
  return [...counts].sort(([a], [b]) => a - b);
}

function add(counts: Map<number, number>, value: number, count: number): void {
  counts.set(value, (counts.get(value) ?? 0) + count);
}

function dropNoise(value: number): number {
  const steps = Math.round(value * STEPS_PER_UNIT);
  // Beyond 2^53 steps the multiplication itself rounds (or overflows); `+ 0` turns -0 into 0.
  return Number.isSafeInteger(steps) ? steps / STEPS_PER_UNIT + 0 : value;
}

function shorten(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}

/** `{"Namespace":"Podtime","MetricData":[]}`, or the query form's action, version and namespace. */
const ENVELOPE_BYTES = 100;

const utf8 = new TextEncoder();

/** As JSON; the ISO date here is longer than the epoch seconds that are sent. */
function jsonBytes(datum: PutDatum): number {
  return utf8.encode(JSON.stringify(datum)).length + ','.length;
}

/** As a form, counted as if it were the request's last and longest path. */
function queryBytes(datum: PutDatum): number {
  const fields: [string, string | number][] = [
    ['MetricName', datum.MetricName],
    ['Timestamp', datum.Timestamp.toISOString()],
    ['Unit', datum.Unit],
    ...datum.Dimensions.flatMap(({ Name, Value }, index): [string, string][] => [
      [`Dimensions.member.${index + 1}.Name`, Name],
      [`Dimensions.member.${index + 1}.Value`, Value],
    ]),
    ...(datum.Value === undefined ? [] : ([['Value', datum.Value]] as [string, number][])),
    ...listed('Values', datum.Values),
    ...listed('Counts', datum.Counts),
  ];
  const prefix = `&MetricData.member.${MAX_DATA}.=`.length;
  return fields.reduce((sum, [path, value]) => sum + prefix + path.length + encodeURIComponent(value).length, 0);
}

function listed(name: string, values: readonly number[] = []): [string, number][] {
  return values.map((value, index) => [`${name}.member.${index + 1}`, value]);
}
