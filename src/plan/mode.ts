/**
 * What podtime may do in a pod; SSM parameters `/podtime/STAGE/POD/mode` and, for all pods, `/podtime/STAGE/mode`.
 * Unreadable = `observe`.
 */
export const MODES = ['observe', 'act', 'hold'] as const;

export type Mode = (typeof MODES)[number];

/** What each lets podtime do, the least first. */
const BY_STRICTNESS: readonly Mode[] = ['observe', 'hold', 'act'];

/** `mode hold`, `mode observe (because who is withdrawn is forgotten)`. */
export function modeWords(mode: Mode, reason?: string): string {
  return `mode ${mode}${reason === undefined ? '' : ` (${reason})`}`;
}

/** Of two modes the one that lets podtime do less. */
export function stricterOf(one: Mode, other: Mode): Mode {
  return BY_STRICTNESS.indexOf(one) < BY_STRICTNESS.indexOf(other) ? one : other;
}
