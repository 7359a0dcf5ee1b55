import { type Host, type Pod, TIME_SERVICE_ADDRESSES } from '../fleet/fleet.ts';
import { count } from '../fleet/sentences.ts';
import type { SmearingFleet } from '../fleet/smear.ts';
import { type Collected, isUnreadDaemon, type RunningDaemon } from '../host/collected.ts';
import { tellsSilence } from '../ntp/lines.ts';
import { noFileFinding } from './authentication.ts';
import { CHECKS } from './checks.ts';
import type { ClockNames } from './clock-names.ts';
import { type Confidence, confidenceOf, isReachLow } from './confidence.ts';
import { daemonNamed, type Facts, factsOf } from './facts.ts';
import type { Finding } from './finding.ts';
import {
  type HeldBound,
  type Judgement,
  type Late,
  NOT_READ,
  type RememberedBound,
  type Sighting,
  STATES,
  type State,
} from './judgement.ts';
import { agedBound, boundOfChain, boundToRemember, keepsTogether, lastBoundOf } from './last-bound.ts';
import { limitsOver } from './limits.ts';
import { milliseconds } from './milliseconds.ts';
import { partnersOf } from './partners.ts';
import type { NearLeap } from './smear-classes.ts';

/** What a host's clock is judged against. */
export interface ClockContext {
  pod: Pod;
  /** The revision of the file that podtime serves this host, which `runs` on that one, for this daemon of this version; null = not known. */
  expectedRevision: (host: Host, daemon: RunningDaemon, version: string | null, runs: string | null) => string | null;
  /**
   * In how many seconds a host on the file that podtime serves has looked all its names up again by itself; null: never. Default: never.
   */
  ownLookupSeconds?: (host: Host, daemon: RunningDaemon, version: string | null) => number | null;
  /** Why podtime serves this host no file for this daemon; null: it does. Default: it does. */
  noFile?: (host: Host, daemon: RunningDaemon, version: string | null) => string | null;
  /** No sentence says why a healthy host is healthy and a confident one confident: no report tells it of ten thousand. */
  isBrief?: boolean;
  /** The pod's instances, whatever their state: they tell which clock stands behind a row. */
  hosts: readonly Host[];
  /** The `over` memory: instance id -> the limits that its clock was over at the tick before, and what else it is to leave late. */
  overBefore?: Readonly<Record<string, readonly Late[]>> | undefined;
  /** The `lastBounds` memory. Default: nothing is remembered. */
  lastBounds?: Readonly<Record<string, RememberedBound>> | undefined;
  /** The `heldBounds` memory. Default: nothing is remembered. */
  heldBounds?: Readonly<Record<string, HeldBound>> | undefined;
  /** The fleet's sources, while a leap second is a day away or less: those that smear it differently are not compared. null: none is. */
  aroundLeap?: SmearingFleet | null | undefined;
}

/** What is found of a clock. */
export interface Verdict {
  /** null: no daemon answered. */
  facts: Facts | null;
  state: State;
  findings: State[];
  sentence: string;
  cause: string | null;
  remarks: string[];
  confidence: Confidence;
}

/**
 * Judges one clock by what its host printed.
 *
 * @param clocks of the pod's hosts
 * @param nearLeap what is not judged, a leap second being near; null: none is
 * @param ofServers of `boundsOfServers`
 */
