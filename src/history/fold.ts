import { byText } from '../fleet/ordering.ts';
import { addRow, BLOCK_ROWS, columnsFor, HISTORY, type Table } from './columns.ts';
import { HOST_HOURS, type HostHour, hoursOfHosts, SUMMED } from './host-hours.ts';
import { merged } from './merge.ts';
import type { Bytes, Packing } from './packing.ts';
import { blocksOf } from './parquet-reader.ts';
import { Encoder } from './parquet-writer.ts';

type NamedBytes = Bytes & { key: string };

/**
 * The rows of several ticks, each sorted by instance id, as one object that is sorted by instance id and time: all that one host did in an hour lies
 * in one block, or two. What is held of an hour of 50,000 hosts is a block of each tick, and two to be written.
 */
export async function fold(ticks: readonly NamedBytes[], packing: Packing): Promise<Uint8Array> {
  const sources = ticks.map((file) => ({ key: file.key, blocks: blocksOf(file, packing) }));
  const byTime = (a: { time: Date }, b: { time: Date }) => a.time.getTime() - b.time.getTime();
  return encoded(HISTORY, BLOCK_ROWS.hour, merged(sources), byTime, packing);
}

/** A folded hour. `hourMs`: epoch ms, when it began. */
export type HourBytes = NamedBytes & { hourMs: number };

/** The folded hours of a day as one object: a row of each host and hour, sorted by these. What a host did in a month lies in thirty blocks. */
export async function foldDay(hours: readonly HourBytes[], packing: Packing): Promise<Uint8Array> {
  const sources = hours.map((file) => ({
    key: file.key,
    blocks: hoursOfHosts(blocksOf(file, packing, SUMMED), file.hourMs),
  }));
  const byHour = (a: HostHour, b: HostHour) => a.hour.getTime() - b.hour.getTime();
  return encoded(HOST_HOURS, BLOCK_ROWS.day, merged(sources), byHour, packing);
}

async function encoded<Row extends { instance_id: string }>(
  table: Table<Row>,
  blockRows: number,
  merging: AsyncGenerator<Row[]>,
  inTime: (a: Row, b: Row) => number,
  packing: Packing,
): Promise<Uint8Array> {
  const encoder = new Encoder(packing, table, blockRows);
  let columns = columnsFor(table);
  let count = 0;
  for await (const rows of merging) {
    for (const row of rows.sort((a, b) => byText(a.instance_id, b.instance_id) || inTime(a, b))) addRow(columns, row);
    count += rows.length;
    // what is left over after whole blocks would be a small one
    if (count < 2 * blockRows) continue;
    encoder.add(columns);
    columns = columnsFor(table);
    count = 0;
  }
  if (count > 0) encoder.add(columns);
  return encoder.end();
}
