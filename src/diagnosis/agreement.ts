import { listed } from '../fleet/sentences.ts';
import { withoutNoise } from '../ntp/numbers.ts';
import type { Source, SystemState } from '../ntp/source.ts';
import { isFresh, silenceSeconds } from './freshness.ts';
import { gapTo, type Interval, intervalOf, mostHeldOf } from './intervals.ts';
import { millisecondsBeside } from './milliseconds.ts';
import { sourceName } from './source-names.ts';
import { isHeardLately } from './sources.ts';

/** `minimum-agreeing-sources` of ntpd-rs, where its file does not say otherwise (ntp.toml(5)). */
const MINIMUM_AGREEING = 3;

/**
 * `maximum-source-uncertainty` of ntpd-rs, 0.25 s where its file does not say otherwise, of what noise and an asymmetric path may make of a
 * source: `range-statistical-weight` (2) x uncertainty + `range-delay-weight` (0.25) x delay. Beyond it a source has no vote and is not
 * followed (ntp.toml(5), select.rs of 1.4.0). No file that podtime serves changes one of the three.
 */
const MAXIMUM_UNCERTAINTY_MS = 250;
const STATISTICAL_WEIGHT = 2;
const DELAY_WEIGHT = 0.25;

/** Of a daemon that does not tell which sources it selects: how they agree. */
export interface Agreement {
  /** Sources heard, but for those disregarded. */
  heard: number;
  /** Of these, those that agree. */
  agreeing: number;
  /** So many at least must, and more than half of those heard. */
  wanted: number;
  isMajority: boolean;
  /** Heard sources that are too uncertain to have a vote. */
  disregarded: readonly { remote: string; address: string | null; uncertainMs: number }[];
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
 * nobody any more (seen on 1.4.0 with all sources cut for five minutes, and with two that disagreed). How it selects is known: the largest
 * set of sources that it hears whose intervals share a point, where that is more than half of them and
 * `minimum-agreeing-sources` at least; of those too uncertain it takes no notice. So here a source that is heard agrees (`+`) while its interval meets where most do, and else does not
 * (`x`); where too few agree none is selectable. The clock's offset is the median of those that agree.
 * What daemons say that tell a tally is given back as it is. Decision 0084.
 */
export function selectionOf(
  system: SystemState | null,
  { sources, areComplete }: { sources: readonly Source[]; areComplete: boolean },
): Selection {
  if (sources.every(({ tally }) => tally !== null)) return { system, sources, agreement: null };
  const fresh = sources.filter((source) => isHeardLately(source) === true && isFresh(source) === true);
  const disregarded = fresh.flatMap((source) => {
    const uncertainMs = uncertainMsOf(source);
    return uncertainMs !== null && uncertainMs > MAXIMUM_UNCERTAINTY_MS ? [{ source, uncertainMs }] : [];
  });
  const heard = fresh.filter((source) => !disregarded.some((each) => each.source === source));
  const intervals = new Map(heard.map((source) => [source, rangeOf(source)]));
  const known = [...intervals.values()].filter((interval) => interval !== null);
  const common = mostHeldOf(known);
  const meeting = heard.filter((source) => {
    const interval = intervals.get(source);
    return interval && common && gapTo(interval, common) === 0;
  });
  // one of several agrees with nobody
  const agreeing = meeting.length === 1 && heard.length > 1 ? [] : meeting;
  const wanted = system?.minimumAgreeing ?? MINIMUM_AGREEING;
  // a majority of some rows may be a minority of all
  const isMajority = areComplete && agreeing.length * 2 > heard.length && agreeing.length >= wanted;
  const isKnown = isMajority || (areComplete && known.length === heard.length && isHearingKnown(sources));
  const tallyOf = (source: Source) =>
    !isMajority || !intervals.get(source) ? ' ' : agreeing.includes(source) ? '+' : 'x';
  return {
    system: system && { ...system, offsetMs: isMajority ? medianOf(agreeing.flatMap(offsetsOf)) : null },
    sources: sources.map((source) => (source.tally === null ? { ...source, tally: tallyOf(source) } : source)),
    agreement: {
      heard: heard.length,
      agreeing: agreeing.length,
      wanted,
      isMajority,
      disregarded: disregarded.map(({ source: { remote, address }, uncertainMs }) => ({
        remote,
        address,
        uncertainMs,
      })),
      isKnown,
    },
  };
}

/** null: one of the two is not known. */
function uncertainMsOf({ uncertaintyMs, delayMs }: Source): number | null {
  return uncertaintyMs === null || delayMs === null
    ? null
    : withoutNoise(STATISTICAL_WEIGHT * uncertaintyMs + DELAY_WEIGHT * Math.abs(delayMs));
}

/** What an operator is told of each: without a full stop. */
export function disregardedText({ disregarded }: Agreement): string {
  const each = disregarded.map((source) =>
    sourceName(source, millisecondsBeside(source.uncertainMs, MAXIMUM_UNCERTAINTY_MS)),
  );
  return `disregards ${listed(each)}: uncertain by more than ${MAXIMUM_UNCERTAINTY_MS} ms`;
}

/**
 * offset +- (delay / 2 + 2 x uncertainty + 15 ppm of its unanswered polls): never narrower than what ntpd-rs compares, which is twice the uncertainty and a quarter of
 * the delay, so that no host that follows somebody
 * is said to follow nobody.
 */
function rangeOf(source: Source): Interval | null {
  const interval = intervalOf(source, 'ntpd-rs', silenceSeconds);
  const more = source.uncertaintyMs ?? 0;
  return interval && { low: interval.low - more, high: interval.high + more };
}

/** Whether of each source it is known that it is heard, or that it is not. */
function isHearingKnown(sources: readonly Source[]): boolean {
  return sources.every((source) => isHeardLately(source) === false || isFresh(source) !== null);
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
