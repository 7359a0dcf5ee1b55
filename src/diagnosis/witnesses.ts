import { SMEAR_CLASSES, type SmearClass } from '../fleet/fleet.ts';
import { count } from '../fleet/sentences.ts';
import type { RunningDaemon } from '../host/collected.ts';
import type { Source } from '../ntp/source.ts';
import type { ClockNames } from './clock-names.ts';
import { clockBehind, type FollowedBy, UNKNOWN_CLOCK } from './followed.ts';
import { isFresh } from './freshness.ts';
import { allAgree, gapTo, type Interval, intervalOf, majorityOf, mostAgreeing, spanOf, together } from './intervals.ts';
import { leavesBelowMs } from './limits.ts';
import { isKissed } from './sources.ts';
import { clockFollowed } from './votes.ts';

/** With two clocks that differ nobody knows which is wrong. */
const FEWEST_CLOCKS = 3;

/** A clock that stands apart from where the witness's other sources agree. */
export interface Accusation {
  clock: string;
  /** By how much at least; positive when the clock is ahead. Its size is over the limit. */
  offMs: number;
}

/**
 * What one host says of the clocks that it hears.
 *
 * `silent`: it has fewer than three to compare, some of its rows are not known, or its clock is still being set. `abstains`: no more than
 * half of its clocks agree, so that it cannot tell who is wrong. `testifies`: of each of `clocks`, that it stands where the others agree,
 * or that it does not. `uncompared`: whom it hears besides and accuses of nothing; it counts among those that do not accuse.
 */
export type Testimony =
  | { kind: 'silent'; uncompared: readonly string[] }
  | { kind: 'abstains'; clocks: number; agreeing: number }
  | { kind: 'testifies'; clocks: readonly string[]; against: readonly Accusation[]; uncompared: readonly string[] };

export const SILENT: Testimony = { kind: 'silent', uncompared: [] };

/** What a host shows of its sources. */
export interface WitnessedRows {
  daemon: RunningDaemon;
  sources: readonly Source[];
  /** No row is missing: a majority of some of the rows may be a minority of all. */
  sourcesComplete: boolean;
  /** Its clock is still being set: what it measures of others moves with it. */
  isStarting: boolean;
}

/** Clocks that may be compared with each other, as one host hears them: all that is kept of its rows. The lists are of one length. */
export interface HeardClocks {
  /** Each clock once (`ClockNames`). */
  names: readonly string[];
  /** What each follows as far as its row tells: a boundary server itself, to be followed further by its own word. */
  followed: readonly string[];
  /** Where each stands, seen from the host. null: it says nothing of that. */
  intervals: readonly Interval[] | null;
}

export interface WitnessContext {
  clocks: ClockNames;
  /** Whether the witness is a boundary server itself: then it says nothing of the others of its pod, which may follow it. */
  isBoundary: boolean;
  /** Around a leap second: clocks of different smear classes are not compared, nor is one of a class that is not known (null). null: not near one. */
  classOf: ((clock: string) => SmearClass | null) | null;
  /** Gives one list for all that are the same. */
  shared: (list: string[]) => readonly string[];
}

/**
 * The first pass: the clocks behind one host's rows. All fresh rows, also those that the daemon does not follow (`x`, `noselect`), but
 * none that was told to stop, whose server is not synchronised, or that is not known to be one clock's alone. Rows of one server count
 * once. Around a leap second those of each class are apart, for each class is compared by itself.
 */
export function clocksHeard(
  { daemon, sources, sourcesComplete, isStarting }: WitnessedRows,
  context: WitnessContext,
): HeardClocks[] {
  const { clocks, isBoundary, classOf, shared } = context;
  const isCompared = sourcesComplete && !isStarting;
  const heard = new Map<string, { followed: string; rows: Interval[] }>();
  for (const source of sources) {
    const name = isHeard(source) ? clocks.nameOf(source) : null;
    if (name === null || (isBoundary && clocks.isServer(name))) continue;
    const interval = intervalOf(source, daemon);
    if (interval === null) continue;
    const known = heard.get(name);
    if (known) known.rows.push(interval);
    else heard.set(name, { followed: clockFollowed(source, clocks), rows: [interval] });
  }
  const ofClass = (smear: SmearClass | null) => {
    const chosen = [...heard].filter(([name]) => classOf === null || classOf(name) === smear);
    return {
      names: shared(chosen.map(([name]) => name)),
      followed: shared(chosen.map(([, { followed }]) => followed)),
      intervals: isCompared ? chosen.map(([, { rows }]) => together(rows)) : null,
    };
  };
  const sets = classOf === null ? [ofClass(null)] : SMEAR_CLASSES.map(ofClass);
  return sets.filter(({ names }) => names.length > 0);
}

/** Fresh, not told to stop, and of a server that says itself that it has the time. */
function isHeard(source: Source): boolean {
  return isFresh(source) === true && !isKissed(source) && !isUnset(source);
}

/** Refids of a daemon that has just begun, or stepped (RFC 5905, 7.3 and 7.4). */
const UNSET = ['.INIT.', '.STEP.'];
const UNSYNCHRONISED_STRATUM = 16;

function isUnset({ refid, stratum }: Source): boolean {
  return stratum === UNSYNCHRONISED_STRATUM || (refid !== null && UNSET.includes(refid));
}

