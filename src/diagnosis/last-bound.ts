import type { RunningDaemon } from '../host/collected.ts';
import { growsByItself, type LastBound } from './bound.ts';
import type { Facts } from './facts.ts';
import type { JudgedAt, RememberedBound } from './judgement.ts';
import { isLocalClock } from './sources.ts';

/**
 * What is remembered, by now. null: nothing, or it counts no more: a daemon that began since may have stepped the clock, and how old is
 * what lies ahead nobody knows.
 *
 * @param daemonAgeSeconds null: not known
 */
export function lastBoundOf(
  remembered: RememberedBound | undefined,
  judgedAt: JudgedAt | undefined,
  daemonAgeSeconds: number | null,
): LastBound | null {
  if (remembered === undefined || judgedAt === undefined || daemonAgeSeconds === null) return null;
  const ageSeconds = (judgedAt.nowMs - remembered.atMs) / 1000;
  return ageSeconds < 0 || daemonAgeSeconds < ageSeconds ? null : { boundMs: remembered.boundMs, ageSeconds };
}

/**
 * What the next tick must know of a clock that tells no bound of its own in holdover: the last that it told, of a daemon whose word stands still
 * then (ntpd-rs), or that lists its own undisciplined clock. Of others nothing. Decision 0100.
 *
 * @param remembered what counts of what was known
 */
export function boundToRemember(
  { contact, measures: { errorBoundMs }, collected: { system }, sources }: Facts,
  kind: RunningDaemon,
  judgedAt: JudgedAt | undefined,
  remembered: RememberedBound | null,
): RememberedBound | null {
  if (!contact.isSet || system === null || judgedAt === undefined) return null;
  if (contact.holdover === null && contact.isInTouch === true && errorBoundMs !== null) {
    const isLost = !growsByItself(kind, system) || sources.some(isLocalClock);
    return isLost ? { boundMs: roundedUp(errorBoundMs), atMs: judgedAt.nowMs } : null;
  }
  return remembered;
}

/** To a microsecond: digits beyond are noise, of which the memory of a large pod would be made. */
function roundedUp(ms: number): number {
  return Math.ceil(ms * 1000) / 1000;
}
