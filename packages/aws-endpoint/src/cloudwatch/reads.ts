import { AwsError } from '../errors.ts';
import { page } from '../paging.ts';
import { readDimensions, readTime, UNITS } from './datum.ts';
import { type Bucket, bucketsOf, namedStatistic, readPercentile, STATISTICS, statistic } from './statistics.ts';
import type { MetricStore, StoredMetric, StoredPoint } from './store.ts';

/** API reference, GetMetricStatistics. */
const MAX_DATAPOINTS = 1_440;
/** API reference, GetMetricData. */
const MAX_QUERIES = 500;
const MAX_DATA_POINTS = 100_800;
/** API reference, ListMetrics: "up to 500 results". */
const METRIC_PAGE = 500;

export interface ReadDeps {
  store: MetricStore;
  /** Whether a point is old enough to be read. */
  visible(point: StoredPoint): boolean;
  /** Whether a metric is old enough to be listed. */
  listed(metric: StoredMetric): boolean;
  nowMs(): number;
}

/** What a Get call gives back, protocol apart: timestamps are Dates, maps plain objects. */
export type Output = Record<string, unknown>;

function required(input: Record<string, unknown>, name: string): unknown {
  if (input[name] === undefined) throw new AwsError('MissingParameter', `The parameter ${name} is required.`);
  return input[name];
}

function range(input: Record<string, unknown>): { startMs: number; endMs: number } {
  const startMs = readTime(required(input, 'StartTime'));
  const endMs = readTime(required(input, 'EndTime'));
  if (startMs === null || endMs === null)
    throw new AwsError('InvalidParameterValue', 'The parameters StartTime and EndTime must be timestamps.');
  if (startMs >= endMs)
    throw new AwsError(
      'InvalidParameterCombination',
      'The parameter StartTime must be less than the parameter EndTime.',
    );
  // "Start time less than 15 days ago - Round down to the nearest whole minute."
  return { startMs: Math.floor(startMs / 60_000) * 60_000, endMs };
}

function readPeriod(given: unknown, name: string): number {
  const period = Number(given);
  if (!Number.isInteger(period) || period < 1 || (![1, 5, 10, 20, 30].includes(period) && period % 60 !== 0)) {
    throw new AwsError('InvalidParameterValue', `The parameter ${name} must be 1, 5, 10, 20, 30 or a multiple of 60.`);
  }
  return period;
}

function readUnit(given: unknown): string | null {
  if (given === undefined) return null;
  if (!UNITS.includes(String(given)))
    throw new AwsError('InvalidParameterValue', `The value ${given} for parameter Unit is invalid.`);
  return String(given);
}

function pointsOf(deps: ReadDeps, metric: StoredMetric | null, unit: string | null): StoredPoint[] {
  return (metric?.points ?? []).filter((point) => deps.visible(point) && (unit === null || point.unit === unit));
}

