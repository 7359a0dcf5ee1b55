import { AwsError } from '../errors.ts';

/** One datum of PutMetricData, checked. Values with their counts, or a statistic set. */
export interface Datum {
  metricName: string;
  dimensions: { name: string; value: string }[];
  /** Real epoch ms; when the request had none, when it came. */
  atMs: number;
  unit: string;
  resolutionSeconds: 1 | 60;
  values: { value: number; count: number }[];
  statistics: { sampleCount: number; sum: number; minimum: number; maximum: number } | null;
}

/** API reference, PutMetricData and MetricDatum. */
export const LIMITS = {
  dataPerRequest: 1_000,
  bodyBytes: 1_048_576,
  valuesPerDatum: 150,
  dimensions: 30,
  nameCharacters: 255,
  dimensionValueCharacters: 1_024,
  magnitude: 2 ** 360,
  pastMs: 14 * 24 * 3_600_000,
  futureMs: 2 * 3_600_000,
} as const;

export const UNITS = [
  'Seconds',
  'Microseconds',
  'Milliseconds',
  'Bytes',
  'Kilobytes',
  'Megabytes',
  'Gigabytes',
  'Terabytes',
  'Bits',
  'Kilobits',
  'Megabits',
  'Gigabits',
  'Terabits',
  'Percent',
  'Count',
  'Bytes/Second',
  'Kilobytes/Second',
  'Megabytes/Second',
  'Gigabytes/Second',
  'Terabytes/Second',
  'Bits/Second',
  'Kilobits/Second',
  'Megabits/Second',
  'Gigabits/Second',
  'Terabits/Second',
  'Count/Second',
  'None',
];

const invalid = (message: string) => new AwsError('InvalidParameterValue', message);
const missing = (message: string) => new AwsError('MissingParameter', message);
const combination = (message: string) => new AwsError('InvalidParameterCombination', message);

/** The namespace of a put: custom, so not one of AWS's own. */
export function readNamespace(given: unknown): string {
  if (given === undefined || given === '') throw missing('The parameter Namespace is required.');
  const namespace = String(given);
  if (namespace.length > LIMITS.nameCharacters)
    throw invalid(`The parameter Namespace must be shorter than ${LIMITS.nameCharacters + 1} characters.`);
  if (namespace.startsWith(':') || namespace.startsWith('AWS/') || !/^[\x20-\x7e]+$/.test(namespace)) {
    throw invalid(`The value ${namespace} for parameter Namespace is invalid.`);
  }
  return namespace;
}

/** MetricData of a put. Members are of either protocol: numbers may be strings. Throws at the first fault; then nothing is stored. */
export function readData(given: unknown, nowMs: number): Datum[] {
  if (given === undefined || (Array.isArray(given) && given.length === 0))
    throw missing('The parameter MetricData is required.');
  if (!Array.isArray(given)) throw invalid('The parameter MetricData must be a list.');
  if (given.length > LIMITS.dataPerRequest)
    throw invalid(`The collection MetricData must not have a size greater than ${LIMITS.dataPerRequest}.`);
  return given.map((datum, at) =>
    readDatum((datum ?? {}) as Record<string, unknown>, `MetricData.member.${at + 1}`, nowMs),
  );
}

function readDatum(datum: Record<string, unknown>, at: string, nowMs: number): Datum {
  const metricName = readName(datum.MetricName, `${at}.MetricName`, LIMITS.nameCharacters);
  const unit = datum.Unit === undefined ? 'None' : String(datum.Unit);
  if (!UNITS.includes(unit))
    throw invalid(`The parameter ${at}.Unit must be a value in the set [ ${UNITS.join(', ')} ].`);
  const resolution = datum.StorageResolution === undefined ? 60 : Number(datum.StorageResolution);
  if (resolution !== 1 && resolution !== 60)
    throw invalid(`The value ${resolution} for parameter ${at}.StorageResolution is invalid.`);
  return {
    metricName,
    dimensions: readDimensions(datum.Dimensions, `${at}.Dimensions`),
    atMs: readTimestamp(datum.Timestamp, `${at}.Timestamp`, nowMs),
    unit,
    resolutionSeconds: resolution,
    ...readValues(datum, at),
  };
}

