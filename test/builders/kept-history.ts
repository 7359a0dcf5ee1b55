import { gunzipSync, gzipSync } from 'node:zlib';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { addRow, BLOCK_ROWS, emptyColumns, HISTORY, type HistoryRow } from '../../src/history/columns.ts';
import { foldDay, type HourBytes } from '../../src/history/fold.ts';
import { DAY_MS, dayKey, HOUR_MS, hourKey } from '../../src/history/keys.ts';
import { Encoder } from '../../src/history/parquet-writer.ts';
import { historyRow } from './history-rows.ts';

const PACKING = { pack: (bytes: Uint8Array) => gzipSync(bytes), unpack: (bytes: Uint8Array) => gunzipSync(bytes) };

const TICK_MS = 300_000;

/** A row of that time, epoch ms; null: there is none. */
export type RowAt = (atMs: number) => Partial<HistoryRow> | null;

export interface Kept {
  pod: string;
  instanceId: string;
  /** Epoch ms, of the last tick. */
  endMs: number;
  days: number;
}

/** What function `history` would have made of a tick each five minutes up to then: its hours of the last two days, and its days. */
export async function keepHistory(s3: S3Client, bucket: string, kept: Kept, rowAt: RowAt): Promise<void> {
  const { pod, instanceId, endMs, days } = kept;
  const put = (key: string, body: Uint8Array) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  const first = endMs - days * DAY_MS;
  const hoursByDay = new Map<number, HourBytes[]>();
  for (let hourMs = first - (first % HOUR_MS); hourMs <= endMs; hourMs += HOUR_MS) {
    const columns = emptyColumns();
    for (let atMs = hourMs + 7000; atMs < hourMs + HOUR_MS && atMs <= endMs; atMs += TICK_MS) {
      const row = atMs >= first ? rowAt(atMs) : null;
      if (row !== null) addRow(columns, historyRow({ time: new Date(atMs), instance_id: instanceId, ...row }));
    }
    if (columns.time.length === 0) continue;
    const encoder = new Encoder(PACKING, HISTORY, BLOCK_ROWS.hour);
    encoder.add(columns);
    const bytes = encoder.end();
    if (hourMs > endMs - 2 * DAY_MS) await put(hourKey(pod, hourMs), bytes);
    const dayMs = hourMs - (hourMs % DAY_MS);
    hoursByDay.set(dayMs, [
      ...(hoursByDay.get(dayMs) ?? []),
      { ...inMemory(bytes), key: hourKey(pod, hourMs), hourMs },
    ]);
  }
  for (const [dayMs, hours] of hoursByDay) {
    if (dayMs + DAY_MS <= endMs) await put(dayKey(pod, dayMs), await foldDay(hours, PACKING));
  }
}

function inMemory(bytes: Uint8Array) {
  return {
    byteLength: bytes.byteLength,
    slice: (from: number, to = bytes.byteLength) => Uint8Array.from(bytes.subarray(from, to)).buffer as ArrayBuffer,
  };
}

/** The same in every run, between -1 and 1. */
function wave(atMs: number, hours: number, phase = 0): number {
  return Math.sin((atMs / HOUR_MS / hours + phase) * 2 * Math.PI);
}

function grain(atMs: number): number {
  const sine = Math.sin((atMs / 300_000) * 12.9898) * 43_758.5453;
  return (sine - Math.floor(sine) - 0.5) * 2;
}

/** A clock that is well: the warmth of the day in its rate, a server that fell silent once, an hour in which podtime did not run. */
export function wellSince(endMs: number): RowAt {
  return (atMs) => {
    const ago = endMs - atMs;
    const hoursAgo = ago / HOUR_MS;
    if (hoursAgo > 9 && hoursAgo < 10.2) return null;
    if (hoursAgo > 15 * 24 && hoursAgo < 16.2 * 24) return null;
    const isShaken = (hoursAgo > 17 && hoursAgo < 17.6) || (hoursAgo > 130 && hoursAgo < 133);
    const cycledMs = endMs - 4.2 * HOUR_MS;
    const offset = 0.24 * wave(atMs, 24) + 0.18 * wave(atMs, 3.1, 0.2) + 0.12 * grain(atMs);
    return {
      offset_ms: offset,
      error_bound_ms: Math.abs(offset) + 2.1 + 0.5 * wave(atMs, 7) + (isShaken ? 3.5 : 0),
      reach_ratio: isShaken ? 0.75 : grain(atMs + 7) > 0.97 ? 0.97 : 1,
      frequency_ppm: -12.25 + 0.35 * wave(atMs, 24, 0.3) + 0.02 * grain(atMs + 1),
      ...(isShaken && { state: 'degraded', findings: 'degraded' }),
      ...(atMs >= cycledMs && { cycled_at: new Date(cycledMs) }),
      ...(hoursAgo < 5.4 && hoursAgo > 4.2 && { state: 'degraded', findings: 'degraded', stale: true }),
    };
  };
}

/** One that went adrift some hours ago. */
export function driftingSince(endMs: number): RowAt {
  return (atMs) => {
    const hoursAgo = (endMs - atMs) / HOUR_MS;
    const adrift = Math.max(0, 4.3 - hoursAgo);
    const offset = 0.4 * wave(atMs, 24) + 0.2 * grain(atMs) + adrift * 42.4;
    const state = Math.abs(offset) > 50 ? ('adrift' as const) : ('healthy' as const);
    return {
      offset_ms: offset,
      error_bound_ms: Math.abs(offset) + 2.4,
      reach_ratio: hoursAgo < 4.3 ? 0.9 : 1,
      frequency_ppm: 8.4 + 0.3 * wave(atMs, 24) + Math.min(adrift, 1.5) * 11.9,
      state,
      findings: state === 'adrift' ? 'adrift' : null,
      ...(hoursAgo > 200 &&
        hoursAgo < 204 && {
          state: 'unknown',
          sampled: false,
          offset_ms: null,
          error_bound_ms: null,
          reach_ratio: null,
          frequency_ppm: null,
        }),
    };
  };
}
