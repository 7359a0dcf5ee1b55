import type { Host, Pod, Thresholds } from '../fleet/fleet.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import type { RunningDaemon } from '../host/collected.ts';
import { type ClockNames, clockNames } from './clock-names.ts';
import { heardByWitnesses } from './contradicted.ts';
import { boundAfterHearing, type KeeperBounds, keeperBounds } from './convicted-bound.ts';
import { hearAll, UNHEARD } from './convictions.ts';
import { type Descent, descentOf, type Held, mayFollowServer } from './descent.ts';
import { type Evidence, evidenceReader, NO_EVIDENCE } from './evidence.ts';
import { type Facts, missesSource, NOTHING_MEASURED } from './facts.ts';
import { type FollowedBy, followedBy } from './followed.ts';
import { heldNow, heldOf } from './held-bound.ts';
import { heldByServer } from './held-by-server.ts';
import { inheritance } from './inherited-bound.ts';
import type { Judgement, Late, Sighting, VotesLeft } from './judgement.ts';
import { boundsOfServers } from './last-bound.ts';
import { packetsPerSecond, type Received, receivedOf } from './load.ts';
import { type ClockContext, judgeClock, lastBoundNow, overOf } from './one-clock.ts';
import { type Partnership, partnershipOf, partnershipReader } from './partners.ts';
import { peerReader } from './peer.ts';
import { namesOfConfident, viewPod } from './pod-view.ts';
import { seenSources } from './seen-sources.ts';
import { listSharer } from './shared-values.ts';
import { nearLeapOf, smearClasses } from './smear-classes.ts';
import { addressesOf } from './sources.ts';
import { followingOf, NOT_FOLLOWED, type Polling, pollingReader } from './stale.ts';
import { uncoveredChains, withoutLastBound } from './uncovered-chains.ts';
import { type Ballot, votesLeft } from './votes.ts';
import { abstentionSentence, witnessReader } from './witnesses.ts';

/** What tells whom of a pod's clients DNS has left behind. */
export interface FollowingContext {
  pod: Pod;
  /** The pod's instances, whatever their state. */
  hosts: readonly Host[];
  /** Records of the pod's names; null when the zone could not be read: then nobody can be called stale. */
  records: readonly PublishedRecord[] | null;
  /** The last report's `unjoined` memory: instance id -> names. */
  unjoinedBefore: Readonly<Record<string, readonly string[]>>;
  /** The `over` memory. */
  overBefore?: Readonly<Record<string, readonly Late[]>> | undefined;
  /** The `received` memory: boundary server (instance id) -> what its daemon had received. */
  receivedBefore?: Readonly<Record<string, Received>> | undefined;
}

/** What the report before this one hands to `judgeFollowing`, by the names of the report. */
export function rememberedOf({
  unjoined,
  over,
  received,
}: {
  unjoined: FollowingContext['unjoinedBefore'];
  over?: FollowingContext['overBefore'];
  received?: FollowingContext['receivedBefore'];
}): Pick<FollowingContext, 'unjoinedBefore' | 'overBefore' | 'receivedBefore'> {
  return { unjoinedBefore: unjoined, overBefore: over, receivedBefore: received };
}

/** What a pod's hosts are judged against. */
export type JudgeContext = ClockContext & FollowingContext;

/** One host's clock, before DNS is looked at: all that is kept of what the host printed. */
export interface ClockJudgement
  extends Omit<Judgement, 'confidence' | 'confident' | 'stale' | 'unjoinedNames' | 'unmanaged' | 'votes'> {
  confidence: { confident: boolean; sentence: string };
  /** null: none is known to run. */
  daemon: RunningDaemon | null;
  /** What it hears of other clocks, by which others are judged. */
  evidence: Evidence;
  /** Missing: its pod keeps no time of its own by it. */
  keeper?: KeeperBounds;
  /** Whom it follows, whose bounds are its own too. null: no daemon answered. */
  descent: Descent | null;
  /** What it had by a server in holdover and nobody better has told it since. Missing: nothing. */
  held?: Held;
  /** null: no daemon answered. */
  polling: Polling | null;
  /** Of a boundary server that keeps one time with others. */
  partnership?: Partnership;
}

/**
 * Judges all hosts of a pod that were looked at in one tick, in their order. Two passes: first every clock by itself,
 * then each by the bound of the server that it follows, boundary servers by what their clients see of them, and, with those that proved confident, who of the clients DNS has
 * left behind.
 *
 * Pure, and total: it throws for no sighting. One host never changes the judgement of another, but a boundary server by what is
 * known of it (its confidence, whom it follows, its bound while it is in holdover), and witnesses of a boundary server as far as `rulingOf` lets them.
 */
