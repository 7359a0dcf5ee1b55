import type { Tier } from '../fleet/fleet.ts';
import {
  distribution,
  foundGauge,
  hostGauge,
  isFound,
  isSampled,
  type More,
  mean,
  size,
  tierGauge,
} from './builders.ts';
import { forDocs } from './for-docs.ts';
import type { Metric } from './metric.ts';
import { TICK_METRICS, type TickMetric, type TickMetricName } from './tick-catalogue.ts';

export type { Metric } from './metric.ts';

export const NAMESPACE = 'Podtime';

/** Witnesses speak of the servers that they ask. */
const SERVERS: readonly Tier[] = ['boundary'];

/** DNS leaves clients behind; what boundary servers follow does not hang on the pod's names. */
const CLIENTS: readonly Tier[] = ['client'];

/** Votes of clients hang on the few boundary servers that they share: who watches those knows. The report has the fewest of a tier. */
const OF_SERVERS: More = {
  onlyWithAll: forDocs(
    'of clients: what votes they have hangs on the few boundary servers, of which it is published; the report has the fewest of the tier, and who has them',
  ),
  onlyWithAllOf: CLIENTS,
};

/**
 * Every metric of hosts: its name, unit, meaning, and how it follows from the judgements. What is published, the
 * docs, the dashboard and the cost are made of this list; alarms are checked against it. Decision 0062.
 */
