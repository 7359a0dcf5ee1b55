import { type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { byText } from '../fleet/ordering.ts';
import type { HistoryRow } from './columns.ts';
import type { Bytes, Packing } from './packing.ts';

/** The footer of an object of 10,000 hosts has some 20 KB: one read brings it, and small objects whole. */
const FOOTER_BYTES = 64 * 1024;

/**
 * The rows of one host, of an object that is sorted by instance id. Only the blocks are read in which it may be, and of these no other row is put
 * together: of 5,000 each that would be a megabyte and more. Throws for what is no such object.
 */
export async function rowsOfHost<Row extends object = HistoryRow>(
  file: Bytes,
  { unpack }: Pick<Packing, 'unpack'>,
  instanceId: string,
): Promise<Row[]> {
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES });
  const options = { file, metadata, compressors: { GZIP: unpack } };
  const rows: Row[] = [];
  let blockStart = 0;
  for (const { num_rows, columns } of metadata.row_groups) {
    const blockEnd = blockStart + Number(num_rows);
    if (mayHave(columns, instanceId)) {
      const block = { rowStart: blockStart, rowEnd: blockEnd };
      const all = await parquetReadObjects({ ...options, ...block, columns: ['instance_id'] });
      const isHost = ({ instance_id }: Record<string, unknown>) => instance_id === instanceId;
      const first = all.findIndex(isHost);
      if (first >= 0) {
        const own = { rowStart: blockStart + first, rowEnd: blockStart + all.findLastIndex(isHost) + 1 };
        rows.push(...((await parquetReadObjects({ ...options, ...own })) as unknown as Row[]));
      }
    }
    blockStart = blockEnd;
  }
  return rows;
}

/** By the first and the last instance id that a block says it has; one that says nothing may have any. */
function mayHave(columns: FileMetaData['row_groups'][number]['columns'], instanceId: string): boolean {
  const ids = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === 'instance_id');
  const { min_value: least, max_value: most } = ids?.meta_data?.statistics ?? {};
  if (typeof least !== 'string' || typeof most !== 'string') return true;
  return byText(least, instanceId) <= 0 && byText(most, instanceId) >= 0;
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