/**
 * The second pass: what one host says of the clocks that it hears, when it is known whom boundary servers follow.
 *
 * Two clocks agree where their intervals come within `disagreementMs` of each other, which is what servers across the internet differ
 * by though each is honest. Each interval is stretched by half of that. What is accused lies outside both of where more than half of
 * the rows agree, and of where more than half of the independent clocks do (`independentOf`). So it accuses no honest server while
 * more than half of the servers that it hears are honest, or more than half of the clocks that these follow (true time within the
 * interval, give or take half the limit), whomever its daemon follows: neither servers that follow one liar, nor some that call
 * themselves independent, are a majority. Its own clock is in each offset alike, and cancels out. Decision 0082.
 *
 * One that was contradicted before is accused until its distance is below 80 % of the limit: decision 81.
 *
 * Of several smear classes, where one testifies and another cannot tell, the first is heard.
 */
export function testimonyOf(
  sets: readonly HeardClocks[],
  followedBy: FollowedBy,
  disagreementMs: number,
  contradictedBefore: ReadonlySet<string> = NONE,
): Testimony {
  const testimonies = sets.map((set) => compared(set, followedBy, disagreementMs, contradictedBefore));
  const uncompared = testimonies.flatMap((each) => (each.kind === 'silent' ? each.uncompared : []));
  const testifying = testimonies.filter((each) => each.kind === 'testifies');
  if (testifying.length > 0) {
    return {
      kind: 'testifies',
      clocks: testifying.flatMap(({ clocks }) => clocks),
      against: testifying.flatMap(({ against }) => against),
      uncompared,
    };
  }
  return testimonies.find(({ kind }) => kind === 'abstains') ?? { kind: 'silent', uncompared };
}

const NONE: ReadonlySet<string> = new Set();

/** Less than a nanosecond is noise of the arithmetic: no daemon prints so little. */
const NOISE_MS = 1e-6;

function compared(
  { names, followed, intervals }: HeardClocks,
  followedBy: FollowedBy,
  disagreementMs: number,
  contradictedBefore: ReadonlySet<string>,
): Testimony {
  const silent = { kind: 'silent', uncompared: names } as const;
  if (intervals === null || names.length < FEWEST_CLOCKS) return silent;
  const rows = intervals.map((interval) => stretched(interval, disagreementMs / 2));
  const { votes, of } = independentOf(names, followed, rows, followedBy);
  if (of < FEWEST_CLOCKS) return silent;
  const byRows = majorityOf(rows);
  if (byRows === null) return { kind: 'abstains', clocks: rows.length, agreeing: mostAgreeing(rows) };
  const byClocks = majorityOf(votes, of);
  if (byClocks === null) return { kind: 'abstains', clocks: of, agreeing: mostAgreeing(votes) };
  const agreed = spanOf([byRows, byClocks]);
  const against: Accusation[] = [];
  for (const [index, row] of intervals.entries()) {
    const clock = names[index] ?? '';
    const limitMs = contradictedBefore.has(clock) ? leavesBelowMs(disagreementMs) : disagreementMs;
    // the other half is what the others were stretched by
    const gap = gapTo(stretched(row, limitMs - disagreementMs / 2), agreed);
    // what was stretched is part of the distance
    if (Math.abs(gap) > NOISE_MS) against.push({ clock, offMs: gap + Math.sign(gap) * limitMs });
  }
  return { kind: 'testifies', clocks: names, against: against.length === 0 ? NOBODY : against, uncompared: [] };
}

const NOBODY: readonly Accusation[] = [];

/**
 * The independent clocks behind rows: one vote for all that follow one, in all that any of them says. `of` is how many votes there
 * would be:
 *
 * | rows                                                    | votes | of |
 * | ------------------------------------------------------- | ----- | -- |
 * | that follow one clock, and agree                        | 1     | 1  |
 * | that follow one clock, and do not: one errs by itself   | 1     | 2  |
 * | that follow nobody knows whom                           | 0     | 0  |
 * | the same, but one stands apart from all the others      | 0     | 1  |
 * | all of them follow one system peer by their own word: they differ by faults of their own | 1 each | 1 each |
 */
function independentOf(
  names: readonly string[],
  followed: readonly string[],
  rows: readonly Interval[],
  followedBy: FollowedBy,
): { votes: readonly Interval[]; of: number } {
  if (followOnePeer(names, followed, followedBy)) return { votes: rows, of: rows.length };
  const groups = new Map<string, Interval[]>();
  for (const [index, row] of rows.entries()) {
    const clock = clockBehind(followed[index] ?? UNKNOWN_CLOCK, followedBy.clock);
    const known = groups.get(clock);
    if (known) known.push(row);
    else groups.set(clock, [row]);
  }
  const unknown = groups.get(UNKNOWN_CLOCK) ?? [];
  groups.delete(UNKNOWN_CLOCK);
  const votes = [...groups.values()].map(spanOf);
  const places = [...groups.values()].reduce((sum, group) => sum + (allAgree(group) ? 1 : 2), 0);
  const isApart = unknown.some((row) => votes.every((vote) => gapTo(row, vote) !== 0));
  return { votes, of: places + (isApart ? 1 : 0) };
}

function followOnePeer(names: readonly string[], followed: readonly string[], followedBy: FollowedBy): boolean {
  const peers = new Set(
    names.map((name, index) => {
      const peer = followedBy.peer(name);
      return peer === undefined ? (followed[index] ?? null) : peer;
    }),
  );
  return peers.size === 1 && !peers.has(null);
}

function stretched(interval: Interval, byMs: number): Interval {
  return { low: interval.low - byMs, high: interval.high + byMs };
}

/** What a host is told that cannot say which of its sources are wrong; null of any other. */
export function abstentionSentence(testimony: Testimony, disagreementMs: number): string | null {
  if (testimony.kind !== 'abstains') return null;
  const { clocks, agreeing } = testimony;
  const wanted = Math.floor(clocks / 2) + 1;
  return `its sources disagree: no more than ${agreeing} of ${count(clocks, 'clock')} stand within ${disagreementMs} ms of each other (${wanted} wanted).`;
}
