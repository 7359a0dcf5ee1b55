import { count } from '../fleet/sentences.ts';
import { LOCAL_STRATUM } from '../fleet/together.ts';
import { REACH_POLLS } from '../ntp/reach.ts';
import type { Source } from '../ntp/source.ts';
import type { Facts } from './facts.ts';
import { freshSeconds, isFresh, silenceSeconds } from './freshness.ts';
import { isPeerOnItsOwn } from './holdover.ts';
import type { Limit } from './judgement.ts';
import { excessOf } from './limits.ts';
import { milliseconds, millisecondsBeside } from './milliseconds.ts';
import { sourceName } from './source-names.ts';
import { heardPolls } from './sources.ts';

export interface Confidence {
  confident: boolean;
  /** Why it is, or is not; put together when it is asked for. */
  sentence: () => string;
  /** What it lacks besides age. */
  lacking: string[];
}

/** `met` says with its number that something is there, `lacking` what is not. */
type Point = { met: () => string } | { lacking: string };

/** One thing that confidence wants; null: no say. */
type Requirement = (facts: Facts) => Point | null;

/**
 * *Confident*: the daemon is old enough, no leap alarm, a fresh system peer heard in enough of its last eight polls, enough
 * usable sources, within limits. Six polls of 64 s are the 5-10 minutes that a server needs; three misses lose it.
 * Confidence is what others are pointed to, so each point must be known, not merely unrefuted; but a time service
 * that is not among the sources, or was not heard, has no say.
 * Decision 0015.
 */
export function confidenceOf(facts: Facts): Confidence {
  const points = REQUIREMENTS.map((requirement) => requirement(facts)).filter((point) => point !== null);
  const age = oldEnough(facts);
  const lacking = points.flatMap((point) => ('lacking' in point ? [point.lacking] : []));
  if ('lacking' in age || lacking.length > 0) {
    const all = 'lacking' in age ? [age.lacking, ...lacking] : lacking;
    return { confident: false, sentence: () => `not confident: ${all.join('; ')}.`, lacking };
  }
  const met = () => [age, ...points].flatMap((point) => ('met' in point ? [point.met()] : []));
  return { confident: true, sentence: () => `confident: ${met().join('; ')}.`, lacking };
}

function oldEnough({ measures: { ageSeconds }, thresholds: { confidentAgeSeconds } }: Facts): Point {
  if (ageSeconds === null)
    return { lacking: `the daemon's age is not known (at least ${confidentAgeSeconds} s wanted)` };
  return ageSeconds < confidentAgeSeconds
    ? { lacking: `the daemon is ${ageSeconds} s old (at least ${confidentAgeSeconds} s wanted)` }
    : { met: () => `the daemon is ${ageSeconds} s old (at least ${confidentAgeSeconds} s)` };
}

function noReach({ collected, daemon }: Facts, peer: string): string {
  return collected.daemon?.kind === 'systemd-timesyncd'
    ? `${daemon} keeps no reach register of ${peer}`
    : `the reach of its system peer ${peer} could not be read`;
}

/**
 * Where the daemon names no system peer and keeps no reach register: sources that agree, of which one was heard so lately that no more
 * polls were missed than a system peer may miss. That it was heard before these is not known; hence the daemon's age. Decision 0084.
 */
function sourcesAgree(facts: Facts): Point {
  const { daemon, agreement } = facts;
  if (!agreement?.isKnown) return { lacking: 'whether its sources agree is not known' };
  const { heard, agreeing, wanted, isMajority } = agreement;
  const agreed = `${agreeing} of ${count(heard, 'heard source')} agree`;
  const atLeast = Math.max(wanted, Math.floor(heard / 2) + 1);
  if (!isMajority) return { lacking: `${agreed} (at least ${atLeast} wanted)` };
  const best = bestAgreeing(facts);
  const most = REACH_POLLS - pollsWanted(facts);
  const unanswered = best?.unansweredPolls ?? REACH_POLLS;
  const polls = () =>
    `${daemon} tells no system peer and no reach register: ${agreed} (at least ${atLeast}), last ${unanswered} polls of ${best && sourceName(best)} unanswered`;
  return unanswered > most
    ? { lacking: `${polls()} (at most ${most} wanted${whyMore(facts)})` }
    : { met: () => `${polls()} (at most ${most})` };
}

function bestAgreeing({ sources }: Facts): Source | undefined {
  const agreeing = sources.filter((source) => source.tally === '+');
  return agreeing.toSorted((a, b) => (a.unansweredPolls ?? REACH_POLLS) - (b.unansweredPolls ?? REACH_POLLS))[0];
}

/**
 * Of its last eight polls. Five of them are new at each tick, so on a path that loses a quarter of them the number goes up and down: one
 * that had too few has enough with one more. Decision 0081.
 */
function pollsWanted({ overBefore, thresholds: { confidentPolls } }: Facts): number {
  return overBefore.includes('reach') ? Math.min(REACH_POLLS, confidentPolls + 1) : confidentPolls;
}

