import { clockBehind, type FollowedBy, UNKNOWN_CLOCK } from './followed.ts';
import { allAgree, gapTo, type Interval, majorityOf, mostAgreeing, spanOf } from './intervals.ts';

/** Rows of one host: of so many of the first a name and whom it follows are known. */
export interface ComparedRows {
  names: readonly string[];
  followed: readonly string[];
  rows: readonly Interval[];
}

/** Where most of a host's rows, and most of the clocks behind them, agree. */
export interface Agreement {
  /** null: fewer than most share a point. */
  agreed: Interval | null;
  /** Of those that do not: how many there are, and how many of them share a point at most. */
  clocks: number;
  agreeing: number;
  /** The independent clocks. */
  of: number;
}

/** From the first to the last point that more than half of the rows hold, or more than half of the independent clocks behind them. */
export function agreementOf(compared: ComparedRows, followedBy: FollowedBy): Agreement {
  const { rows } = compared;
  const { votes, of } = independentOf(compared, followedBy);
  const byRows = majorityOf(rows);
  if (byRows === null) return { agreed: null, clocks: rows.length, agreeing: mostAgreeing(rows), of };
  const byClocks = majorityOf(votes, of);
  return {
    agreed: byClocks && spanOf([byRows, byClocks]),
    clocks: of,
    agreeing: mostAgreeing(votes),
    of,
  };
}

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
  { names, followed, rows }: ComparedRows,
  followedBy: FollowedBy,
): { votes: readonly Interval[]; of: number } {
  const areNamed = names.length === rows.length;
  if (areNamed && followOnePeer(names, followed, followedBy)) return { votes: rows, of: rows.length };
  const groups = new Map<string, Interval[]>();
  for (const [index, row] of rows.entries()) {
    const clock = clockBehind(followed[index] ?? UNKNOWN_CLOCK, followedBy.clock);
    const known = groups.get(clock);
    if (known) known.push(row);
    else groups.set(clock, [row]);
  }
  const unknown = groups.get(UNKNOWN_CLOCK);
  groups.delete(UNKNOWN_CLOCK);
  const votes = [...groups.values()].map(spanOf);
  const places = [...groups.values()].reduce((sum, group) => sum + (group.length === 1 || allAgree(group) ? 1 : 2), 0);
  const isApart = unknown?.some((row) => votes.every((vote) => gapTo(row, vote) !== 0));
  return { votes, of: places + (isApart ? 1 : 0) };
}

/**
 * The independent clocks behind rows of which each agrees with all others: `of` in `agreementOf`. One that follows nobody knows whom
 * stands with the others; of such ones alone there is none.
 */
export function clocksBehind({ names, followed }: Omit<ComparedRows, 'rows'>, followedBy: FollowedBy): number {
  if (followOnePeer(names, followed, followedBy)) return names.length;
  const clocks = new Set(followed.map((clock) => clockBehind(clock, followedBy.clock)));
  clocks.delete(UNKNOWN_CLOCK);
  return clocks.size;
}

function followOnePeer(names: readonly string[], followed: readonly string[], followedBy: FollowedBy): boolean {
  const peerOf = (name: string, index: number) => {
    const peer = followedBy.peer(name);
    return peer === undefined ? (followed[index] ?? null) : peer;
  };
  const peers = new Set(names.map(peerOf));
  return peers.size === 1 && !peers.has(null);
}
