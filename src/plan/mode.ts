/**
 * What podtime may do in a pod; SSM parameters `/podtime/STAGE/POD/mode` and, for all pods, `/podtime/STAGE/mode`.
 * Unreadable = `observe`.
 */
export const MODES = ['observe', 'act', 'hold'] as const;

export type Mode = (typeof MODES)[number];

/** What each lets podtime do, the least first. */
const BY_STRICTNESS: readonly Mode[] = ['observe', 'hold', 'act'];

/** What keeps podtime from a part of what the operator's mode lets it do. */
export interface ModeLimit {
  mode: Mode;
  /** As it follows the mode in a sentence: `because …`. */
  reason: string;
}

/** What podtime may do: the stricter of the operator's mode and what limits it. */
export function limitedMode(mode: Mode, limit?: ModeLimit): Mode {
  return limit === undefined ? mode : stricterOf(mode, limit.mode);
}

/** `mode hold`, `mode hold (because who is withdrawn is forgotten)`: the reason where the operator's mode would let podtime do more. */
export function modeWords(mode: Mode, limit?: ModeLimit): string {
  if (limit === undefined || stricterOf(mode, limit.mode) === mode) return `mode ${mode}`;
  return `mode ${limit.mode} (${limit.reason})`;
}

/** Of two modes the one that lets podtime do less. */
export function stricterOf(one: Mode, other: Mode): Mode {
  return BY_STRICTNESS.indexOf(one) < BY_STRICTNESS.indexOf(other) ? one : other;
}
