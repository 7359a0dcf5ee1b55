import { count } from '../fleet/sentences.ts';
import { millisecondsBeside } from './milliseconds.ts';
import type { Testimony } from './witnesses.ts';

/** One or two hosts may share a fault of their own: a path, a hypervisor, a file by hand. */
export const WITNESSES_WANTED = 3;

/** Of an upstream, or the time service, an alarm is all that comes: the boundary servers of the smallest pod that agree are enough. */
const UPSTREAM_WITNESSES_WANTED = 2;

/** What all that hear a clock say of it. */
export interface Hearing {
  /** How many compare it with others, and do not abstain. */
  witnesses: number;
  /** How many of them say that it stands apart. */
  accusers: number;
  /** By how much, as the accuser in the middle has it; positive when the clock is ahead. null: nobody accuses it. */
  offMs: number | null;
}

export const UNHEARD: Hearing = { witnesses: 0, accusers: 0, offMs: null };

/** Of each clock that anybody testifies about. */
export function hearAll(testimonies: Iterable<Testimony>): Map<string, Hearing> {
  const witnesses = new Map<string, number>();
  const accusations = new Map<string, number[]>();
  for (const testimony of testimonies) {
    if (testimony.kind !== 'testifies') continue;
    for (const clock of testimony.clocks) witnesses.set(clock, (witnesses.get(clock) ?? 0) + 1);
    for (const { clock, offMs } of testimony.against) {
      const known = accusations.get(clock);
      if (known) known.push(offMs);
      else accusations.set(clock, [offMs]);
    }
  }
  return new Map(
    [...witnesses].map(([clock, heard]) => {
      const offs = accusations.get(clock) ?? [];
      return [clock, { witnesses: heard, accusers: offs.length, offMs: middleOf(offs) }];
    }),
  );
}

/** The lower of the two in the middle: a number that somebody saw. */
function middleOf(numbers: readonly number[]): number | null {
  return numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? null;
}

/**
 * What becomes of a clock. A minority of its witnesses moves nothing, however many they are.
 *
 * | of its witnesses accuse it                         | it is |
 * | -------------------------------------------------- | ----- |
 * | more than half, and at least `WITNESSES_WANTED`    | contradicted |
 * | more than half, but fewer                          | unwitnessed: told, and believed by nobody |
 * | half or less                                       | as it was |
 */
export function rulingOf({ witnesses, accusers }: Hearing, wanted: number): 'contradicted' | 'unwitnessed' | null {
  if (2 * accusers <= witnesses) return null;
  return accusers >= wanted ? 'contradicted' : 'unwitnessed';
}

/** Of a boundary server, which its clients convict. */
export function rulingOfServer(hearing: Hearing): ReturnType<typeof rulingOf> {
  return rulingOf(hearing, WITNESSES_WANTED);
}

/** Of an upstream or the time service, which boundary servers accuse. */
export function rulingOfUpstream(hearing: Hearing): ReturnType<typeof rulingOf> {
  return rulingOf(hearing, UPSTREAM_WITNESSES_WANTED);
}

/** `12 of 12 clients see it 8.1 ms ahead of where their other sources agree (limit 5 ms)`: without a full stop. */
export function hearingText(
  { witnesses, accusers, offMs }: Hearing,
  { witness, clock, limitMs }: { witness: string; clock: string; limitMs: number },
): string {
  const off = offMs ?? 0;
  const where = off > 0 ? 'ahead of' : 'behind';
  const see = accusers === 1 && witnesses === 1 ? 'sees' : 'see';
  const apart = millisecondsBeside(Math.abs(off), limitMs);
  return `${accusers} of ${count(witnesses, witness)} ${see} ${clock} ${apart} ${where} where ${witnesses === 1 ? 'its' : 'their'} other sources agree (limit ${limitMs} ms)`;
}
