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
  /** One sentence for the docs. */
  meaning: string;
}

/** Every metric podtime publishes; docs, alarms and dashboard are checked against this list. */
export const METRICS = [
  { name: 'Offset', unit: 'Milliseconds', kind: 'distribution', meaning: '|offset| of each clock from its reference' },
  { name: 'OffsetMean', unit: 'Milliseconds', kind: 'mean', meaning: 'mean of the signed offsets; positive: the references are ahead' },
  { name: 'TimeServiceOffset', unit: 'Milliseconds', kind: 'distribution', meaning: '|offset| of each clock from the AWS time service' },
  { name: 'BoundaryTimeServiceOffset', unit: 'Milliseconds', kind: 'distribution', meaning: "|difference| of the boundary servers from the AWS time service, on the boundary tier only" },
  { name: 'Jitter', unit: 'Milliseconds', kind: 'distribution', meaning: 'jitter of each clock' },
  { name: 'Delay', unit: 'Milliseconds', kind: 'distribution', meaning: "delay to each host's system peer" },
  { name: 'ReachRatio', unit: 'None', kind: 'distribution', meaning: 'share of the last eight polls heard, over all sources of a host' },
  { name: 'ReachableSources', unit: 'Count', kind: 'distribution', meaning: 'sources heard at least once in their last eight polls' },
  { name: 'ErrorBound', unit: 'Milliseconds', kind: 'distribution', meaning: 'clock error bound: |offset| + root dispersion + root delay / 2' },
  { name: 'HostsExpected', unit: 'Count', kind: 'gauge', meaning: 'running hosts by tag' },
  { name: 'HostsSampled', unit: 'Count', kind: 'gauge', meaning: 'hosts that answered this tick' },
  { name: 'HostsConfident', unit: 'Count', kind: 'gauge', meaning: 'confident hosts' },
  { name: 'HostsAdrift', unit: 'Count', kind: 'gauge', meaning: 'hosts adrift' },
  { name: 'HostsAdriftFromTimeService', unit: 'Count', kind: 'gauge', meaning: 'hosts whose difference from the AWS time service is over its limit' },
  { name: 'HostsLowReach', unit: 'Count', kind: 'gauge', meaning: 'hosts with a source not fully heard' },
  { name: 'HostsUnsynchronised', unit: 'Count', kind: 'gauge', meaning: 'hosts unsynchronised, those without a daemon included' },
  { name: 'HostsStale', unit: 'Count', kind: 'gauge', meaning: 'hosts that DNS has left behind' },
  { name: 'HostsGivenUp', unit: 'Count', kind: 'gauge', meaning: 'hosts still stale after the allowed cycles, left alone' },
  { name: 'HostsUnknown', unit: 'Count', kind: 'gauge', meaning: 'hosts that SSM has no answer from' },
  { name: 'HostsHeld', unit: 'Count', kind: 'gauge', meaning: 'hosts tagged ntp-hold' },
  { name: 'RollOutsStopped', unit: 'Count', kind: 'gauge', meaning: 'roll-outs stopped over their error limit' },
] as const satisfies readonly Metric[];

export type MetricName = (typeof METRICS)[number]['name'];
