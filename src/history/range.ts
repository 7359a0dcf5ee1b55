import { count } from '../fleet/sentences.ts';
import type { HistoryRow } from './columns.ts';
import { DAY_MS } from './keys.ts';

/** A row as an answer tells it: what is not known, or not so, is left out. */
export interface ToldRow {
  at: string;
  state: string;
  seconds: number;
  offsetMs?: number;
  errorBoundMs?: number;
  systemPeer?: string;
  /** Octal, as `ntpq` prints it. */
  reach?: string;
  frequencyPpm?: number;
  stale?: true;
  cycledAt?: string;
}

/** A week of ticks five minutes apart: more is for DuckDB or Athena. */
export const MOST_ROWS = 2016;

/** Epoch ms. */
export interface Range {
  fromMs: number;
  toMs: number;
}

/**
 * As much of a time as can have rows: none are kept for longer than `days`, nor of the future. `sentences` say what is left out; an empty
 * range ends where it begins.
 */
export function keptRange({ fromMs, toMs, nowMs, days }: Range & { nowMs: number; days: number }): Range & {
  sentences: string[];
} {
  const keptMs = nowMs - days * DAY_MS;
  const sentences =
    fromMs < keptMs
      ? [`Rows are kept for ${count(days, 'day')} (history.days): of before ${iso(keptMs)} nothing is known.`]
      : [];
  if (toMs > nowMs) sentences.push(`After ${iso(nowMs)} is the future.`);
  const from = Math.min(Math.max(fromMs, keptMs), nowMs);
  return { fromMs: from, toMs: Math.max(from, Math.min(toMs, nowMs)), sentences };
}

/** The rows of a host over a time, and what they come to. */
export function answerRange(instanceId: string, rows: readonly HistoryRow[]): { sentences: string[]; rows: ToldRow[] } {
  const listed = rows.slice(0, MOST_ROWS).map(toldRow);
  const left = rows.length - listed.length;
  const leftOut = left > 0 ? [`${count(left, 'row')} more are not listed: ask for less time at once.`] : [];
  return { sentences: [summaryOf(instanceId, rows), ...leftOut], rows: listed };
}

/** To the second. */
function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function summaryOf(instanceId: string, rows: readonly HistoryRow[]): string {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return `${instanceId}: no row is kept of that time, so nothing is known.`;
  const sampled = rows.filter((row) => row.sampled);
  const silent = rows.filter(({ state }) => state === 'unknown').length;
  const gap = rows.filter(({ state }) => state === 'no-tick').reduce((sum, { seconds }) => sum + seconds, 0);
  const worstOf = (values: readonly (number | null)[]) =>
    values.reduce<number>((worst, value) => Math.max(worst, Math.abs(value ?? 0)), 0);
  const worst =
    sampled.length === 0
      ? ''
      : `, offset at most ${worstOf(sampled.map((row) => row.offset_ms))} ms, bound at most ${worstOf(sampled.map((row) => row.error_bound_ms))} ms`;
  return (
    `${instanceId}, from ${iso(first.time.getTime() - first.seconds * 1000)} to ${iso(last.time.getTime())}: ` +
    `${count(sampled.length, 'sample')}${worst}; without an answer ${count(silent, 'time')}, ` +
    `without a tick ${Math.round(gap / 60)} min.`
  );
}

function toldRow(row: HistoryRow): ToldRow {
  return {
    at: row.time.toISOString(),
    state: row.findings?.replaceAll(',', ' and ') ?? row.state,
    seconds: row.seconds,
    ...(row.offset_ms !== null && { offsetMs: row.offset_ms }),
    ...(row.error_bound_ms !== null && { errorBoundMs: row.error_bound_ms }),
    ...(row.system_peer !== null && { systemPeer: row.system_peer_name ?? row.system_peer }),
    ...(row.reach !== null && { reach: row.reach.toString(8) }),
    ...(row.frequency_ppm !== null && { frequencyPpm: row.frequency_ppm }),
    ...(row.stale && { stale: true as const }),
    ...(row.cycled_at !== null && { cycledAt: row.cycled_at.toISOString() }),
  };
}
