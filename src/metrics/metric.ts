import type { Judgement } from '../diagnosis/judgement.ts';
import type { Pod, Tier } from '../fleet/fleet.ts';

/** What a tick knows besides its judgements. */
export interface MetricContext {
  pod: Pod;
  tier: Tier;
  /** Instance ids still stale after the allowed cycles. */
  givenUp: ReadonlySet<string>;
  /** Instance ids of hosts that have been starting for longer than any start takes. */
  startingTooLong: ReadonlySet<string>;
  /** Ids of running boundary servers that the pod's names led to when the tick read the zone; null: it could not be read. Decision 0111. */
  inDns: ReadonlySet<string> | null;
  /** Whether the tier's roll-out stopped over its error limit. */
  rollOutStopped: boolean;
}

export interface Metric {
  name: string;
  unit: 'Milliseconds' | 'None' | 'Count';
  /** `distribution`: value/count pairs, never negative; `gauge`: one value; `mean`: one signed value. */
  kind: 'distribution' | 'gauge' | 'mean';
  /** `az`: it can be told per `Pod, Tier, AZ` as well as rolled up per `Pod, Tier`; `tier`: per `Pod, Tier` alone. */
  scope: 'az' | 'tier';
  /** The tiers that it is published for. */
  tiers: readonly Tier[];
  /** What an operator does about one AZ of it, which is why `metrics.byAz: key` publishes it; null: by AZ with `all` alone. */
  key: string | null;
  /** Why it is published with `metrics.byAz: all` alone, rolled up too; null: its roll-up always is. */
  onlyWithAll: string | null;
  /** Of which tiers that holds. */
  onlyWithAllOf: readonly Tier[];
  /** The dashboard's graph of gauges that it is drawn in: who is there, or what is wrong. null: it has a graph of its own. */
  graph: 'hosts' | 'trouble' | null;
  /** One sentence for the docs. */
  meaning: string;
  /** The values that these running hosts give, all of one tier or of one AZ of it; empty: nothing is published. */
  values: (hosts: readonly Judgement[], context: MetricContext) => number[];
}
