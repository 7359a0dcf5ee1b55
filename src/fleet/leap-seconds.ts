/** What a leap second does to UTC, by the leap indicator (RFC 5905, 7.3): a last minute of 61 seconds, or of 59. */
export const LEAP_SIGNS = ['add', 'delete'] as const;
export type LeapSign = (typeof LEAP_SIGNS)[number];

export interface LeapSecond {
  /** Epoch ms of the midnight that ends its UTC month: leap seconds stand nowhere else (ITU-R TF.460). */
  atMs: number;
  sign: LeapSign;
}

/** Daemons announce one on its last day (RFC 5905 section 7.3: "the last minute of the current month"). */
const ANNOUNCED_BEFORE_MS = 24 * 3600 * 1000;
/** A daemon goes on announcing until its next polls, 1,024 s apart by default. */
const ANNOUNCED_AFTER_MS = 3600 * 1000;

/**
 * So long before and after a leap second servers of different smear classes may differ: `aws` and `google` spread it from noon to noon,
 * `meta` over the 17 hours after it (`src/fleet/smear.ts`). A day holds all of them, and the polls after.
 */
const SMEARED_WITHIN_MS = 24 * 3600 * 1000;

/** The midnight of the leap second that may be due, or just over; null: one that a host announces now is a mistake. Epoch ms. */
export function leapDueAtMs(nowMs: number): number | null {
  const endsAtMs = monthEndAfter(nowMs);
  if (endsAtMs - nowMs <= ANNOUNCED_BEFORE_MS) return endsAtMs;
  const now = new Date(nowMs);
  const beganAtMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  return nowMs - beganAtMs < ANNOUNCED_AFTER_MS ? beganAtMs : null;
}

function monthEndAfter(nowMs: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
}

/** Whether a leap second may be due, or just over: a host that announces one at any other time is mistaken. */
export function isNearLeap(nowMs: number): boolean {
  return leapDueAtMs(nowMs) !== null;
}

/** A leap second as fleet.yml writes it: the last day before it, `2016-12-31`, and whether a second is put in or taken out. */
export interface WrittenLeapSecond {
  date: string;
  sign: LeapSign;
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** What is wrong with the day of a leap second, for sentences that begin with it; null: nothing. */
export function leapDateFault(date: string): string | null {
  const atMs = endOfDayMs(date);
  if (atMs === null) return 'is no day, such as 2016-12-31';
  return new Date(atMs).getUTCDate() === 1
    ? null
    : 'is not the last day of a month, and no other day ends with a leap second';
}

/** @param written its date without fault */
export function readLeapSecond({ date, sign }: WrittenLeapSecond): LeapSecond {
  return { atMs: endOfDayMs(date) ?? Number.NaN, sign };
}

/** The midnight that ends the day, UTC; null: there is no such day. */
function endOfDayMs(date: string): number | null {
  const [, year, month, day] = (DATE.exec(date) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  const isDay = new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(date);
  return isDay ? Date.UTC(year, month - 1, day + 1) : null;
}

/**
 * The leap second that is near: announced by hosts and remembered, or told by fleet.yml, which knows of it where all sources smear and none
 * announces it, and when the memory is lost. null: none is. Decision 0091.
 */
export function leapNear(
  remembered: LeapSecond | undefined,
  { leapSecond }: { leapSecond: LeapSecond | null },
  nowMs: number,
): LeapSecond | null {
  const isNear = (leap: LeapSecond | null | undefined): leap is LeapSecond =>
    Boolean(leap && isAroundLeap(leap, nowMs));
  return [remembered, leapSecond].find(isNear) ?? null;
}

/** Whether servers of different smear classes may differ now for a leap second. */
export function isAroundLeap({ atMs }: LeapSecond, nowMs: number): boolean {
  return Math.abs(nowMs - atMs) <= SMEARED_WITHIN_MS;
}