export const METRICS = [
  distribution('Offset', 'Milliseconds', forDocs('|offset| of each clock from its reference'), ({ offsetMs }) =>
    size(offsetMs),
  ),
  mean(
    'OffsetMean',
    'Milliseconds',
    forDocs('mean of the signed offsets; positive: the references are ahead'),
    ({ offsetMs }) => offsetMs,
    { onlyWithAll: forDocs('a host is helped by its own offset, whose sign its row of the report has') },
  ),
  distribution(
    'TimeServiceOffset',
    'Milliseconds',
    forDocs('|offset| of each clock from the AWS time service; of the boundary tier: how far its servers are from it'),
    ({ timeServiceOffsetMs }) => size(timeServiceOffsetMs),
  ),
  distribution('Jitter', 'Milliseconds', forDocs('jitter of each clock'), ({ jitterMs }) => size(jitterMs), {
    onlyWithAll: forDocs(
      'what jitter does to a clock is in `ErrorBound`, as part of its root dispersion (RFC 5905, clock_update)',
    ),
  }),
  distribution(
    'Delay',
    'Milliseconds',
    forDocs("delay to each host's system peer (chrony's source list does not tell it)"),
    // A negative delay happens when two clocks run apart during one exchange; its size is what percentiles can take.
    ({ delayMs }) => size(delayMs),
    { onlyWithAll: forDocs('half of it is in `ErrorBound`, as part of the root delay; hosts on chrony have none') },
  ),
  distribution(
    'ReachRatio',
    'None',
    forDocs('share of the last eight polls heard, over all sources of a host: 0 to 1'),
    ({ reachRatio }) => reachRatio,
    {
      onlyWithAll: forDocs(
        'hosts that miss answers are counted in `HostsLowReach`; what a boundary server can still lose is in `LossesLeft`',
      ),
    },
  ),
  distribution(
    'ReachableSources',
    'Count',
    forDocs('sources of a host heard at least once in their last eight polls'),
    ({ reachableSources }) => reachableSources,
    {
      onlyWithAll: forDocs(
        'how many a host has is set by fleet.yml; a source that is lost shows in `ReachRatio` and `HostsLowReach`',
      ),
    },
  ),
  distribution(
    'ErrorBound',
    'Milliseconds',
    forDocs('clock error bound: |offset| + root dispersion + root delay / 2, and what silence adds'),
    ({ errorBoundMs }) => size(errorBoundMs),
  ),
  distribution(
    'LiesLeft',
    'Count',
    forDocs(
      "clocks among a host's usable sources that may lie and are outvoted: floor((clocks - 1) / 2). Boundary servers that follow one clock count once",
    ),
    (_, { liesLeft }) => liesLeft,
    OF_SERVERS,
  ),
  distribution(
    'LossesLeft',
    'Count',
    forDocs(
      "clocks among a host's usable sources that may fall silent before it has fewer than `thresholds.confidentSources`",
    ),
    (_, { lossesLeft }) => lossesLeft,
    OF_SERVERS,
  ),
  distribution(
    'Frequency',
    'None',
    forDocs('|frequency| in ppm: the correction that each daemon applies to its bare clock'),
    ({ frequencyPpm }) => size(frequencyPpm),
    {
      onlyWithAll: forDocs(
        'of boundary servers: they are few, their rows of the report have it, and one whose rate leaves its drift file is told by name',
      ),
      onlyWithAllOf: SERVERS,
    },
  ),
  hostGauge(
    'HostsExpected',
    'hosts',
    forDocs('running hosts by tag, and those known before that EC2 did not describe'),
    () => true,
  ),
  hostGauge(
    'HostsSampled',
    'hosts',
    forDocs('hosts that answered this tick; `HostsExpected` less these are unknown'),
    isSampled,
  ),
  hostGauge(
    'HostsConfident',
    'hosts',
    forDocs(
      'confident hosts; of boundary servers only those that DNS names as the tick finds it, whom clients can reach: the number that `cycling.floor` is about (in `observe`, before the first is registered, all that are confident). Not published of servers where the zone could not be read',
    ),
    ({ confident, host: { tier, instanceId } }, { inDns }) =>
      confident && (tier === 'client' || (inDns?.has(instanceId) ?? null)),
    {
      onlyWithAll: forDocs('of clients: nobody is pointed to them; what keeps them from it has gauges of its own'),
      onlyWithAllOf: CLIENTS,
    },
  ),
  foundGauge('HostsAdrift', 'adrift', forDocs('hosts adrift: an offset is over its limit')),
  hostGauge(
    'HostsAdriftFromTimeService',
    'trouble',
    forDocs('hosts whose difference from the AWS time service is over its limit, daemons still starting left out'),
    ({ over }) => over?.includes('time-service') === true,
  ),
  foundGauge(
    'HostsContradicted',
    'contradicted',
    forDocs(
      'boundary servers that at least three clients, most of those that can tell and a quarter of all that hear them see apart from where their other sources agree',
    ),
    { tiers: SERVERS },
  ),
  foundGauge(
    'HostsUncertain',
    'uncertain',
    forDocs('hosts that hear a source and whose error bound is over its limit'),
  ),
  foundGauge(
    'HostsInHoldover',
    'holdover',
    forDocs('hosts whose clock is set and that follow nobody: silent, no majority, or on their own clock'),
  ),
  hostGauge(
    'HostsLowReach',
    'trouble',
    forDocs(
      'hosts with a source not heard in all of its last eight polls (in none: ntpd-rs), daemons younger than the starting limit left out',
    ),
    // A young daemon has not had eight polls yet; its register says nothing about the network.
    ({ missesSource, measures: { reachRatio, ageSeconds } }, { pod }) =>
      (missesSource === true || (reachRatio !== null && reachRatio < 1)) &&
      (ageSeconds === null || ageSeconds >= pod.thresholds.startingSeconds),
    {
      key: forDocs(
        'one AZ alone loses packets: look at its routes and network ACLs; all AZs do: look at the boundary servers',
      ),
    },
  ),
  hostGauge(
    'HostsUnsynchronised',
    'trouble',
    forDocs(
      'hosts unsynchronised, those without a daemon included, and those starting for longer than any start takes',
    ),
    (judgement, { startingTooLong }) =>
      isFound(judgement, 'unsynchronised') ||
      isFound(judgement, 'no-daemon') ||
      startingTooLong.has(judgement.host.instanceId),
  ),
  hostGauge(
    'HostsStale',
    'trouble',
    forDocs('hosts that DNS has left behind, those given up included'),
    ({ stale }) => stale !== null,
    { tiers: CLIENTS },
  ),
  hostGauge(
    'HostsGivenUp',
    'trouble',
    forDocs(
      'hosts still stale that only a person will heal: left alone after the allowed cycles, a failure or too many answers that did nothing, or young at every look',
    ),
    ({ host }, { givenUp }) => givenUp.has(host.instanceId),
    { tiers: CLIENTS },
  ),
  hostGauge('HostsHeld', 'hosts', forDocs('hosts tagged ntp-hold'), ({ host }) => host.held, {
    onlyWithAll: forDocs('who sets the tag knows it, and the report names a held host that is stale'),
  }),
  tierGauge(
    'RollOutsStopped',
    'trouble',
    forDocs('roll-outs stopped over their error limit, or a changed file refused after its trial'),
    ({ rollOutStopped }) => (rollOutStopped ? 1 : 0),
  ),
] as const satisfies readonly Metric[];

export type HostMetricName = (typeof METRICS)[number]['name'];
export type MetricName = HostMetricName | TickMetricName;

/** The catalogue's entry of a metric. */
export function metricNamed(name: HostMetricName): Metric;
export function metricNamed(name: MetricName): Metric | TickMetric;
export function metricNamed(name: MetricName): Metric | TickMetric {
  return BY_NAME[name];
}

const BY_NAME = Object.fromEntries([...METRICS, ...TICK_METRICS].map((metric) => [metric.name, metric])) as Record<
  MetricName,
  Metric | TickMetric
>;
