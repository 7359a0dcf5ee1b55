import { answerAt, isBeyondRows } from './answer.ts';
import type { HistoryRow } from './columns.ts';
import type { HostHour } from './host-hours.ts';
import { DAY_MS, dayOf, dayPrefixes, HOUR_MS, hourOf, tickTimeOf } from './keys.ts';

/** An object of the history, as it is listed. */
export interface ListedObject {
  key: string;
  bytes: number;
}

/** What reading the history needs of the outside. */
export interface HistoryObjects {
  /** All keys that begin so, in order. */
  list(prefix: string): Promise<ListedObject[]>;
  /** The rows of one host of an object, in the order of time. */
  rowsOfHost(object: ListedObject, instanceId: string): Promise<HistoryRow[]>;
  /** The hours of one host of a folded day, in order. */
  hoursOfHost(object: ListedObject, instanceId: string): Promise<HostHour[]>;
  /** All rows of ticks, by host and time, as one object under that key; where there is one already that stays. */
  fold(ticks: readonly ListedObject[], key: string): Promise<void>;
  /** All rows of folded hours, a row of each host and hour, likewise. */
  foldDay(hours: readonly ListedHour[], key: string): Promise<void>;
}

/** A folded hour. */
export interface ListedHour extends ListedObject {
  /** Epoch ms, when it began. */
  hourMs: number;
}

/** What reading rows needs. */
export type Readable = Pick<HistoryObjects, 'list' | 'rowsOfHost'>;

/** Rows, and what could not be read, each a sentence: one object costs no other. */
export interface ReadRows<Row = HistoryRow> {
  rows: Row[];
  faults: string[];
}

/** A tick's object, and when that tick began. */
interface Tick extends ListedObject {
  /** Epoch ms, to the second. */
  atMs: number;
}

/** So many ticks before and after a moment tell of it, one of which may be a run by hand. */
const TICKS_AROUND = 3;

/** How wrong a host's clock was at a moment, as sentences. */
export async function askedAt(
  objects: Readable,
  {
    pod,
    instanceId,
    atMs,
    nowMs,
    days,
  }: { pod: string; instanceId: string; atMs: number; nowMs: number; days: number },
): Promise<string[]> {
  const nothing = { instanceId, atMs, rows: [], tickBeforeMs: null, tickAfterMs: null, days, nowMs };
  if (isBeyondRows(nothing)) return answerAt(nothing);
  const around = await ticksOf(objects, pod, atMs - DAY_MS, atMs + DAY_MS);
  const before = around.filter((tick) => tick.atMs <= atMs).slice(-TICKS_AROUND);
  let after = around.filter((tick) => tick.atMs > atMs).slice(0, TICKS_AROUND);
  // after a long gap the tick that tells of it may be days away
  for (let dayMs = dayOf(atMs) + 2 * DAY_MS; after.length === 0 && dayMs <= nowMs; dayMs += DAY_MS) {
    after = (await ticksOf(objects, pod, dayMs, dayMs)).slice(0, TICKS_AROUND);
  }
  const { rows, faults } = await rowsOf(objects, [...before, ...after], instanceId);
  const [tickBeforeMs, tickAfterMs] = [before.at(-1)?.atMs ?? null, after[0]?.atMs ?? null];
  return [...answerAt({ instanceId, atMs, rows, tickBeforeMs, tickAfterMs, days, nowMs }), ...faults];
}

/** The rows of a host whose time lies between the two, epoch ms, in the order of time: by hours where these are folded, else by ticks. */
export async function rowsBetween(
  objects: Readable,
  { pod, instanceId, fromMs, toMs }: { pod: string; instanceId: string; fromMs: number; toMs: number },
): Promise<ReadRows> {
  // an answer is read up to a minute after its tick began
  const [firstMs, lastMs] = [fromMs - HOUR_MS, toMs + HOUR_MS];
  const isAsked = (startMs: number, endMs: number) => endMs >= firstMs && startMs <= lastMs;
  const [hours, ticks] = await Promise.all([
    listedDays(objects, firstMs, lastMs, (dayMs) => dayPrefixes(pod, dayMs).hours),
    ticksOf(objects, pod, firstMs, lastMs),
  ]);
  const folded = new Map(hours.flatMap((object) => keyed(hourOf(object.key), object)));
  const asked = [...folded].filter(([hourMs]) => isAsked(hourMs, hourMs + HOUR_MS)).map(([, object]) => object);
  const others = ticks.filter(({ atMs }) => !folded.has(atMs - (atMs % HOUR_MS)) && isAsked(atMs, atMs));
  const { rows, faults } = await rowsOf(objects, [...asked, ...others], instanceId);
  return { rows: rows.filter(({ time }) => time.getTime() >= fromMs && time.getTime() <= toMs), faults };
}

