import { exactly, optional, type Schema } from '../../src/fleet/json-schema.ts';
import { dayName } from '../../src/history/keys.ts';
import { ID } from './instance-ids.ts';
import { type Asked, checked, must, POD, shown, strict } from './payload.ts';

const TIME: Schema<string> = must('a time in UTC, such as "2026-11-24T14:03:00Z"', {
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?Z)?$',
});

/** Which of the three it is. */
export function has(payload: unknown, name: 'fold' | 'manifest'): boolean {
  return typeof payload === 'object' && payload !== null && name in payload;
}

/** `sls invoke -f history -d …` */
export const HISTORY = checked(
  unclearTime,
  strict({
    pod: POD,
    instanceId: ID,
    /** How wrong was its clock then? */
    at: optional(TIME),
    /** What was it like meanwhile? Left out: the last 24 hours. */
    from: optional(TIME),
    to: optional(TIME),
  }),
);

/** The schedule's input: hours that are over are put in the order of hosts. */
export const FOLD = strict({ fold: must('true', exactly(true)) });

const DAY: Schema<string> = must('a day in UTC, such as "2026-11-24"', {
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\d$',
});

/** Which digest has a day's manifest? */
export const MANIFEST = checked(noSuchDay, strict({ pod: POD, manifest: DAY }));

function noSuchDay({ manifest }: Asked): string | null {
  const isDay = typeof manifest === 'string' && new RegExp(DAY.pattern ?? '').test(manifest);
  return isDay && !isTime(manifest) ? `${shown(manifest)}: there is no such day.` : null;
}

function unclearTime({ at, from, to }: Asked): string | null {
  if (at !== undefined && (from !== undefined || to !== undefined)) {
    return 'at asks for one moment, from and to for the time between: give one or the other.';
  }
  if (to !== undefined && from === undefined) return 'from is missing: to ends what from begins.';
  const written = [at, from, to].filter((time) => typeof time === 'string');
  const impossible = written.filter((time) => TIME_PATTERN.test(time) && !isTime(time));
  if (impossible.length > 0) return `${impossible.map(shown).join(', ')}: there is no such time.`;
  if (typeof from === 'string' && typeof to === 'string' && Date.parse(to) <= Date.parse(from)) {
    return `to must be later than from (${shown(from)}), not ${shown(to)}.`;
  }
  return null;
}

/** The parser takes every month to have 31 days, and reads the 31st of November as the 1st of December. */
function isTime(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && dayName(ms) === text.slice(0, 10);
}

const TIME_PATTERN = new RegExp(TIME.pattern ?? '');