export function judgeClock(
  { host, collected, status, judgedAt }: Sighting,
  context: ClockContext,
  clocks: ClockNames,
  nearLeap: NearLeap | null,
  ofServers: readonly RememberedBound[] | null,
): Verdict {
  const { pod, expectedRevision, isBrief = false } = context;
  if (status === NOT_READ) {
    const sentence = 'its answer was not read: the time of the look was up.';
    return unheard('unknown', sentence, 'their answers were not read: the time of the look was up');
  }
  if (status === 'InvalidPlatform') {
    const sentence = 'a Windows host, by SSM (InvalidPlatform): podtime reads Linux hosts alone.';
    return unheard('unknown', sentence, 'they are Windows hosts, by SSM (InvalidPlatform)');
  }
  if (collected === null) {
    const sentence =
      status === 'Success'
        ? 'SSM says Success, but what came back is not what the collect document prints.'
        : `SSM has no answer from it (${status}).`;
    const cause =
      status === 'Success'
        ? 'what came back is not what the collect document prints'
        : `SSM has no answer from them (${status})`;
    return unheard('unknown', sentence, cause);
  }
  if (collected.daemon === null) {
    const found = collected.found.replace(/^none\s*/, '');
    const sentence = `the agent answers, but no time daemon runs${found && `: ${found}`}.`;
    return unheard('no-daemon', sentence, 'their agents answer, but no time daemon runs');
  }
  if (isUnreadDaemon(collected.daemon.kind)) {
    const name = daemonNamed(collected.daemon);
    return unheard(
      'unknown',
      `runs ${name}, which podtime does not read: nothing is known of its clock.`,
      `they run ${name}, which podtime does not read`,
    );
  }
  const failure = collected.faults.find(({ text }) => tellsSilence(text));
  if (failure !== undefined && toldNothing(collected)) {
    const sentence = `${daemonNamed(collected.daemon)} is there, but does not answer: ${failure.text}.`;
    return unheard('no-daemon', sentence, `${collected.daemon.kind} is there, but does not answer`);
  }
  const refusal = context.noFile?.(host, collected.daemon.kind, collected.daemon.version) ?? null;
  const facts = factsOf(collected, collected.daemon, host, {
    thresholds: pod.thresholds,
    expectedRevision: expectedRevision(host, collected.daemon.kind, collected.daemon.version, collected.configRevision),
    overBefore: context.overBefore?.[host.instanceId] ?? [],
    nearLeap,
    timeService: TIME_SERVICE_ADDRESSES,
    clockOf: clocks.nameOf,
    lastBound: (ageSeconds) => lastBoundOf(context.lastBounds?.[host.instanceId], judgedAt, ageSeconds),
    ofServers: judgedAt === undefined ? [] : (ofServers?.map((bound) => agedBound(bound, judgedAt)) ?? null),
    isUncovered:
      keepsTogether(host, pod) && judgedAt !== undefined && context.lastBounds?.[host.instanceId] === undefined,
    ageSeconds: judgedAt?.ageSeconds ?? 0,
    isCrossSourced: (source) => host.tier === 'boundary' && clocks.isServer(clocks.nameOf(source) ?? ''),
    isPartner: partnersOf(host, pod, clocks),
    isRefused: refusal !== null,
  });
  const confidence = confidenceOf(facts);
  const findings = refusal === null ? [] : [noFileFinding(refusal)];
  for (const check of CHECKS) {
    const finding = check(facts);
    if (finding !== null) findings.push(finding);
  }
  const starting = startingFinding(facts, confidence, findings);
  const shown = starting === null ? findings : [starting, ...findings.filter(({ settles }) => settles !== true)];
  if (shown.length === 0) {
    const sentence = isBrief ? '' : healthySentence(facts);
    return { facts, state: 'healthy', findings: NONE, sentence, cause: null, remarks: NONE, confidence };
  }
  const ofStates = shown
    .filter((finding): finding is Finding & { state: State } => finding.state !== null)
    .sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state));
  const [first] = ofStates;
  return {
    facts,
    state: first?.state ?? 'healthy',
    findings: [...new Set(ofStates.map(({ state }) => state))],
    sentence: first?.sentence ?? (isBrief ? '' : healthySentence(facts)),
    cause: first?.cause ?? null,
    remarks: shown.filter((finding) => finding !== first).map(({ sentence }) => sentence),
    confidence,
  };
}

/** One list for the thousands of which nothing is found. */
const NONE: never[] = [];

