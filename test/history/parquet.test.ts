import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { addRow, emptyColumns, type HistoryRow } from '../../src/history/columns.ts';
import { fold, foldDay } from '../../src/history/fold.ts';
import type { HostHour } from '../../src/history/host-hours.ts';
import type { Bytes } from '../../src/history/packing.ts';
import { blocksOf, rowsOfHost } from '../../src/history/parquet-reader.ts';
import { encode } from '../../src/history/parquet-writer.ts';
import { historyRow } from '../builders/history-rows.ts';

const PACKING = { pack: (bytes: Uint8Array) => gzipSync(bytes), unpack: (bytes: Uint8Array) => gunzipSync(bytes) };

const idOf = (n: number) => `i-${n.toString(16).padStart(17, '0')}`;

function object(rows: readonly HistoryRow[]): Uint8Array {
  const columns = emptyColumns();
  for (const row of rows) addRow(columns, row);
  return encode([columns], PACKING);
}

/** Such that it cannot be packed well. */
const offsetOf = (n: number) => ((n * 7919) % 10_007) / 10_000;

/** Counts what is read of it. */
function file(bytes: Uint8Array): Bytes & { read: number; key: string } {
  const counting = {
    key: 'object',
    byteLength: bytes.byteLength,
    read: 0,
    slice(start: number, end = bytes.byteLength) {
      counting.read += end - start;
      return bytes.slice(start, end).buffer as ArrayBuffer;
    },
  };
  return counting;
}

async function allOf(bytes: Uint8Array): Promise<HistoryRow[]> {
  const rows: HistoryRow[] = [];
  for await (const block of blocksOf(file(bytes), PACKING)) rows.push(...block);
  return rows;
}

describe('an object of the history', () => {
  it('gives back what was written, what is missing too', async () => {
    const rows = [
      historyRow({ instance_id: idOf(1) }),
      historyRow({
        instance_id: idOf(2),
        state: 'no-tick',
        sampled: false,
        findings: null,
        offset_ms: null,
        error_bound_ms: null,
        system_peer: null,
        system_peer_name: null,
        reach: null,
        cycled_at: new Date(Date.UTC(2026, 10, 24, 13, 59, 30)),
      }),
    ];
    expect(await allOf(object(rows))).toEqual(rows);
  });

  it('is the same bytes for the same rows', () => {
    expect(object([historyRow()])).toEqual(object([historyRow()]));
  });

  it('can be empty', async () => {
    expect(await allOf(object([]))).toEqual([]);
  });

  it('is read for one host in that block alone in which it is', async () => {
    const bytes = object(
      Array.from({ length: 10_000 }, (_, n) =>
        historyRow({ instance_id: idOf(n), offset_ms: offsetOf(n), frequency_ppm: -offsetOf(n) }),
      ),
    );
    const counted = file(bytes);
    expect(await rowsOfHost(counted, PACKING, idOf(4321))).toEqual([
      historyRow({ instance_id: idOf(4321), offset_ms: offsetOf(4321), frequency_ppm: -offsetOf(4321) }),
    ]);
    const footer = 64 * 1024;
    expect(counted.read).toBeLessThan(footer + (bytes.byteLength - footer) / 2);
    expect(await rowsOfHost(file(bytes), PACKING, 'i-0fffffffffffffffff')).toEqual([]);
  });

  it('that is damaged is an error, not an empty history', async () => {
    const bytes = object([historyRow()]);
    await expect(rowsOfHost(file(bytes.slice(0, -9)), PACKING, idOf(0))).rejects.toThrow();
    await expect(rowsOfHost(file(new Uint8Array(0)), PACKING, idOf(0))).rejects.toThrow();
  });
});

describe('ticks folded into an hour', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 14, minute));

  it('hold the same rows, by host and time, whoever came and went', async () => {
    const ticks = [0, 5, 10].map((minute, index) =>
      Array.from({ length: 2500 }, (_, n) =>
        historyRow({ instance_id: idOf(n + index * 700), time: at(minute), tick: `t${minute}` }),
      ),
    );
    const folded = await allOf(
      await fold(
        ticks.map((rows) => file(object(rows))),
        PACKING,
      ),
    );
    const sorted = ticks
      .flat()
      .sort((a, b) =>
        a.instance_id < b.instance_id ? -1 : a.instance_id > b.instance_id ? 1 : a.time.getTime() - b.time.getTime(),
      );
    expect(folded).toEqual(sorted);
  });

  it('of which one is empty, or all are', async () => {
    const files = [object([]), object([historyRow()])];
    expect(await allOf(await fold(files.map(file), PACKING))).toEqual([historyRow()]);
    expect(await allOf(await fold([file(object([]))], PACKING))).toEqual([]);
  });
});

