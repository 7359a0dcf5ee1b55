import type { Announce } from '../../events.ts';
import { bucketsOf, namedStatistic } from '../statistics.ts';
import type { MetricStore, StoredPoint } from '../store.ts';
import { type CompositeRule, compositeReasonOf, readRule } from './composite.ts';
import {
  type AlarmDefinition,
  alarmArn,
  type CompositeAlarmDefinition,
  type MetricAlarmDefinition,
  type MetricStat,
} from './definition.ts';
import { type AlarmState, breaches, type Datapoint, EXTRA_PERIODS, stateOf } from './evaluate.ts';
import { type Expression, readExpression } from './math.ts';
import { reasonOf } from './reason.ts';

/** An alarm and how it stands. */
export interface Alarm {
  definition: AlarmDefinition;
  state: AlarmState;
  reason: string;
  /** Epoch ms of the clock that stamps metrics. */
  updatedAtMs: number;
  transitionedAtMs: number;
}

export interface Alarms {
  all(): Alarm[];
  /** Evaluates every alarm now, composites last. */
  evaluate(): void;
}

/** "Period of a minute or longer: evaluated every minute." */
export const EVALUATION_SECONDS = 60;

/**
 * The stack's alarms. Each is evaluated over periods that end with the last whole minute, of the data that can be read by then.
 * `factor`: a minute of an alarm's periods lasts so many times less. Throws for an alarm that cannot be carried out.
 */
export function createAlarms(
  definitions: readonly AlarmDefinition[],
  deps: {
    store: MetricStore;
    visible(point: StoredPoint): boolean;
    /** What the client's clock shows: metrics are stamped by it. */
    wallMs(): number;
    factor: number;
    announce: Announce;
    region: string;
  },
): Alarms {
  const bornMs = deps.wallMs();
  const alarms = new Map(
    definitions.map((definition): [string, Alarm] => [
      definition.name,
      {
        definition,
        state: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        updatedAtMs: bornMs,
        transitionedAtMs: bornMs,
      },
    ]),
  );
  const names = new Set(alarms.keys());
  const metricAlarms = definitions
    .filter((definition) => definition.kind === 'metric')
    .map((definition) => ({ definition, series: named(definition.name, () => readSeries(definition)) }));
  const composites = definitions
    .filter((definition) => definition.kind === 'composite')
    .map((definition) => ({ definition, rule: named(definition.name, () => readRule(definition.rule, names)) }));

  const become = (name: string, state: AlarmState, reason: string) => {
    const alarm = alarms.get(name) as Alarm;
    const was = alarm.state;
    if (was === state) return;
    Object.assign(alarm, { state, reason, updatedAtMs: deps.wallMs(), transitionedAtMs: deps.wallMs() });
    deps.announce({ kind: 'alarm state', alarm: name, state, was, reason });
  };

  /** A stat of one period; data of several units in it are, as with GetMetricData, different data: the first is taken. */
  const statOf = (stat: MetricStat, startMs: number, endMs: number): Datapoint => {
    const metric = deps.store.find(stat.namespace, stat.metricName, stat.dimensions);
    const points = (metric?.points ?? []).filter(
      (point) =>
        point.stampedAtMs >= startMs &&
        point.stampedAtMs < endMs &&
        (stat.unit === null || point.unit === stat.unit) &&
        deps.visible(point),
    );
    if (points.length === 0) return null;
    const [bucket] = bucketsOf(points, 0, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER);
    return bucket === undefined ? null : namedStatistic(stat.stat, bucket.points);
  };

  const evaluateMetric = (alarm: MetricAlarmDefinition, series: Series) => {
    const minuteMs = (EVALUATION_SECONDS * 1000) / deps.factor;
    const periodMs = (alarm.periodSeconds * 1000) / deps.factor;
    const endMs = Math.floor(deps.wallMs() / minuteMs) * minuteMs;
    const count = alarm.evaluationPeriods + EXTRA_PERIODS;
    const range = Array.from({ length: count }, (_, at): { startMs: number; value: Datapoint } => {
      const startMs = endMs - (count - at) * periodMs;
      return { startMs, value: series((stat) => statOf(stat, startMs, startMs + periodMs)) };
    });
    const state = stateOf(
      range.map(({ value }) => (value === null ? null : breaches(value, alarm.comparison, alarm.threshold))),
      alarm,
    );
    if (state !== null) become(alarm.name, state, reasonOf(alarm, range, state));
  };

  return {
    all: () => [...alarms.values()],
    evaluate() {
      for (const { definition, series } of metricAlarms) evaluateMetric(definition, series);
      for (const { definition, rule } of composites) evaluateComposite(definition, rule);
    },
  };

  function evaluateComposite({ name }: CompositeAlarmDefinition, { holds, names: underlying }: CompositeRule): void {
    const alarmOf = (each: string) => alarms.get(each) as Alarm;
    const state = holds((each) => alarmOf(each).state) ? 'ALARM' : 'OK';
    const reason = compositeReasonOf(
      alarmArn(deps.region, name),
      state,
      underlying.map((each) => {
        const { state: own, transitionedAtMs } = alarmOf(each);
        const changedAtMs = transitionedAtMs > bornMs ? transitionedAtMs : null;
        return { arn: alarmArn(deps.region, each), state: own, changedAtMs };
      }),
    );
    become(name, state, reason);
    // its state is told anew when another alarm stands for it
    const alarm = alarmOf(name);
    if (alarm.reason !== reason) Object.assign(alarm, { reason, updatedAtMs: deps.wallMs() });
  }
}

/** One period's number of an alarm, by the stats of its metrics. */
type Series = (statOf: (stat: MetricStat) => Datapoint) => Datapoint;

function readSeries({ queries }: MetricAlarmDefinition): Series {
  const ids = new Set(queries.map(({ id }) => id));
  const expressions = new Map<string, Expression>();
  for (const query of queries) {
    if (query.expression !== null) expressions.set(query.id, readExpression(query.expression, ids));
    else namedStatistic(query.metric.stat, []);
  }
  const returned = queries.find((query) => query.returned);
  return (statOf) => {
    const numberOf = (id: string): Datapoint => {
      const query = queries.find((candidate) => candidate.id === id);
      if (query?.metric) return statOf(query.metric);
      return expressions.get(id)?.(numberOf) ?? null;
    };
    return numberOf(returned?.id ?? '');
  };
}

function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`alarm ${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
