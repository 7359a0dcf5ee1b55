import type { AlarmPolicy, Fleet, Pod, Thresholds, Tier } from './fleet.ts';
import { count } from './sentences.ts';

/** What may go wrong with a host's sources before its clock goes with them. */
export interface Votes {
  /** Clocks among its sources that are each another's. */
  clocks: number;
  /** Of so many that lie the rest is still a majority (RFC 5905 section 11.2.1): floor((clocks - 1) / 2). */
  liesLeft: number;
  /** So many may fall silent until the host is no more confident. */
  lossesLeft: number;
}

/** Clocks that outvote one that lies: two that agree are more than half of three. */
const OUTVOTING_CLOCKS = 3;

/** @param clocks that differ, among the sources that a host follows. */
export function votesOf(clocks: number, confidentSources: number): Votes {
  return {
    clocks,
    liesLeft: Math.max(0, Math.floor((clocks - 1) / 2)),
    lossesLeft: Math.max(0, clocks - confidentSources),
  };
}

type VotingFleet = Pick<Fleet, 'upstreams'> & { timeService: Pick<Fleet['timeService'], 'mode'> };

type VotingPod = Pick<Pod, 'name' | 'boundaryServers'> & { thresholds: Pick<Thresholds, 'confidentSources'> };

/**
 * The votes of a pod's hosts in the worst case that its file admits, with every server running. To a boundary server each upstream is a
 * clock, and so is the time service where it is followed. A client's boundary servers choose by one rule among the same sources: they may
 * all follow the same, and are one clock then; where they follow the time service it may be that one, which is no second clock to a client
 * that follows it as well. Decision 0079.
 */
export function worstVotes(fleet: VotingFleet, { thresholds }: VotingPod): Record<Tier, Votes> {
  return {
    boundary: votesOf(boundaryClocks(fleet), thresholds.confidentSources),
    client: votesOf(clientClocks(fleet), thresholds.confidentSources),
  };
}

function boundaryClocks({ upstreams, timeService }: VotingFleet): number {
  return upstreams.length + (timeService.mode.boundary === 'source' ? 1 : 0);
}

function clientClocks({ timeService: { mode } }: VotingFleet): number {
  return 1 + (mode.client === 'source' && mode.boundary === 'reference' ? 1 : 0);
}

/**
 * What an operator is to know of a pod where a clock that lies would be outvoted by none in the worst case, each a sentence with what to
 * add. That clients have two clocks is not said: no file gives them more, and on what their boundary servers follow those have voted.
 */
export function worstVotesSentences(fleet: VotingFleet, pod: VotingPod): string[] {
  const { boundary, client } = worstVotes(fleet, pod);
  return [
    ...(boundary.liesLeft === 0 ? [boundarySentence(fleet, pod, boundary)] : []),
    ...(client.clocks === 1 ? [clientSentence(fleet, pod)] : []),
  ];
}

function boundarySentence({ upstreams, timeService }: VotingFleet, { name }: VotingPod, votes: Votes): string {
  const isFollowed = timeService.mode.boundary === 'source';
  const beside = isFollowed ? ' and the time service' : '';
  const enough = `${OUTVOTING_CLOCKS - (isFollowed ? 1 : 0)} upstreams${beside} outvote one that lies`;
  const silent = votes.lossesLeft === 0 ? 'none' : String(votes.lossesLeft);
  return `Pod ${name}: a boundary server follows ${count(votes.clocks, 'clock')} (${count(upstreams.length, 'upstream')}${beside}): one that lies is outvoted by none, and ${silent} may fall silent if it is to stay confident. ${enough}.`;
}

function clientSentence({ timeService }: VotingFleet, { name, boundaryServers }: VotingPod): string {
  const own =
    timeService.mode.client === 'source' ? ', which may be the time service, that the client follows itself' : '';
  return `Pod ${name}: a client's ${boundaryServers} boundary servers may all follow one clock${own}: if it lies, nothing shows it. With timeService: { boundary: reference, client: source } the time service is a second one.`;
}

/**
 * Alarms of votes that a pod's boundary servers could never clear, as their file gives them fewer than the alarm wants; each a sentence with
 * the number that could be had.
 */
export function endlessAlarmSentences(
  fleet: VotingFleet,
  pod: VotingPod & { alarms: Pick<AlarmPolicy, 'liesLeft' | 'lossesLeft'> },
): string[] {
  const { boundary } = worstVotes(fleet, pod);
  return (['liesLeft', 'lossesLeft'] as const)
    .filter((name) => pod.alarms[name] > boundary[name])
    .map(
      (name) =>
        `Pod ${pod.name}: alarms.${name} ${pod.alarms[name]} never clears: a boundary server follows ${count(boundary.clocks, 'clock')} and confidentSources is ${pod.thresholds.confidentSources}, so it has ${boundary[name]} at most. Add upstreams, or set it to ${boundary[name]}.`,
    );
}
