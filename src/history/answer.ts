import { milliseconds } from '../diagnosis/milliseconds.ts';
import { count, duration } from '../fleet/sentences.ts';
import type { HistoryRow } from './columns.ts';
import { DAY_MS } from './keys.ts';

/** What is known of a host around one moment. */
export interface Moment {
  instanceId: string;
  /** Epoch ms. */
  atMs: number;
  /** Its rows around it, in the order of time. */
  rows: readonly HistoryRow[];
  /** Epoch ms: when the last tick at or before it began whose rows are kept, and the first after it. null: none. */
  tickBeforeMs: number | null;
  tickAfterMs: number | null;
  /** For so long rows are kept. */
  days: number;
  /** Epoch ms. */
  nowMs: number;
}

/** A row of a host that told its offset and bound. */
type Sample = HistoryRow & { offset_ms: number; error_bound_ms: number };

/**
 * How wrong a clock was, as sentences. Between two samples the offset lies on the line between them; the bound is the larger of what the first had
 * grown to by then, and of what the second had been before, each at its own rate. It holds while of the host's sources the majority was
 * honest, as all of podtime's bounds do.
 */
export function answerAt(moment: Moment): string[] {
  const { atMs, rows, instanceId } = moment;
  const before = rows.filter(isSample).findLast(({ time }) => time.getTime() <= atMs);
  const after = rows.filter(isSample).find(({ time }) => time.getTime() > atMs);
  const clock = clockReader(atMs);
  const at = clock(atMs);
  const between = rows.filter(({ time, ...row }) => !isSample({ time, ...row }) && covers({ time, ...row }, atMs));
  const cycled = cycledBetween(rows, before, after);
  if (before && after && between.length === 0 && isNext(rows, before, after)) {
    const offsetMs = cycled === null ? onLine(before, after, atMs) : nearer(cycled, before, after, atMs).offset_ms;
    const boundMs = Math.max(boundAt(before, atMs), boundAt(after, atMs));
    const followed = followedSentence(before, after);
    const sampled = `sampled at ${clock(before.time.getTime())} and ${clock(after.time.getTime())}`;
    return [
      `${at}: ${signed(offsetMs)}, within ${milliseconds(rounded(boundMs))}, ${followed}${sampled}.`,
      ...(cycled === null
        ? []
        : [`Its daemon was cycled at ${clock(cycled)}: between the samples its clock may have been stepped.`]),
      ...stateSentences([before, after], clock),
    ];
  }
  const why = between.map((row) => whyNot(row, clock));
  const last = before && `Last sampled at ${clock(before.time.getTime())}: ${told(before)}.`;
  const next = after && `Next sampled at ${clock(after.time.getTime())}: ${told(after)}.`;
  const known = [last, next].filter((sentence) => sentence !== undefined);
  if (known.length > 0 || why.length > 0) {
    const reasons = why.length > 0 ? why.join(' ') : unknownSentence(moment, clock);
    return [`${at}: nothing is known of ${instanceId}. ${reasons}`, ...known];
  }
  return [`${at}: nothing is known of ${instanceId}. ${unknownSentence(moment, clock)}`];
}

function isSample(row: HistoryRow): row is Sample {
  return row.sampled && row.offset_ms !== null && row.error_bound_ms !== null;
}

function covers({ time, seconds }: HistoryRow, atMs: number): boolean {
  return time.getTime() - seconds * 1000 < atMs && atMs <= time.getTime();
}

/** No other row of the host lies between the two. */
function isNext(rows: readonly HistoryRow[], before: HistoryRow, after: HistoryRow): boolean {
  return rows.indexOf(after) === rows.indexOf(before) + 1;
}

/** When its daemon was cycled between the two, epoch ms; null: it was not. */
function cycledBetween(rows: readonly HistoryRow[], before?: HistoryRow, after?: HistoryRow): number | null {
  if (!before || !after) return null;
  const stamps = rows.flatMap(({ cycled_at }) => (cycled_at === null ? [] : [cycled_at.getTime()]));
  return stamps.find((ms) => ms > before.time.getTime() && ms < after.time.getTime()) ?? null;
}

function onLine(before: Sample, after: Sample, atMs: number): number {
  const [fromMs, toMs] = [before.time.getTime(), after.time.getTime()];
  return before.offset_ms + ((after.offset_ms - before.offset_ms) * (atMs - fromMs)) / (toMs - fromMs);
}

