import { type Host, type Pod, type Thresholds, TIME_SERVICE_ADDRESSES } from '../fleet/fleet.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import { count } from '../fleet/sentences.ts';
import { type Collected, isUnreadDaemon, type RunningDaemon } from '../host/collected.ts';
import { tellsSilence } from '../ntp/lines.ts';
import { noFileFinding } from './authentication.ts';
import { CHECKS } from './checks.ts';
import { clockNames } from './clock-names.ts';
import { type Confidence, confidenceOf } from './confidence.ts';
import { heardByWitnesses } from './contradicted.ts';
import { hearAll } from './convictions.ts';
import { type Evidence, evidenceOf, NO_EVIDENCE } from './evidence.ts';
import { daemonNamed, type Facts, factsOf, NOTHING_MEASURED } from './facts.ts';
import type { Finding } from './finding.ts';
import { type Judgement, type Limit, NOT_READ, type Sighting, STATES, type State } from './judgement.ts';
import { limitsOver } from './limits.ts';
import { milliseconds } from './milliseconds.ts';
import { namesOfConfident, viewPod } from './pod-view.ts';
import { listSharer } from './shared-lists.ts';
import { addressesOf } from './sources.ts';
import { followingOf, NOT_FOLLOWED, type Polling, pollingReader } from './stale.ts';
import { type Ballot, type VotesLeft, votesLeft } from './votes.ts';
import { abstentionSentence } from './witnesses.ts';

/** What a host's clock is judged against. */
export interface ClockContext {
  pod: Pod;
  /** The revision of the file that podtime serves this host for this daemon of this version; null = not known. */
  expectedRevision: (host: Host, daemon: RunningDaemon, version: string | null) => string | null;
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
  /** The `over` memory: instance id -> the limits that its clock was over at the tick before. */
  overBefore?: Readonly<Record<string, readonly Limit[]>> | undefined;
}

/** What tells whom of a pod's clients DNS has left behind. */
export interface FollowingContext {
  pod: Pod;
  /** The pod's instances, whatever their state. */
  hosts: readonly Host[];
  /** Records of the pod's names; null when the zone could not be read: then nobody can be called stale. */
  records: readonly PublishedRecord[] | null;
  /** The last report's `unjoined` memory: instance id -> names. */
  unjoinedBefore: Readonly<Record<string, readonly string[]>>;
}

/** What a pod's hosts are judged against. */
export type JudgeContext = ClockContext & FollowingContext;

/** One host's clock, before DNS is looked at: all that is kept of what the host printed. */
export interface ClockJudgement
  extends Omit<Judgement, 'confidence' | 'confident' | 'stale' | 'unjoinedNames' | 'unmanaged'> {
  confidence: { confident: boolean; sentence: string };
  /** What it says of the clocks that it hears, by which others are judged. */
  evidence: Evidence;
  /** null: no daemon answered. */
  polling: Polling | null;
}

