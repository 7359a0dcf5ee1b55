import type { HistoryRow } from '../../history/columns.ts';
import { hoursBetween } from '../../history/days.ts';
import { DAY_MS } from '../../history/keys.ts';
import { type HistoryObjects, rowsBetween } from '../../history/reading.ts';
import { type HostSeries, seriesOfHours, seriesOfRows } from './series.ts';

/** Of more days each page would read more objects than a month has. */
const MOST_DAYS = 30;

/** One clock over 24 hours and over the days that are kept. null: nothing is known of that time. */
export interface HostHistory {
  day: HostSeries | null;
  month: HostSeries | null;
  /** Of so many days at the most. */
  days: number;
  /** Why something is missing. */
  sentences: string[];
}

interface AskedHistory {
  pod: string;
  instanceId: string;
  /** Epoch ms; up to the last look, so that a page stays the same until the next. */
  toMs: number;
  /** For so long rows are kept. */
  keptDays: number;
}

/** Reads it. Never fails: what cannot be read is missing, and a sentence says so. */
export async function hostHistory(
  objects: Pick<HistoryObjects, 'list' | 'rowsOfHost' | 'hoursOfHost'>,
  { pod, instanceId, toMs, keptDays }: AskedHistory,
): Promise<HostHistory> {
  const days = Math.min(keptDays, MOST_DAYS);
  const [dayFromMs, monthFromMs] = [toMs - DAY_MS, toMs - days * DAY_MS];
  const asked = { pod, instanceId, toMs };
  // one after the other: both at once would hold twice as much
  const day = await orSentence('Its last 24 hours', rowsBetween(objects, { ...asked, fromMs: dayFromMs }));
  const month =
    days < 2
      ? NOTHING
      : await orSentence(`Its last ${days} days`, hoursBetween(objects, { ...asked, fromMs: monthFromMs }));
  const rows: HistoryRow[] = day.rows;
  const later = [...month.sentences];
  if (days < 2) later.push(`Longer times are not shown: rows are kept for ${keptDays} day (history.days).`);
  else if (month.rows.length === 0 && month.isRead && rows.length > 0)
    later.push(
      'No day of it is folded into hours yet, which is done within an hour of its end (UTC): the longer picture has the last 24 hours alone.',
    );
  const isKnown = rows.length + month.rows.length > 0;
  return {
    day: rows.length === 0 ? null : seriesOfRows(rows, dayFromMs, toMs),
    month: isKnown && days >= 2 ? seriesOfHours(month.rows, rows, monthFromMs, toMs) : null,
    days,
    sentences: [
      ...(rows.length === 0 && day.isRead
        ? ['Nothing of it is kept of the last 24 hours: podtime keeps a row of it at each look.']
        : []),
      ...day.sentences,
      ...later,
    ],
  };
}

interface Read<Row> {
  rows: Row[];
  isRead: boolean;
  sentences: string[];
}

const NOTHING: Read<never> = { rows: [], isRead: false, sentences: [] };

async function orSentence<Row>(what: string, reading: Promise<{ rows: Row[]; faults: string[] }>): Promise<Read<Row>> {
  try {
    const { rows, faults } = await reading;
    const [first] = faults;
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
    return { rows, isRead: faults.length === 0, sentences: first === undefined ? [] : [`Of it ${first}${more}`] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { rows: [], isRead: false, sentences: [`${what} could not be read: ${message}.`] };
  }
}
