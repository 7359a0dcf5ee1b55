import { SMEAR_CLASSES, type SmearClass } from '../fleet/fleet.ts';
import type { RunningDaemon } from '../host/collected.ts';
import type { Source } from '../ntp/source.ts';
import type { ClockNames } from './clock-names.ts';
import { isFresh } from './freshness.ts';
import { agedMs, agreeWithin, type Interval, intervalOf, stretched, together } from './intervals.ts';
import { type PackedIntervals, packed } from './packed-intervals.ts';
import { endsInLocalClock, isDaemonsWord, isKissed, isSource } from './sources.ts';
import { clockFollowed } from './votes.ts';

/** What a host shows of its sources. */
export interface WitnessedRows {
  daemon: RunningDaemon;
  sources: readonly Source[];
  /** No row is missing: a majority of some of the rows may be a minority of all. */
  sourcesComplete: boolean;
  /** Its clock is still being set: what it measures of others moves with it. */
  isStarting: boolean;
}

/** Clocks that may be compared with each other, as one host hears them: all that is kept of its rows. Names and intervals are as many. */
export interface HeardClocks {
  /** Each clock once (`ClockNames`). */
  names: readonly string[];
  /** What each follows as far as its row tells: a boundary server itself, to be followed further by its own word. */
  followed: readonly string[];
  /**
   * Where each stands, seen from the host. null: it says nothing of that, as it is starting or rows of it are missing. null of one clock:
   * its row was cut short (src/host/shorten.sh), or a field of it could not be read.
   */
  intervals: PackedIntervals | null;
  /** The same, without what the age of each row adds. */
  measured: PackedIntervals | null;
  /** Rows besides, of which it is not known whose they are: an address was cut. */
  nameless: number;
  /** One point is in all of them, aged or not, each stretched by `stretchMs`: so it is on nearly all hosts, and then no interval is kept. */
  agree?: true;
  /** Clocks besides that end in an undisciplined one by their own word: they stand up for nobody, and are compared all the same. Missing: it hears none. */
  astray?: Pick<HeardClocks, 'names' | 'followed' | 'intervals' | 'measured'>;
  /** So many of the last names are such. */
  astrayNames?: number;
}

export interface WitnessContext {
  clocks: ClockNames;
  /** Whether the witness is a boundary server itself: then it says nothing of the others of its pod, which may follow it. */
  isBoundary: boolean;
  /** Around a leap second: clocks of different smear classes are not compared, nor is one of a class that is not known (null). null: not near one. */
  classOf: ((clock: string) => SmearClass | null) | null;
  /** The least by which intervals are stretched when they are compared (`leastStretchMs`). */
  stretchMs: number;
  /** Gives one list for all that are the same. */
  shared: (list: string[]) => readonly string[];
}

/**
 * The first pass: the clocks behind one host's rows. All fresh rows, also those that the daemon does not follow (`x`, `noselect`), but
 * none that was told to stop, or whose server is not synchronised; those that end in an undisciplined clock apart. Rows of one server count once. Around a leap second those of each
 * class are apart, for each class is compared by itself.
 *
 * A row that is heard, or may be, and that nobody can read counts all the same: a majority of those that can be read may be a minority of
 * all.
 */
