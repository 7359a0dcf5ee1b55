import type { Reach } from './source.ts';

/** Polls that the register remembers (RFC 5905, NTP_SHIFT). */
const POLLS = 8;

/**
 * Spells out a reach register as `ntpq -p` and `chronyc sources` keep it: 0..255, shifted left at each poll, the newest
 * poll in the low bit. Anything outside is a fault of the caller and throws a RangeError.
 */
export function reachOf(register: number): Reach {
  if (!Number.isInteger(register) || register < 0 || register > 255) {
    throw new RangeError(`a reach register holds 0 to 255, not ${register}`);
  }
  const bits: boolean[] = [];
  for (let age = POLLS - 1; age >= 0; age -= 1) bits.push(((register >> age) & 1) === 1);
  return { bits, heardOfLast8: bits.filter((heard) => heard).length, lastPollHeard: (register & 1) === 1 };
}

/** `377` -> 255: the register as the tools print it, octal, up to 377. null when it is not that. */
export function octalReach(text: string): number | null {
  if (!/^[0-7]{1,3}$/.test(text)) return null;
  const register = Number.parseInt(text, 8);
  return register <= 0o377 ? register : null;
}