export function judgeAll(sightings: readonly Sighting[], context: JudgeContext): Judgement[] {
  return judgeFollowing(sightings.map(clockJudge(context)), context);
}

/** The first pass: it needs no other host and no DNS, so each clock can be judged as its answer comes. */
export function clockJudge(context: ClockContext): (sighting: Sighting) => ClockJudgement {
  const shared = listSharer();
  const pollingOf = pollingReader(context.pod, shared);
  const peerOf = peerReader();
  const clocks = clockNames(context.hosts);
  const smear = context.aroundLeap ? smearClasses(context.aroundLeap, clocks) : null;
  const evidenceOf = evidenceReader({ clocks, smear, disagreementMs: context.pod.thresholds.disagreementMs, shared });
  const ofServers = boundsOfServers(context.pod, context.hosts, context.lastBounds, context.overBefore);
  return (sighting) => {
    const { host, collected } = sighting;
    const nearLeap = smear && nearLeapOf(smear, clocks, host.tier);
    const { facts, state, findings, sentence, cause, remarks, confidence } = judgeClock(
      sighting,
      context,
      clocks,
      nearLeap,
      ofServers,
    );
    const daemon = collected?.daemon?.kind ?? null;
    const { ageSeconds = 0, nowMs = null } = sighting.judgedAt ?? {};
    const evidence =
      facts === null || daemon === null
        ? NO_EVIDENCE
        : evidenceOf(facts, { host, daemon, isStarting: state === 'starting', ageSeconds });
    const descent = facts === null || daemon === null ? null : descentOf(facts, { daemon, ageSeconds, nowMs }, clocks);
    return {
      host,
      state,
      findings,
      sentence,
      cause,
      remarks,
      confidence:
        context.isBrief && confidence.confident
          ? BRIEFLY_CONFIDENT
          : { confident: confidence.confident, sentence: confidence.sentence() },
      measures: facts?.measures ?? { ...NOTHING_MEASURED, ageSeconds: collected?.ageSeconds ?? null },
      leapAnnounced: facts?.leap === 'add' || facts?.leap === 'delete' ? facts.leap : false,
      polled: facts === null ? [] : shared(addressesOf(facts.polled)),
      cycledSecondsAgo: collected?.cycledSecondsAgo ?? null,
      polling: facts === null ? null : pollingOf(facts),
      daemon,
      evidence,
      descent,
      ...(sighting.judgedAt && collected && { sampledAtMs: sighting.judgedAt.nowMs }),
      // what few hosts have comes last: an object whose fields are the same up to there is made at its size
      ...(facts !== null && state !== 'starting' && overOf(facts)),
      ...(facts !== null && lastBoundNow(facts, sighting, context, ofServers)),
      ...keeperBounds(facts, sighting, context.pod, context.lastBounds),
      ...(descent !== null && heldIn(facts, sighting, context, clocks, descent)),
      ...(facts !== null && missesSource(facts) && { missesSource: true as const }),
      ...(facts !== null && host.tier === 'boundary' && receivedBy(facts)),
      ...ownLookupOf(facts, host, context),
      ...(facts !== null && peerOf(facts)),
      ...(facts !== null && (state !== 'healthy' || host.tier === 'boundary') && seenSources(facts)),
      ...(facts !== null && partnershipIn(facts, host, context.pod)),
    };
  };
}

/** Of all of a brief look. */
const BRIEFLY_CONFIDENT: ClockJudgement['confidence'] = { confident: true, sentence: '' };

function heldIn(
  facts: Facts | null,
  { host, judgedAt }: Sighting,
  { heldBounds }: ClockContext,
  clocks: ClockNames,
  { follows }: Descent,
): Pick<ClockJudgement, 'held'> {
  const before = heldBounds?.[host.instanceId];
  if (facts === null || before === undefined) return {};
  const held = heldOf(facts, before, judgedAt, mayFollowServer(follows, clocks));
  return held === null ? {} : { held };
}

function partnershipIn(facts: Facts, host: Host, pod: Pod): Pick<ClockJudgement, 'partnership'> {
  const partnership = partnershipOf(facts, host, pod);
  return partnership === null ? {} : { partnership };
}

function loadOf(received: Received, before: Received | undefined): Pick<Judgement, 'received' | 'packetsPerSecond'> {
  const perSecond = packetsPerSecond(received, before);
  return { received, ...(perSecond !== null && { packetsPerSecond: perSecond }) };
}