export function clocksHeard(
  { daemon, sources, sourcesComplete, isStarting }: WitnessedRows,
  context: WitnessContext,
): HeardClocks[] {
  const { clocks, isBoundary, classOf, shared, stretchMs } = context;
  const isCompared = sourcesComplete && !isStarting;
  const heard = new Map<string, HeardClock>();
  const astray = new Map<string, HeardClock>();
  let nameless = 0;
  for (const source of sources) {
    if (!isHeard(source)) continue;
    const isAstray = endsInLocalClock(source);
    const name = clocks.nameOf(source);
    if (name === null) {
      if (isSource(source) && !isAstray) nameless += 1;
      continue;
    }
    if (isBoundary && clocks.isServer(name)) continue;
    const interval = isCompared && isFresh(source) ? intervalOf(source, daemon) : null;
    const measured = interval && stretched(interval, -agedMs(source));
    const among = isAstray ? astray : heard;
    const known = among.get(name);
    if (known === undefined) {
      const followed = clockFollowed(source, clocks, name);
      among.set(name, { name, followed, rows: listOf(interval), measured: listOf(measured) });
    } else {
      known.rows.push(...listOf(interval));
      known.measured.push(...listOf(measured));
    }
  }
  const all = [...heard.values()];
  // by another address it says that its time is true
  const allAstray = [...astray.values()].filter(({ name }) => !heard.has(name));
  const ofClass = (smear: SmearClass | null): HeardClocks => {
    const ofThis = (clocksOf: readonly HeardClock[]) =>
      classOf === null ? clocksOf : clocksOf.filter(({ name }) => classOf(name) === smear);
    const chosen = ofThis(all);
    const apart = ofThis(allAstray);
    const { names, followed } = namesOf(chosen, shared);
    // with fewer than two others nobody tells which is wrong
    const besides = apart.length === 0 ? null : besidesOf(apart, shared, isCompared && chosen.length > 1);
    if (!isCompared) return { names, followed, intervals: null, measured: null, nameless, ...besides };
    const { intervals, measured } = rowsOf(chosen);
    const isAll = besides === null && nameless === 0;
    const agree = isAll && agreeWithin(intervals, stretchMs) && agreeWithin(measured, stretchMs);
    if (agree) return { names, followed, intervals: null, measured: null, nameless, agree };
    return { names, followed, intervals: packed(intervals), measured: packed(measured), nameless, ...besides };
  };
  if (classOf === null) return all.length + allAstray.length === 0 ? [] : [ofClass(null)];
  return SMEAR_CLASSES.map(ofClass).filter(({ names, astray: apart }) => names.length > 0 || apart !== undefined);
}

function namesOf(
  clocks: readonly HeardClock[],
  shared: WitnessContext['shared'],
): Pick<HeardClocks, 'names' | 'followed'> {
  return { names: shared(clocks.map(({ name }) => name)), followed: shared(clocks.map(({ followed }) => followed)) };
}

/** Of each clock what all its rows say. */
function rowsOf(clocks: readonly HeardClock[]) {
  return {
    intervals: clocks.map(({ rows }) => togetherOrNull(rows)),
    measured: clocks.map(({ measured }) => togetherOrNull(measured)),
  };
}

function besidesOf(
  clocks: readonly HeardClock[],
  shared: WitnessContext['shared'],
  isCompared: boolean,
): Pick<HeardClocks, 'astray'> {
  const names = namesOf(clocks, shared);
  if (!isCompared) return { astray: { ...names, intervals: null, measured: null } };
  const { intervals, measured } = rowsOf(clocks);
  return { astray: { ...names, intervals: packed(intervals), measured: packed(measured) } };
}

interface HeardClock {
  name: string;
  followed: string;
  /** Of each of its rows that can be read. */
  rows: Interval[];
  measured: Interval[];
}

/** Made with what is in it: an empty list to which one is added takes room for seventeen. */
function listOf(interval: Interval | null): Interval[] {
  return interval === null ? [] : [interval];
}

function togetherOrNull(rows: readonly Interval[]): Interval | null {
  return rows.length === 0 ? null : together(rows);
}

/** Fresh, or nobody knows; not told to stop, and of a server that says itself that it has the time. */
function isHeard(source: Source): boolean {
  return isFresh(source) !== false && !isKissed(source) && !isUnset(source);
}

/** Refids of a daemon that has just begun, or stepped (RFC 5905, 7.3 and 7.4). */
const UNSET = ['.INIT.', '.STEP.'];
const UNSYNCHRONISED_STRATUM = 16;

function isUnset(source: Source): boolean {
  return source.stratum === UNSYNCHRONISED_STRATUM || isDaemonsWord(source, UNSET);
}
