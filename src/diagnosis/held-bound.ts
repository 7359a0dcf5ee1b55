import { withoutNoise } from '../ntp/numbers.ts';
import { grownMs } from './bound.ts';
import type { Heir, Held, Inherited } from './descent.ts';
import type { Facts } from './facts.ts';
import type { HeldBound, JudgedAt, Judgement } from './judgement.ts';
import { boundNow } from './last-bound.ts';

/**
 * What still holds of what a clock had by a server in holdover: its server may be gone, have begun anew, or be well again without having told it, and by its
 * own word the clock knows nothing of that. null: its daemon began since and may have set the clock, it follows itself, of which `lastBounds` knows, or others than
 * servers of its pod, or it has heard one since none that it follows was in holdover. Decision 0107.
 *
 * @param followsServer or may
 */
export function heldOf(
  { contact, measures }: Pick<Facts, 'contact' | 'measures'>,
  before: HeldBound,
  judgedAt: JudgedAt | undefined,
  followsServer: boolean,
): Held | null {
  if (judgedAt === undefined || contact.holdover === 'local clock') return null;
  const secondsSince = (atMs: number) => (judgedAt.nowMs - atMs) / 1000;
  const ageSeconds = secondsSince(before.atMs);
  if (ageSeconds < 0 || (measures.ageSeconds !== null && measures.ageSeconds < ageSeconds)) return null;
  const heardSeconds = (contact.sinceSetSeconds ?? Number.POSITIVE_INFINITY) + judgedAt.ageSeconds;
  const isHeardSince = heardSeconds < secondsSince(before.backMs ?? Number.POSITIVE_INFINITY);
  if (isHeardSince || (contact.isInTouch === true && !followsServer)) return null;
  const growthPpm = Math.max(before.growthPpm ?? 0, measures.growthPpm ?? 0);
  const boundMs = before.boundMs === null ? null : before.boundMs + grownMs(growthPpm, ageSeconds);
  return { before, boundMs, growthPpm };
}

/** Its bound by that, where it is more than what it has otherwise. Of a clock without a bound nothing makes one. */
export function atLeastHeld(
  held: Held | undefined,
  { errorBoundMs }: Judgement['measures'],
  inherited: Inherited | null,
): Inherited | null {
  if (held === undefined) return inherited;
  const boundMs = inherited === null ? errorBoundMs : inherited.boundMs;
  if (boundMs === null || (held.boundMs !== null && held.boundMs <= boundMs)) return inherited;
  return {
    boundMs: held.boundMs === null ? null : withoutNoise(held.boundMs),
    growthPpm: held.growthPpm,
    by: { kind: 'before' },
  };
}

/**
 * What the next tick must know of it. Of a clock whose server is in holdover, or whose time ends in an undisciplined clock, its bound of now; of one that had such a bound, and has heard nobody
 * better since, that one, and since when it follows none such. By its measures with what is inherited.
 */
export function heldNow(
  { descent, held, measures }: Heir,
  inherited: Inherited | null,
  thresholds: Facts['thresholds'],
): HeldBound | null {
  if (descent?.atMs == null) return null;
  const { atMs, localClock, isInHoldover } = descent;
  const isLed = inherited?.by.kind === 'server' || localClock === 'followed' || localClock === 'foreign';
  if (isLed) return boundNow({ measures, thresholds }, { nowMs: atMs }) ?? { boundMs: null, atMs };
  if (held === undefined) return null;
  return isInHoldover || held.before.backMs !== undefined ? held.before : { ...held.before, backMs: atMs };
}
