import { withoutNoise } from '../ntp/numbers.ts';
import type { Source, SystemState } from '../ntp/source.ts';
import { isFresh } from './freshness.ts';
import { isHeardLately } from './sources.ts';

/** `minimum-agreeing-sources` of ntpd-rs, where its file does not say otherwise (ntp.toml(5)). */
const MINIMUM_AGREEING = 3;

/** Of a daemon that does not tell which sources it selects: how they agree. */
export interface Agreement {
  /** Sources heard. */
  heard: number;
  /** Of these, those that agree. */
  agreeing: number;
  /** So many at least must, and more than half of those heard. */
  wanted: number;
  isMajority: boolean;
  /** Rows that are missing, or whose offset is, could change that. */
  isKnown: boolean;
}

/** What a host says of its clock and its sources, each of which has a tally. */
export interface Selection {
  system: SystemState | null;
  sources: readonly Source[];
  /** null: the daemon tells by itself. */
  agreement: Agreement | null;
}

/**
 * ntpd-rs tells neither which sources it selects nor the offset of its clock, and keeps its leap indicator and stratum when it follows
 * nobody any more (seen on 1.4.0 with all sources cut for five minutes, and with two that disagree). How it selects is known: those on which
 * more than half of those that it hears agree, where these are `minimum-agreeing-sources` at least. So here a source that is heard agrees (`+`)
 * while its offset lies within `limitMs` of the median of all that are heard, and else does not (`x`); where too few agree none is
 * selectable. The clock's offset is the median of those that agree. The limit is the pod's for an offset: closer, nobody asks.
 * What daemons say that tell a tally is given back as it is. Decision 0084.
 */
export function selectionOf(
  system: SystemState | null,
  { sources, areComplete }: { sources: readonly Source[]; areComplete: boolean },
  limitMs: number,
): Selection {
  if (sources.every(({ tally }) => tally !== null)) return { system, sources, agreement: null };
  const heard = sources.filter((source) => isHeardLately(source) === true && isFresh(source) === true);
  const middleMs = medianOf(heard.flatMap(offsetsOf));
  const agreeing = heard.filter(({ offsetMs }) => offsetMs !== null && Math.abs(offsetMs - middleMs) <= limitMs);
  const wanted = system?.minimumAgreeing ?? MINIMUM_AGREEING;
  // a majority of some rows may be a minority of all
  const isMajority = areComplete && agreeing.length * 2 > heard.length && agreeing.length >= wanted;
  const isKnown = isMajority || (areComplete && heard.every(({ offsetMs }) => offsetMs !== null));
  const tallyOf = (source: Source) =>
    !isMajority || !heard.includes(source) ? ' ' : agreeing.includes(source) ? '+' : 'x';
  return {
    system: system && { ...system, offsetMs: isMajority ? medianOf(agreeing.flatMap(offsetsOf)) : null },
    sources: sources.map((source) => (source.tally === null ? { ...source, tally: tallyOf(source) } : source)),
    agreement: { heard: heard.length, agreeing: agreeing.length, wanted, isMajority, isKnown },
  };
}

function offsetsOf({ offsetMs }: Source): number[] {
  return offsetMs === null ? [] : [offsetMs];
}

/** Of an even number, the mean of the two in the middle; 0 of none. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return withoutNoise((lower + upper) / 2);
}
