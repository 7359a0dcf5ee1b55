import { AwsError } from '../../errors.ts';
import { page } from '../../paging.ts';
import type { Output } from '../reads.ts';
import type { Alarm } from './alarms.ts';
import { type AlarmDefinition, alarmArn, type MetricQuery } from './definition.ts';

/** API reference, DescribeAlarms: MaxRecords from 1 to 100, 50 unless told. */
const PAGE = 50;
const MOST = 100;
const ALARM_TYPES = ['CompositeAlarm', 'MetricAlarm'];
const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];
/** Of the request's members these are the endpoint's. */
const KNOWN = ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'MaxRecords', 'NextToken'];

/** DescribeAlarms, protocol apart: timestamps are Dates. */
export function describeAlarms(input: Record<string, unknown>, alarms: readonly Alarm[], region: string): Output {
  const unknown = Object.keys(input).filter((name) => !KNOWN.includes(name) && name !== 'Action' && name !== 'Version');
  if (unknown.length > 0)
    throw new AwsError('ValidationError', `The local endpoint's DescribeAlarms has no ${unknown.join(', ')}.`);
  const names = input.AlarmNames as string[] | undefined;
  const prefix = input.AlarmNamePrefix as string | undefined;
  if (names !== undefined && prefix !== undefined)
    throw new AwsError(
      'ValidationError',
      'The parameters AlarmNames and AlarmNamePrefix are mutually exclusive and you have specified both.',
    );
  // "If you omit this parameter, only metric alarms are returned, even if composite alarms exist in the account."
  const types = (input.AlarmTypes as string[] | undefined) ?? ['MetricAlarm'];
  oneOf('AlarmTypes', types, ALARM_TYPES);
  if (input.StateValue !== undefined) oneOf('StateValue', [String(input.StateValue)], STATES);
  const size = input.MaxRecords === undefined ? PAGE : Number(input.MaxRecords);
  if (!(Number.isInteger(size) && size >= 1 && size <= MOST))
    throw new AwsError('ValidationError', `The parameter MaxRecords must be from 1 to ${MOST}.`);

  const wanted = alarms
    .filter(({ definition }) => types.includes(definition.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
    .filter(({ definition: { name } }) => names?.includes(name) ?? name.startsWith(prefix ?? ''))
    .filter(({ state }) => input.StateValue === undefined || state === input.StateValue)
    .toSorted((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
  const scope = JSON.stringify(['DescribeAlarms', names, prefix, types, input.StateValue]);
  const found = page(wanted, size, input.NextToken, scope);
  const shapes = (kind: AlarmDefinition['kind']) =>
    found.items.filter(({ definition }) => definition.kind === kind).map((alarm) => shapeOf(alarm, region));
  return { MetricAlarms: shapes('metric'), CompositeAlarms: shapes('composite'), NextToken: found.nextToken };
}

function oneOf(name: string, given: readonly string[], valid: readonly string[]): void {
  const wrong = given.find((value) => !valid.includes(value));
  if (wrong !== undefined)
    throw new AwsError(
      'ValidationError',
      `The value ${wrong} for parameter ${name} must be one of ${valid.join(', ')}.`,
    );
}

function shapeOf({ definition, state, reason, updatedAtMs, transitionedAtMs }: Alarm, region: string): Output {
  return {
    AlarmName: definition.name,
    AlarmArn: alarmArn(region, definition.name),
    AlarmDescription: definition.description ?? undefined,
    ActionsEnabled: true,
    OKActions: definition.okActions,
    AlarmActions: definition.alarmActions,
    InsufficientDataActions: [],
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: new Date(updatedAtMs),
    StateTransitionedTimestamp: new Date(transitionedAtMs),
    ...(definition.kind === 'composite' ? { AlarmRule: definition.rule } : metricShape(definition)),
  };
}

function metricShape(definition: AlarmDefinition & { kind: 'metric' }): Output {
  const { queries, alone, periodSeconds, evaluationPeriods, datapointsToAlarm, threshold } = definition;
  return {
    ...(alone ? aloneShape(queries[0]) : { Dimensions: [], Metrics: queries.map(queryShape) }),
    ...(alone ? { Period: periodSeconds } : {}),
    EvaluationPeriods: evaluationPeriods,
    DatapointsToAlarm: datapointsToAlarm,
    Threshold: threshold,
    ComparisonOperator: definition.comparison,
    TreatMissingData: definition.missing,
  };
}

function aloneShape(query: MetricQuery | undefined): Output {
  if (!query?.metric) return {};
  const { namespace, metricName, dimensions, stat, unit } = query.metric;
  return {
    MetricName: metricName,
    Namespace: namespace,
    [stat.startsWith('p') ? 'ExtendedStatistic' : 'Statistic']: stat,
    Dimensions: dimensionShapes(dimensions),
    Unit: unit ?? undefined,
  };
}

function queryShape({ id, label, returned, metric, expression }: MetricQuery): Output {
  const common = { Id: id, Label: label ?? undefined, ReturnData: returned };
  if (metric === null) return { ...common, Expression: expression };
  const { namespace, metricName, dimensions, stat, unit, periodSeconds } = metric;
  const Metric = { Namespace: namespace, MetricName: metricName, Dimensions: dimensionShapes(dimensions) };
  return { ...common, MetricStat: { Metric, Period: periodSeconds, Stat: stat, Unit: unit ?? undefined } };
}

function dimensionShapes(dimensions: readonly { name: string; value: string }[]) {
  return dimensions.map(({ name, value }) => ({ Name: name, Value: value }));
}
