import {
  DEFAULT_PROFILE,
  DRIFT_PPM,
  POLL_MAX,
  POLL_MIN,
  POLLS_WITHOUT_ANSWER,
  PROFILES,
  PUBLIC_POLL_MIN,
  THRESHOLDS,
  TIME_SERVICE_POLL,
} from './defaults.ts';
import { type Finding, groupOf, isBelow, type Settings, type Sound, settingsOf } from './finding.ts';
import { type Poll, type Thresholds, TIER_PLURALS, type Upstream } from './fleet.ts';
import { type LongestPoll, longestPolls, upstreamPoll } from './polls.ts';
import { ERROR_BOUND_LIMIT_MS, type WrittenFleet, type WrittenPod } from './schema.ts';
import { listed } from './sentences.ts';
import { soundTimeService, soundUpstreams } from './sources.ts';

/** Polls that contradict themselves, of the time service and of upstreams that say both of theirs. */
export function sourcePollFindings(file: Sound<WrittenFleet>): Finding[] {
  const findings: Finding[] = [];
  const { min, max } = soundTimeService(file)?.poll ?? TIME_SERVICE_POLL;
  if (min > max) {
    const byDefault = `they are ${TIME_SERVICE_POLL.min} and ${TIME_SERVICE_POLL.max} by default`;
    const sentence = `timeService: poll min ${min} is above max ${max} (${byDefault})`;
    findings.push({ path: ['timeService', 'poll'], sentence });
  }
  for (const { upstream, index } of soundUpstreams(file)) {
    const { host, poll } = upstream;
    if (!saysBoth(poll) || !isReversed(poll)) continue;
    findings.push({ path: ['upstreams', index, 'poll'], sentence: `upstream ${host}: ${reversed(poll)}` });
  }
  return findings;
}

/**
 * Polls of a pod's hosts that contradict themselves, and a limit of the clock error bound that they cannot keep. Paths are from the pod on,
 * sentences go after its name.
 */
export function podPollFindings(file: Sound<WrittenFleet>, pod: Sound<WrittenPod>): Finding[] {
  const judged = judgedBy(pod);
  if (judged === null) return [];
  const { poll, pollMax } = judged;
  const { errorBoundMs, offsetMs, holdoverPpm } = judged.thresholds;
  const upstreams = soundUpstreams(file).map(({ upstream }) => upstream);
  const { min, max } = poll;
  const isKnown = min !== undefined && max !== undefined;
  const findings = isKnown ? orderFindings({ min, max }, upstreams, pod.poll?.max === undefined ? pollMax : null) : [];
  if (isBelow(errorBoundMs, offsetMs)) {
    const sentence = `errorBoundMs ${errorBoundMs} is below offsetMs ${offsetMs}: the bound includes the offset, so that limit would never be reached`;
    findings.push({ path: ['thresholds'], sentence });
  }
  if (errorBoundMs === undefined || holdoverPpm === undefined) return findings;
  const driftPpm = Math.max(DRIFT_PPM, holdoverPpm);
  const tooLong = longestPolls(
    { min: null, max: max ?? null },
    { upstreams, timeService: soundTimeService(file) },
  ).filter(
    (longest) =>
      (max !== undefined || typeof longest.by === 'object') && errorBoundMs < leastBoundMs(longest.max, driftPpm),
  );
  const path = ['thresholds', 'errorBoundMs'];
  return [
    ...findings,
    ...tooLong.map((longest) => ({ path, sentence: boundSentence(errorBoundMs, driftPpm, longest) })),
  ];
}

/** The limits and polls of a pod, its profile's where it says none; null: its profile is none, which is a fault already. */
export function judgedBy(
  pod: Sound<WrittenPod>,
): { thresholds: Settings<Thresholds>; poll: Settings<Poll>; pollMax: number | null } | null {
  const { profile } = settingsOf({ profile: DEFAULT_PROFILE }, pod);
  if (profile === undefined) return null;
  const { thresholds, pollMax } = PROFILES[profile];
  return {
    thresholds: settingsOf({ ...THRESHOLDS, ...thresholds }, groupOf(pod, 'thresholds')),
    poll: settingsOf<Poll>({ min: null, max: pollMax }, groupOf(pod, 'poll')),
    pollMax,
  };
}

