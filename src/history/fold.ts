import { byText } from '../fleet/ordering.ts';
import { addRow, BLOCK_ROWS, emptyColumns, type HistoryRow } from './columns.ts';
import type { Bytes, Packing } from './packing.ts';
import { blocksOf } from './parquet-reader.ts';
import { Encoder } from './parquet-writer.ts';

/** Rows are put together until there are so many: what is held of an hour of 50,000 hosts is a block of each tick, and these. */
const ROWS_AT_ONCE = 2 * BLOCK_ROWS.hour;

/**
 * The rows of several objects, each sorted by instance id, as one that is sorted by instance id and time: all that one host did in an hour lies in
 * one block, or two.
 */
export async function fold(files: readonly (Bytes & { key: string })[], packing: Packing): Promise<Uint8Array> {
  const readers = files.map((file) => new Reader(file.key, blocksOf(file, packing)));
  const encoder = new Encoder(packing, BLOCK_ROWS.hour);
  let columns = emptyColumns();
  for (;;) {
    await Promise.all(readers.map((reader) => reader.fill()));
    const open = readers.filter((reader) => reader.last !== null);
    if (open.length === 0) break;
    // up to the least of the last ids that were read no block to come has a row more
    const upTo = open.map(({ last }) => last ?? '').reduce((least, last) => (byText(last, least) < 0 ? last : least));
    const rows = open.flatMap((reader) => reader.take(upTo));
    for (const row of rows.sort(byHostAndTime)) addRow(columns, row);
    if (columns.time.length >= ROWS_AT_ONCE) {
      encoder.add(columns);
      columns = emptyColumns();
    }
  }
  if (columns.time.length > 0) encoder.add(columns);
  return encoder.end();
}

function byHostAndTime(a: HistoryRow, b: HistoryRow): number {
  return byText(a.instance_id, b.instance_id) || a.time.getTime() - b.time.getTime();
}

/** What was read of one object and not taken yet. */
class Reader {
  #rows: HistoryRow[] = [];

  constructor(
    private readonly key: string,
    private readonly blocks: AsyncGenerator<HistoryRow[]>,
  ) {}

  /** The last id that was read; null: all is taken. */
  get last(): string | null {
    return this.#rows.at(-1)?.instance_id ?? null;
  }

  /** Reads on where all that was read is taken. */
  async fill(): Promise<void> {
    while (this.#rows.length === 0) {
      const { done, value } = await this.blocks.next().catch((cause) => {
        throw new Error(`reading ${this.key}: ${cause instanceof Error ? cause.message : cause}`, { cause });
      });
      if (done) return;
      this.#rows = value;
    }
  }

  /** Takes all rows up to that id. */
  take(upTo: string): HistoryRow[] {
    const count = this.#rows.findIndex(({ instance_id }) => byText(instance_id, upTo) > 0);
    return this.#rows.splice(0, count === -1 ? this.#rows.length : count);
  }
}