describe('hours folded into a day', () => {
  const HOURS = [3, 4, 23];
  const hourMs = (hour: number) => Date.UTC(2026, 10, 24, hour);

  /** An hour of ticks five minutes apart, of hosts from one number to another. */
  const hourOf = async (
    hour: number,
    from: number,
    to: number,
    given: (n: number, tick: number) => Partial<HistoryRow>,
  ) => {
    const ticks = Array.from({ length: 12 }, (_, tick) =>
      object(
        Array.from({ length: to - from }, (_, at) =>
          historyRow({
            instance_id: idOf(from + at),
            time: new Date(hourMs(hour) + tick * 300_000 + 7000),
            ...given(from + at, tick),
          }),
        ),
      ),
    );
    return { ...file(await fold(ticks.map(file), PACKING)), key: `hour ${hour}`, hourMs: hourMs(hour) };
  };

  it('have a row of each host and hour, whoever came and went, and their seconds are those of the rows', async () => {
    const day = await foldDay(
      await Promise.all(
        HOURS.map((hour, index) =>
          // more hosts than a block of an hour holds, and another set each hour
          hourOf(hour, index * 200, 900 + index * 200, (n, tick) => ({
            offset_ms: n % 2 === 0 ? tick - 3 : 0 - tick,
            reach_ratio: tick === 5 ? 0.5 : 1,
            ...(n === 401 && tick > 9 && { state: 'unknown', sampled: false, offset_ms: null, error_bound_ms: null }),
            ...(n === 402 && tick === 4 && { state: 'no-tick', sampled: false, seconds: 900, offset_ms: null }),
            ...(n === 403 && { stale: tick < 3, cycled_at: tick < 3 ? null : new Date(hourMs(hour) + 1_000_000) }),
          })),
        ),
      ),
      PACKING,
    );
    const hoursOf = (n: number) => rowsOfHost<HostHour>(file(day), PACKING, idOf(n));
    expect((await hoursOf(100)).map(({ hour }) => hour.getTime())).toEqual([hourMs(3)]);
    expect((await hoursOf(1299)).map(({ hour }) => hour.getTime())).toEqual([hourMs(23)]);
    expect(await hoursOf(1300)).toEqual([]);
    const nothing = Object.fromEntries(
      [
        'unknown',
        'no_daemon',
        'starting',
        'unsynchronised',
        'contradicted',
        'adrift',
        'holdover',
        'uncertain',
        'degraded',
        'no_tick',
      ].map((state) => [`${state}_seconds`, 0]),
    );
    const usual = {
      tier: 'client',
      az: 'us-west-2b',
      samples: 12,
      offset_min_ms: -11,
      offset_median_ms: -6,
      offset_max_ms: 0,
      offset_limit_ms: 50,
      error_bound_max_ms: 1.5,
      error_bound_limit_ms: 200,
      reach_ratio_min: 0.5,
      frequency_ppm: -12.25,
      stale_seconds: 0,
      cycled_at: null,
      ...nothing,
      healthy_seconds: 3600,
    };
    const hours = (n: number, given: Partial<HostHour>) =>
      HOURS.map((hour) => ({ hour: new Date(hourMs(hour)), instance_id: idOf(n), ...usual, ...given }));
    expect(await hoursOf(405)).toEqual(hours(405, {}));
    expect(await hoursOf(400)).toEqual(hours(400, { offset_min_ms: -3, offset_median_ms: 2, offset_max_ms: 8 }));
    expect(await hoursOf(401)).toEqual(
      hours(401, { samples: 10, offset_min_ms: -9, offset_median_ms: -5, unknown_seconds: 600, healthy_seconds: 3000 }),
    );
    expect(await hoursOf(402)).toEqual(
      hours(402, {
        samples: 11,
        offset_min_ms: -3,
        offset_median_ms: 3,
        offset_max_ms: 8,
        no_tick_seconds: 900,
        healthy_seconds: 3300,
      }),
    );
    expect(await hoursOf(403)).toEqual(
      HOURS.map((hour) => ({
        ...(hours(403, { stale_seconds: 900 })[0] as HostHour),
        hour: new Date(hourMs(hour)),
        cycled_at: new Date(hourMs(hour) + 1_000_000),
      })),
    );
  });

  it('of which one is damaged are an error that names it', async () => {
    const hour = await hourOf(3, 0, 2, () => ({}));
    const damaged = { ...file(new Uint8Array(9)), key: 'hour 4', hourMs: hourMs(4) };
    await expect(foldDay([hour, damaged], PACKING)).rejects.toThrow('hour 4');
  });
});