/**
 * By how much a clock's error bound grows, in ms to the microsecond, while a host that polls every 2^exponent seconds hears nothing and is still confident, and its server had before:
 * four polls, at 15 ppm or the pod's `holdoverPpm`, if that is more. Decision 0079.
 */
export function leastBoundMs(exponent: number, driftPpm: number): number {
  return Math.round(POLLS_WITHOUT_ANSWER * driftPpm * 2 ** exponent) / 1000;
}

/** The longest poll, exponent of two, with which a bound is kept. */
function longestFor(errorBoundMs: number, driftPpm: number): number {
  return Math.floor(Math.log2((errorBoundMs * 1000) / (POLLS_WITHOUT_ANSWER * driftPpm)));
}

function boundSentence(errorBoundMs: number, driftPpm: number, { max, by }: LongestPoll): string {
  const keptMs = leastBoundMs(max, driftPpm);
  const growth = `${POLLS_WITHOUT_ANSWER} polls without an answer add ${POLLS_WITHOUT_ANSWER} x ${driftPpm} ppm x ${2 ** max} s = ${keptMs} ms`;
  const tooLittle = `errorBoundMs ${errorBoundMs} is less than can be kept with polls of up to ${2 ** max} s`;
  if (by === 'floor')
    return `${tooLittle}, and upstreams are never polled more often: ${growth}; set ${larger(keptMs)}`;
  const setting = by === 'pod' ? 'poll max' : `poll max of ${sourceName(by)}`;
  const followers = typeof by === 'object' && 'timeServiceOf' in by ? by.timeServiceOf : [];
  const who = followers.length === 0 ? '' : `, which ${listed(followers.map((tier) => TIER_PLURALS[tier]))} follow`;
  const cure = cureOf(setting, longestFor(errorBoundMs, driftPpm), keptMs, driftPpm);
  return `${tooLittle} (${setting} ${max}${who}): ${growth}; set ${cure}`;
}

/** To a public server no poll below 64 s is served, so a bound that wants one is kept by none; above its own limit none can be set. */
function cureOf(setting: string, fitting: number, keptMs: number, driftPpm: number): string {
  const ways = [
    ...(fitting < PUBLIC_POLL_MIN ? [] : [`${setting} to ${fitting} or less`]),
    ...(keptMs > ERROR_BOUND_LIMIT_MS ? [] : [larger(keptMs)]),
  ];
  if (ways.length > 0) return ways.join(', or ');
  return `${setting} to ${PUBLIC_POLL_MIN} or less and ${larger(leastBoundMs(PUBLIC_POLL_MIN, driftPpm))}`;
}

function larger(keptMs: number): string {
  return `errorBoundMs to ${keptMs} or more`;
}

function sourceName(by: Exclude<LongestPoll['by'], string>): string {
  return 'upstream' in by ? `upstream ${by.upstream}` : 'timeService';
}

/** @param byProfile `poll.max` where the profile sets it. */
function orderFindings(poll: Poll, upstreams: readonly Upstream[], byProfile: number | null): Finding[] {
  const path = ['poll'];
  const defaults =
    byProfile === null
      ? `the daemons' own are ${POLL_MIN} and ${POLL_MAX}`
      : `the daemons' own min is ${POLL_MIN}, the profile's max ${byProfile}`;
  if (isReversed(poll)) return [{ path, sentence: `${reversed(poll)} (${defaults})` }];
  return upstreams.flatMap(({ host, poll: own }): Finding[] => {
    const served = upstreamPoll(poll, own);
    // of an upstream that says both `sourcePollFindings` tells, once for all pods
    if (saysBoth(own) || !isReversed(served)) return [];
    const sentence = `upstream ${host}: ${reversed(served)} (its own and the pod's; ${defaults})`;
    return [{ path, sentence }];
  });
}

function isReversed({ min, max }: Poll): boolean {
  return (min ?? POLL_MIN) > (max ?? POLL_MAX);
}

function saysBoth({ min, max }: Poll): boolean {
  return min !== null && max !== null;
}

function reversed({ min, max }: Poll): string {
  return `poll min ${min ?? POLL_MIN} is above max ${max ?? POLL_MAX}`;
}
