import { AZ_NAME } from '../fleet/az-names.ts';
import { NOT_AS_IT_CAME } from '../fleet/printable.ts';
import { count, listed } from '../fleet/sentences.ts';
import { TOOL_FAILED } from '../ntp/lines.ts';
import { REACH_POLLS } from '../ntp/reach.ts';
import type { Fault, Source } from '../ntp/source.ts';
import { disregardedText } from './agreement.ts';
import { certificateFinding, unauthenticatedFinding } from './authentication.ts';
import { isStratumOfNobody } from './contact.ts';
import { daemonNamed, type Facts } from './facts.ts';
import type { Check } from './finding.ts';
import { freshSeconds, isFresh, silenceSeconds } from './freshness.ts';
import { followsMate, holdoverFinding } from './holdover.ts';
import { leapFileFinding } from './leap-file.ts';
import { LIMIT_CHECKS } from './limit-checks.ts';
import { milliseconds } from './milliseconds.ts';
import { partnersUnheard } from './partners.ts';
import { RATE_CHECKS } from './rate.ts';
import { isSmearedOtherwise, type NearLeap } from './smear-classes.ts';
import { sourceName, sourceSubject } from './source-names.ts';
import { heardPolls, isKissed, isNameless, isSelectable, isSteppedName, isUnresolved } from './sources.ts';

/** `ntp.az-*` without a record does no harm, so that one file serves all; where one is published, staleness tells. */
function isHarmless(name: string): boolean {
  return AZ_NAME.test(name);
}

function isHostileText({ reason }: Fault): boolean {
  return reason === NOT_AS_IT_CAME;
}

/** What the query tool said, or what came of its output. Without a full stop. */
function whyNothing({ faults, truncated }: Facts['collected']): string {
  const failure = faults.find(({ reason }) => reason.startsWith(TOOL_FAILED))?.text.replace(/[. ]+$/, '');
  return failure || (truncated ? 'the output was cut' : 'lines of the output could not be read');
}

function isPartlyHeard(heard: number | null): boolean {
  return heard !== null && heard > 0 && heard < REACH_POLLS;
}

/** Sources that the daemon rejects, standing apart from those that it follows; not judged where their smear may be the reason. */
function apartOf(sources: readonly Source[], nearLeap: NearLeap | null): { source: Source; isJudged: boolean }[] {
  const apart = sources.filter(({ tally }) => tally === 'x');
  // few hosts have one
  if (apart.length === 0) return [];
  const followed = sources.filter(isSelectable);
  return apart.map((source) => ({
    source,
    isJudged: nearLeap === null || !isSmearedOtherwise(source, followed, nearLeap),
  }));
}

function withOffset(source: Source): string {
  const { offsetMs } = source;
  return offsetMs === null ? sourceName(source) : sourceName(source, `offset ${milliseconds(offsetMs)}`);
}

const STEPPED_SINCE = ', or NTS fails there: once it has stepped its clock ntpsec does not tell which';

function haveNot(number: number): string {
  return `${number === 1 ? 'has' : 'have'} not resolved`;
}

