import { count } from '../fleet/sentences.ts';
import { LEAVES_BELOW_PERCENT, leavesBelowMs } from './limits.ts';
import { millisecondsBeside } from './milliseconds.ts';
import type { Testimony } from './testimony.ts';

/** One or two hosts may share a fault of their own: a path, a hypervisor, a file by hand. */
export const WITNESSES_WANTED = 3;

/**
 * Of all that hear a server freshly, so large a share must accuse it. Hosts that cannot say a word of it (systemd-timesyncd, a daemon that
 * starts, an answer that was cut) do not speak for it: counted so they would shield a liar that all who compare it see. Nor may a handful
 * convict for thousands of those. A quarter is a share that chance does not reach, and that leaves a fleet room for three such hosts beside
 * each that compares.
 */
export const SHARE_WANTED = 0.25;

/** Of an upstream, or the time service, an alarm is all that comes: the boundary servers of the smallest pod that agree are enough. */
const UPSTREAM_WITNESSES_WANTED = 2;

/** What all that hear a clock say of it. */
export interface Hearing {
  /** How many hear it freshly, compare it or not. */
  hearers: number;
  /** How many of them compare it with others, and can tell who is wrong. */
  witnesses: number;
  /** How many of its witnesses clear it. */
  cleared: number;
  /** How many of the others see it stand with most of what they hear. */
  agreeing: number;
  /** How many of its witnesses say that it stands apart. */
  accusers: number;
  /** By how much, as the accuser in the middle has it; positive when the clock is ahead. null: nobody accuses it. */
  offMs: number | null;
  /** By how much it is off the true time at the most, as the accuser has it who says the most. null: nobody accuses it. */
  mostMs: number | null;
}

export const UNHEARD: Hearing = {
  hearers: 0,
  witnesses: 0,
  cleared: 0,
  agreeing: 0,
  accusers: 0,
  offMs: null,
  mostMs: null,
};

/** Of each clock that anybody hears. */
export function hearAll(testimonies: Iterable<Testimony>): Map<string, Hearing> {
  const heard = new Map<string, Omit<Hearing, 'accusers' | 'offMs'> & { offs: number[] }>();
  const hearingOf = (clock: string) => {
    const known = heard.get(clock) ?? { hearers: 0, witnesses: 0, cleared: 0, agreeing: 0, offs: [], mostMs: null };
    heard.set(clock, known);
    return known;
  };
  for (const [testimony, hosts] of counted(testimonies)) {
    for (const clock of testimony.uncompared) hearingOf(clock).hearers += hosts;
    if (testimony.kind !== 'testifies') {
      for (const clock of testimony.together) hearingOf(clock).agreeing += hosts;
      continue;
    }
    for (const clock of testimony.clocks) {
      const hearing = hearingOf(clock);
      hearing.hearers += hosts;
      hearing.witnesses += hosts;
    }
    for (const clock of testimony.cleared) hearingOf(clock).cleared += hosts;
    for (const { clock, offMs, mostMs } of testimony.against) {
      const hearing = hearingOf(clock);
      for (let host = 0; host < hosts; host += 1) hearing.offs.push(offMs);
      hearing.mostMs = Math.max(hearing.mostMs ?? 0, mostMs);
    }
  }
  return new Map(
    [...heard].map(([clock, { offs, ...hearing }]) => [
      clock,
      { ...hearing, accusers: offs.length, offMs: middleOf(offs) },
    ]),
  );
}

/** Hosts that hear the same share one testimony (`witnessReader`). */
function counted(testimonies: Iterable<Testimony>): Map<Testimony, number> {
  const hosts = new Map<Testimony, number>();
  for (const testimony of testimonies) hosts.set(testimony, (hosts.get(testimony) ?? 0) + 1);
  return hosts;
}

/** The lower of the two in the middle: a number that somebody saw. */
function middleOf(numbers: readonly number[]): number | null {
  return numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? null;
}

/** What becomes of a clock of which its witnesses think ill. */
export type Ruling = 'contradicted' | 'unwitnessed';

