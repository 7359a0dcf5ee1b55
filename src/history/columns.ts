import { STATES } from '../diagnosis/judgement.ts';

/** A tick that did not run has no state of anybody. */
export const HISTORY_STATES = [...STATES, 'no-tick'] as const;
export type HistoryState = (typeof HISTORY_STATES)[number];

/** One row: a host at a tick, or a host while no tick ran. null: not known, or not so. Units in the names, which are the columns'. */
export interface HistoryRow {
  /** When the host's answer was read; of one that did not answer when the tick began; of a gap its end. */
  time: Date;
  /** The tick that wrote the row. */
  tick: string;
  instance_id: string;
  tier: string;
  /** `us-west-2b` */
  az: string;
  state: HistoryState;
  /** All that is wrong with the clock, `adrift,uncertain`: the state is the first of it. */
  findings: string | null;
  /** The host answered. */
  sampled: boolean;
  /** For so long, up to `time`, the row stands. */
  seconds: number;
  /** Signed, positive when the reference is ahead of the host. */
  offset_ms: number | null;
  offset_limit_ms: number;
  /** How wrong the clock may be. */
  error_bound_ms: number | null;
  error_bound_limit_ms: number;
  /** How fast the bound grows while nobody is heard. */
  growth_ppm: number | null;
  /** Signed offset from the AWS time service's row. */
  time_service_offset_ms: number | null;
  /** The correction that the daemon applies, signed: positive when the bare clock runs slow. */
  frequency_ppm: number | null;
  /** Whom its daemon follows. */
  system_peer: string | null;
  /** Its name in DNS, or what is known of the address. */
  system_peer_name: string | null;
  /** Its reach register, 0..255. */
  reach: number | null;
  /** Polls heard of the last eight, over all polled sources: 0..1. */
  reach_ratio: number | null;
  confident: boolean;
  /** DNS has left it behind. */
  stale: boolean;
  /** `ntp-hold`: podtime never touches it. */
  held: boolean;
  /** Polls no server of podtime's. */
  unmanaged: boolean;
  /** When podtime last cycled it, by the host's own stamp. */
  cycled_at: Date | null;
}

export type ColumnType = 'TIMESTAMP' | 'STRING' | 'BOOLEAN' | 'INT32' | 'DOUBLE';

/** `isNullable`: a value may be missing. */
export interface Column<Name extends string = string> {
  name: Name;
  type: ColumnType;
  isNullable: boolean;
}

/** What rows of one kind are made of, and how they are packed. */
export interface Table<Row extends object> {
  /** In order. */
  columns: readonly Column<keyof Row & string>[];
  /** What differs from host to host: the values of other columns are few, and are written as places in a list of them, which packing makes no smaller. */
  varied: readonly (keyof Row)[];
}

/** The columns of each tick's and hour's object, in order; docs/history.md says what each is. */
export const COLUMNS: readonly Column<keyof HistoryRow>[] = [
  column('time', 'TIMESTAMP'),
  column('tick', 'STRING'),
  column('instance_id', 'STRING'),
  column('tier', 'STRING'),
  column('az', 'STRING'),
  column('state', 'STRING'),
  column('findings', 'STRING', true),
  column('sampled', 'BOOLEAN'),
  column('seconds', 'INT32'),
  column('offset_ms', 'DOUBLE', true),
  column('offset_limit_ms', 'DOUBLE'),
  column('error_bound_ms', 'DOUBLE', true),
  column('error_bound_limit_ms', 'DOUBLE'),
  column('growth_ppm', 'DOUBLE', true),
  column('time_service_offset_ms', 'DOUBLE', true),
  column('frequency_ppm', 'DOUBLE', true),
  column('system_peer', 'STRING', true),
  column('system_peer_name', 'STRING', true),
  column('reach', 'INT32', true),
  column('reach_ratio', 'DOUBLE', true),
  column('confident', 'BOOLEAN'),
  column('stale', 'BOOLEAN'),
  column('held', 'BOOLEAN'),
  column('unmanaged', 'BOOLEAN'),
  column('cycled_at', 'TIMESTAMP', true),
];

export function column<Name extends string>(name: Name, type: ColumnType, isNullable = false): Column<Name> {
  return { name, type, isNullable };
}

/** The rows of ticks, and of hours. */
export const HISTORY: Table<HistoryRow> = {
  columns: COLUMNS,
  varied: ['time', 'instance_id', 'offset_ms', 'error_bound_ms', 'time_service_offset_ms', 'frequency_ppm'],
};

/** Rows of a block, which is read apart from the others. Of smaller ones the footer grows, of larger ones what is read for one host. */
export const BLOCK_ROWS = { tick: 1000, hour: 5000, day: 5000 } as const;

/** The values of some rows, column by column: of 50,000 hosts so many objects need not be made. */
export type ColumnsOf<Row extends object> = { [Name in keyof Row]: Row[Name][] };
export type HistoryColumns = ColumnsOf<HistoryRow>;

export function emptyColumns(): HistoryColumns {
  return columnsFor(HISTORY);
}

export function columnsFor<Row extends object>({ columns }: Table<Row>): ColumnsOf<Row> {
  return Object.fromEntries(columns.map(({ name }) => [name, []])) as unknown as ColumnsOf<Row>;
}

/** Adds a row. */
export function addRow<Row extends object>(columns: ColumnsOf<Row>, row: Row): void {
  for (const name in columns) columns[name].push(row[name]);
}
