import type { Pod, Tier } from '../../src/fleet/fleet.ts';
import type { MetricName } from '../../src/metrics/catalogue.ts';

/** One number a period: a gauge at `Pod, Tier`. */
export interface Gauge {
  metric: MetricName;
  stat: 'Maximum' | 'Minimum';
}

/** `part` of `whole`, in percent; `empty` where there is no whole. */
export interface Share {
  part: Gauge;
  whole: Gauge;
  empty: number;
}

/** One condition of a pod's tier that CloudWatch watches: the alarm in the template, and its row of docs/alarms.md. */
export interface AlarmRule {
  /** `client-adrift`; the alarm is called `podtime-STAGE-POD-client-adrift`. */
  key: string;
  tier: Tier;
  watched: Gauge | Share;
  comparison: 'GreaterThanOrEqualToThreshold' | 'GreaterThanThreshold' | 'LessThanThreshold';
  threshold: number;
  /** M of N: so many of the last `periods` must breach. */
  datapoints: number;
  periods: number;
  missing: 'ignore' | 'breaching';
  /** What it tells the operator. */
  meaning: string;
  /** Where the threshold comes from: a setting of fleet.yml, or words. */
  from: string;
  /** Why the default is what it is. */
  reason: string;
}

const TWO_OF_THREE = { datapoints: 2, periods: 3, missing: 'ignore' } as const;

/**
 * A metric is published every `intervalSeconds` and more often while a tick left business unfinished. So long a period holds a
 * datum as a rule, and never less than the minute to which CloudWatch keeps these metrics.
 */
export function periodSeconds(pod: Pod): number {
  return Math.max(60, Math.ceil(pod.intervalSeconds / 60) * 60);
}

/** All that is watched in a pod, the boundary servers first. Decision 0025. */
export function alarmRules(pod: Pod): AlarmRule[] {
  const { boundaryLowReachShare, clientLowReachShare } = pod.alarms;
  return [
    watchdogSilent,
    boundaryBelowFloor(pod),
    ...tierRules(pod, 'boundary', {
      ...lowReach('boundary', boundaryLowReachShare, '`alarms.boundaryLowReachShare`'),
      reason: 'they poll across the internet, where packets are lost: of two servers one says nothing, both do',
    }),
    ...tierRules(pod, 'client', {
      ...lowReach('client', clientLowReachShare, '`alarms.clientLowReachShare`'),
      reason:
        'one lost packet shows in a register for eight polls, so some host always shows one; a fifth of the clients at once has one cause',
    }),
    ...staleRules(pod),
  ];
}

const watchdogSilent: AlarmRule = {
  key: 'watchdog-silent',
  tier: 'boundary',
  // a number of hosts is never below zero: only its absence breaches
  watched: { metric: 'HostsExpected', stat: 'Minimum' },
  comparison: 'LessThanThreshold',
  threshold: 0,
  // all three: a pod that was deployed just now has one tick, and is not silent
  datapoints: 3,
  periods: 3,
  missing: 'breaching',
  meaning: 'no tick has published anything: nobody watches this pod, and its other alarms stand still',
  from: 'none: missing data breaches',
  reason:
    'three periods, all empty: a pod deployed a minute ago has one tick and is not silent. CloudWatch looks two periods further back, so it takes five periods of silence',
};

function boundaryBelowFloor({ cycling }: Pod): AlarmRule {
  return {
    key: 'boundary-below-floor',
    tier: 'boundary',
    watched: { metric: 'HostsConfident', stat: 'Minimum' },
    comparison: 'LessThanThreshold',
    threshold: cycling.floor,
    ...TWO_OF_THREE,
    meaning: 'fewer confident boundary servers than the floor: nothing is cycled and none is withdrawn for its health',
    from: '`cycling.floor`',
    reason: "the cycling policy's own floor: below it podtime neither cycles nor withdraws for health",
  };
}

/** The gauge's most is at least the threshold, in two of three periods. */
function atLeast(
  tier: Tier,
  name: string,
  metric: MetricName,
  threshold: number,
  words: Pick<AlarmRule, 'meaning' | 'from' | 'reason'>,
): AlarmRule {
  return {
    key: `${tier}-${name}`,
    tier,
    watched: { metric, stat: 'Maximum' },
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold,
    ...TWO_OF_THREE,
    ...words,
  };
}

