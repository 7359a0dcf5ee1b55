import { count } from '../fleet/sentences.ts';
import { testimonyWith, withAstray } from './astray-clocks.ts';
import type { FollowedBy } from './followed.ts';
import type { HeardClocks } from './heard-clocks.ts';
import { agreementOf, clocksBehind } from './independent-clocks.ts';
import { gapTo, type Interval, majorityOf, stretched } from './intervals.ts';
import { leavesBelowMs } from './limits.ts';
import { unpacked } from './packed-intervals.ts';
import type { Accusation, Testimony } from './testimony.ts';

/** With two clocks that differ nobody knows which is wrong. */
const FEWEST_CLOCKS = 3;

/**
 * The second pass: what one host says of the clocks that it hears, when it is known whom boundary servers follow.
 *
 * Two clocks agree where their intervals come within `disagreementMs` of each other, which is what servers across the internet differ
 * by though each is honest. Each interval is stretched by half of that. What is accused lies outside both of where more than half of
 * the rows agree, and of where more than half of the independent clocks do (`agreementOf`). So it accuses no honest server while
 * more than half of the servers that it hears are honest, or more than half of the clocks that these follow (true time within the
 * interval, give or take half the limit), whomever its daemon follows: neither servers that follow one liar, nor some that call
 * themselves independent, are a majority. Its own clock is in each offset alike, and cancels out. Decision 0082.
 *
 * A row that it hears and cannot read may stand anywhere, so it is taken both ways (decision 0099):
 *
 * | the clock stands                                                  | it is |
 * | ----------------------------------------------------------------- | ----- |
 * | outside where most would agree if every such row stood there too  | accused |
 * | where most agree though every such row stood elsewhere            | found right |
 * | between the two, or its own row is such a one                     | not compared |
 *
 * Where the rows that it can read are no majority of all, it is silent.
 *
 * A clock that ends in an undisciplined one by its own word is compared, and stands up for nobody (`testimonyWith`).
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
  const [first, second] = testimonies;
  if (first !== undefined && second === undefined) return first;
  const uncompared = testimonies.flatMap((each) => each.uncompared);
  const testifying = testimonies.filter((each) => each.kind === 'testifies');
  if (testifying.length > 0) {
    return {
      kind: 'testifies',
      clocks: testifying.flatMap(({ clocks }) => clocks),
      cleared: testifying.flatMap(({ cleared }) => cleared),
      against: testifying.flatMap(({ against }) => against),
      uncompared,
    };
  }
  const abstaining = testimonies.find((each) => each.kind === 'abstains');
  const together = testimonies.flatMap(togetherIn);
  return abstaining ? { ...abstaining, uncompared, together } : { kind: 'silent', uncompared, together };
}

/** What hosts say, of those that hear the same once. */
export function witnessReader(
  followedBy: FollowedBy,
  disagreementMs: number,
  contradictedBefore: ReadonlySet<string> = NONE,
): (sets: readonly HeardClocks[]) => Testimony {
  const testimonies = new Map<readonly HeardClocks[], Testimony>();
  return (sets) => {
    const known = testimonies.get(sets) ?? testimonyOf(sets, followedBy, disagreementMs, contradictedBefore);
    testimonies.set(sets, known);
    return known;
  };
}

function togetherIn(testimony: Testimony): readonly string[] {
  return testimony.kind === 'testifies' ? NO_CLOCKS : testimony.together;
}

const NONE: ReadonlySet<string> = new Set();

/** Where a row may stand that cannot be read. */
const ANYWHERE: Interval = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
/** The same, taken to stand with no other. */
const NOWHERE: Interval = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };

function compared(
  heard: HeardClocks,
  followedBy: FollowedBy,
  disagreementMs: number,
  contradictedBefore: ReadonlySet<string>,
): Testimony {
  if (heard.agree) return whereAllAgree(heard, followedBy);
  const testimony = comparedByRows(heard, followedBy, disagreementMs, contradictedBefore);
  const { astray } = heard;
  if (astray === undefined) return testimony;
  const ofAll = comparedByRows(withAstray(heard, astray), followedBy, disagreementMs, contradictedBefore);
  return testimonyWith(testimony, ofAll, astray.names);
}

/** The same of any set, row by row. */
export function comparedByRows(
  heard: HeardClocks,
  followedBy: FollowedBy,
  disagreementMs: number,
  contradictedBefore: ReadonlySet<string>,
): Testimony {
  const testimony = comparedBy(heard.intervals, heard, followedBy, disagreementMs, contradictedBefore);
  if (testimony.kind !== 'testifies') return testimony;
  const measured = comparedBy(heard.measured, heard, followedBy, disagreementMs, contradictedBefore);
  if (measured.kind !== 'testifies') return testimony;
  const accused = [...testimony.against, ...measured.against].map(({ clock }) => clock);
  return { ...testimony, cleared: without(testimony.clocks, [...measured.uncompared, ...accused]) };
}

/** That point is then where most agree, and nobody is accused, nor in doubt. */
function whereAllAgree(heard: HeardClocks, followedBy: FollowedBy): Testimony {
  const { names } = heard;
  if (clocksBehind(heard, followedBy) < FEWEST_CLOCKS) {
    return { kind: 'silent', uncompared: names, together: names.length < 2 ? NO_CLOCKS : names };
  }
  return { kind: 'testifies', clocks: names, cleared: names, against: NOBODY, uncompared: NO_CLOCKS };
}