/** What is found of a clock. */
interface Verdict {
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
 * Judges all hosts of a pod that were looked at in one tick, in their order. Two passes: first every clock by itself,
 * then boundary servers by what their clients see of them, and, with those that proved confident, who of the clients DNS has
 * left behind.
 *
 * Pure, and total: it throws for no sighting. One host never changes the judgement of another, but a boundary server by what is
 * known of it (its confidence, whom it follows), and witnesses of a boundary server as far as `rulingOf` lets them.
 */
export function judgeAll(sightings: readonly Sighting[], context: JudgeContext): Judgement[] {
  return judgeFollowing(sightings.map(clockJudge(context)), context);
}

/** The first pass: it needs no other host and no DNS, so each clock can be judged as its answer comes. */
export function clockJudge(context: ClockContext): (sighting: Sighting) => ClockJudgement {
  const shared = listSharer();
  const pollingOf = pollingReader(context.pod, shared);
  const { thresholds } = context.pod;
  const evidenceContext = { clocks: clockNames(context.hosts), thresholds, shared };
  return (sighting) => {
    const { host, collected } = sighting;
    const { facts, state, findings, sentence, cause, remarks, confidence } = judgeClock(sighting, context);
    const daemon = collected?.daemon?.kind ?? null;
    const evidence =
      facts === null || daemon === null
        ? NO_EVIDENCE
        : evidenceOf(facts, { host, daemon, isStarting: state === 'starting' }, evidenceContext);
    const abstention = abstentionSentence(evidence.testimony, thresholds.disagreementMs);
    return {
      host,
      state,
      findings,
      sentence,
      cause,
      remarks: abstention === null ? remarks : [...remarks, abstention],
      confidence: {
        confident: confidence.confident,
        sentence: context.isBrief && confidence.confident ? '' : confidence.sentence(),
      },
      ...(facts !== null && state !== 'starting' && overOf(facts)),
      measures: facts?.measures ?? { ...NOTHING_MEASURED, ageSeconds: collected?.ageSeconds ?? null },
      leapAnnounced: facts?.leap === 'add' || facts?.leap === 'delete',
      polled: facts === null ? [] : shared(addressesOf(facts.polled)),
      cycledSecondsAgo: collected?.cycledSecondsAgo ?? null,
      ...ownLookupOf(facts, host, context),
      polling: facts === null ? null : pollingOf(facts),
      evidence,
    };
  };
}

/** Only of a host on the very file that is served to it: another may have no such line. */
function ownLookupOf(
  facts: Facts | null,
  host: Host,
  { ownLookupSeconds }: ClockContext,
): Pick<Judgement, 'ownLookupSeconds'> {
  if (facts === null || facts.collected.daemon === null || facts.expectedRevision === null) return {};
  if (facts.collected.configRevision !== facts.expectedRevision) return {};
  const seconds = ownLookupSeconds?.(host, facts.collected.daemon.kind, facts.collected.daemon.version) ?? null;
  return seconds === null ? {} : { ownLookupSeconds: seconds };
}

/** The second pass, over the clocks of all hosts that were looked at; in their order. */
export function judgeFollowing(alone: readonly ClockJudgement[], context: FollowingContext): Judgement[] {
  const { pod, hosts, records, unjoinedBefore } = context;
  const clocks = heardByClients(alone, pod.thresholds);
  const votes = voteCounter(hosts, clocks, pod.thresholds);
  const confidentIds = new Set(
    clocks.filter(({ confidence }) => confidence.confident).map(({ host }) => host.instanceId),
  );
  const view = viewPod(pod, hosts, records ?? []);
  const confidentNames = namesOfConfident(pod, hosts, records ?? [], confidentIds);
  return clocks.map((clock) => {
    const { host, polling } = clock;
    const following =
      polling === null || clock.state === 'unknown' || records === null
        ? NOT_FOLLOWED
        : followingOf(polling, host, pod, view, confidentNames, unjoinedBefore[host.instanceId] ?? []);
    return {
      host,
      state: clock.state,
      findings: clock.findings,
      sentence: clock.sentence,
      cause: clock.cause,
      remarks: [...clock.remarks, ...following.remarks],
      confident: clock.confidence.confident,
      confidence: clock.confidence.sentence,
      ...(clock.over && { over: clock.over }),
      measures: { ...clock.measures, ...votes(clock.evidence.ballot) },
      stale: following.stale,
      unjoinedNames: following.unjoinedNames,
      unmanaged: following.unmanaged,
      leapAnnounced: clock.leapAnnounced,
      polled: clock.polled,
      cycledSecondsAgo: clock.cycledSecondsAgo,
      ...(clock.ownLookupSeconds !== undefined && { ownLookupSeconds: clock.ownLookupSeconds }),
    };
  });
}

/** Clients are witnesses of boundary servers, and of nobody else. */
function heardByClients(clocks: readonly ClockJudgement[], thresholds: Thresholds): ClockJudgement[] {
  const heard = hearAll(clocks.map(({ evidence }) => evidence.testimony));
  return clocks.map((clock) => {
    const hearing = clock.host.tier === 'boundary' ? heard.get(clock.host.instanceId) : undefined;
    return hearing === undefined ? clock : heardByWitnesses(clock, hearing, thresholds);
  });
}

/** Counts by whom each boundary server of the pod follows by its own word; for those with the same sources once. */
function voteCounter(
  hosts: readonly Host[],
  clocks: readonly ClockJudgement[],
  { confidentSources }: Thresholds,
): (ballot: Ballot) => VotesLeft {
  const followed = new Map<string, string | null>();
  for (const { tier, instanceId } of hosts) if (tier === 'boundary') followed.set(instanceId, null);
  for (const { host, evidence } of clocks) {
    if (host.tier === 'boundary') followed.set(host.instanceId, evidence.ballot.follows);
  }
  const counted = new Map<Ballot['usable'], VotesLeft>();
  return (ballot) => {
    const votes = counted.get(ballot.usable) ?? votesLeft(ballot, (name) => followed.get(name), confidentSources);
    counted.set(ballot.usable, votes);
    return votes;
  };
}

function judgeClock({ host, collected, status }: Sighting, context: ClockContext): Verdict {
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
  const facts = factsOf(collected, collected.daemon, host, {
    thresholds: pod.thresholds,
    expectedRevision: expectedRevision(host, collected.daemon.kind, collected.daemon.version),
    overBefore: context.overBefore?.[host.instanceId] ?? [],
    unjudged: [],
    timeService: TIME_SERVICE_ADDRESSES,
  });
  const confidence = confidenceOf(facts);
  const refusal = context.noFile?.(host, collected.daemon.kind, collected.daemon.version) ?? null;
  const findings = [
    ...(refusal === null ? [] : [noFileFinding(refusal)]),
    ...CHECKS.map((check) => check(facts)).filter((finding) => finding !== null),
  ];
  const starting = startingFinding(facts, confidence);
  const shown = starting === null ? findings : [starting, ...findings.filter(({ settles }) => settles !== true)];
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

/** What a clock is over while it is being set says nothing of the time after. */
function overOf(facts: Facts): Pick<Judgement, 'over'> {
  const over = limitsOver(facts);
  return over.length === 0 ? {} : { over };
}

/** A young daemon that is not yet confident: `.INIT.`, `.STEP.` and the leap alarm are normal here. */
function startingFinding({ measures, daemon, thresholds }: Facts, confidence: Confidence): Finding | null {
  const { ageSeconds } = measures;
  if (confidence.confident || ageSeconds === null || ageSeconds >= thresholds.startingSeconds) return null;
  const why =
    confidence.lacking.length > 0
      ? `: ${confidence.lacking.join('; ')}`
      : ` (at least ${thresholds.confidentAgeSeconds} s wanted)`;
  return {
    state: 'starting',
    sentence: `${daemon} is ${ageSeconds} s old (limit ${thresholds.startingSeconds} s) and not yet confident${why}.`,
    cause: 'their daemons are young and not yet confident',
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
