import type { Host } from '../fleet/fleet.ts';
import type { RunningDaemon } from '../host/collected.ts';
import { withoutNoise } from '../ntp/numbers.ts';
import { grownMs } from './bound.ts';
import type { ClockNames } from './clock-names.ts';
import type { Facts } from './facts.ts';
import { clocksHeard, type HeardClocks } from './heard-clocks.ts';
import { leastStretchMs } from './limits.ts';
import { listSharer, objectSharer } from './shared-values.ts';
import type { SetClock } from './skew.ts';
import type { SmearClasses } from './smear-classes.ts';
import { type Ballot, ballotOf, NO_BALLOT } from './votes.ts';

/** What the first pass keeps of one host to judge others by, and the pod: little, for there are ten thousand of them. */
export interface Evidence {
  /** By what it may testify when it is known whom boundary servers follow. */
  heard: readonly HeardClocks[];
  ballot: Ballot;
  /** null: its clock is not set, or it is not known how well. */
  clock: SetClock | null;
}

/** Of a host whose daemon said nothing. */
export const NO_EVIDENCE: Evidence = { heard: [], ballot: NO_BALLOT, clock: null };

export interface EvidenceContext {
  clocks: ClockNames;
  /** Around a leap second; null: not near one. */
  smear: SmearClasses | null;
  /** Of the pod. */
  disagreementMs: number;
  /** Gives one list for all that are the same. */
  shared: (list: string[]) => readonly string[];
}

/** Hosts that hear the same have one list, and one ballot. */
export function evidenceReader({
  clocks,
  smear,
  disagreementMs,
  shared,
}: EvidenceContext): (facts: Facts, given: Given) => Evidence {
  const stretchMs = leastStretchMs(disagreementMs);
  const sharedSet = objectSharer<HeardClocks>();
  const sharedSets = listSharer<HeardClocks>();
  const sharedBallot = objectSharer<Ballot>();
  return (facts, { host, daemon, isStarting, ageSeconds }) => {
    const { sources, sourcesComplete, usable, systemPeer, measures } = facts;
    const classOf = smear && ((clock: string) => smear.classOf(clock, host.tier));
    const context = { clocks, classOf, isBoundary: host.tier === 'boundary', stretchMs, shared };
    const heard = clocksHeard({ daemon, sources, sourcesComplete, isStarting }, context);
    const voting = {
      usable,
      isUsableKnown: measures.usableSources !== null,
      systemPeer: typeof systemPeer === 'string' ? null : systemPeer,
    };
    return {
      heard: heard.every(({ agree }) => agree) ? sharedSets(heard.map(sharedSet)) : heard,
      ballot: sharedBallot(ballotOf(voting, clocks, shared)),
      // one that follows several classes is now by one's time, now by another's: its bound holds for neither
      clock: smear !== null && smear.followed[host.tier] === null ? null : setClockOf(facts, daemon, ageSeconds),
    };
  };
}

/** What is known of the host besides. */
interface Given {
  host: Host;
  daemon: RunningDaemon;
  isStarting: boolean;
  ageSeconds: number;
}

/**
 * As the host printed it: what it may have run off since, until one instant for all, the skew adds. The offset of systemd-timesyncd is that of before
 * its correction, which it makes by and by: the clock is somewhere between the two.
 */
function setClockOf(
  { leap, contact, collected: { system }, measures }: Facts,
  daemon: RunningDaemon,
  ageSeconds: number,
): SetClock | null {
  const { errorBoundMs, growthPpm } = measures;
  if (leap === null || !contact.isSet || errorBoundMs === null || growthPpm === null) return null;
  const offsetMs = offsetOf(contact, system, measures);
  if (offsetMs === null) return null;
  const printedMs = errorBoundMs - grownMs(growthPpm, ageSeconds);
  const leftMs = daemon === 'systemd-timesyncd' ? offsetMs / 2 : offsetMs;
  return { offsetMs: leftMs, rootDistanceMs: withoutNoise(printedMs - Math.abs(leftMs)), growthPpm };
}

/**
 * Around what the bound stands. In holdover the offset is no measure of now, yet the bound is made of it, but where it is the bound of
 * before, or of a clock that is its own reference: that stands around the clock itself.
 */
function offsetOf(
  { holdover }: Facts['contact'],
  system: Facts['collected']['system'],
  measures: Facts['measures'],
): number | null {
  if (holdover === null) return system?.offsetMs ?? measures.offsetMs;
  const isOfWord = system !== null && system.rootDispersionMs !== null && system.rootDelayMs !== null;
  return (holdover !== 'local clock' && isOfWord ? system.offsetMs : null) ?? 0;
}
