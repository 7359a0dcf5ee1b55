import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { addRow, emptyColumns, type HistoryRow } from '../../src/history/columns.ts';
import { fold } from '../../src/history/fold.ts';
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
