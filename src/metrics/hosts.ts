import type { Judgement, Measures } from '../diagnosis/judgement.ts';
import { type Pod, TIERS, type Tier } from '../fleet/fleet.ts';
import { sortedUnique } from '../fleet/ordering.ts';
import { type Datum, METRICS, type MetricName } from './catalogue.ts';

/** What the plan reckoned at this tick; the plan's own type fits. */
export interface PlanFacts {
  /** Instance ids still stale after the allowed cycles. */
  givenUp: readonly string[];
  /** Tiers whose roll-out stopped over its error limit. */
  stoppedRollOuts: readonly Tier[];
}

type NamesOf<Kind> = Extract<(typeof METRICS)[number], { kind: Kind }>['name'];

/** The number each host adds to a distribution; null adds nothing. */
const DISTRIBUTED: Record<NamesOf<'distribution'>, (measures: Measures) => number | null> = {
  Offset: ({ offsetMs }) => size(offsetMs),
  TimeServiceOffset: ({ timeServiceOffsetMs }) => size(timeServiceOffsetMs),
  BoundaryTimeServiceOffset: ({ timeServiceOffsetMs }) => size(timeServiceOffsetMs),
  Jitter: ({ jitterMs }) => size(jitterMs),
  // A negative delay happens when two clocks run apart during one exchange; its size is what percentiles can take.
  Delay: ({ delayMs }) => size(delayMs),
  ReachRatio: ({ reachRatio }) => reachRatio,
  ReachableSources: ({ reachableSources }) => reachableSources,
  ErrorBound: ({ errorBoundMs }) => size(errorBoundMs),
};

interface Reckoning {
  pod: Pod;
  givenUp: ReadonlySet<string>;
}

/** Which hosts a gauge counts. */
const COUNTED: Record<
  Exclude<NamesOf<'gauge'>, 'RollOutsStopped'>,
  (judgement: Judgement, reckoning: Reckoning) => boolean
> = {
  HostsExpected: () => true,
  HostsSampled: isSampled,
  HostsConfident: ({ confident }) => confident,
  HostsAdrift: ({ state }) => state === 'adrift',
  HostsAdriftFromTimeService: ({ state, measures }, { pod }) =>
    state !== 'starting' && (size(measures.timeServiceOffsetMs) ?? 0) > pod.thresholds.timeServiceOffsetMs,
  // A young daemon has not had eight polls yet; its register says nothing about the network.
  HostsLowReach: ({ measures }, { pod }) =>
    measures.reachRatio !== null &&
    measures.reachRatio < 1 &&
    (measures.ageSeconds === null || measures.ageSeconds >= pod.thresholds.startingSeconds),
  HostsUnsynchronised: ({ state }) => state === 'unsynchronised' || state === 'no-daemon',
  HostsStale: ({ stale }) => stale !== null,
  HostsGivenUp: ({ host }, { givenUp }) => givenUp.has(host.instanceId),
  HostsUnknown: ({ state }) => state === 'unknown',
  HostsHeld: ({ host }) => host.held,
};

/**
 * All metrics of one tick. Each tier of the pod has its roll-up, gauges of zero included, so that an alarm is never
 * without a number; an AZ is published only while the tier has a running host there, so that an empty one costs
 * nothing. Instances that do not run are not counted at all.
 */
export function hostMetrics(pod: Pod, judgements: readonly Judgement[], facts: PlanFacts, nowMs: number): Datum[] {
  const reckoning = { pod, givenUp: new Set(facts.givenUp) };
  const running = judgements.filter(({ host }) => host.state === 'running');
  return TIERS.flatMap((tier) => {
    const members = running.filter(({ host }) => host.tier === tier);
    const azs = sortedUnique(members.map(({ host }) => host.az));
    const scopes: { dimensions: Datum['dimensions']; hosts: Judgement[] }[] = [
      { dimensions: { Pod: pod.name, Tier: tier }, hosts: members },
      ...azs.map((az) => ({
        dimensions: { Pod: pod.name, Tier: tier, AZ: az },
        hosts: members.filter(({ host }) => host.az === az),
      })),
    ];
    return scopes.flatMap(({ dimensions, hosts }) =>
      METRICS.filter(
        ({ tiers, scope }) =>
          (tiers as readonly Tier[]).includes(tier) && (scope === 'az' || dimensions.AZ === undefined),
      ).flatMap(({ name }) => {
        const values = valuesOf(name, hosts, reckoning, facts.stoppedRollOuts.includes(tier));
        return values.length === 0 ? [] : [{ name, dimensions, values, atMs: nowMs }];
      }),
    );
  });
}

function valuesOf(name: MetricName, hosts: readonly Judgement[], reckoning: Reckoning, stopped: boolean): number[] {
  if (name === 'RollOutsStopped') return [stopped ? 1 : 0];
  if (name === 'OffsetMean') {
    const offsets = known(hosts, ({ offsetMs }) => offsetMs);
    return offsets.length === 0 ? [] : [offsets.reduce((sum, offset) => sum + offset, 0) / offsets.length];
  }
  if (isDistributed(name)) return known(hosts, DISTRIBUTED[name]);
  const counts = COUNTED[name];
  return [hosts.filter((judgement) => counts(judgement, reckoning)).length];
}

function isDistributed(name: MetricName): name is keyof typeof DISTRIBUTED {
  return name in DISTRIBUTED;
}

/** The numbers that sampled hosts told. */
function known(hosts: readonly Judgement[], measure: (measures: Measures) => number | null): number[] {
  return hosts
    .filter(isSampled)
    .map(({ measures }) => measure(measures))
    .filter((value) => value !== null);
}

function isSampled({ state }: Judgement): boolean {
  return state !== 'unknown';
}

function size(value: number | null): number | null {
  return value === null ? null : Math.abs(value);
}
