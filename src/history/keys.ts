/*
 * Where rows lie: `history/ticks/pod=blue/day=2026-11-24/140007Z-TICK.parquet`, one object a tick, which no run changes, and
 * `history/hours/pod=blue/day=2026-11-24/14.parquet`, the same rows by host, and `history/days/pod=blue/day=2026-11-24/hosts.parquet`, a row of each
 * host and hour. Athena and DuckDB read pod and day out of the folders' names. What asks for `history/ticks/` counts each row once. Decisions 0112, 0137.
 */

/** What S3 is told that each object is. */
export const CONTENT_TYPE = 'application/vnd.apache.parquet';

const TICKS = 'history/ticks';
const HOURS = 'history/hours';
const MANIFESTS = 'history/manifests';
const DAYS = 'history/days';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Of each kind, for what expires and who may read what. */
export function historyPrefixes(pod: string): string[] {
  return [`${TICKS}/pod=${pod}/`, hoursPrefix(pod), daysPrefix(pod)];
}

/** Of all pods, whose prefixes lie one level below. */
export function podsPrefix(): string {
  return `${TICKS}/`;
}

/** Of which pod all that begins so is; null: of none. */
export function podInPrefix(prefix: string): string | null {
  return /\/pod=([^/]+)\/$/.exec(prefix)?.[1] ?? null;
}

/** What the manifests of a pod's days are listed by. Decision 0135. */
export function manifestPrefix(pod: string): string {
  return `${MANIFESTS}/pod=${pod}/`;
}

/** @param dayMs epoch ms, within that UTC day */
export function manifestKey(pod: string, dayMs: number): string {
  return `${manifestPrefix(pod)}day=${dayName(dayMs)}.json`;
}

/** `2026-11-24`, of epoch ms. */
export function dayName(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** When the UTC day of a moment began. */
export function dayOf(ms: number): number {
  return ms - (ms % DAY_MS);
}

/** Of which day any object of the history is, epoch ms of its beginning; null: of none. */
export function dayOfKey(key: string): number | null {
  const [, day] = DAY_IN_KEY.exec(key) ?? [];
  return day === undefined ? null : timeOf(`${day}T00:00:00Z`);
}

const DAY_IN_KEY = /\/day=(\d{4}-\d\d-\d\d)(?:\/|\.json$)/;

/** @param atMs epoch ms, when the tick began */
export function tickKey(pod: string, tickId: string, atMs: number): string {
  const [day, time = ''] = new Date(atMs).toISOString().split('T');
  return `${TICKS}/pod=${pod}/day=${day}/${time.slice(0, 8).replaceAll(':', '')}Z-${tickId}.parquet`;
}

/** @param hour epoch ms, within that hour */
export function hourKey(pod: string, hour: number): string {
  const [day, time = ''] = new Date(hour).toISOString().split('T');
  return `${HOURS}/pod=${pod}/day=${day}/${time.slice(0, 2)}.parquet`;
}

/** @param day epoch ms, within that UTC day */
export function dayKey(pod: string, day: number): string {
  return `${daysPrefix(pod)}day=${dayName(day)}/hosts.parquet`;
}

/** What folded hours of all days are listed by. */
export function hoursPrefix(pod: string): string {
  return `${HOURS}/pod=${pod}/`;
}

/** What folded days are listed by. */
export function daysPrefix(pod: string): string {
  return `${DAYS}/pod=${pod}/`;
}

/** What objects of one UTC day are listed by. */
export function dayPrefixes(pod: string, dayMs: number): { ticks: string; hours: string } {
  const [day] = new Date(dayMs).toISOString().split('T');
  return { ticks: `${TICKS}/pod=${pod}/day=${day}/`, hours: `${HOURS}/pod=${pod}/day=${day}/` };
}

const TICK_KEY = /\/day=(\d{4}-\d\d-\d\d)\/(\d\d)(\d\d)(\d\d)Z-[\w-]+\.parquet$/;
const HOUR_KEY = /\/day=(\d{4}-\d\d-\d\d)\/(\d\d)\.parquet$/;
const DAY_KEY = /\/day=(\d{4}-\d\d-\d\d)\/hosts\.parquet$/;

/** When the tick began, epoch ms, to the second; null: no key of a tick. */
export function tickTimeOf(key: string): number | null {
  const [, day, hours, minutes, seconds] = TICK_KEY.exec(key) ?? [];
  return day === undefined ? null : timeOf(`${day}T${hours}:${minutes}:${seconds}Z`);
}

/** When the hour began, epoch ms; null: no key of an hour. */
export function hourOf(key: string): number | null {
  const [, day, hours] = HOUR_KEY.exec(key) ?? [];
  return day === undefined ? null : timeOf(`${day}T${hours}:00:00Z`);
}

/** When the day began, epoch ms; null: no key of a folded day. */
export function foldedDayOf(key: string): number | null {
  const [, day] = DAY_KEY.exec(key) ?? [];
  return day === undefined ? null : timeOf(`${day}T00:00:00Z`);
}

function timeOf(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
