import type { Host, Pod } from '../fleet/fleet.ts';
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
  const last = agedBound(remembered, judgedAt);
  return last.ageSeconds < 0 || daemonAgeSeconds < last.ageSeconds ? null : last;
}

export function agedBound({ boundMs, atMs }: RememberedBound, { nowMs }: JudgedAt): LastBound {
  return { boundMs, ageSeconds: (nowMs - atMs) / 1000 };
}

/** Whether its clock may become that by which its pod keeps one time. */
export function keepsTogether({ tier }: Pick<Host, 'tier'>, { together }: Pick<Pod, 'together'>): boolean {
  return together && tier === 'boundary';
}

/**
 * What is remembered of servers that keep one time; of other pods' nothing. A daemon that began since counts too: alone it serves its clock
 * only once another has set it (`waitsynced`), which is one of these. Decision 0095.
 */
export function boundsOfServers(
  pod: Pick<Pod, 'together'>,
  hosts: readonly Host[],
  remembered: Readonly<Record<string, RememberedBound>> = {},
): RememberedBound[] {
  return hosts.filter((host) => keepsTogether(host, pod)).flatMap(({ instanceId }) => remembered[instanceId] ?? []);
}

/**
 * What the next tick must know of a clock that tells no bound of its own in holdover: the last that it told, of a daemon whose word stands still
 * then (ntpd-rs), that lists its own undisciplined clock, or that may serve it as its pod's one time. Of others nothing. Decision 0100.
 *
 * @param remembered what counts of what was known
 * @param isKeeping of `keepsTogether`
 */
export function boundToRemember(
  { contact, measures: { errorBoundMs }, collected: { system }, sources }: Facts,
  kind: RunningDaemon,
  judgedAt: JudgedAt | undefined,
  remembered: RememberedBound | null,
  isKeeping: boolean,
): RememberedBound | null {
  if (!contact.isSet || system === null || judgedAt === undefined) return null;
  if (contact.holdover === null && contact.isInTouch === true && errorBoundMs !== null) {
    const isLost = isKeeping || !growsByItself(kind, system) || sources.some(isLocalClock);
    return isLost ? { boundMs: roundedUp(errorBoundMs), atMs: judgedAt.nowMs } : null;
  }
  return remembered;
}

/** To a microsecond: digits beyond are noise, of which the memory of a large pod would be made. */
function roundedUp(ms: number): number {
  return Math.ceil(ms * 1000) / 1000;
}
