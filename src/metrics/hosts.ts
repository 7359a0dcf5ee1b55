import type { Judgement } from '../diagnosis/judgement.ts';
import { type Pod, TIERS, type Tier } from '../fleet/fleet.ts';
import { sortedUnique } from '../fleet/ordering.ts';
import { METRICS, type MetricName } from './catalogue.ts';
import { isByAz, isRolledUp } from './published.ts';
import { TICK_METRICS, type TickFacts } from './tick-catalogue.ts';

/** One datum before it is packed: values are made unique and counted by the packer. */
export interface Datum {
  name: MetricName;
  /** `Pod, Tier, AZ` or, for the roll-up, `Pod, Tier`; of the tick itself `Pod`. */
  dimensions: { Pod: string; Tier?: string; AZ?: string };
  values: number[];
  /** Epoch ms. */
  atMs: number;
}

/** What metrics tell of hosts beside how they were judged. */
export interface PodFacts {
  /** Instance ids still stale after the allowed cycles. */
  givenUp: readonly string[];
  /** Instance ids of boundary servers that have been starting for longer than any start takes. */
  startingTooLong: readonly string[];
  /** Tiers whose roll-out stopped over its error limit. */
  stoppedRollOuts: readonly Tier[];
  /** Instance ids of running boundary servers that the pod's names led to when the zone was read; null: it was not. */
  inDns: ReadonlySet<string> | null;
}

/**
 * All metrics of the pod's hosts that its `metrics.byAz` publishes. Each tier of the pod has its roll-up, gauges of zero
 * included, so that an alarm is never without a number; an AZ is published only while the tier has a running host there,
 * so that an empty one costs nothing. Instances that do not run are not counted at all.
 */
export function hostMetrics(pod: Pod, judgements: readonly Judgement[], facts: PodFacts, nowMs: number): Datum[] {
  const givenUp = new Set(facts.givenUp);
  const startingTooLong = new Set(facts.startingTooLong);
  const running = judgements.filter(({ host }) => host.state === 'running');
  return TIERS.flatMap((tier) => {
    const { inDns } = facts;
    const rollOutStopped = facts.stoppedRollOuts.includes(tier);
    const context = { pod, tier, givenUp, startingTooLong, inDns, rollOutStopped };
    const members = running.filter(({ host }) => host.tier === tier);
    const azs = pod.metrics.byAz === 'none' ? [] : sortedUnique(members.map(({ host }) => host.az));
    const scopes = [
      { isPublished: isRolledUp, dimensions: { Pod: pod.name, Tier: tier }, hosts: members },
      ...azs.map((az) => ({
        isPublished: isByAz,
        dimensions: { Pod: pod.name, Tier: tier, AZ: az },
        hosts: members.filter(({ host }) => host.az === az),
      })),
    ];
    return scopes.flatMap(({ isPublished, dimensions, hosts }) =>
      METRICS.filter((metric) => isPublished(metric, tier, pod.metrics.byAz)).flatMap(({ name, values: valuesOf }) => {
        const values = valuesOf(hosts, context);
        return values.length === 0 ? [] : [{ name, dimensions, values, atMs: nowMs }];
      }),
    );
  });
}

/** How the tick itself went, also of one that could not look at its hosts; and of one that could, the pod's clocks together. */
export function tickMetrics(pod: Pod, facts: TickFacts, nowMs: number): Datum[] {
  return TICK_METRICS.flatMap(({ name, value: numberOf }) => {
    const value = numberOf(facts);
    return value === null ? [] : [{ name, dimensions: { Pod: pod.name }, values: [value], atMs: nowMs }];
  });
}
