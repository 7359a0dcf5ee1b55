import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import type { HistoryRow } from './columns.ts';
import type { Bytes, Packing } from './packing.ts';

/** The footer of an object of 10,000 hosts has some 20 KB: one read brings it, and small objects whole. */
const FOOTER_BYTES = 64 * 1024;

/** The rows of one host, of which only the blocks are read in which it may be. Throws for what is no such object. */
export async function rowsOfHost<Row extends object = HistoryRow>(
  file: Bytes,
  { unpack }: Pick<Packing, 'unpack'>,
  instanceId: string,
): Promise<Row[]> {
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES });
  const filter = { instance_id: { $eq: instanceId } };
  const rows = await parquetReadObjects({ file, metadata, compressors: { GZIP: unpack }, filter });
  return rows as unknown as Row[];
}

/** All rows, block after block. `columns`: of each no others. */
export async function* blocksOf<Name extends keyof HistoryRow = keyof HistoryRow>(
  file: Bytes,
  { unpack }: Pick<Packing, 'unpack'>,
  columns?: readonly Name[],
): AsyncGenerator<Pick<HistoryRow, Name>[]> {
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES });
  const options = { file, metadata, compressors: { GZIP: unpack }, ...(columns && { columns: [...columns] }) };
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const rows = await parquetReadObjects({ ...options, rowStart, rowEnd });
    yield rows as unknown as Pick<HistoryRow, Name>[];
    rowStart = rowEnd;
  }
}