/**
 * What becomes of a clock. A minority of its witnesses (those that compare it) moves nothing, however many they are.
 *
 * | accuse it                                                    | it is |
 * | ------------------------------------------------------------ | ----- |
 * | more than half of its witnesses, and as many as are wanted   | contradicted |
 * | more than half of its witnesses, but fewer                   | unwitnessed: told, and believed by nobody |
 * | half of its witnesses, or less                               | as it was |
 */
function rulingOf({ witnesses, accusers }: Hearing, wanted: number): Ruling | null {
  if (2 * accusers <= witnesses) return null;
  return accusers >= wanted ? 'contradicted' : 'unwitnessed';
}

/**
 * So many must accuse a server: three, a quarter of all that hear it, and more than half of those that say anything of it. Those that cannot
 * find out who is wrong (too few clocks, or no majority of them), and see it stand with most of the rows that they hear, say that much: in a pod of two
 * servers, or of three behind one upstream, three hosts could invent a third source, and be all that compare. Decision 0099.
 */
export function accusersWanted({ hearers, witnesses, agreeing }: Hearing): { accusers: number; why: string } {
  const wanted = [
    { accusers: WITNESSES_WANTED, why: '' },
    { accusers: Math.ceil(SHARE_WANTED * hearers), why: `a quarter of the ${hearers} that hear it` },
    { accusers: majority(witnesses + agreeing), why: `most of the ${witnesses + agreeing} that see it beside others` },
  ];
  return wanted.reduce((most, each) => (each.accusers > most.accusers ? each : most));
}

function majority(number: number): number {
  return Math.floor(number / 2) + 1;
}

/** Of a boundary server, which its clients convict. */
export function rulingOfServer(hearing: Hearing): Ruling | null {
  return rulingOf(hearing, accusersWanted(hearing).accusers);
}

/** Of an upstream or the time service, which boundary servers accuse: an alarm is all that comes of it, so those that cannot compare it do not count. */
export function rulingOfUpstream(hearing: Hearing): Ruling | null {
  return rulingOf(hearing, UPSTREAM_WITNESSES_WANTED);
}

/** Whether a server that was withdrawn is still accused: as one that is convicted is, but by fewer than three where fewer hear it. */
export function isAccused(hearing: Hearing): boolean {
  const { hearers, witnesses, agreeing, accusers } = hearing;
  return accusers >= SHARE_WANTED * hearers && accusers >= majority(witnesses + agreeing);
}

/** Whether too few compare it for a ruling, whatever they see. */
export function isUnwitnessed(hearing: Hearing): boolean {
  return hearing.witnesses < Math.max(WITNESSES_WANTED, SHARE_WANTED * hearing.hearers);
}

/**
 * Whether enough can tell, and as many find it where the others agree as accuse it. Silence never says that, nor does a witness that accuses
 * nobody because its rows are old.
 */
export function isAcquitted({ cleared, accusers }: Hearing): boolean {
  return cleared + accusers >= WITNESSES_WANTED && accusers <= cleared;
}

/**
 * `12 of 12 clients see it 8.1 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest)`, and
 * where there are such `; 3 more hear it and cannot compare it`: without a full stop.
 */
export function hearingText(
  { hearers, witnesses, accusers, offMs }: Hearing,
  { witness, clock, limitMs }: { witness: string; clock: string; limitMs: number },
): string {
  const off = offMs ?? 0;
  const where = off > 0 ? 'ahead of' : 'behind';
  const see = witnesses === 1 ? 'sees' : 'see';
  const isLate = Math.abs(off) <= limitMs;
  const apart = millisecondsBeside(Math.abs(off), isLate ? leavesBelowMs(limitMs) : limitMs);
  const limit = isLate
    ? `not yet below ${leavesBelowMs(limitMs)} ms, ${LEAVES_BELOW_PERCENT} % of the limit of ${limitMs} ms, which it was over`
    : `limit ${limitMs} ms`;
  const others = hearers - witnesses;
  const more = others === 0 ? '' : `; ${others} more ${others === 1 ? 'hears' : 'hear'} it and cannot compare it`;
  return `${accusers} of ${count(witnesses, witness)} ${see} ${clock} ${apart} ${where} where ${witnesses === 1 ? 'its' : 'their'} other sources agree (${limit}; so while each host's majority is honest)${more}`;
}
