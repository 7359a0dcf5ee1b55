/** Polls that a reach register remembers (RFC 5905, NTP_SHIFT). */
export const REACH_POLLS = 8;

/**
 * How many of the last eight polls a reach register says were heard. It is kept as `ntpq -p` and `chronyc sources` do: 0..255,
 * shifted left at each poll, the newest poll in the low bit. Anything outside is a fault of the caller and throws a RangeError.
 */
export function heardOfLast8(register: number): number {
  if (!Number.isInteger(register) || register < 0 || register > 255) {
    throw new RangeError(`a reach register holds 0 to 255, not ${register}`);
  }
  return HEARD[register] ?? 0;
}

/** How many bits are set in each register. */
const HEARD = Array.from(
  { length: 2 ** REACH_POLLS },
  (_, register) => register.toString(2).replaceAll('0', '').length,
);

/** Polls from one answer to the next, at the most that a register tells; of fewer than two answers one. The newest misses are no such: no answer has come since. */
export function pollsBetweenAnswers(register: number): number {
  return BETWEEN[register] ?? 1;
}

/** Of each register: a 1 is an answer, the zeros up to the next are polls that had none. */
const BETWEEN = Array.from({ length: 2 ** REACH_POLLS }, (_, register) =>
  Math.max(1, ...(register.toString(2).match(/10*(?=1)/g) ?? []).map((polls) => polls.length)),
);

/** `377` -> 255: the register as the tools print it, octal, up to 377. null when it is not that. */
export function octalReach(text: string): number | null {
  return REGISTERS.get(text) ?? null;
}

/** Each register by its one to three digits. */
const REGISTERS = new Map(
  HEARD.flatMap((_, register) =>
    [1, 2, 3].map((digits): [string, number] => [register.toString(8).padStart(digits, '0'), register]),
  ),
);