/** What a clock is over while it is being set says nothing of the time after. */
export function overOf(facts: Facts): Pick<Judgement, 'over'> {
  const over = [...limitsOver(facts), ...(isReachLow(facts) ? (['reach'] as const) : [])];
  return over.length === 0 ? {} : { over };
}

/** What the next tick is to know of its bound. */
export function lastBoundNow(
  facts: Facts,
  { host, collected, judgedAt }: Sighting,
  { pod, lastBounds }: ClockContext,
  ofServers: readonly RememberedBound[] | null,
): Pick<Judgement, 'lastBound'> {
  const kind = collected?.daemon?.kind;
  if (kind === undefined) return {};
  const before = lastBounds?.[host.instanceId];
  const isKept = lastBoundOf(before, judgedAt, facts.measures.ageSeconds) !== null;
  const counted = isKept ? (before ?? null) : null;
  const isKeeping = keepsTogether(host, pod);
  // who follows an undisciplined clock was set by that since
  const own = facts.contact.holdover === 'followed local clock' ? null : counted;
  const kept = isKeeping ? boundOfChain(facts, counted, ofServers) : own;
  const lastBound = boundToRemember(facts, kind, judgedAt, kept, isKeeping);
  return lastBound === null ? {} : { lastBound };
}

/** A young daemon that is not yet confident: `.INIT.`, `.STEP.` and the leap alarm are normal here. */
function startingFinding(
  { measures, daemon, thresholds }: Facts,
  confidence: Confidence,
  findings: readonly Finding[],
): Finding | null {
  const { ageSeconds } = measures;
  if (confidence.confident || ageSeconds === null || ageSeconds >= thresholds.startingSeconds) return null;
  // that the clock is off is more than that it is young
  const offsets = confidence.lacking.filter((point) => point.startsWith('offset '));
  const why =
    confidence.lacking.length > 0
      ? `: ${[...offsets, ...confidence.lacking.filter((point) => !offsets.includes(point))].join('; ')}`
      : ` (at least ${thresholds.confidentAgeSeconds} s wanted)`;
  // a clock that is off is not told as one that only starts
  const overLimits = findings.flatMap(({ state, cause }) => (state === 'adrift' && cause ? [cause] : []));
  return {
    state: 'starting',
    sentence: `${daemon} is ${ageSeconds} s old (limit ${thresholds.startingSeconds} s) and not yet confident${why}.`,
    cause: ['their daemons are young and not yet confident', ...overLimits].join(', and '),
  };
}

function healthySentence({ measures, thresholds, usableAtLeast }: Facts): string {
  const parts = [
    measures.offsetMs === null
      ? 'offset not known'
      : `offset ${milliseconds(measures.offsetMs)} (limit ${thresholds.offsetMs} ms)`,
    measures.errorBoundMs === null
      ? 'error bound not known'
      : `error bound ${milliseconds(measures.errorBoundMs)} (limit ${thresholds.errorBoundMs} ms)`,
    usableSentence(measures.usableSources, usableAtLeast),
  ];
  return `${parts.join(', ')}.`;
}

function usableSentence(usable: number | null, atLeast: number): string {
  if (usable !== null) return count(usable, 'usable source');
  return atLeast === 0 ? 'usable sources not known' : `at least ${count(atLeast, 'usable source')}`;
}

/** A host whose daemon said nothing. */
function unheard(state: State, sentence: string, cause: string): Verdict {
  const confidence = { confident: false, sentence: () => `not confident: ${sentence}`, lacking: [] };
  return { facts: null, state, findings: [state], sentence, cause, remarks: [], confidence };
}

/** Neither state nor sources, and not because the output was cut. */
function toldNothing({ system, sources, truncated }: Collected): boolean {
  const silent = system === null || (system.leap === null && system.stratum === null && system.offsetMs === null);
  return silent && sources.length === 0 && !truncated;
}