function whyMore(facts: Facts): string {
  const { confidentPolls } = facts.thresholds;
  return pollsWanted(facts) === confidentPolls ? '' : `, as it had fewer than ${confidentPolls} before`;
}

/** Whether too few polls of what it follows were heard; false where that is not known. */
export function isReachLow(facts: Facts): boolean {
  const { systemPeer, agreement } = facts;
  if (systemPeer === 'untold') {
    const unanswered = bestAgreeing(facts)?.unansweredPolls ?? 0;
    return agreement?.isMajority === true && unanswered > REACH_POLLS - pollsWanted(facts);
  }
  const heard = typeof systemPeer === 'object' && systemPeer !== null ? heardPolls(systemPeer) : null;
  return heard !== null && heard < pollsWanted(facts);
}

const TIME_SERVICE_OFFSET = 'offset from the AWS time service';

const REQUIREMENTS: readonly Requirement[] = [
  function noLeapAlarm({ leap }) {
    if (leap === null) return { lacking: 'the leap indicator is not known' };
    return leap === 'alarm' ? { lacking: 'leap alarm' } : { met: () => 'no leap alarm' };
  },

  function systemPeerHeard(facts) {
    const { systemPeer } = facts;
    const wanted = pollsWanted(facts);
    if (systemPeer === null) return { lacking: 'no system peer' };
    if (systemPeer === 'unknown') return { lacking: 'no system peer among the sources that could be read' };
    if (systemPeer === 'untold') return sourcesAgree(facts);
    const fresh = isFresh(systemPeer);
    if (fresh === null)
      return { lacking: `when its system peer ${sourceName(systemPeer)} was last heard is not known` };
    const silence = silenceSeconds(systemPeer);
    if (!fresh && silence !== null) {
      const limit = freshSeconds(systemPeer.pollSeconds ?? 0);
      return {
        lacking: `its system peer ${sourceName(systemPeer)} was last heard ${silence} s ago (limit ${limit} s)`,
      };
    }
    const heard = heardPolls(systemPeer);
    if (heard === null) return { lacking: noReach(facts, sourceName(systemPeer)) };
    const polls = () => `its system peer ${sourceName(systemPeer)} heard ${heard} of its last ${REACH_POLLS} polls`;
    return heard < wanted
      ? { lacking: `${polls()} (at least ${wanted} wanted${whyMore(facts)})` }
      : { met: () => `${polls()} (at least ${wanted})` };
  },

  // of its own clock the missing system peer tells
  function trueTime({ contact: { holdover }, systemPeer }) {
    if (holdover === 'followed local clock' && isPeerOnItsOwn(systemPeer))
      return { lacking: 'its system peer follows its own undisciplined clock' };
    return holdover === 'followed local clock'
      ? { lacking: `it is of stratum ${LOCAL_STRATUM} or more, where undisciplined clocks stand` }
      : null;
  },

  function knownToServe({ isServingUnknown }) {
    return isServingUnknown ? { lacking: "its file is none of podtime's: nobody knows that it serves" } : null;
  },

  function enoughSources({ usableAtLeast, thresholds: { confidentSources } }) {
    const usable = () => count(usableAtLeast, 'usable source');
    return usableAtLeast < confidentSources
      ? { lacking: `${usable()} (at least ${confidentSources} wanted)` }
      : { met: () => `${usable()} (at least ${confidentSources})` };
  },

  function withinLimits(facts) {
    const { measures, thresholds, leap, systemPeer, contact, unjudged } = facts;
    // Already said, and the reason why these numbers are missing or old.
    if (leap === 'alarm' || systemPeer === null || contact.isInTouch === false) return null;
    const limits: [Limit, string, number | null, number][] = [
      ['offset', 'offset', measures.offsetMs, thresholds.offsetMs],
      ['bound', 'error bound', measures.errorBoundMs, thresholds.errorBoundMs],
      ['time-service', TIME_SERVICE_OFFSET, measures.timeServiceOffsetMs, thresholds.timeServiceOffsetMs],
    ];
    const over: string[] = [];
    for (const [name, what, value, limit] of limits) {
      const excess = unjudged.includes(name) ? null : excessOf(name, facts);
      if (excess !== null) {
        const beside = `${millisecondsBeside(excess.valueMs, limit)} (limit ${limit} ms)`;
        over.push(`${what} ${excess.isLate ? excess.text : beside}`);
      } else if (value === null && what !== TIME_SERVICE_OFFSET) {
        over.push(`${what} not known (limit ${limit} ms)`);
      }
    }
    if (over.length > 0) return { lacking: over.join(', ') };
    const within = () =>
      limits.flatMap(([name, what, value, limit]) => {
        if (value === null) return [];
        const isJudged = !unjudged.includes(name);
        return [`${what} ${milliseconds(value)} (${isJudged ? `limit ${limit} ms` : 'not judged near a leap second'})`];
      });
    return { met: () => within().join(', ') };
  },
];
