import { count } from '../fleet/sentences.ts';
import { LEAVES_BELOW_PERCENT, leavesBelowMs } from './limits.ts';
import { millisecondsBeside } from './milliseconds.ts';
import type { Testimony } from './witnesses.ts';

/** One or two hosts may share a fault of their own: a path, a hypervisor, a file by hand. */
export const WITNESSES_WANTED = 3;

/** Of an upstream, or the time service, an alarm is all that comes: the boundary servers of the smallest pod that agree are enough. */
const UPSTREAM_WITNESSES_WANTED = 2;

/** What all that hear a clock say of it. */
export interface Hearing {
  /** How many hear it freshly, compare it or not, and do not abstain. */
  hearers: number;
  /** How many of them compare it with others. */
  witnesses: number;
  /** How many of them say that it stands apart. */
  accusers: number;
  /** By how much, as the accuser in the middle has it; positive when the clock is ahead. null: nobody accuses it. */
  offMs: number | null;
}

export const UNHEARD: Hearing = { hearers: 0, witnesses: 0, accusers: 0, offMs: null };

/** Of each clock that anybody hears. */
export function hearAll(testimonies: Iterable<Testimony>): Map<string, Hearing> {
  const heard = new Map<string, { hearers: number; witnesses: number; offs: number[] }>();
  const hearingOf = (clock: string) => {
    const known = heard.get(clock) ?? { hearers: 0, witnesses: 0, offs: [] };
    heard.set(clock, known);
    return known;
  };
  for (const testimony of testimonies) {
    if (testimony.kind === 'abstains') continue;
    for (const clock of testimony.uncompared) hearingOf(clock).hearers += 1;
    if (testimony.kind === 'silent') continue;
    for (const clock of testimony.clocks) {
      const hearing = hearingOf(clock);
      hearing.hearers += 1;
      hearing.witnesses += 1;
    }
    for (const { clock, offMs } of testimony.against) hearingOf(clock).offs.push(offMs);
  }
  return new Map(
    [...heard].map(([clock, { hearers, witnesses, offs }]) => [
      clock,
      { hearers, witnesses, accusers: offs.length, offMs: middleOf(offs) },
    ]),
  );
}

/** The lower of the two in the middle: a number that somebody saw. */
function middleOf(numbers: readonly number[]): number | null {
  return numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? null;
}

/**
 * What becomes of a clock. A minority of those that hear it moves nothing, however many they are: one that has too few sources to compare
 * it does not accuse it, else three could outvote five hundred.
 *
 * | of those that hear it accuse it                    | it is |
 * | -------------------------------------------------- | ----- |
 * | more than half, and at least `WITNESSES_WANTED`    | contradicted |
 * | more than half, but fewer                          | unwitnessed: told, and believed by nobody |
 * | half or less                                       | as it was |
 */
export function rulingOf({ hearers, accusers }: Hearing, wanted: number): 'contradicted' | 'unwitnessed' | null {
  if (2 * accusers <= hearers) return null;
  return accusers >= wanted ? 'contradicted' : 'unwitnessed';
}

/** Whether too few compare it for a ruling, whatever they see. */
export function isUnwitnessed({ hearers, witnesses }: Hearing): boolean {
  return witnesses < WITNESSES_WANTED || 2 * witnesses <= hearers;
}

/** Whether enough compare it, and most of them find it where the others agree: what silence never says. */
export function isAcquitted({ witnesses, accusers }: Hearing): boolean {
  return witnesses >= WITNESSES_WANTED && 2 * accusers <= witnesses;
}

/** Of a boundary server, which its clients convict. */
export function rulingOfServer(hearing: Hearing): ReturnType<typeof rulingOf> {
  return rulingOf(hearing, WITNESSES_WANTED);
}

/** Of an upstream or the time service, which boundary servers accuse. */
export function rulingOfUpstream(hearing: Hearing): ReturnType<typeof rulingOf> {
  return rulingOf(hearing, UPSTREAM_WITNESSES_WANTED);
}

/** `12 of 12 clients see it 8.1 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest)`: without a full stop. */
export function hearingText(
  { hearers, accusers, offMs }: Hearing,
  { witness, clock, limitMs }: { witness: string; clock: string; limitMs: number },
): string {
  const off = offMs ?? 0;
  const where = off > 0 ? 'ahead of' : 'behind';
  const see = hearers === 1 ? 'sees' : 'see';
  const isLate = Math.abs(off) <= limitMs;
  const apart = millisecondsBeside(Math.abs(off), isLate ? leavesBelowMs(limitMs) : limitMs);
  const limit = isLate
    ? `not yet below ${leavesBelowMs(limitMs)} ms, ${LEAVES_BELOW_PERCENT} % of the limit of ${limitMs} ms, which it was over`
    : `limit ${limitMs} ms`;
  return `${accusers} of ${count(hearers, witness)} ${see} ${clock} ${apart} ${where} where ${hearers === 1 ? 'its' : 'their'} other sources agree (${limit}; so while each host's majority is honest)`;
}
