import { LOCAL_STRATUM } from '../fleet/together.ts';
import type { RunningDaemon } from '../host/collected.ts';
import type { Source } from '../ntp/source.ts';
import { grownMs, unservedMs } from './bound.ts';
import type { ClockNames } from './clock-names.ts';
import type { Facts } from './facts.ts';
import { intervalOf } from './intervals.ts';
import type { HeldBound, Judgement, Limit } from './judgement.ts';
import { isOwnClockTold } from './sources.ts';

/** What the first pass keeps of a clock, so that it is held to the bounds of those that it follows. */
export interface Descent {
  isInHoldover: boolean;
  /**
   * Whether its time ends in an undisciplined clock: its `own`; by who it follows; or by who is known to be no boundary server of its pod
   * (`foreign`). null: in none.
   */
  localClock: 'own' | 'followed' | 'foreign' | null;
  /** All that it follows. */
  follows: readonly FollowedClock[];
  /** When that was seen (epoch ms). null: nobody says. */
  atMs: number | null;
  /** Of a clock in touch: so far, in ms, it may have run off without telling those that ask it. 0 too where it is not known. */
  unservedMs: number;
  /** Offsets that are told and not judged, a leap second being near. */
  unjudged: readonly Limit[];
}

export interface FollowedClock {
  /** Of a boundary server its instance id. '': not known. */
  name: string;
  /** By the row for it: it serves its own undisciplined clock, and that of no other. */
  isOnItsOwn: boolean;
  /** So far the clock may be from it, by its own row. null: not known, nor a bound of the clock. */
  apartMs: number | null;
}

/** As much of a first judgement as a bound is passed on by. */
export interface Heir extends Pick<Judgement, 'host' | 'measures'> {
  /** null: no daemon answered. */
  descent: Descent | null;
  /** What it had by a server in holdover and nobody better has told it since. Missing: nothing. */
  held?: Held;
}

/** What a clock has from a server that it follows; only where that is more than its own. */
export interface Inherited {
  /** null: not known. */
  boundMs: number | null;
  growthPpm: number;
  by: By;
}

/**
 * `server`: one that runs on by itself, its bound being `serverBoundMs` (null: not known), and how far the clock is from it. `unserved`: one in touch, which does not serve
 * `ms`; that came to the clock's own bound. `from`: its instance id. `before`: what it had by one in holdover (`Held`).
 */
type By =
  | { kind: 'server'; from: string; serverBoundMs: number | null }
  | { kind: 'unserved'; from: string; ms: number }
  | { kind: 'before' };

/** A bound that a clock had by a server in holdover, while it has heard none that is not since. */
export interface Held {
  before: HeldBound;
  /** By now. null: it was not known. */
  boundMs: number | null;
  growthPpm: number;
}

/**
 * Of a daemon that tells no system peer all sources that agree: it may follow any. How far the clock is from one is the far end of the row's interval
 * (offset, delay / 2, jitter, 15 ppm of the time since), and where a number of it is missing no more than the clock's own bound.
 *
 * @param ageSeconds since the host printed its answer, at the most
 */
export function descentOf(
  { contact, systemPeer, sources, unjudged, measures, thresholds }: Facts,
  { daemon, ageSeconds, nowMs }: { daemon: RunningDaemon; ageSeconds: number; nowMs: number | null },
  clocks: ClockNames,
): Descent {
  const rows = systemPeer === 'untold' ? sources.filter(({ tally }) => tally === '+') : rowsOf(systemPeer);
  const follows = rows.map((row) => ({
    name: clocks.nameOf(row) ?? '',
    isOnItsOwn: row.stratum === LOCAL_STRATUM || isOwnClockTold(row),
    apartMs: apartMs(row, daemon, measures, ageSeconds),
  }));
  return {
    isInHoldover: contact.holdover !== null,
    localClock: localClockOf(contact, follows, clocks),
    follows,
    atMs: nowMs,
    unservedMs: contact.isSet && contact.isInTouch === true ? unservedMs(contact, daemon, thresholds) : 0,
    unjudged,
  };
}

function localClockOf(
  { holdover }: Facts['contact'],
  follows: readonly FollowedClock[],
  clocks: ClockNames,
): Descent['localClock'] {
  if (holdover === 'local clock') return 'own';
  if (holdover !== 'followed local clock') return null;
  return mayFollowServer(follows, clocks) ? 'followed' : 'foreign';
}

/** Whether one that it follows is a boundary server of its pod, or may be: a row whose address was cut has no name, and may be any server's. */
export function mayFollowServer(follows: readonly FollowedClock[], { isServer }: ClockNames): boolean {
  return follows.length === 0 || follows.some(({ name }) => name === '' || isServer(name));
}

function rowsOf(systemPeer: Source | string | null): Source[] {
  return systemPeer === null || typeof systemPeer === 'string' ? [] : [systemPeer];
}

function apartMs(
  row: Source,
  daemon: RunningDaemon,
  { errorBoundMs, growthPpm }: Heir['measures'],
  ageSeconds: number,
): number | null {
  const interval = intervalOf(row, daemon);
  if (interval === null) return errorBoundMs;
  return Math.max(Math.abs(interval.low), Math.abs(interval.high)) + grownMs(growthPpm ?? 0, ageSeconds);
}