function nearer(cycledMs: number, before: Sample, after: Sample, atMs: number): Sample {
  return atMs < cycledMs ? before : after;
}

/** RFC 5905's PHI: no disciplined clock is taken to drift by less. */
const LEAST_GROWTH_PPM = 15;

/** ppm x seconds are microseconds. */
function boundAt({ time, error_bound_ms, growth_ppm }: Sample, atMs: number): number {
  const seconds = Math.abs(atMs - time.getTime()) / 1000;
  return error_bound_ms + (Math.max(growth_ppm ?? 0, LEAST_GROWTH_PPM) * seconds) / 1000;
}

function followedSentence(before: HistoryRow, after: HistoryRow): string {
  const names = [...new Set([before, after].map(peerName).filter((name) => name !== null))];
  return names.length === 0 ? '' : `following ${names.join(', then ')}, `;
}

function peerName({ system_peer_name, system_peer }: HistoryRow): string | null {
  return system_peer_name ?? system_peer;
}

function told(row: Sample): string {
  const peer = peerName(row);
  const following = peer === null ? '' : `, following ${peer}`;
  return `${signed(row.offset_ms)}, within ${milliseconds(rounded(row.error_bound_ms))}${following}`;
}

/** Of samples that were not healthy. */
function stateSentences(samples: readonly HistoryRow[], clock: (ms: number) => string): string[] {
  return samples
    .filter(({ state }) => state !== 'healthy')
    .map((row) => `At ${clock(row.time.getTime())} it was ${stateOf(row)}.`);
}

function stateOf({ state, findings }: HistoryRow): string {
  return findings === null || findings === state ? state : findings.replaceAll(',', ' and ');
}

function whyNot(row: HistoryRow, clock: (ms: number) => string): string {
  const ms = row.time.getTime();
  const from = clock(ms - row.seconds * 1000);
  if (row.state === 'no-tick') return `No tick of podtime ran from ${from} to ${clock(ms)} (${duration(row.seconds)}).`;
  if (!row.sampled) return `It did not answer at ${clock(ms)}.`;
  return `At ${clock(ms)} it was ${stateOf(row)}, and told no offset that counts.`;
}

/** That a moment has no rows, whatever was kept: it needs no look. S3 deletes within a day or two after their time. */
export function isBeyondRows({ atMs, nowMs, days }: Pick<Moment, 'atMs' | 'nowMs' | 'days'>): boolean {
  return atMs > nowMs || atMs < nowMs - (days + 2) * DAY_MS;
}

function unknownSentence(moment: Moment, clock: (ms: number) => string): string {
  const { atMs, nowMs, days, tickBeforeMs, tickAfterMs } = moment;
  if (atMs > nowMs) return 'That is in the future.';
  if (atMs < nowMs - days * DAY_MS) return `Rows are kept for ${count(days, 'day')} (history.days).`;
  if (tickBeforeMs === null && tickAfterMs === null) return 'No tick of this pod has kept its rows around that time.';
  if (tickBeforeMs === null) return `The first tick of which rows are kept began at ${clock(tickAfterMs ?? atMs)}.`;
  if (tickAfterMs === null) return `The last tick of which rows are kept began at ${clock(tickBeforeMs)}.`;
  return `The ticks of ${clock(tickBeforeMs)} and ${clock(tickAfterMs)} knew no such host of the pod.`;
}

/** `+0.4 ms`: positive when what the host followed was ahead of it. */
function signed(offsetMs: number): string {
  const value = rounded(offsetMs);
  return `${value > 0 ? '+' : ''}${milliseconds(value)}`;
}

/** Two significant digits: more would promise what interpolation cannot know. */
function rounded(ms: number): number {
  return Number(ms.toPrecision(2));
}

/** UTC, by the day of the question: `14:03`, `14:05:06`, `2026-11-23 23:55:01`. */
function clockReader(atMs: number): (ms: number) => string {
  const today = new Date(atMs).toISOString().slice(0, 10);
  return (ms) => {
    const [day, time = ''] = new Date(ms).toISOString().split('T');
    const short = time.startsWith('00', 6) ? time.slice(0, 5) : time.slice(0, 8);
    return day === today ? short : `${day} ${short}`;
  };
}