function lowReach(tier: Tier, share: number, from: string): Omit<AlarmRule, 'reason'> {
  return {
    key: `${tier}-low-reach`,
    tier,
    watched: {
      part: { metric: 'HostsLowReach', stat: 'Maximum' },
      whole: { metric: 'HostsSampled', stat: 'Maximum' },
      empty: 0,
    },
    comparison: 'GreaterThanThreshold',
    threshold: percent(share),
    ...TWO_OF_THREE,
    meaning: 'many hosts at once miss answers of a source: a server or the network between fails',
    from,
  };
}

function tierRules({ alarms }: Pod, tier: Tier, lowReachRule: AlarmRule): AlarmRule[] {
  return [
    atLeast(tier, 'adrift', 'HostsAdrift', alarms.adriftHosts, {
      meaning: 'clocks are over a limit',
      from: '`alarms.adriftHosts`',
      reason: 'one clock over its limit already breaks what runs on that host',
    }),
    atLeast(tier, 'adrift-from-time-service', 'HostsAdriftFromTimeService', alarms.adriftFromTimeServiceHosts, {
      meaning: "clocks drift from AWS's own",
      from: '`alarms.adriftFromTimeServiceHosts`',
      reason: 'likewise; the pod may agree with itself and be wrong',
    }),
    atLeast(tier, 'unsynchronised', 'HostsUnsynchronised', alarms.unsynchronisedHosts, {
      meaning: 'hosts follow nothing, or run no time daemon',
      from: '`alarms.unsynchronisedHosts`',
      reason:
        'daemons still starting are not counted, unless a boundary server never ends it: one that is counted needs somebody',
    }),
    lowReachRule,
    {
      key: `${tier}-coverage`,
      tier,
      watched: {
        part: { metric: 'HostsSampled', stat: 'Minimum' },
        whole: { metric: 'HostsExpected', stat: 'Maximum' },
        empty: 100,
      },
      comparison: 'LessThanThreshold',
      threshold: percent(alarms.coverageShare),
      ...TWO_OF_THREE,
      meaning: 'too few hosts answer: what podtime says of this tier is not the whole truth',
      from: '`alarms.coverageShare`',
      reason: 'well above the half of a tier below which nothing is cycled: told before podtime stops acting',
    },
    // a bool: no number of it to be set
    atLeast(tier, 'roll-out-stopped', 'RollOutsStopped', 1, {
      meaning: 'too many hosts of a roll-out failed, and it was stopped',
      from: 'fixed',
      reason: 'it is not repeated until DNS or the mode changes, so somebody has to look',
    }),
  ];
}

/** Only clients can be stale. */
function staleRules(pod: Pod): AlarmRule[] {
  const { staleHosts, staleSeconds, givenUpHosts } = pod.alarms;
  const whole = Math.max(1, Math.floor(staleSeconds / periodSeconds(pod)));
  return [
    {
      key: 'client-stale',
      tier: 'client',
      // the least of each period: one tick without stale hosts ends it
      watched: { metric: 'HostsStale', stat: 'Minimum' },
      comparison: 'GreaterThanOrEqualToThreshold',
      threshold: staleHosts,
      datapoints: whole,
      periods: whole,
      missing: 'ignore',
      meaning: 'clients follow servers that DNS no longer names, and cycling has not healed them',
      from: '`alarms.staleHosts`, `alarms.staleSeconds`',
      reason:
        'two ticks to be sure, a cool-down of 600 s, ten waves, 60 s for DNS are half an hour; twice that. Without a break: a period with a tick that saw no stale host ends it',
    },
    atLeast('client', 'given-up', 'HostsGivenUp', givenUpHosts, {
      meaning:
        'clients are still stale and are left alone: after the allowed cycles, a failed one, or too many answers that they did nothing',
      from: '`alarms.givenUpHosts`',
      reason: 'podtime leaves them alone: only a person will heal them',
    }),
  ];
}

/** A share in percent, to a hundredth, so that 0.29 is 29 and not 28.999999999999996. */
export function percent(share: number): number {
  return Math.round(share * 10_000) / 100;
}
