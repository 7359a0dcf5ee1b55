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
 * none that was told to stop, or whose server is not synchronised, or ends in an undisciplined clock. Rows of one server count once. Around a leap second those of each
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
  let nameless = 0;
  for (const source of sources) {
    if (!isHeard(source)) continue;
    const name = clocks.nameOf(source);
    if (name === null) {
      if (isSource(source)) nameless += 1;
      continue;
    }
    if (isBoundary && clocks.isServer(name)) continue;
    const interval = isCompared && isFresh(source) ? intervalOf(source, daemon) : null;
    const measured = interval && stretched(interval, -agedMs(source));
    const known = heard.get(name);
    if (known === undefined) {
      const followed = clockFollowed(source, clocks, name);
      heard.set(name, { name, followed, rows: listOf(interval), measured: listOf(measured) });
    } else {
      known.rows.push(...listOf(interval));
      known.measured.push(...listOf(measured));
    }
  }
  const all = [...heard.values()];
  const ofClass = (smear: SmearClass | null) => {
    const chosen = classOf === null ? all : all.filter(({ name }) => classOf(name) === smear);
    const names = shared(chosen.map(({ name }) => name));
    const followed = shared(chosen.map((clock) => clock.followed));
    if (!isCompared) return { names, followed, intervals: null, measured: null, nameless };
    const intervals = chosen.map(({ rows }) => togetherOrNull(rows));
    const measured = chosen.map((clock) => togetherOrNull(clock.measured));
    const agree = nameless === 0 && agreeWithin(intervals, stretchMs) && agreeWithin(measured, stretchMs);
    if (agree) return { names, followed, intervals: null, measured: null, nameless, agree };
    return { names, followed, intervals: packed(intervals), measured: packed(measured), nameless };
  };
  if (classOf === null) return all.length === 0 ? [] : [ofClass(null)];
  return SMEAR_CLASSES.map(ofClass).filter(({ names }) => names.length > 0);
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

/** Fresh, or nobody knows; not told to stop, and of a server that says itself that it has the time, from a true clock. */
function isHeard(source: Source): boolean {
  return isFresh(source) !== false && !isKissed(source) && !isUnset(source) && !endsInLocalClock(source);
}

/** Refids of a daemon that has just begun, or stepped (RFC 5905, 7.3 and 7.4). */
const UNSET = ['.INIT.', '.STEP.'];
const UNSYNCHRONISED_STRATUM = 16;

function isUnset(source: Source): boolean {
  return source.stratum === UNSYNCHRONISED_STRATUM || isDaemonsWord(source, UNSET);
}
