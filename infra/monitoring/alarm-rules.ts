import type { Pod, Tier } from '../../src/fleet/fleet.ts';
import { type AlarmRule, atLeast, type Rule, TWO_OF_THREE } from './alarm-rule.ts';
import { votesRules } from './votes-rules.ts';

/**
 * A metric is published every `intervalSeconds` and more often while a tick left business unfinished. So long a period holds a
 * datum as a rule, and never less than the minute to which CloudWatch keeps these metrics.
 */
export function periodSeconds(pod: Pod): number {
  return Math.max(60, Math.ceil(pod.intervalSeconds / 60) * 60);
}

/** All that is watched in a pod: the watchdog itself, the boundary servers, the clients. Decision 0025. */
export function alarmRules(pod: Pod): AlarmRule[] {
  const ofPod = periodSeconds(pod);
  return rulesOf(pod).map((rule) => ({ ...rule, periodSeconds: rule.periodSeconds ?? ofPod }));
}

function rulesOf(pod: Pod): Rule[] {
  const { boundaryLowReachShare, clientLowReachShare } = pod.alarms;
  return [
    watchdogSilent(pod),
    ...tickRules,
    upstreamContradicted,
    boundaryBelowFloor(pod),
    ...votesRules(pod),
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

/** CloudWatch looks at two periods more than the three that it evaluates, and one datum in any of the five is no silence. */
const SILENT_PERIODS = { evaluated: 3, lookedAt: 5 };

function watchdogSilent({ intervalSeconds }: Pod): Rule {
  return {
    key: 'watchdog-silent',
    tier: null,
    // published by every tick, also by one that cannot read its hosts; never below zero, so only its absence breaches
    watched: { metric: 'TickBudgetSpent', stat: 'Minimum' },
    comparison: 'LessThanThreshold',
    threshold: 0,
    datapoints: SILENT_PERIODS.evaluated,
    periods: SILENT_PERIODS.evaluated,
    periodSeconds: Math.ceil((2 * intervalSeconds) / SILENT_PERIODS.lookedAt / 60) * 60,
    missing: 'breaching',
    meaning: 'no tick has published anything: nobody watches this pod, and its other alarms stand still',
    from: 'none: missing data breaches',
    reason:
      'CloudWatch looks two periods further back, so it takes five periods of silence: two intervals, and five minutes at the least. The longest pause between two ticks that are well is shorter by a minute and more',
  };
}

/** Of the ticks themselves; a bool each: no number of it to be set. */
const tickRules: Rule[] = [
  atLeast(null, 'blind', 'Blind', 1, {
    meaning:
      'nothing is changed in this pod, because EC2, Route 53 or S3 does not tell how it stands, EC2 names none of its hosts, or its state is of a newer podtime; or who is withdrawn is forgotten, and EC2 was not read whole to find it out',
    from: 'fixed',
    reason: 'a failure of AWS that has passed by the next tick is none; a pod emptied on purpose is retired',
  }),
  atLeast(null, 'out-of-time', 'TickBudgetSpent', 1, {
    meaning: 'ticks leave something undone for lack of time: a service of AWS is slow or does not answer',
    from: 'fixed',
    reason: 'the next tick, a minute later, does what one has left undone',
  }),
  atLeast(null, 'taken-over', 'TicksTakenOver', 1, {
    meaning: 'ticks begin and never end: they fail or are cut off before their report',
    from: 'fixed',
    reason: 'the next tick makes whole what one has left half done',
  }),
  atLeast(null, 'refused', 'ChangesRefused', 1, {
    meaning: 'AWS refuses what podtime changes, DNS or daemons: a right of its role is gone, or a limit is spent',
    from: 'fixed',
    reason: 'throttling that has passed by the next tick is none; the report says what was refused, the log why',
  }),
];

/** An upstream that lies is for a person to replace: podtime withdraws none. */
const upstreamContradicted: Rule = atLeast(null, 'upstream-contradicted', 'UpstreamsContradicted', 1, {
  meaning:
    'boundary servers see an upstream, or the time service, apart from where their other sources agree: it lies, or its network path does',
  from: 'fixed',
  reason:
    'two boundary servers that agree, and more than half of all that compare it, so that no single path raises it; the report names it',
});

function boundaryBelowFloor({ cycling }: Pod): Rule {
  return {
    key: 'boundary-below-floor',
    tier: 'boundary',
    watched: { metric: 'HostsConfident', stat: 'Minimum' },
    comparison: 'LessThanThreshold',
    threshold: cycling.floor,
    ...TWO_OF_THREE,
    meaning:
      'DNS names fewer confident boundary servers than the floor: nothing is cycled and none is withdrawn for its health',
    from: '`cycling.floor`',
    reason: "the cycling policy's own floor: below it podtime neither cycles nor withdraws for health",
  };
}

function lowReach(tier: Tier, share: number, from: string): Omit<Rule, 'reason'> {
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

/** Only servers have witnesses. A bool in effect, as conviction is rare: no number of it to be set. */
const contradicted = atLeast('boundary', 'contradicted', 'HostsContradicted', 1, {
  meaning:
    'at least three clients, most of those that can tell and a quarter of all that hear it see a boundary server apart from where their other sources agree, whatever it says of itself',
  from: 'fixed',
  reason: 'one server that lies well is what nothing else shows; it is withdrawn once that has lasted',
});

function tierRules({ alarms }: Pod, tier: Tier, lowReachRule: Rule): Rule[] {
  return [
    atLeast(tier, 'adrift', 'HostsAdrift', alarms.adriftHosts, {
      meaning: 'clocks are wrong: an offset is over its limit',
      from: '`alarms.adriftHosts`',
      reason: 'one clock over its limit already breaks what runs on that host',
    }),
    atLeast(tier, 'adrift-from-time-service', 'HostsAdriftFromTimeService', alarms.adriftFromTimeServiceHosts, {
      meaning: "clocks drift from AWS's own",
      from: '`alarms.adriftFromTimeServiceHosts`',
      reason: 'likewise; the pod may agree with itself and be wrong',
    }),
    ...(tier === 'boundary' ? [contradicted] : []),
    atLeast(tier, 'uncertain', 'HostsUncertain', alarms.uncertainHosts, {
      meaning: 'clocks hear a source and are unsure: how wrong they may be is over the limit',
      from: '`alarms.uncertainHosts`',
      reason:
        'nobody knows them to be wrong, so none is withdrawn; what runs there counts on a limit that no longer holds',
    }),
    atLeast(tier, 'holdover', 'HostsInHoldover', alarms.holdoverHosts, {
      meaning: 'clocks follow nobody, and run on by themselves: the report says for how long each can be trusted',
      from: '`alarms.holdoverHosts`',
      reason:
        'a clock that follows nobody may do so for minutes (ntpd after eight polls of 16 s without an answer, any at once where its sources disagree): over two of three periods, what heals by itself has healed. A tick that is missing proves nothing either way',
    }),
    atLeast(tier, 'unsynchronised', 'HostsUnsynchronised', alarms.unsynchronisedHosts, {
      meaning: 'clocks were never set, or hosts run no time daemon',
      from: '`alarms.unsynchronisedHosts`',
      reason: 'daemons still starting are not counted, unless they never end it: one that is counted needs somebody',
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
      meaning: 'too many hosts of a roll-out failed, and it was stopped; or a changed file was refused after its trial',
      from: 'fixed',
      reason:
        'it is not repeated until DNS or the mode changes, nor the file tried again until the fleet file does, so somebody has to look',
    }),
  ];
}

/** Only clients can be stale. */
function staleRules(pod: Pod): Rule[] {
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
