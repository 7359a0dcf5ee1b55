import type { Host, Pod } from '../fleet/fleet.ts';
import type { RunningDaemon } from '../host/collected.ts';
import { grownMs, growsByItself, type LastBound, PHI_PPM } from './bound.ts';
import type { Facts } from './facts.ts';
import type { JudgedAt, Late, RememberedBound } from './judgement.ts';
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

export function agedBound({ atMs, ...bound }: RememberedBound, { nowMs }: JudgedAt): LastBound {
  return { ...bound, ageSeconds: (nowMs - atMs) / 1000 };
}

/** Whether its clock may become that by which its pod keeps one time. */
export function keepsTogether({ tier }: Pick<Host, 'tier'>, { together }: Pick<Pod, 'together'>): boolean {
  return together && tier === 'boundary';
}

/**
 * What is remembered of servers that keep one time; of other pods' nothing. A daemon that began since counts too: alone it serves its clock
 * only once another has set it (`waitsynced`), which is one of these. null: one was convicted and is not acquitted since, and what covers it
 * is not known, though all may follow it. Decision 0095.
 */
export function boundsOfServers(
  pod: Pick<Pod, 'together'>,
  hosts: readonly Host[],
  remembered: Readonly<Record<string, RememberedBound>> = {},
  overBefore: Readonly<Record<string, readonly Late[]>> = {},
): RememberedBound[] | null {
  const ids = hosts.filter((host) => keepsTogether(host, pod)).map(({ instanceId }) => instanceId);
  const isUncovered = (id: string) => remembered[id] === undefined && overBefore[id]?.includes('disagreement') === true;
  return ids.some(isUncovered) ? null : ids.flatMap((id) => remembered[id] ?? []);
}

/**
 * What the next tick must know of a clock that tells no bound of its own in holdover: the last that it told, of a daemon whose word stands still
 * then (ntpd-rs), that lists its own undisciplined clock, or that may serve it as its pod's one time. Of others nothing. Decision 0100.
 *
 * @param remembered what counts of what was known
 * @param isKeeping of `keepsTogether`
 */
export function boundToRemember(
  facts: Facts,
  kind: RunningDaemon,
  judgedAt: JudgedAt | undefined,
  remembered: RememberedBound | null,
  isKeeping: boolean,
): RememberedBound | null {
  const { contact, collected, sources } = facts;
  const { system } = collected;
  if (!contact.isSet || judgedAt === undefined) return null;
  const bound = contact.isInTouch === true ? boundNow(facts, judgedAt) : null;
  if (bound === null || system === null) return remembered;
  return isKeeping || !growsByItself(kind, system) || sources.some(isLocalClock) ? bound : null;
}

/**
 * Of a server of a pod that keeps one time, once it follows that: by then its clock is set by whoever leads, so what is remembered of it is the
 * largest of all of theirs, should that one end. null: it is not known.
 */
export function boundOfChain(
  { contact: { holdover }, measures: { growthPpm } }: Pick<Facts, 'contact' | 'measures'>,
  own: RememberedBound | null,
  ofServers: readonly RememberedBound[] | null,
): RememberedBound | null {
  const isLed = holdover === 'followed local clock' || (holdover === 'local clock' && own !== null);
  if (!isLed) return own;
  if (ofServers === null) return null;
  // all grow by one rate, so that the largest stays the largest
  const startMs = ({ boundMs, atMs }: RememberedBound) => boundMs - grownMs(growthPpm ?? PHI_PPM, atMs / 1000);
  const [largest = null] = ofServers.toSorted((a, b) => startMs(b) - startMs(a));
  const ratesPpm = ofServers.flatMap((bound) => bound.growthPpm ?? []);
  return largest === null || ratesPpm.length === 0 ? largest : { ...largest, growthPpm: Math.max(...ratesPpm) };
}

/** As it is remembered. null: it is not known. */
export function boundNow(
  { measures: { errorBoundMs, growthPpm }, thresholds: { holdoverPpm } }: Pick<Facts, 'measures' | 'thresholds'>,
  { nowMs }: Pick<JudgedAt, 'nowMs'>,
): RememberedBound | null {
  if (errorBoundMs === null) return null;
  const bound = { boundMs: roundedUp(errorBoundMs), atMs: nowMs };
  const isFaster = growthPpm !== null && growthPpm > Math.max(PHI_PPM, holdoverPpm);
  return isFaster ? { ...bound, growthPpm: roundedUp(growthPpm) } : bound;
}

/** To a microsecond, or a billionth: digits beyond are noise, of which the memory of a large pod would be made. */
export function roundedUp(number: number): number {
  return Math.ceil(number * 1000) / 1000;
}
