import { byText } from '../fleet/ordering.ts';

interface OfHost {
  instance_id: string;
}

/** Rows of one object as they are read, block after block, sorted by instance id. */
export interface Source<Row extends OfHost> {
  /** What it is called in an error. */
  key: string;
  blocks: AsyncGenerator<Row[]>;
}

/**
 * The rows of several objects, each sorted by instance id, some at a time, host after host in order.
 * Of each object no more is held than what a block or two brought.
 */
export async function* merged<Row extends OfHost>(sources: readonly Source<Row>[]): AsyncGenerator<Row[]> {
  const readers = sources.map(({ key, blocks }) => new Reader(key, blocks));
  for (;;) {
    await Promise.all(readers.map((reader) => reader.fill()));
    const open = readers.filter((reader) => reader.last !== null);
    if (open.length === 0) return;
    // up to the least of the last ids that were read no block to come has a row more
    const upTo = open.map(({ last }) => last ?? '').reduce((least, last) => (byText(last, least) < 0 ? last : least));
    yield open.flatMap((reader) => reader.take(upTo));
  }
}

/** What was read of one object and not taken yet. */
class Reader<Row extends OfHost> {
  #rows: Row[] = [];

  constructor(
    private readonly key: string,
    private readonly blocks: AsyncGenerator<Row[]>,
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
  take(upTo: string): Row[] {
    const count = this.#rows.findIndex(({ instance_id }) => byText(instance_id, upTo) > 0);
    return this.#rows.splice(0, count === -1 ? this.#rows.length : count);
  }
}
