import { SMEAR_CLASSES, type SmearClass } from '../fleet/fleet.ts';
import { count } from '../fleet/sentences.ts';
import type { RunningDaemon } from '../host/collected.ts';
import type { Source } from '../ntp/source.ts';
import type { ClockNames } from './clock-names.ts';
import { isFresh } from './freshness.ts';
import { gapTo, type Interval, intervalOf, majorityOf, mostAgreeing, together } from './intervals.ts';
import { isKissed } from './sources.ts';

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
 * `silent`: it has fewer than three to compare, or some of its rows are not known. `abstains`: no more than half of its clocks agree, so
 * that it cannot tell who is wrong. `testifies`: of each of `clocks`, that it stands where the others agree, or that it does not.
 */
export type Testimony =
  | { kind: 'silent' }
  | { kind: 'abstains'; clocks: number; agreeing: number }
  | { kind: 'testifies'; clocks: readonly string[]; against: readonly Accusation[] };

export const SILENT: Testimony = { kind: 'silent' };

/** What a host shows of its sources. */
export interface WitnessedRows {
  daemon: RunningDaemon;
  sources: readonly Source[];
  /** No row is missing: a majority of some of the rows may be a minority of all. */
  sourcesComplete: boolean;
}

export interface WitnessContext {
  clocks: ClockNames;
  /** Whether the witness is a boundary server itself: then it says nothing of the others of its pod, which may follow it. */
  isBoundary: boolean;
  disagreementMs: number;
  /** Around a leap second: clocks of different smear classes are not compared, nor is one of a class that is not known (null). null: not near one. */
  classOf: ((clock: string) => SmearClass | null) | null;
  /** Gives one list for all that are the same. */
  shared: (list: string[]) => readonly string[];
}

/**
 * What one host's rows say of the clocks behind them: all fresh rows, also those that the daemon does not follow (`x`, `noselect`), but
 * none that was told to stop, whose server is not synchronised, or that is not known to be one clock's alone. Rows of one clock count
 * once.
 *
 * Two clocks agree where their intervals come within `disagreementMs` of each other, which is what servers across the internet differ
 * by though each is honest. A clock is accused that no stretching of its own interval by half of that, and of the others' by as much,
 * brings to where more than half of the clocks agree. So while more than half of a witness's clocks are honest (true time within their
 * interval, give or take half the limit) it accuses no honest one, whomever its daemon follows. Its own clock is in each offset
 * alike, and cancels out: a host that is adrift testifies as well as any.
 * Decision 0082.
 */
export function testimonyOf({ daemon, sources, sourcesComplete }: WitnessedRows, context: WitnessContext): Testimony {
  const { clocks, isBoundary } = context;
  if (!sourcesComplete || sources.length < FEWEST_CLOCKS) return SILENT;
  const names: string[] = [];
  const rows: Interval[][] = [];
  for (const source of sources) {
    const name = isHeard(source) ? clocks.nameOf(source) : null;
    if (name === null || (isBoundary && clocks.isServer(name))) continue;
    const interval = intervalOf(source, daemon);
    if (interval === null) continue;
    const known = names.indexOf(name);
    if (known >= 0) rows[known]?.push(interval);
    else rows[names.push(name) - 1] = [interval];
  }
  return context.classOf === null
    ? compared(names, rows, context)
    : comparedByClass(names, rows, context, context.classOf);
}

/** Each class by itself. Where one of them testifies and another cannot tell, the first is heard. */
function comparedByClass(
  names: readonly string[],
  rows: readonly Interval[][],
  context: WitnessContext,
  classOf: NonNullable<WitnessContext['classOf']>,
): Testimony {
  const testimonies = SMEAR_CLASSES.map((smear) => {
    const places = names.flatMap((name, place) => (classOf(name) === smear ? [place] : []));
    return compared(
      places.map((place) => names[place] ?? ''),
      places.map((place) => rows[place] ?? []),
      context,
    );
  });
  const [first, ...others] = testimonies.filter((each) => each.kind === 'testifies');
  if (first === undefined) return testimonies.find(({ kind }) => kind === 'abstains') ?? SILENT;
  return {
    kind: 'testifies',
    clocks: context.shared([first, ...others].flatMap(({ clocks }) => clocks)),
    against: [first, ...others].flatMap(({ against }) => against),
  };
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

/** Less than a nanosecond is noise of the arithmetic: no daemon prints so little. */
const NOISE_MS = 1e-6;

function compared(
  names: string[],
  rows: readonly Interval[][],
  { disagreementMs, shared }: Pick<WitnessContext, 'disagreementMs' | 'shared'>,
): Testimony {
  if (names.length < FEWEST_CLOCKS) return SILENT;
  const intervals = rows.map((ofClock) => stretched(together(ofClock), disagreementMs / 2));
  const agreed = majorityOf(intervals);
  if (agreed === null) return { kind: 'abstains', clocks: names.length, agreeing: mostAgreeing(intervals) };
  const against: Accusation[] = [];
  for (const [index, interval] of intervals.entries()) {
    const gap = gapTo(interval, agreed);
    // what was stretched is part of the distance
    if (Math.abs(gap) > NOISE_MS)
      against.push({ clock: names[index] ?? '', offMs: gap + Math.sign(gap) * disagreementMs });
  }
  return { kind: 'testifies', clocks: shared(names), against: against.length === 0 ? NOBODY : against };
}

const NOBODY: readonly Accusation[] = [];

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
