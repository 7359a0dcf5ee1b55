import { count } from '../fleet/sentences.ts';
import type { HistoryRow } from './columns.ts';

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

/** The rows of a host over a time, and what they come to. */
export function answerRange(instanceId: string, rows: readonly HistoryRow[]): { sentences: string[]; rows: ToldRow[] } {
  const listed = rows.slice(0, MOST_ROWS).map(toldRow);
  const left = rows.length - listed.length;
  const leftOut = left > 0 ? [`${count(left, 'row')} more are not listed: ask for less time at once.`] : [];
  return { sentences: [summaryOf(instanceId, rows), ...leftOut], rows: listed };
}

function summaryOf(instanceId: string, rows: readonly HistoryRow[]): string {
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
    `${instanceId}: ${count(sampled.length, 'sample')}${worst}; without an answer ${count(silent, 'time')}, ` +
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
