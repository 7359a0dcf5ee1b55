import { ACCOUNT_ID } from '../../errors.ts';

/** AWS::CloudWatch::Alarm and AWS::CloudWatch::CompositeAlarm, as far as the endpoint carries them out. */
export interface AlarmCommon {
  name: string;
  description: string | null;
  alarmActions: string[];
  okActions: string[];
}

/** One metric's statistic over periods. */
export interface MetricStat {
  namespace: string;
  metricName: string;
  dimensions: { name: string; value: string }[];
  /** null: of any unit. */
  unit: string | null;
  stat: string;
  periodSeconds: number;
}

export type MetricQuery = { id: string; returned: boolean; label: string | null } & (
  | { metric: MetricStat; expression: null }
  | { metric: null; expression: string }
);

export const COMPARISONS = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
} as const;
export type Comparison = keyof typeof COMPARISONS;

export const MISSING = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
export type Missing = (typeof MISSING)[number];

export interface MetricAlarmDefinition extends AlarmCommon {
  kind: 'metric';
  /** One metric alone, or `Metrics`: queries of which one is returned. */
  alone: boolean;
  queries: MetricQuery[];
  periodSeconds: number;
  comparison: Comparison;
  threshold: number;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  missing: Missing;
}

export interface CompositeAlarmDefinition extends AlarmCommon {
  kind: 'composite';
  rule: string;
}

export type AlarmDefinition = MetricAlarmDefinition | CompositeAlarmDefinition;

export function alarmArn(region: string, name: string): string {
  return `arn:aws:cloudwatch:${region}:${ACCOUNT_ID}:alarm:${name}`;
}

type Properties = Record<string, unknown>;

/** Reads an alarm's properties, intrinsic functions resolved. Throws for what the endpoint does not have, naming the alarm. */
export function readMetricAlarm(name: string, properties: Properties): MetricAlarmDefinition {
  const fail = (what: string): never => {
    throw new Error(`alarm ${name}: ${what}`);
  };
  const alone = properties.Metrics === undefined;
  const queries = alone ? [aloneQuery(properties, fail)] : readQueries(properties.Metrics as Properties[], fail);
  if (queries.filter(({ returned }) => returned).length !== 1) fail('exactly one of its Metrics must return data');
  const periods = new Set(queries.flatMap(({ metric }) => metric?.periodSeconds ?? []));
  const [periodSeconds = 0] = periods;
  if (periods.size !== 1 || periodSeconds % 60 !== 0 || periodSeconds === 0) {
    fail(`the local endpoint has one period of whole minutes an alarm, not ${[...periods].join(', ')} s`);
  }
  const comparison = String(properties.ComparisonOperator);
  if (!Object.hasOwn(COMPARISONS, comparison)) fail(`the local endpoint has no comparison ${comparison}`);
  const missing = String(properties.TreatMissingData ?? 'missing');
  if (!(MISSING as readonly string[]).includes(missing)) fail(`TreatMissingData cannot be ${missing}`);
  const evaluationPeriods = Number(properties.EvaluationPeriods);
  const datapointsToAlarm = Number(properties.DatapointsToAlarm ?? evaluationPeriods);
  if (!(datapointsToAlarm >= 1 && datapointsToAlarm <= evaluationPeriods)) {
    fail(`DatapointsToAlarm ${datapointsToAlarm} must be from 1 to EvaluationPeriods ${evaluationPeriods}`);
  }
  return {
    kind: 'metric',
    ...readCommon(name, properties),
    alone,
    queries,
    periodSeconds,
    comparison: comparison as Comparison,
    threshold: Number(properties.Threshold),
    evaluationPeriods,
    datapointsToAlarm,
    missing: missing as Missing,
  };
}

export function readCompositeAlarm(name: string, properties: Properties): CompositeAlarmDefinition {
  return { kind: 'composite', ...readCommon(name, properties), rule: String(properties.AlarmRule) };
}

function readCommon(name: string, properties: Properties): AlarmCommon {
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return {
    name,
    description: typeof properties.AlarmDescription === 'string' ? properties.AlarmDescription : null,
    alarmActions: list(properties.AlarmActions),
    okActions: list(properties.OKActions),
  };
}

function aloneQuery(properties: Properties, fail: (what: string) => never): MetricQuery {
  if (properties.ExtendedStatistic === undefined && properties.Statistic === undefined) fail('it has no Statistic');
  const stat = String(properties.Statistic ?? properties.ExtendedStatistic);
  const metric = readMetric(properties, properties.Unit, stat, properties.Period);
  return { id: 'm1', returned: true, label: null, metric, expression: null };
}

function readQueries(given: Properties[], fail: (what: string) => never): MetricQuery[] {
  return given.map((query): MetricQuery => {
    const id = String(query.Id);
    const returned = query.ReturnData !== false && query.ReturnData !== 'false';
    const common = { id, returned, label: typeof query.Label === 'string' ? query.Label : null };
    if (typeof query.Expression === 'string') return { ...common, metric: null, expression: query.Expression };
    const stat = query.MetricStat as Properties | undefined;
    if (stat === undefined) return fail(`its query ${id} has neither MetricStat nor Expression`);
    const metric = readMetric(stat.Metric as Properties, stat.Unit, String(stat.Stat), stat.Period);
    return { ...common, metric, expression: null };
  });
}

function readMetric(metric: Properties, unit: unknown, stat: string, period: unknown): MetricStat {
  return {
    namespace: String(metric.Namespace),
    metricName: String(metric.MetricName),
    dimensions: ((metric.Dimensions ?? []) as { Name: string; Value: string }[]).map(({ Name, Value }) => ({
      name: Name,
      value: String(Value),
    })),
    unit: typeof unit === 'string' ? unit : null,
    stat,
    periodSeconds: Number(period),
  };
}
