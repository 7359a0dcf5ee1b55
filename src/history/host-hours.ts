import { type Column, column, HISTORY_STATES, type HistoryRow, type HistoryState, type Table } from './columns.ts';

/** For how much of the hour a host was so, seconds. */
export type StateSeconds = { [State in HistoryState as SecondsColumn<State>]: number };

type SecondsColumn<State extends HistoryState> = `${State extends 'no-daemon'
  ? 'no_daemon'
  : State extends 'no-tick'
    ? 'no_tick'
    : State}_seconds`;

/** `no-tick` -> `no_tick_seconds` */
export function secondsColumn(state: HistoryState): keyof StateSeconds {
  return `${state.replace('-', '_')}_seconds` as keyof StateSeconds;
}

/** One row: a host and an hour, by the ticks that began in it. null: not known, or not so. Decision 0137. */
export interface HostHour extends StateSeconds {
  /** When the hour began. */
  hour: Date;
  instance_id: string;
  tier: string;
  /** `us-west-2b` */
  az: string;
  /** Ticks that it answered. */
  samples: number;
  offset_min_ms: number | null;
  /** Of an even number the lower of the two in the middle. */
  offset_median_ms: number | null;
  offset_max_ms: number | null;
  /** The lowest that held in that hour. */
  offset_limit_ms: number;
  error_bound_max_ms: number | null;
  error_bound_limit_ms: number;
  reach_ratio_min: number | null;
  /** The last that it told. */
  frequency_ppm: number | null;
  stale_seconds: number;
  cycled_at: Date | null;
}

const SECONDS = HISTORY_STATES.map(secondsColumn);

/** The columns of a day's object, in order; docs/history.md says what each is. */
export const HOST_HOUR_COLUMNS: readonly Column<keyof HostHour>[] = [
  column('hour', 'TIMESTAMP'),
  column('instance_id', 'STRING'),
  column('tier', 'STRING'),
  column('az', 'STRING'),
  column('samples', 'INT32'),
  column('offset_min_ms', 'DOUBLE', true),
  column('offset_median_ms', 'DOUBLE', true),
  column('offset_max_ms', 'DOUBLE', true),
  column('offset_limit_ms', 'DOUBLE'),
  column('error_bound_max_ms', 'DOUBLE', true),
  column('error_bound_limit_ms', 'DOUBLE'),
  column('reach_ratio_min', 'DOUBLE', true),
  column('frequency_ppm', 'DOUBLE', true),
  column('stale_seconds', 'INT32'),
  column('cycled_at', 'TIMESTAMP', true),
  ...SECONDS.map((name) => column(name, 'INT32')),
];

export const HOST_HOURS: Table<HostHour> = {
  columns: HOST_HOUR_COLUMNS,
  varied: ['offset_min_ms', 'offset_median_ms', 'offset_max_ms', 'error_bound_max_ms', 'frequency_ppm'],
};

/** What of a row goes into its hour: of 120,000 rows no other column is unpacked. */
export const SUMMED = [
  'instance_id',
  'tier',
  'az',
  'state',
  'sampled',
  'seconds',
  'offset_ms',
  'offset_limit_ms',
  'error_bound_ms',
  'error_bound_limit_ms',
  'reach_ratio',
  'frequency_ppm',
  'stale',
  'cycled_at',
] as const satisfies readonly (keyof HistoryRow)[];

export type SummedRow = Pick<HistoryRow, (typeof SUMMED)[number]>;

/** An hour's rows, sorted by host and time, as one row of each host. */
export async function* hoursOfHosts(blocks: AsyncIterable<SummedRow[]>, hourMs: number): AsyncGenerator<HostHour[]> {
  let open: SummedRow[] = [];
  for await (const block of blocks) {
    const hours: HostHour[] = [];
    for (const row of block) {
      if (open[0] !== undefined && open[0].instance_id !== row.instance_id) {
        hours.push(hourOfHost(open, hourMs));
        open = [];
      }
      open.push(row);
    }
    yield hours;
  }
  if (open.length > 0) yield [hourOfHost(open, hourMs)];
}

/** One host's rows of an hour, in the order of time, of which there is one. */
export function hourOfHost(rows: readonly SummedRow[], hourMs: number): HostHour {
  const [first] = rows as [SummedRow];
  const seconds = Object.fromEntries(SECONDS.map((name) => [name, 0])) as StateSeconds;
  const offsets: number[] = [];
  const hour: HostHour = {
    hour: new Date(hourMs),
    instance_id: first.instance_id,
    tier: first.tier,
    az: first.az,
    samples: 0,
    offset_min_ms: null,
    offset_median_ms: null,
    offset_max_ms: null,
    offset_limit_ms: first.offset_limit_ms,
    error_bound_max_ms: null,
    error_bound_limit_ms: first.error_bound_limit_ms,
    reach_ratio_min: null,
    frequency_ppm: null,
    stale_seconds: 0,
    cycled_at: null,
    ...seconds,
  };
  for (const row of rows) {
    hour[secondsColumn(row.state)] += row.seconds;
    if (row.stale) hour.stale_seconds += row.seconds;
    if (row.sampled) hour.samples += 1;
    if (row.offset_ms !== null) offsets.push(row.offset_ms);
    if (row.error_bound_ms !== null)
      hour.error_bound_max_ms = Math.max(hour.error_bound_max_ms ?? 0, row.error_bound_ms);
    if (row.reach_ratio !== null) hour.reach_ratio_min = Math.min(hour.reach_ratio_min ?? 1, row.reach_ratio);
    hour.offset_limit_ms = Math.min(hour.offset_limit_ms, row.offset_limit_ms);
    hour.error_bound_limit_ms = Math.min(hour.error_bound_limit_ms, row.error_bound_limit_ms);
    hour.frequency_ppm = row.frequency_ppm ?? hour.frequency_ppm;
    hour.cycled_at = row.cycled_at ?? hour.cycled_at;
  }
  offsets.sort((a, b) => a - b);
  hour.offset_min_ms = offsets[0] ?? null;
  hour.offset_median_ms = offsets[(offsets.length - 1) >> 1] ?? null;
  hour.offset_max_ms = offsets.at(-1) ?? null;
  return hour;
}
