import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { BLOCK_ROWS, type ColumnsOf, type ColumnType, HISTORY, type HistoryColumns, type Table } from './columns.ts';
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

function schemaOf<Row extends object>({ columns }: Table<Row>): SchemaElement[] {
  return [
    { name: 'history', num_children: columns.length },
    ...columns.map(
      ({ name, type, isNullable }): SchemaElement => ({
        name,
        ...TYPES[type],
        repetition_type: isNullable ? 'OPTIONAL' : 'REQUIRED',
      }),
    ),
  ];
}

const VALUES = { encoding: 'PLAIN', codec: 'GZIP' } as const;
const PLACES = { codec: 'UNCOMPRESSED' } as const;

/**
 * Writes rows, in their order, as an Apache Parquet file, in blocks of which each says from which to which instance id it goes. The same rows
 * are the same bytes.
 */
export class Encoder<Row extends object> {
  readonly #bytes = new ByteWriter();
  readonly #file: ParquetWriter;

  constructor(
    { pack }: Pick<Packing, 'pack'>,
    private readonly table: Table<Row>,
    private readonly blockRows: number,
  ) {
    this.#file = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaOf(table),
      codec: 'GZIP',
      compressors: { GZIP: pack },
      statisticsTruncateLength: ID_CHARACTERS,
      createdBy: 'podtime',
    });
  }

  add(columns: ColumnsOf<Row>): void {
    const columnData = this.table.columns.map(({ name }) => ({
      name,
      data: columns[name],
      // a list of values is not looked for where none is
      ...(this.table.varied.includes(name) ? VALUES : PLACES),
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
  const encoder = new Encoder(packing, HISTORY, BLOCK_ROWS.tick);
  for (const columns of blocks) encoder.add(columns);
  return encoder.end();
}
