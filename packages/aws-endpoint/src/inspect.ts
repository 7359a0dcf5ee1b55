import type { Alarm } from './cloudwatch/alarms/alarms.ts';
import type { AlarmState } from './cloudwatch/alarms/evaluate.ts';
import { bucketsOf, percentile, statistic } from './cloudwatch/statistics.ts';
import type { StoredMetric } from './cloudwatch/store.ts';
import { compareSets } from './route53/record-set.ts';
import type { HostedZone } from './route53/zones.ts';
import { type Command, countInvocations, currentDetails } from './ssm/command.ts';

/** A record set for a person to read. */
export interface RecordRow {
  zone: string;
  name: string;
  type: string;
  setIdentifier: string | null;
  ttlSeconds: number;
  values: string[];
  /** Whether the zone's name servers answer with it already. */
  served: boolean;
}

/** A metric's newest period of a minute. */
export interface MetricRow {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  unit: string;
  /** Start of the minute, epoch ms. */
  atMs: number;
  sampleCount: number;
  average: number;
  minimum: number;
  maximum: number;
  /** null where CloudWatch has none. */
  p50: number | null;
  p99: number | null;
}

export interface CommandRow {
  commandId: string;
  document: string;
  comment: string;
  /** Epoch ms. */
  requestedAtMs: number;
  statusDetails: string;
  target: number;
  completed: number;
  error: number;
  invocations: { instanceId: string; statusDetails: string; stdout: string }[];
}

/** An alarm for a person to read. */
export interface AlarmRow {
  name: string;
  composite: boolean;
  state: AlarmState;
  reason: string;
  /** When it went to this state, epoch ms. */
  sinceMs: number;
}

/** By name. */
export function alarmRows(alarms: readonly Alarm[]): AlarmRow[] {
  return alarms
    .map(({ definition, state, reason, transitionedAtMs }) => ({
      name: definition.name,
      composite: definition.kind === 'composite',
      state,
      reason,
      sinceMs: transitionedAtMs,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** All zones' records in listing order. */
export function recordRows(zones: readonly HostedZone[]): RecordRow[] {
  return zones.flatMap((zone) =>
    [...zone.sets.entries()]
      .sort(([, a], [, b]) => compareSets(a, b))
      .map(
        ([key, set]): RecordRow => ({
          zone: zone.name,
          name: set.name,
          type: set.type,
          setIdentifier: set.setIdentifier,
          ttlSeconds: set.ttlSeconds,
          values: set.values,
          served: JSON.stringify(zone.served.get(key)) === JSON.stringify(set),
        }),
      ),
  );
}

export function metricRows(metrics: readonly StoredMetric[]): MetricRow[] {
  return metrics.flatMap((metric) => {
    const newest = bucketsOf(metric.points, 0, Number.POSITIVE_INFINITY, 60).at(-1);
    if (newest === undefined) return [];
    const { points } = newest;
    return [
      {
        namespace: metric.namespace,
        name: metric.name,
        dimensions: Object.fromEntries(metric.dimensions.map(({ name, value }) => [name, value])),
        unit: newest.unit,
        atMs: newest.atMs,
        sampleCount: statistic('SampleCount', points),
        average: statistic('Average', points),
        minimum: statistic('Minimum', points),
        maximum: statistic('Maximum', points),
        p50: percentile(50, points),
        p99: percentile(99, points),
      },
    ];
  });
}

/** Newest first. */
export function commandRows(commands: readonly Command[]): CommandRow[] {
  return commands.map((command) => {
    const counts = countInvocations(command);
    return {
      commandId: command.id,
      document: command.document.name,
      comment: command.comment,
      requestedAtMs: command.requestedAtMs,
      statusDetails: currentDetails(command),
      target: counts.target,
      completed: counts.completed,
      error: counts.error,
      invocations: (command.invocations ?? []).map(({ instanceId, details, plugins }) => ({
        instanceId,
        statusDetails: details,
        stdout: plugins.at(-1)?.stdout ?? '',
      })),
    };
  });
}