/** Everything a daemon that answers is looked at for, in the order in which it is told. Decisions 0015, 0033, 0035. */
export const CHECKS: readonly Check[] = [
  function nothingTold({ leap, systemPeer, daemon, collected }) {
    if (leap !== null || systemPeer !== 'unknown') return null;
    const why = whyNothing(collected);
    return {
      state: 'unknown',
      sentence: `${daemon} runs, but the answer tells neither its leap indicator nor a system peer: ${why}.`,
      cause: `their answers tell neither leap indicator nor system peer: ${why}`,
    };
  },

  function leapAlarm({ leap, daemon, real, contact: { isInTouch, isHearing } }) {
    if (leap !== 'alarm') return null;
    // chrony takes its word back once its sources are apart: a clock that was right until then
    const isApart = isInTouch === false && isHearing === true && real.some(({ tally }) => tally === 'x');
    const why = isApart
      ? `is not synchronised: no majority among its ${count(real.length, 'source')}`
      : 'has not been set';
    return {
      state: 'unsynchronised',
      sentence: `leap alarm: ${daemon} says that its clock ${why}.`,
      cause: isApart ? 'leap alarm, no majority among their sources' : 'leap alarm',
      settles: true,
    };
  },

  function stratumOfNobody({ leap, collected: { system }, daemon }) {
    const stratum = system?.stratum ?? null;
    if (leap === 'alarm' || !isStratumOfNobody(stratum)) return null;
    return {
      state: 'unsynchronised',
      sentence: `stratum ${stratum}: ${daemon} says that it follows nobody (1 to 15 wanted).`,
      cause: `stratum ${stratum}`,
      settles: true,
    };
  },

  holdoverFinding,

  followsMate,

  // its cause is told of several where they have sources: without any a clock is in holdover, or not set, which comes first
  function noSystemPeer({ systemPeer, real, daemon, contact }) {
    if (systemPeer !== null || contact.holdover !== null) return null;
    const sentence =
      real.length === 0
        ? `${daemon} has no source.`
        : `no system peer: ${daemon} has selected none of its ${count(real.length, 'source')}.`;
    return { state: 'degraded', sentence, cause: 'no system peer', settles: true };
  },

  ...LIMIT_CHECKS,

  unauthenticatedFinding,

  certificateFinding,

  leapFileFinding,

  function sourceNotHeard({ polled, outOfReach, systemPeer }) {
    const silent = polled.filter((source) => source.reach === 0 && !outOfReach.includes(source));
    if (silent.length === 0) return null;
    const silences = silent.map((source) => {
      const as = source === systemPeer ? ['the system peer'] : [];
      const refid = source.refid?.startsWith('.') ? [source.refid] : [];
      return `${sourceSubject(source, ...as, ...refid)} heard 0 of its last ${REACH_POLLS} polls`;
    });
    const cause = `they heard nothing of ${listed(silent.map((source) => sourceName(source)))} in the last ${REACH_POLLS} polls`;
    return { state: 'degraded', sentence: `${silences.join('; ')}.`, cause, settles: true };
  },

  // at long polls a register remembers hours
  function sourceNotFresh({ polled, outOfReach }) {
    const old = polled.filter(
      (source) => source.reach !== 0 && !outOfReach.includes(source) && isFresh(source) === false,
    );
    if (old.length === 0) return null;
    const silences = old.map(
      (source) =>
        `${sourceSubject(source)} last heard ${silenceSeconds(source)} s ago (limit ${freshSeconds(source.pollSeconds ?? 0)} s)`,
    );
    const cause = `they last heard ${listed(old.map((source) => sourceName(source)))} too long ago`;
    return { state: 'degraded', sentence: `${silences.join('; ')}.`, cause, settles: true };
  },

  partnersUnheard,

  function nameUnresolved({ sources, collected: { configNames } }) {
    const rows = sources.filter(isUnresolved);
    if (rows.length === 0) return null;
    const namesShown = rows.filter((source) => !isNameless(source)).map(({ remote }) => remote);
    const nameless = rows.length - namesShown.length;
    const namesNotShown = configNames.filter((name) => !namesShown.includes(name));
    const others = namesNotShown.filter((name) => !isHarmless(name));
    // so many of the nameless rows at least stand for others
    const harmful = nameless - namesNotShown.filter(isHarmless).length;
    const names = [...namesShown.filter((name) => !isHarmless(name)), ...(harmful >= others.length ? others : [])];
    const parts = names.length > 0 ? [`${listed(names)} ${haveNot(names.length)}`] : [];
    if (harmful > 0 && harmful < others.length) parts.push(`${harmful} of ${listed(others)} ${haveNot(harmful)}`);
    const state = parts.length > 0 ? 'degraded' : null;
    // the file that it runs on is not known, or has other names by now
    const unknown = harmful - others.length;
    if (unknown > 0) parts.push(`${count(unknown, 'name')} that the daemon does not tell ${haveNot(unknown)}`);
    if (parts.length === 0) return null;
    const text = `${parts.join('; ')}${rows.some(isSteppedName) ? STEPPED_SINCE : ''}`;
    return { state, sentence: `${text}.`, cause: text, settles: true };
  },

  function servesNobody({ daemon, collected, tier }) {
    if (tier !== 'boundary' || collected.daemon?.kind !== 'systemd-timesyncd') return null;
    return {
      state: 'no-daemon',
      sentence: `${daemon} serves nobody: no time server runs on this boundary server.`,
      cause: 'they run systemd-timesyncd, which serves nobody',
    };
  },

  function severalDaemons({ daemon, collected: { otherDaemons } }) {
    if (otherDaemons.length === 0) return null;
    const all = listed([daemon, ...otherDaemons.map((kind) => daemonNamed({ kind, version: null }))]);
    return {
      state: 'degraded',
      sentence: `${otherDaemons.length + 1} time daemons are active (1 wanted): ${all}.`,
      cause: 'several time daemons are active',
    };
  },

  function oldFile({ collected: { configRevision }, expectedRevision }) {
    if (configRevision === null || expectedRevision === null || configRevision === expectedRevision) return null;
    return {
      state: 'degraded',
      sentence: `runs on an old file: revision ${configRevision}, podtime serves ${expectedRevision}.`,
      cause: 'they run on old files',
    };
  },

  function foreignFile({ collected: { configRevision }, expectedRevision }) {
    if (configRevision !== null || expectedRevision === null) return null;
    return {
      state: null,
      sentence: `the file it runs on bears no revision of podtime's (${expectedRevision} is served).`,
    };
  },

  function sourcePartlyHeard({ polled }) {
    const partly = polled.filter((source) => isPartlyHeard(heardPolls(source)));
    if (partly.length === 0) return null;
    const counts = partly.map(
      (source) => `${sourceSubject(source)} heard ${heardPolls(source)} of its last ${REACH_POLLS} polls`,
    );
    return { state: null, sentence: `${counts.join('; ')}.`, settles: true };
  },

  // a daemon without registers
  function pollsUnanswered({ polled }) {
    const unanswered = polled.filter(
      ({ unansweredPolls: polls }) => polls !== null && polls > 0 && polls < REACH_POLLS,
    );
    if (unanswered.length === 0) return null;
    const counts = unanswered.map(
      (source) => `${sourceSubject(source)} left its last ${count(source.unansweredPolls ?? 0, 'poll')} unanswered`,
    );
    return { state: null, sentence: `${counts.join('; ')}.`, settles: true };
  },

  function outOfReach({ outOfReach: sources }) {
    const [first] = sources;
    if (first === undefined) return null;
    const family = first.address?.includes(':') ? 'IPv6' : 'IPv4';
    const names = listed(sources.map((source) => sourceName(source)));
    return { state: null, sentence: `${names} cannot be heard: EC2 gives this host no ${family} address.` };
  },

  function falseticker({ sources, nearLeap }) {
    const falsetickers = apartOf(sources, nearLeap).filter(({ isJudged }) => isJudged);
    if (falsetickers.length === 0) return null;
    const named = falsetickers.map(({ source }) => withOffset(source));
    return { state: null, sentence: `${count(named.length, 'falseticker')}: ${listed(named)}.` };
  },

  function smearedOtherwise({ sources, nearLeap }) {
    const apart = apartOf(sources, nearLeap).filter(({ isJudged }) => !isJudged);
    if (apart.length === 0) return null;
    const named = listed(apart.map(({ source }) => withOffset(source)));
    const stand = apart.length === 1 ? 'stands' : 'stand';
    const cause = 'since a leap second is near, which they may smear differently';
    return {
      state: null,
      sentence: `${named} ${stand} apart from the sources that are followed; not judged, ${cause}.`,
    };
  },

  function tooUncertain({ agreement, daemon }) {
    if (agreement === null || agreement.disregarded.length === 0) return null;
    return { state: null, sentence: `${daemon} ${disregardedText(agreement)}.` };
  },

  function kissOfDeath({ sources }) {
    const kisses = sources.filter(isKissed).map((source) => sourceName(source, String(source.refid)));
    if (kisses.length === 0) return null;
    return { state: null, sentence: `told to stop or slow down by ${listed(kisses)}.` };
  },

  function leapSecondAnnounced({ leap }) {
    if (leap !== 'add' && leap !== 'delete') return null;
    return { state: null, sentence: `a leap second is announced: one second to ${leap}.` };
  },

  ...RATE_CHECKS,

  function notKnown({ leap, systemPeer, measures, contact }) {
    const missing: string[] = [];
    if (measures.ageSeconds === null) missing.push("the daemon's age");
    if (leap === null) missing.push('the leap indicator');
    if (systemPeer === 'unknown') missing.push('the system peer');
    if (contact.isSet) {
      const isOffsetWanted = systemPeer !== null && contact.isInTouch !== false;
      if (isOffsetWanted && measures.offsetMs === null) missing.push('the offset');
      if (measures.errorBoundMs === null && measures.horizonSeconds === null) missing.push('the error bound');
    }
    if (missing.length === 0) return null;
    return { state: null, sentence: `not known: ${listed(missing)}.` };
  },

  function outputCut({ collected: { truncated } }) {
    if (!truncated) return null;
    return { state: null, sentence: 'the output was cut at the limit of 2,400 bytes: what came after is not known.' };
  },

  function hostileText({ collected: { faults } }) {
    return faults.some(isHostileText) ? { state: null, sentence: `${NOT_AS_IT_CAME}.` } : null;
  },

  function unreadable({ collected }) {
    const faults = collected.faults.filter((fault) => !isHostileText(fault));
    const [first] = faults;
    if (first === undefined) return null;
    const at = `line ${first.line}${first.field === null ? '' : `, ${first.field}`}`;
    return {
      state: null,
      sentence: `${count(faults.length, 'fault')} in what it printed, the first at ${at}: ${first.reason}.`,
    };
  },
];
