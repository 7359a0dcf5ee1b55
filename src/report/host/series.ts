import { HISTORY_STATES, type HistoryRow, type HistoryState } from '../../history/columns.ts';
import { type HostHour, hourOfHost, secondsColumn } from '../../history/host-hours.ts';
import { HOUR_MS } from '../../history/keys.ts';
import { REACH_POLLS } from '../../ntp/reach.ts';
import { URGENCY } from '../fit.ts';

/** A clock for some time. null: not known, or no tick ran. */
export interface HostPoint {
  /** Epoch ms. */
  fromMs: number;
  toMs: number;
  /** Of several the most urgent. */
  state: HistoryState;
  /** Signed, positive when what it followed was ahead of it; of several the one in the middle, the lowest and the highest. */
  offsetMs: number | null;
  lowestMs: number | null;
  highestMs: number | null;
  /** How wrong the clock may have been, at the most. */
  errorBoundMs: number | null;
  /** Polls heard of the last eight, the mean of its sources; of several the least. */
  reach: number | null;
  /** The correction that its daemon applied. */
  ratePpm: number | null;
}

/** A clock over a longer time, the oldest first. */
export interface HostSeries {
  /** Epoch ms. */
  fromMs: number;
  toMs: number;
  points: HostPoint[];
  /** When its daemon was cycled, by its own stamps, epoch ms. */
  cycledAtMs: number[];
  /** For how long it was so. */
  stateSeconds: Partial<Record<HistoryState, number>>;
}

/** A row of each tick. */
export function seriesOfRows(rows: readonly HistoryRow[], fromMs: number, toMs: number): HostSeries {
  const points = rows.map((row): HostPoint => {
    const atMs = row.time.getTime();
    return {
      fromMs: Math.max(fromMs, atMs - row.seconds * 1000),
      toMs: atMs,
      state: row.state,
      offsetMs: row.offset_ms,
      lowestMs: row.offset_ms,
      highestMs: row.offset_ms,
      errorBoundMs: row.error_bound_ms,
      reach: reachOf(row.reach_ratio),
      ratePpm: row.frequency_ppm,
    };
  });
  const stateSeconds: HostSeries['stateSeconds'] = {};
  for (const { state, seconds } of rows) stateSeconds[state] = (stateSeconds[state] ?? 0) + seconds;
  return { fromMs, toMs, points, cycledAtMs: stampsOf(rows, fromMs, toMs), stateSeconds };
}

/**
 * An hour a point: of the days that are folded, and of what came after them, as far as there are rows of it.
 *
 * @param rows those of the last 24 hours
 */
export function seriesOfHours(
  hours: readonly HostHour[],
  rows: readonly HistoryRow[],
  fromMs: number,
  toMs: number,
): HostSeries {
  const foldedMs = (hours.at(-1)?.hour.getTime() ?? fromMs - HOUR_MS) + HOUR_MS;
  const later = new Map<number, HistoryRow[]>();
  for (const row of rows) {
    const hourMs = row.time.getTime() - (row.time.getTime() % HOUR_MS);
    if (hourMs >= foldedMs) later.set(hourMs, [...(later.get(hourMs) ?? []), row]);
  }
  const all = [...hours, ...[...later].map(([hourMs, ofHour]) => hourOfHost(ofHour, hourMs))];
  const stateSeconds: HostSeries['stateSeconds'] = {};
  for (const hour of all) {
    for (const state of HISTORY_STATES) {
      const seconds = hour[secondsColumn(state)];
      if (seconds > 0) stateSeconds[state] = (stateSeconds[state] ?? 0) + seconds;
    }
  }
  return { fromMs, toMs, points: all.map(pointOfHour), cycledAtMs: stampsOf(all, fromMs, toMs), stateSeconds };
}

function pointOfHour(hour: HostHour): HostPoint {
  const atMs = hour.hour.getTime();
  const known = HISTORY_STATES.filter((state) => hour[secondsColumn(state)] > 0);
  return {
    fromMs: atMs,
    toMs: atMs + HOUR_MS,
    state: URGENCY.find((state) => known.includes(state)) ?? 'no-tick',
    offsetMs: hour.offset_median_ms,
    lowestMs: hour.offset_min_ms,
    highestMs: hour.offset_max_ms,
    errorBoundMs: hour.error_bound_max_ms,
    reach: reachOf(hour.reach_ratio_min),
    ratePpm: hour.frequency_ppm,
  };
}

function reachOf(ratio: number | null): number | null {
  return ratio === null ? null : Math.round(ratio * REACH_POLLS * 100) / 100;
}

/** A host reckons its stamp by how long ago it was: of one that each row tells anew a few seconds apart there is one. */
const SAME_STAMP_MS = 30_000;

function stampsOf(rows: readonly Pick<HistoryRow, 'cycled_at'>[], fromMs: number, toMs: number): number[] {
  const stamps: number[] = [];
  for (const { cycled_at } of rows) {
    const atMs = cycled_at?.getTime();
    if (atMs === undefined || atMs < fromMs || atMs > toMs) continue;
    if (stamps.every((stamp) => Math.abs(stamp - atMs) > SAME_STAMP_MS)) stamps.push(atMs);
  }
  return stamps.sort((a, b) => a - b);
}

interface Stretch {
  /** Epoch ms. */
  fromMs: number;
  toMs: number;
}

/** Ticks are late by some seconds, and wait for hosts: no gap is so short. */
const LEAST_GAP_MS = 180_000;

/** When nothing was heard of it: no tick ran, it did not answer, or there was no such host. */
export function gapsOf({ fromMs, toMs, points }: HostSeries): Stretch[] {
  const gaps: Stretch[] = [];
  let knownMs = fromMs;
  const upTo = (ms: number) => {
    if (ms - knownMs > LEAST_GAP_MS) gaps.push({ fromMs: knownMs, toMs: ms });
  };
  for (const point of points) {
    if (point.state === 'no-tick' || point.state === 'unknown') continue;
    upTo(point.fromMs);
    knownMs = Math.max(knownMs, point.toMs);
  }
  // up to the next tick nothing is missing
  const stepMs = Math.max(...points.slice(-1).map((point) => point.toMs - point.fromMs), 0);
  if (toMs - knownMs > 2 * stepMs + LEAST_GAP_MS) upTo(toMs);
  return gaps;
}

/** Points that know a value, without a gap between them. */
export function runsWith({ points }: HostSeries, isKnown: (point: HostPoint) => boolean): HostPoint[][] {
  const runs: HostPoint[][] = [];
  let last: HostPoint | null = null;
  for (const point of points.filter(isKnown)) {
    if (last !== null && point.fromMs - last.toMs <= LEAST_GAP_MS) runs.at(-1)?.push(point);
    else runs.push([point]);
    last = point;
  }
  return runs;
}
