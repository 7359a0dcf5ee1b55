import { octalReach } from './reach.ts';

/** A number, or the sentence why there is none. */
export type Reading = number | string;

/** No tool prints a number longer than this; what is longer is not one. */
const LENGTH_LIMIT = 32;

/** NTP time itself spans 2^32 seconds (RFC 5905, an era of 136 years): no offset, delay or age can be more. */
const ERA_SECONDS = 2 ** 32;

/** ntpq prints an interval as bare seconds only up to here, then as minutes, hours or days. */
const BARE_SECONDS_LIMIT = 2048;

const MILLISECONDS_IN: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, ks: 1e6, s: 1e3 };
const PPM_IN: Record<string, number> = { ppt: 1e-6, ppb: 1e-3, ppm: 1, ppk: 1e3, '‰': 1e3 };
const SECONDS_IN: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 };

/** A decimal number as C and Python print them: a dot at the end is fine, NaN, Infinity, hex and 1e999 are not. */
export function decimal(text: string): Reading {
  const short = shortDecimal(text);
  if (!Number.isNaN(short)) return short;
  if (text.length > LENGTH_LIMIT) return `longer than any number printed (${LENGTH_LIMIT} characters)`;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$/.test(text)) return 'not a decimal number';
  return Number(text);
}

/** So many digits are a whole number that a double holds exactly; so is each power of ten up to it. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

/**
 * The value of a few digits with a dot among them, as nearly all numbers of a host are, by one division of two exact numbers: what
 * `Number` gives, at a quarter of the time. NaN: the text is of any other form.
 */
function shortDecimal(text: string): number {
  const first = text.charCodeAt(0);
  const start = first === MINUS || first === PLUS ? 1 : 0;
  const dot = text.indexOf('.', start);
  const end = text.length;
  const digits = end - start - (dot < 0 ? 0 : 1);
  if (digits < 1 || digits > EXACT_DIGITS) return Number.NaN;
  const power = POWERS_OF_TEN[dot < 0 ? 0 : end - dot - 1] ?? Number.NaN;
  const before = digitsOf(text, start, dot < 0 ? end : dot);
  const value = dot < 0 ? before : (before * power + digitsOf(text, dot + 1, end)) / power;
  return first === MINUS ? -value : value;
}

/** NaN: not digits alone. */
function digitsOf(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

const ZERO = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;

/** Milliseconds, of either sign. Without a unit `bare` says what one is worth in milliseconds: ntpq prints ms (1), chronyc s (1,000). */
export function milliseconds(text: string, bare = 1): Reading {
  const reading = inUnit(text, MILLISECONDS_IN, bare);
  if (typeof reading === 'number' && Math.abs(reading) > ERA_SECONDS * 1000)
    return 'more than the 136 years of an NTP era';
  return reading;
}

/** Milliseconds of something that cannot be negative: a delay, a dispersion, a jitter. */
export function positiveMilliseconds(text: string, bare = 1): Reading {
  const reading = milliseconds(text, bare);
  return typeof reading === 'number' && reading < 0 ? 'negative' : reading;
}

/** Parts per million, of either sign. */
export function partsPerMillion(text: string): Reading {
  const reading = inUnit(text, PPM_IN, 1);
  if (typeof reading === 'number' && Math.abs(reading) > 1e6) return 'more than a million parts per million';
  return reading;
}

/** Parts per million of something that cannot be negative: a skew. */
export function positivePartsPerMillion(text: string): Reading {
  const reading = partsPerMillion(text);
  return typeof reading === 'number' && reading < 0 ? 'negative' : reading;
}

/** A whole number within limits, no sign but a minus. */
export function whole(text: string, least: number, most: number): Reading {
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  const digits = text.length - start;
  const size = digits < 1 || digits > EXACT_DIGITS ? Number.NaN : digitsOf(text, start, text.length);
  if (Number.isNaN(size)) return 'not a whole number';
  const value = start === 1 ? -size : size;
  return value >= least && value <= most ? plain(value) : `outside ${least} to ${most}`;
}

/** Stratum as ntpq prints it: 0 to 16 (RFC 5905: 16 is unsynchronised). */
export function stratum(text: string): Reading {
  return whole(text, 0, 16);
}

export function reach(text: string): Reading {
  return octalReach(text) ?? 'not a reach register, octal 0 to 377';
}

/** An interval of ntpq in seconds: bare seconds to 2,048, then `m`, `h`, `d`; `y` as chronyc. `-` is the caller's. */
export function interval(text: string): Reading {
  const unit = endsInNumber(text) ? undefined : SECONDS_IN[text.slice(-1)];
  const reading = whole(unit === undefined ? text : text.slice(0, -1), 0, ERA_SECONDS);
  if (typeof reading === 'string') return reading;
  if (unit === undefined && reading > BARE_SECONDS_LIMIT)
    return `bare seconds end at ${BARE_SECONDS_LIMIT}: the unit was cut`;
  const seconds = reading * (unit ?? 1);
  return seconds <= ERA_SECONDS ? seconds : 'more than the 136 years of an NTP era';
}

/**
 * A poll interval of ntpq. Polls are powers of two, but ntpq rounds what it prints above 2,048 s to minutes, hours
 * and days (4,096 s is `68m`): such a text gives the power of two that it stands for, if there is one within the unit.
 */
export function pollInterval(text: string): Reading {
  const seconds = interval(text);
  if (typeof seconds === 'string' || seconds === 0 || endsInNumber(text)) return seconds;
  const unit = SECONDS_IN[text.slice(-1)] ?? 1;
  if (unit === 1) return seconds;
  const power = 2 ** Math.round(Math.log2(seconds));
  return Math.abs(power - seconds) <= unit ? power : seconds;
}

function inUnit(text: string, units: Record<string, number>, bare: number): Reading {
  const unit = endsInNumber(text) ? undefined : Object.keys(units).find((name) => text.endsWith(name));
  const reading = decimal(unit === undefined ? text : text.slice(0, -unit.length).trimEnd());
  if (typeof reading === 'string') return reading;
  const factor = unit === undefined ? bare : (units[unit] ?? bare);
  return plain(factor === 1 ? reading : withoutNoise(reading * factor));
}

/** As most do: then there is no unit to look for. */
function endsInNumber(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0x30 && last <= 0x39;
}

/** 0.0041 s is 4.1 ms, not 4.1000000000000005: no tool prints more than 15 digits. */
export function withoutNoise(value: number): number {
  // twelve decimals are 15 digits at most below 1,000: where the value is one but for its noise, no text need be made of it
  const decimals = Math.round(value * 1e12) / 1e12;
  const isNear = Math.abs(value) < 1000 && Math.abs(value - decimals) <= Math.abs(value) * Number.EPSILON;
  return plain(isNear ? decimals : Number(value.toPrecision(15)));
}

/** -0 is 0: `-0.0` means no offset, and equality must not depend on it. */
function plain(value: number): number {
  return value === 0 ? 0 : value;
}
