import { gunzipSync } from 'node:zlib';
import type { HistoryRow } from '../../src/history/columns.ts';
import { blocksOf } from '../../src/history/parquet-reader.ts';

/** A row of a healthy client, sampled on 2026-11-24 at 14:00:07. */
export function historyRow(given: Partial<HistoryRow> = {}): HistoryRow {
  return {
    time: new Date(Date.UTC(2026, 10, 24, 14, 0, 7)),
    tick: 'tick-1',
    instance_id: 'i-00000000000000000',
    tier: 'client',
    az: 'us-west-2b',
    state: 'healthy',
    findings: null,
    sampled: true,
    seconds: 300,
    offset_ms: 0.4,
    offset_limit_ms: 50,
    error_bound_ms: 1.5,
    error_bound_limit_ms: 200,
    growth_ppm: 15,
    time_service_offset_ms: null,
    frequency_ppm: -12.25,
    system_peer: '10.20.2.10',
    system_peer_name: 'ntp.az-b.pod',
    reach: 255,
    reach_ratio: 1,
    confident: true,
    stale: false,
    held: false,
    unmanaged: false,
    cycled_at: null,
    ...given,
  };
}

/** All rows of an object of the history. */
export async function rowsIn(bytes: Uint8Array): Promise<HistoryRow[]> {
  const file = {
    byteLength: bytes.byteLength,
    slice: (from: number, to?: number) => Uint8Array.from(bytes.subarray(from, to)).buffer,
  };
  const rows: HistoryRow[] = [];
  for await (const block of blocksOf(file, { unpack: (packed) => gunzipSync(packed) })) rows.push(...block);
  return rows;
}
