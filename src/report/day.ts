import type { Judgement } from '../diagnosis/judgement.ts';
import type { Pod } from '../fleet/fleet.ts';
import { sortedUnique } from '../fleet/ordering.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import { gapSeconds } from '../history/rows.ts';
import type { DayMemory, DayPoint } from '../state/day.ts';

/** What a tick adds to its pod's day. */
export interface DayTick {
  pod: Pick<Pod, 'intervalSeconds' | 'history'>;
  /** Epoch ms. */
  startedAtMs: number;
  judgements: readonly Judgement[];
  /** As the tick found them, so that what it changes itself shows at the next; null: the zone was not read. */
  records: readonly PublishedRecord[] | null;
  skewMs: number | null;
}

const DAY_MS = 86_400_000;
/** One in five minutes: a page shows no more, and a report of 14 hosts is no larger for its day than for its hosts. */
const MOST_POINTS = 288;
/** Ticks that come faster than that are one point; a schedule is late, and early, by seconds. */
const LEAST_APART_MS = (DAY_MS / MOST_POINTS) * 0.8;

/** The day with one tick more, and without what is older than 24 hours, or lies in the future. */
export function dayAfter(before: DayMemory | undefined, tick: DayTick): DayMemory {
  const { pod, startedAtMs, records } = tick;
  const points = (before?.points ?? []).filter(({ atMs }) => atMs > startedAtMs - DAY_MS && atMs <= startedAtMs);
  const known = records === null ? null : recordTexts(records);
  const remembered = before?.records ?? null;
  const dnsChanges = known && remembered ? differences(remembered, known) : 0;
  const last = points.at(-1);
  const isOne = last !== undefined && startedAtMs - last.atMs < LEAST_APART_MS;
  const gap = gapSeconds({ pod, startedAtMs, lastRecordedMs: last?.atMs ?? null });
  const sinceMs = isOne ? (points.at(-2)?.atMs ?? null) : (last?.atMs ?? null);
  const point = pointOf(tick, {
    atMs: isOne ? last.atMs : startedAtMs,
    gapSeconds: isOne ? (last.gapSeconds ?? 0) : gap,
    dnsChanges: (isOne ? (last.dnsChanges ?? 0) : 0) + dnsChanges,
    cycled: cycledSince(tick, sinceMs),
  });
  return {
    points: [...(isOne ? points.slice(0, -1) : points), point].slice(-MOST_POINTS),
    records: known ?? remembered ?? [],
  };
}

function pointOf(
  { judgements, skewMs }: DayTick,
  { atMs, ...counted }: { atMs: number; gapSeconds: number; dnsChanges: number; cycled: number },
): DayPoint {
  const offsets = sorted(judgements.map(({ measures }) => measures.offsetMs));
  const bounds = sorted(judgements.map(({ measures }) => measures.errorBoundMs));
  const states: DayPoint['states'] = {};
  for (const { state } of judgements) states[state] = (states[state] ?? 0) + 1;
  const stale = judgements.filter((each) => each.stale !== null).length;
  const counts = Object.entries({ ...counted, stale }).filter(([, count]) => count > 0);
  return {
    atMs,
    ...(offsets.length > 0 && { offsetMs: [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1].map((rank) => atRank(offsets, rank)) }),
    ...(bounds.length > 0 && { errorBoundMs: [0.5, 0.95, 1].map((rank) => atRank(bounds, rank)) }),
    ...(skewMs !== null && { skewMs: rounded(skewMs) }),
    states,
    ...Object.fromEntries(counts),
  };
}

function sorted(values: readonly (number | null)[]): Float64Array {
  return Float64Array.from(values.filter((value) => value !== null)).sort();
}

/** The value of which that share of all is no greater (nearest rank). */
function atRank(values: Float64Array, share: number): number {
  return rounded(values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** By hosts' own stamps; without a point before nobody knows since when. */
function cycledSince({ judgements, startedAtMs }: DayTick, sinceMs: number | null): number {
  if (sinceMs === null) return 0;
  return judgements.filter(({ cycledSecondsAgo, sampledAtMs = startedAtMs }) => {
    return cycledSecondsAgo !== null && sampledAtMs - cycledSecondsAgo * 1000 >= sinceMs;
  }).length;
}

function recordTexts(records: readonly PublishedRecord[]): string[] {
  return sortedUnique(
    records.flatMap(({ name, type, setIdentifier, addresses }) =>
      addresses.map((address) => `${name} ${type} ${setIdentifier ?? '-'} ${address}`),
    ),
  );
}

/** Records of which one is there and the other not; another address is one change. */
function differences(before: readonly string[], now: readonly string[]): number {
  const changed = (from: readonly string[], to: readonly string[]) => {
    const others = new Set(to);
    return from.filter((text) => !others.has(text)).map((text) => text.slice(0, text.lastIndexOf(' ')));
  };
  return new Set([...changed(before, now), ...changed(now, before)]).size;
}
