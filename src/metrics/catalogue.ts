import type { Tier } from '../fleet/fleet.ts';

/** One datum before it is packed: values are made unique and counted by the packer. */
export interface Datum {
  name: MetricName;
  /** `Pod, Tier, AZ` or, for the roll-up, `Pod, Tier`. */
  dimensions: { Pod: string; Tier: string; AZ?: string };
  values: number[];
  /** Epoch ms. */
  atMs: number;
}

export const NAMESPACE = 'Podtime';

export interface Metric {
  name: string;
  unit: 'Milliseconds' | 'None' | 'Count';
  /** `distribution`: value/count pairs, never negative; `gauge`: one value; `mean`: one signed value. */
  kind: 'distribution' | 'gauge' | 'mean';
  /** `az`: per `Pod, Tier, AZ` and rolled up per `Pod, Tier`; `tier`: per `Pod, Tier` alone. */
  scope: 'az' | 'tier';
  /** The tiers it is published for. */
  tiers: readonly Tier[];
  /** One sentence for the docs. */
  meaning: string;
}

const BOTH = ['boundary', 'client'] as const;

/** Every metric podtime publishes; docs, alarms and dashboard are checked against this list. */
export const METRICS = [
  {
    name: 'Offset',
    unit: 'Milliseconds',
    kind: 'distribution',
    scope: 'az',
    tiers: BOTH,
    meaning: '|offset| of each clock from its reference',
  },
  {
    name: 'OffsetMean',
    unit: 'Milliseconds',
    kind: 'mean',
    scope: 'az',
    tiers: BOTH,
    meaning: 'mean of the signed offsets; positive: the references are ahead',
  },
  {
    name: 'TimeServiceOffset',
    unit: 'Milliseconds',
    kind: 'distribution',
    scope: 'az',
    tiers: BOTH,
    meaning: '|offset| of each clock from the AWS time service',
  },
  {
    name: 'BoundaryTimeServiceOffset',
    unit: 'Milliseconds',
    kind: 'distribution',
    scope: 'az',
    tiers: ['boundary'],
    meaning: '|difference| of the boundary servers from the AWS time service, on the boundary tier only',
  },
  {
    name: 'Jitter',
    unit: 'Milliseconds',
    kind: 'distribution',
    scope: 'az',
    tiers: BOTH,
    meaning: 'jitter of each clock',
  },
  {
    name: 'Delay',
    unit: 'Milliseconds',
    kind: 'distribution',
    scope: 'az',
    tiers: BOTH,
    meaning: "delay to each host's system peer (chrony's source list does not tell it)",
  },
  {
    name: 'ReachRatio',
    unit: 'None',
    kind: 'distribution',
    scope: 'az',
    tiers: BOTH,
    meaning: 'share of the last eight polls heard, over all sources of a host: 0 to 1',
  },
  {
    name: 'ReachableSources',
    unit: 'Count',
    kind: 'distribution',
    scope: 'az',
    tiers: BOTH,
    meaning: 'sources of a host heard at least once in their last eight polls',
  },
  {
    name: 'ErrorBound',
    unit: 'Milliseconds',
    kind: 'distribution',
    scope: 'az',
    tiers: BOTH,
    meaning: 'clock error bound: |offset| + root dispersion + root delay / 2',
  },
  {
    name: 'HostsExpected',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning: 'running hosts by tag',
  },
  {
    name: 'HostsSampled',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning: 'hosts that answered this tick',
  },
  {
    name: 'HostsConfident',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning: 'confident hosts',
  },
  {
    name: 'HostsAdrift',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning: 'hosts adrift',
  },
  {
    name: 'HostsAdriftFromTimeService',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning: 'hosts whose difference from the AWS time service is over its limit, daemons still starting left out',
  },
  {
    name: 'HostsLowReach',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning:
      'hosts with a source not heard in all of its last eight polls, daemons younger than the starting limit left out',
  },
  {
    name: 'HostsUnsynchronised',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning: 'hosts unsynchronised, those without a daemon included',
  },
  {
    name: 'HostsStale',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning: 'hosts that DNS has left behind, those given up included',
  },
  {
    name: 'HostsGivenUp',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning: 'hosts still stale after the allowed cycles, left alone',
  },
  {
    name: 'HostsUnknown',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning: 'hosts that SSM has no answer from, or whose answer told nothing',
  },
  {
    name: 'HostsHeld',
    unit: 'Count',
    kind: 'gauge',
    scope: 'az',
    tiers: BOTH,
    meaning: 'hosts tagged ntp-hold',
  },
  {
    name: 'RollOutsStopped',
    unit: 'Count',
    kind: 'gauge',
    scope: 'tier',
    tiers: BOTH,
    meaning: 'roll-outs stopped over their error limit',
  },
] as const satisfies readonly Metric[];

export type MetricName = (typeof METRICS)[number]['name'];

/** The catalogue's entry of a metric. */
export function metricNamed(name: MetricName): Metric {
  return METRICS[INDEX[name]] as Metric;
}

const INDEX = Object.fromEntries(METRICS.map((metric, index) => [metric.name, index])) as Record<MetricName, number>;