/** The ticks of each hour that is over and not folded yet, of today and the day before.  */
export async function unfoldedHours(
  objects: Pick<HistoryObjects, 'list'>,
  pod: string,
  nowMs: number,
): Promise<Map<number, ListedObject[]>> {
  const [hours, ticks] = await Promise.all([
    listedDays(objects, nowMs - DAY_MS, nowMs, (dayMs) => dayPrefixes(pod, dayMs).hours),
    ticksOf(objects, pod, nowMs - DAY_MS, nowMs),
  ]);
  const folded = new Set(hours.map(({ key }) => hourOf(key)));
  const unfolded = new Map<number, ListedObject[]>();
  for (const { atMs, ...object } of ticks) {
    const hourMs = atMs - (atMs % HOUR_MS);
    if (folded.has(hourMs) || hourMs + HOUR_MS + SETTLED_MS > nowMs) continue;
    unfolded.set(hourMs, [...(unfolded.get(hourMs) ?? []), object]);
  }
  return unfolded;
}

/** A tick that began in an hour has kept its rows by so long after its end: no function lives longer. */
export const SETTLED_MS = 15 * 60_000;

async function ticksOf(
  objects: Pick<HistoryObjects, 'list'>,
  pod: string,
  fromMs: number,
  toMs: number,
): Promise<Tick[]> {
  const listed = await listedDays(objects, fromMs, toMs, (dayMs) => dayPrefixes(pod, dayMs).ticks);
  return listed.flatMap((object) => keyed(tickTimeOf(object.key), object).map(([atMs]) => ({ ...object, atMs })));
}

/** Of each UTC day between the two, in order. */
async function listedDays(
  { list }: Pick<HistoryObjects, 'list'>,
  fromMs: number,
  toMs: number,
  prefixOf: (dayMs: number) => string,
): Promise<ListedObject[]> {
  const firstMs = dayOf(fromMs);
  const days = Array.from(
    { length: Math.floor((toMs - firstMs) / DAY_MS) + 1 },
    (_, index) => firstMs + index * DAY_MS,
  );
  return (await Promise.all(days.map((dayMs) => list(prefixOf(dayMs))))).flat();
}

function keyed<T>(ms: number | null, object: T): [number, T][] {
  return ms === null ? [] : [[ms, object]];
}

/** So many objects are read side by side: each takes three reads of S3, of some 30 ms, and while it is unpacked some megabytes. */
const READS_AT_ONCE = 6;

async function rowsOf(objects: Readable, asked: readonly ListedObject[], instanceId: string): Promise<ReadRows> {
  const { rows, faults } = await readEach(asked, (object) => objects.rowsOfHost(object, instanceId));
  return { rows: rows.sort((a, b) => a.time.getTime() - b.time.getTime()), faults };
}

/** One object costs no other. */
export async function readEach<Row>(
  asked: readonly ListedObject[],
  read: (object: ListedObject) => Promise<Row[]>,
): Promise<ReadRows<Row>> {
  const rows: Row[] = [];
  const faults: string[] = [];
  const readOne = async (object: ListedObject) => {
    try {
      rows.push(...(await read(object)));
    } catch (error) {
      faults.push(`${unread(object, error)}: its rows are missing.`);
    }
  };
  for (let at = 0; at < asked.length; at += READS_AT_ONCE) {
    await Promise.all(asked.slice(at, at + READS_AT_ONCE).map(readOne));
  }
  return { rows, faults };
}

function unread({ key }: ListedObject, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.includes(key) ? message : `reading ${key}: ${message}`;
}
