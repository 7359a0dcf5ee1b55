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

/** One condition of a pod's tier that CloudWatch watches. */
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
}

const TWO_OF_THREE = { datapoints: 2, periods: 3 };

/**
 * A metric is published every `intervalSeconds` and more often while a tick left business unfinished. So long a period holds a
 * datum as a rule, and never less than the minute to which CloudWatch keeps these metrics.
 */
export function periodSeconds(pod: Pod): number {
  return Math.max(60, Math.ceil(pod.intervalSeconds / 60) * 60);
}

/** All that is watched in a pod, the boundary servers first. */
export function alarmRules(pod: Pod): AlarmRule[] {
  const { alarms, cycling } = pod;
  const silent: AlarmRule = {
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
  };
  const floor: AlarmRule = {
    key: 'boundary-below-floor',
    tier: 'boundary',
    watched: { metric: 'HostsConfident', stat: 'Minimum' },
    comparison: 'LessThanThreshold',
    threshold: cycling.floor,
    ...TWO_OF_THREE,
    missing: 'ignore',
    meaning: 'fewer confident boundary servers than the floor: nothing is cycled and none is withdrawn for its health',
    from: '`cycling.floor`',
  };
  return [
    silent,
    floor,
    ...tierRules(pod, 'boundary', alarms.boundaryLowReachShare, '`alarms.boundaryLowReachShare`'),
    ...tierRules(pod, 'client', alarms.clientLowReachShare, '`alarms.clientLowReachShare`'),
    ...staleRules(pod),
  ];
}

function tierRules({ alarms }: Pod, tier: Tier, lowReachShare: number, lowReachSetting: string): AlarmRule[] {
  const atLeast = (name: string, metric: MetricName, threshold: number, from: string, meaning: string): AlarmRule => ({
    key: `${tier}-${name}`,
    tier,
    watched: { metric, stat: 'Maximum' },
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold,
    ...TWO_OF_THREE,
    missing: 'ignore',
    meaning,
    from,
  });
  return [
    atLeast('adrift', 'HostsAdrift', alarms.adriftHosts, '`alarms.adriftHosts`', 'clocks are over a limit'),
    atLeast(
      'adrift-from-time-service',
      'HostsAdriftFromTimeService',
      alarms.adriftFromTimeServiceHosts,
      '`alarms.adriftFromTimeServiceHosts`',
      "clocks drift from AWS's own",
    ),
    atLeast(
      'unsynchronised',
      'HostsUnsynchronised',
      alarms.unsynchronisedHosts,
      '`alarms.unsynchronisedHosts`',
      'hosts follow nothing, or run no time daemon',
    ),
    {
      key: `${tier}-low-reach`,
      tier,
      watched: {
        part: { metric: 'HostsLowReach', stat: 'Maximum' },
        whole: { metric: 'HostsSampled', stat: 'Maximum' },
        empty: 0,
      },
      comparison: 'GreaterThanThreshold',
      threshold: percent(lowReachShare),
      ...TWO_OF_THREE,
      missing: 'ignore',
      meaning: 'many hosts at once miss answers of a source: a server or the network between fails',
      from: lowReachSetting,
    },
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
      missing: 'ignore',
      meaning: 'too few hosts answer: what podtime says of this tier is not the whole truth',
      from: '`alarms.coverageShare`',
    },
    // a bool: no number of it to be set
    atLeast('roll-out-stopped', 'RollOutsStopped', 1, 'fixed', 'a roll-out went over its error limit and was stopped'),
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
    },
    {
      key: 'client-given-up',
      tier: 'client',
      watched: { metric: 'HostsGivenUp', stat: 'Maximum' },
      comparison: 'GreaterThanOrEqualToThreshold',
      threshold: givenUpHosts,
      ...TWO_OF_THREE,
      missing: 'ignore',
      meaning: 'clients are still stale after the allowed cycles and are left alone',
      from: '`alarms.givenUpHosts`',
    },
  ];
}

/** A share in percent, to a hundredth, so that 0.29 is 29 and not 28.999999999999996. */
export function percent(share: number): number {
  return Math.round(share * 10_000) / 100;
}