/** What it says by intervals of the one kind; it clears nobody yet. */
function comparedBy(
  numbers: HeardClocks['intervals'],
  heard: HeardClocks,
  followedBy: FollowedBy,
  disagreementMs: number,
  contradictedBefore: ReadonlySet<string>,
): Testimony {
  const { names, nameless, astrayNames = 0 } = heard;
  if (numbers === null) return silentOf(names);
  const intervals = unpacked(numbers);
  const rowsWith = (unread: Interval): Interval[] => {
    const rows = intervals.map((row) => (row === null ? unread : stretched(row, disagreementMs / 2)));
    return [...rows, ...Array<Interval>(nameless).fill(unread)];
  };
  const agreementWith = (unread: Interval) => agreementOf({ ...heard, rows: rowsWith(unread) }, followedBy);
  if (astrayNames > 0 && !agreeWithout(names.length - astrayNames, heard, rowsWith(NOWHERE), followedBy)) {
    return silentOf(names);
  }
  const widest = agreementWith(ANYWHERE);
  const { agreed, clocks, agreeing } = widest;
  const isComparing = widest.of >= FEWEST_CLOCKS;
  if (!isComparing || agreed === null) {
    const together = togetherOf(names, rowsWith(NOWHERE));
    return isComparing
      ? { kind: 'abstains', clocks, agreeing, uncompared: names, together }
      : { kind: 'silent', uncompared: names, together };
  }
  const isAllRead = nameless === 0 && !intervals.includes(null);
  const sure = isAllRead ? agreed : agreementWith(NOWHERE).agreed;
  if (sure === null) return silentOf(names);
  const limitOf = (clock: string) => (contradictedBefore.has(clock) ? leavesBelowMs(disagreementMs) : disagreementMs);
  return {
    kind: 'testifies',
    cleared: NO_CLOCKS,
    ...sorted(names, intervals, { agreed, sure, disagreementMs, limitOf }),
  };
}

function silentOf(names: readonly string[]): Testimony {
  return { kind: 'silent', uncompared: names, together: NO_CLOCKS };
}

/** Whether more than half of all agree, though those from `first` on agree with nobody: they end in an undisciplined clock, or have no name. */
function agreeWithout(first: number, heard: HeardClocks, rows: readonly Interval[], followedBy: FollowedBy): boolean {
  const without = rows.map((row, index) => (index < first ? row : NOWHERE));
  return agreementOf({ ...heard, rows: without }, followedBy).agreed !== null;
}

/** Of two at the least, whom it sees stand where more than half of all its rows do: one alone has nobody to stand with. */
function togetherOf(names: readonly string[], rows: readonly Interval[]): readonly string[] {
  const most = rows.length < 2 ? null : majorityOf(rows);
  if (most === null) return NO_CLOCKS;
  return names.filter((_, index) => gapTo(rows[index] ?? NOWHERE, most) === 0);
}

/** Less than a nanosecond is noise of the arithmetic: no daemon prints so little. */
const NOISE_MS = 1e-6;

/** Whom it accuses, whom it finds right, and of whom it cannot say. */
function sorted(
  names: readonly string[],
  intervals: readonly (Interval | null)[],
  within: { agreed: Interval; sure: Interval; disagreementMs: number; limitOf: (clock: string) => number },
) {
  const { agreed, sure, disagreementMs, limitOf } = within;
  const against: Accusation[] = [];
  const uncompared: string[] = [];
  for (const [index, row] of intervals.entries()) {
    const clock = names[index] ?? '';
    if (row === null) {
      uncompared.push(clock);
      continue;
    }
    const limitMs = limitOf(clock);
    // the other half is what the others were stretched by
    const reaching = stretched(row, limitMs - disagreementMs / 2);
    const gap = gapTo(reaching, agreed);
    // what was stretched is part of the distance
    if (Math.abs(gap) > NOISE_MS) {
      const mostMs = Math.max(row.high - agreed.low, agreed.high - row.low);
      against.push({ clock, offMs: gap + Math.sign(gap) * limitMs, mostMs });
    } else if (Math.abs(gapTo(reaching, sure)) > NOISE_MS) uncompared.push(clock);
  }
  return {
    clocks: without(names, uncompared),
    against: against.length === 0 ? NOBODY : against,
    uncompared: uncompared.length === 0 ? NO_CLOCKS : uncompared,
  };
}

/** One list for all that are the same. */
function without(names: readonly string[], some: readonly string[]): readonly string[] {
  return some.length === 0 ? names : names.filter((name) => !some.includes(name));
}

const NOBODY: readonly Accusation[] = [];
const NO_CLOCKS: readonly string[] = [];

/** What a host is told that cannot say which of its sources are wrong; null of any other. */
export function abstentionSentence(testimony: Testimony, disagreementMs: number): string | null {
  if (testimony.kind !== 'abstains') return null;
  const { clocks, agreeing } = testimony;
  const wanted = Math.floor(clocks / 2) + 1;
  return `its sources disagree: no more than ${agreeing} of ${count(clocks, 'clock')} stand within ${disagreementMs} ms of each other (${wanted} wanted).`;
}
