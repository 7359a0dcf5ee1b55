import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { BLOCK_ROWS, COLUMNS, type ColumnName, type ColumnType, type HistoryColumns } from './columns.ts';
import type { Packing } from './packing.ts';

/** As many characters of ids as tell blocks apart: an instance id has 19. */
const ID_CHARACTERS = 24;

const TYPES: Record<ColumnType, Partial<SchemaElement>> = {
  TIMESTAMP: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  STRING: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  BOOLEAN: { type: 'BOOLEAN' },
  INT32: { type: 'INT32' },
  DOUBLE: { type: 'DOUBLE' },
};

const SCHEMA: SchemaElement[] = [
  { name: 'history', num_children: COLUMNS.length },
  ...COLUMNS.map(
    ({ name, type, isNullable }): SchemaElement => ({
      name,
      ...TYPES[type],
      repetition_type: isNullable ? 'OPTIONAL' : 'REQUIRED',
    }),
  ),
];

/** What differs from host to host: the values of other columns are few, and are written as places in a list of them, which packing makes no smaller. */
const VARIED: readonly ColumnName[] = [
  'time',
  'instance_id',
  'offset_ms',
  'error_bound_ms',
  'time_service_offset_ms',
  'frequency_ppm',
];

const VALUES = { encoding: 'PLAIN', codec: 'GZIP' } as const;
const PLACES = { codec: 'UNCOMPRESSED' } as const;

/**
 * Writes rows, in their order, as an Apache Parquet file, in blocks of which each says from which to which instance id it goes. The same rows
 * are the same bytes.
 */
export class Encoder {
  readonly #bytes = new ByteWriter();
  readonly #file: ParquetWriter;

  constructor(
    { pack }: Pick<Packing, 'pack'>,
    private readonly blockRows: number,
  ) {
    this.#file = new ParquetWriter({
      writer: this.#bytes,
      schema: SCHEMA,
      codec: 'GZIP',
      compressors: { GZIP: pack },
      statisticsTruncateLength: ID_CHARACTERS,
      createdBy: 'podtime',
    });
  }

  add(columns: HistoryColumns): void {
    const columnData = COLUMNS.map(({ name }) => ({
      name,
      data: columns[name],
      // a list of values is not looked for where none is
      ...(VARIED.includes(name) ? VALUES : PLACES),
      // nobody looks for blocks by anything else
      statistics: name === 'instance_id',
      offsetIndex: false,
    }));
    this.#file.write({ columnData, rowGroupSize: this.blockRows });
  }

  end(): Uint8Array {
    this.#file.finish();
    return new Uint8Array(this.#bytes.getBuffer());
  }
}

/** The rows of a tick, each block packed before the next is asked for. */
export function encode(blocks: Iterable<HistoryColumns>, packing: Pick<Packing, 'pack'>): Uint8Array {
  const encoder = new Encoder(packing, BLOCK_ROWS.tick);
  for (const columns of blocks) encoder.add(columns);
  return encoder.end();
}