export function getMetricStatistics(input: Record<string, unknown>, deps: ReadDeps): Output {
  const name = String(required(input, 'MetricName'));
  const metric = deps.store.find(
    String(required(input, 'Namespace')),
    name,
    readDimensions(input.Dimensions, 'Dimensions'),
  );
  const period = readPeriod(required(input, 'Period'), 'Period');
  const { startMs, endMs } = range(input);
  const plain = (input.Statistics ?? []) as string[];
  const extended = (input.ExtendedStatistics ?? []) as string[];
  if (plain.length === 0 && extended.length === 0)
    throw new AwsError('MissingParameter', 'Must specify either Statistics or ExtendedStatistics.');
  if (plain.length > 0 && extended.length > 0) {
    throw new AwsError(
      'InvalidParameterCombination',
      'The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.',
    );
  }
  for (const [at, name] of [...plain, ...extended].entries()) {
    const known = plain.length > 0 ? (STATISTICS as readonly string[]).includes(name) : readPercentile(name) !== null;
    if (!known)
      throw new AwsError(
        'InvalidParameterValue',
        `The value ${name} for parameter ${plain.length > 0 ? 'Statistics' : 'ExtendedStatistics'}.member.${at + 1} is invalid.`,
      );
  }
  const asked = Math.ceil((endMs - startMs) / (period * 1000));
  if (asked > MAX_DATAPOINTS) {
    throw new AwsError(
      'InvalidParameterCombination',
      `You have requested up to ${asked.toLocaleString('en-US')} datapoints, which exceeds the limit of ${MAX_DATAPOINTS.toLocaleString('en-US')}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  const buckets = bucketsOf(pointsOf(deps, metric, readUnit(input.Unit)), startMs, endMs, period);
  // "Data points are not returned in chronological order": newest and oldest alternate here.
  const datapoints = unordered(buckets).flatMap((bucket) => datapoint(bucket, plain, extended, buckets));
  return { Label: name, Datapoints: datapoints };
}

function datapoint(bucket: Bucket, plain: string[], extended: string[], all: Bucket[]): Output[] {
  const shape: Output = { Timestamp: new Date(bucket.atMs), Unit: bucket.unit };
  for (const name of STATISTICS) if (plain.includes(name)) shape[name] = statistic(name, bucket.points);
  if (extended.length === 0) return [shape];
  if (anyNegative(all)) return [];
  const known = extended.flatMap((name) => {
    const value = namedStatistic(name, bucket.points);
    return value === null ? [] : [[name, value] as const];
  });
  return known.length === 0 ? [] : [{ ...shape, ExtendedStatistics: Object.fromEntries(known) }];
}

/** One negative value in the range takes the percentiles of all of it away. */
function anyNegative(buckets: readonly Bucket[]): boolean {
  return buckets.some(({ points }) =>
    points.some(({ values, statistics }) => values.some(({ value }) => value < 0) || (statistics?.minimum ?? 0) < 0),
  );
}

function unordered(buckets: Bucket[]): Bucket[] {
  return [...buckets.filter((_, at) => at % 2 === 1).reverse(), ...buckets.filter((_, at) => at % 2 === 0)];
}

export function getMetricData(input: Record<string, unknown>, deps: ReadDeps): Output {
  const queries = required(input, 'MetricDataQueries') as Record<string, unknown>[];
  if (queries.length > MAX_QUERIES)
    throw new AwsError(
      'ValidationError',
      `The collection MetricDataQueries must not have a size greater than ${MAX_QUERIES}.`,
    );
  const { startMs, endMs } = range(input);
  const ids = queries.map((query) => String(query.Id ?? ''));
  const badId = ids.find((id, at) => !/^[a-z][a-zA-Z0-9_]{0,254}$/.test(id) || ids.indexOf(id) !== at);
  if (badId !== undefined)
    throw new AwsError(
      'ValidationError',
      `The value for field "Id" must be unique and match "^[a-z][a-zA-Z0-9_]*$": ${badId}`,
    );
  const size = input.MaxDatapoints === undefined ? MAX_DATA_POINTS : Number(input.MaxDatapoints);
  if (!(size >= 1 && size <= MAX_DATA_POINTS))
    throw new AwsError('ValidationError', `The parameter MaxDatapoints must be from 1 to ${MAX_DATA_POINTS}.`);
  const series = queries
    .filter((query) => query.ReturnData !== false && query.ReturnData !== 'false')
    .map((query) => readSeries(query, startMs, endMs, deps));
  if (input.ScanBy !== 'TimestampAscending') for (const result of series) result.points.reverse();
  const rows = series.flatMap((result, at) => result.points.map((point) => ({ at, point })));
  const found = page(rows, size, input.NextToken, `GetMetricData ${JSON.stringify([ids, startMs, endMs])}`);
  const results = series.map((result, at) => {
    const points = found.items.filter((row) => row.at === at).map((row) => row.point);
    const partial = points.length < result.points.length && found.nextToken !== undefined;
    return {
      Id: result.id,
      Label: result.label,
      Timestamps: points.map((point) => new Date(point.atMs)),
      Values: points.map((point) => point.value),
      StatusCode: partial ? 'PartialData' : 'Complete',
    };
  });
  return { MetricDataResults: results, NextToken: found.nextToken, Messages: [] };
}

function readSeries(query: Record<string, unknown>, startMs: number, endMs: number, deps: ReadDeps) {
  const id = String(query.Id);
  const stat = query.MetricStat as Record<string, unknown> | undefined;
  if (stat === undefined)
    throw new AwsError(
      'ValidationError',
      `Query ${id}: the local endpoint has MetricStat, but no metric math and no Metrics Insights.`,
    );
  const metric = (stat.Metric ?? {}) as Record<string, unknown>;
  const name = String(metric.MetricName ?? '');
  const found = deps.store.find(
    String(metric.Namespace ?? ''),
    name,
    readDimensions(metric.Dimensions, `${id}.Metric.Dimensions`),
  );
  const buckets = bucketsOf(
    pointsOf(deps, found, readUnit(stat.Unit)),
    startMs,
    endMs,
    readPeriod(stat.Period, `${id}.Period`),
  );
  const statName = String(stat.Stat ?? '');
  namedStatistic(statName, []);
  const withheld = readPercentile(statName) !== null && anyNegative(buckets);
  const points = buckets.flatMap((bucket) => {
    const value = withheld ? null : namedStatistic(statName, bucket.points);
    return value === null ? [] : [{ atMs: bucket.atMs, value }];
  });
  return { id, label: query.Label === undefined ? name : String(query.Label), points };
}

export function listMetrics(input: Record<string, unknown>, deps: ReadDeps): Output {
  const wanted = (input.Dimensions ?? []) as { Name: string; Value?: string }[];
  const recent = input.RecentlyActive === 'PT3H';
  const kept = deps.store
    .all()
    .filter(
      (metric) =>
        deps.listed(metric) &&
        (input.Namespace === undefined || metric.namespace === input.Namespace) &&
        (input.MetricName === undefined || metric.name === input.MetricName) &&
        (!recent || deps.nowMs() - metric.lastAtMs <= 3 * 3_600_000) &&
        wanted.every(({ Name, Value }) =>
          metric.dimensions.some(
            (dimension) => dimension.name === Name && (Value === undefined || dimension.value === Value),
          ),
        ),
    );
  const found = page(
    kept,
    METRIC_PAGE,
    input.NextToken,
    `ListMetrics ${JSON.stringify([input.Namespace, input.MetricName, wanted, recent])}`,
  );
  return {
    Metrics: found.items.map((metric) => ({
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: metric.dimensions.map(({ name, value }) => ({ Name: name, Value: value })),
    })),
    NextToken: found.nextToken,
  };
}