function readValues(datum: Record<string, unknown>, at: string): Pick<Datum, 'values' | 'statistics'> {
  const given = ['Value', 'StatisticValues', 'Values'].filter((member) => datum[member] !== undefined);
  const [only, second] = given;
  if (only === undefined)
    throw missing(`The parameter ${at}.Value, ${at}.Values or ${at}.StatisticValues is required.`);
  if (second !== undefined)
    throw combination(
      `The parameters ${at}.${only} and ${at}.${second} are mutually exclusive and you have specified both.`,
    );
  if (datum.Counts !== undefined && only !== 'Values')
    throw combination(`The parameter ${at}.Counts is valid with ${at}.Values only.`);
  if (only === 'Value')
    return { values: [{ value: readNumber(datum.Value, `${at}.Value`), count: 1 }], statistics: null };
  if (only === 'StatisticValues') {
    const set = (datum.StatisticValues ?? {}) as Record<string, unknown>;
    const member = (name: string) => {
      if (set[name] === undefined) throw missing(`The parameter ${at}.StatisticValues.${name} is required.`);
      return readNumber(set[name], `${at}.StatisticValues.${name}`);
    };
    const statistics = {
      sampleCount: member('SampleCount'),
      sum: member('Sum'),
      minimum: member('Minimum'),
      maximum: member('Maximum'),
    };
    if (statistics.minimum > statistics.maximum)
      throw combination(`The parameter ${at}.StatisticValues.Minimum must not be greater than Maximum.`);
    return { values: [], statistics };
  }
  const values = list(datum.Values, `${at}.Values`);
  const counts = datum.Counts === undefined ? values.map(() => 1) : list(datum.Counts, `${at}.Counts`);
  if (counts.length !== values.length)
    throw combination(`The parameters ${at}.Values and ${at}.Counts must be of the same size.`);
  for (const [name, size] of [
    ['Values', values.length],
    ['Counts', counts.length],
  ] as const) {
    if (size > LIMITS.valuesPerDatum)
      throw invalid(`The collection ${at}.${name} must not have a size greater than ${LIMITS.valuesPerDatum}.`);
  }
  return {
    values: values.map((value, index) => {
      const count = readNumber(counts[index], `${at}.Counts.member.${index + 1}`);
      if (count < 0) throw invalid(`The value ${count} for parameter ${at}.Counts.member.${index + 1} is invalid.`);
      return { value: readNumber(value, `${at}.Values.member.${index + 1}`), count };
    }),
    statistics: null,
  };
}

function list(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw invalid(`The parameter ${at} must be a list.`);
  if (value.length === 0) throw missing(`The parameter ${at} must not be empty.`);
  return value;
}

/** NaN and the infinities come as those words in JSON, and are refused like anything beyond 2^360. */
function readNumber(value: unknown, at: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || Math.abs(number) > LIMITS.magnitude) {
    throw invalid(`The value ${String(value)} for parameter ${at} is invalid.`);
  }
  return number;
}

function readName(value: unknown, at: string, limit: number): string {
  if (value === undefined || value === '') throw missing(`The parameter ${at} is required.`);
  if (String(value).length > limit) throw invalid(`The parameter ${at} must be shorter than ${limit + 1} characters.`);
  return String(value);
}

/** Also of the Get calls: a metric is named by all its dimensions. */
export function readDimensions(given: unknown, at: string): Datum['dimensions'] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw invalid(`The parameter ${at} must be a list.`);
  if (given.length > LIMITS.dimensions)
    throw invalid(`The collection ${at} must not have a size greater than ${LIMITS.dimensions}.`);
  const dimensions = given.map((dimension, index) => {
    const { Name: name, Value: value } = (dimension ?? {}) as { Name?: unknown; Value?: unknown };
    return {
      name: readName(name, `${at}.member.${index + 1}.Name`, LIMITS.nameCharacters),
      value: readName(value, `${at}.member.${index + 1}.Value`, LIMITS.dimensionValueCharacters),
    };
  });
  if (new Set(dimensions.map(({ name }) => name)).size < dimensions.length)
    throw invalid(`The parameter ${at} names a dimension twice.`);
  return dimensions;
}

function readTimestamp(value: unknown, at: string, nowMs: number): number {
  if (value === undefined) return nowMs;
  const atMs = readTime(value);
  if (atMs === null) throw invalid(`The parameter ${at} must be a timestamp.`);
  if (atMs < nowMs - LIMITS.pastMs)
    throw invalid(`The parameter ${at} must specify a time no more than two weeks in the past.`);
  if (atMs > nowMs + LIMITS.futureMs)
    throw invalid(`The parameter ${at} must specify a time no more than two hours in the future.`);
  return atMs;
}

/** Seconds since the epoch (JSON) or ISO 8601 (query); null when it is neither. */
export function readTime(value: unknown): number | null {
  const atMs =
    typeof value === 'number'
      ? value * 1000
      : /^[\d.]+$/.test(String(value))
        ? Number(value) * 1000
        : Date.parse(String(value));
  return Number.isFinite(atMs) ? atMs : null;
}