function receivedBy({ collected, measures }: Facts): Pick<Judgement, 'received'> {
  const received = receivedOf(collected, measures.ageSeconds);
  return received === null ? {} : { received };
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
  const { pod, hosts, records, unjoinedBefore, overBefore, receivedBefore } = context;
  const followed = followedBy(hosts, alone);
  const isUncovered = uncoveredChains(alone);
  const inherited = inheritance(alone, isUncovered);
  const held = alone.map((clock) => {
    const remembering = isUncovered(clock) ? withoutLastBound(clock) : clock;
    const ofServers = inherited(clock);
    const judged = heldByServer(remembering, ofServers, pod.thresholds, overBefore?.[clock.host.instanceId]);
    const heldBound = heldNow(judged, ofServers, pod.thresholds);
    return heldBound === null ? judged : { ...judged, heldBound };
  });
  const clocks = heardByClients(held, followed, pod.thresholds, contradictedIn(overBefore));
  const votes = voteCounter(followed, pod.thresholds);
  const confidentIds = new Set(
    clocks.filter(({ confidence }) => confidence.confident).map(({ host }) => host.instanceId),
  );
  const view = viewPod(pod, hosts, records ?? []);
  const partnerRemarks = partnershipReader(pod, hosts, records);
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
      remarks: withRemarks(clock.remarks, following.remarks, partnerRemarks(host, clock.partnership)),
      confident: clock.confidence.confident,
      confidence: clock.confidence.sentence,
      measures: clock.measures,
      votes: votes(clock.evidence.ballot),
      stale: following.stale,
      unjoinedNames: following.unjoinedNames,
      unmanaged: following.unmanaged,
      leapAnnounced: clock.leapAnnounced,
      polled: clock.polled,
      cycledSecondsAgo: clock.cycledSecondsAgo,
      ...(clock.acquitted && { acquitted: clock.acquitted }),
      ...(clock.accused && { accused: clock.accused }),
      ...(clock.over && { over: clock.over }),
      ...(clock.lastBound && { lastBound: clock.lastBound }),
      ...(clock.heldBound && { heldBound: clock.heldBound }),
      ...(clock.sources && { sources: clock.sources }),
      ...(clock.missesSource && { missesSource: true as const }),
      ...(clock.received && loadOf(clock.received, receivedBefore?.[host.instanceId])),
      ...(clock.ownLookupSeconds !== undefined && { ownLookupSeconds: clock.ownLookupSeconds }),
      ...(clock.peer && { peer: clock.peer }),
      ...(clock.sampledAtMs !== undefined && { sampledAtMs: clock.sampledAtMs }),
    };
  });
}

/** One list for all that have none. */
function withRemarks(own: string[], ...others: readonly (readonly string[])[]): string[] {
  return others.every((remarks) => remarks.length === 0) ? own : [...own, ...others.flat()];
}

/** Ids of those that witnesses contradicted at the tick before. */
function contradictedIn(overBefore: FollowingContext['overBefore'] = {}): ReadonlySet<string> {
  return new Set(Object.keys(overBefore).filter((id) => overBefore[id]?.includes('disagreement')));
}

/** Clients are witnesses of boundary servers, and of nobody else. */
function heardByClients(
  clocks: readonly ClockJudgement[],
  followed: FollowedBy,
  thresholds: Thresholds,
  contradictedBefore: ReadonlySet<string>,
): ClockJudgement[] {
  const { disagreementMs } = thresholds;
  const testimonyOf = witnessReader(followed, disagreementMs, contradictedBefore);
  const heard = hearAll(clocks.map(({ evidence }) => testimonyOf(evidence.heard)));
  return clocks.map((clock) => {
    const { tier, instanceId } = clock.host;
    const abstention = abstentionSentence(testimonyOf(clock.evidence.heard), disagreementMs);
    const withRemark = abstention === null ? clock : { ...clock, remarks: [...clock.remarks, abstention] };
    if (tier !== 'boundary') return withRemark;
    const hearing = heard.get(instanceId) ?? UNHEARD;
    const wasContradicted = contradictedBefore.has(instanceId);
    const { lastBound, ...ruled } = heardByWitnesses(withRemark, hearing, thresholds, wasContradicted);
    const kept = boundAfterHearing(lastBound, ruled, hearing, wasContradicted);
    return { ...ruled, ...(kept && { lastBound: kept }) };
  });
}

/** Of those with the same sources once. */
function voteCounter(followed: FollowedBy, { confidentSources }: Thresholds): (ballot: Ballot) => VotesLeft {
  const counted = new Map<Ballot['usable'], VotesLeft>();
  return (ballot) => {
    const votes = counted.get(ballot.usable) ?? votesLeft(ballot, followed.clock, confidentSources);
    counted.set(ballot.usable, votes);
    return votes;
  };
}
