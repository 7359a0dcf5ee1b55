import type { Thresholds } from '../fleet/fleet.ts';
import { type Late, LIMITS, type Limit, type Measures } from './judgement.ts';
import { millisecondsBeside } from './milliseconds.ts';

/**
 * A clock that was over a limit is over it until it is below so much of it, in percent. Between two ticks the offset of a settled host moves
 * by its jitter, a few percent of any limit that makes sense: a fifth keeps one that stands at its limit from coming and going.
 */
export const LEAVES_BELOW_PERCENT = 80;

/** What says whether a clock is over a limit. */
export interface Measured {
  measures: Measures;
  thresholds: Thresholds;
  /** What it was over at the tick before. */
  overBefore: readonly Late[];
  /** Offsets that compare sources of different smear classes around a leap second: they are told, and make no clock bad. */
  unjudged: readonly Limit[];
}

/** How a clock is over a limit. */
export interface Excess {
  valueMs: number;
  limitMs: number;
  /** Over it; or no more than not yet far enough below it. */
  isLate: boolean;
  /** With its number: `152.3 ms is over the limit of 50 ms`. */
  text: string;
  /** What several have in common, after their plural: `over the limit of 50 ms`. */
  cause: string;
}

/** How a clock is over a limit; null: it is not, or it is not known. What enters a state late leaves it late: decision 0081. */
export function excessOf(limit: Limit, measured: Measured): Excess | null {
  const limitMs = limitOf(limit, measured.thresholds);
  const valueMs = judgedMsOf(limit, measured);
  if (valueMs === null) return null;
  const size = Math.abs(valueMs);
  if (size > limitMs) {
    const cause = `over the limit of ${limitMs} ms`;
    return { valueMs, limitMs, isLate: false, text: `${millisecondsBeside(valueMs, limitMs)} is ${cause}`, cause };
  }
  const leavesMs = leavesBelowMs(limitMs);
  if (!measured.overBefore.includes(limit) || size < leavesMs) return null;
  const below = `not yet below ${leavesMs} ms, ${LEAVES_BELOW_PERCENT} % of`;
  return {
    valueMs,
    limitMs,
    isLate: true,
    text: `${millisecondsBeside(valueMs, leavesMs)} is ${below} its limit of ${limitMs} ms, which it was over`,
    cause: `${below} the limit of ${limitMs} ms, which they were over`,
  };
}

/** The limits that a clock is over, of those that it is judged by. */
export function limitsOver(measured: Measured): Limit[] {
  return LIMITS.filter((limit) => !measured.unjudged.includes(limit) && excessOf(limit, measured) !== null);
}

/**
 * The least by which a witness stretches what it compares, in milliseconds on either side: of a clock that was contradicted before,
 * the other half being what the rest are stretched by. Clocks that share a point by this do so by whatever limit they are judged.
 */
export function leastStretchMs(disagreementMs: number): number {
  return leavesBelowMs(disagreementMs) - disagreementMs / 2;
}

/** Below so much a clock is that was over the limit. */
export function leavesBelowMs(limitMs: number): number {
  return (limitMs * LEAVES_BELOW_PERCENT) / 100;
}

function limitOf(limit: Limit, { offsetMs, timeServiceOffsetMs, errorBoundMs }: Thresholds): number {
  if (limit === 'offset') return offsetMs;
  return limit === 'time-service' ? timeServiceOffsetMs : errorBoundMs;
}

function judgedMsOf(limit: Limit, { measures, unjudged }: Measured): number | null {
  const { offsetMs, timeServiceOffsetMs, errorBoundMs } = measures;
  if (limit === 'offset') return offsetMs;
  if (limit === 'time-service') return timeServiceOffsetMs;
  // the bound has the offset in it
  return errorBoundMs !== null && unjudged.includes('offset') ? errorBoundMs - Math.abs(offsetMs ?? 0) : errorBoundMs;
}
