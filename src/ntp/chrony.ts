import { canonicalAddress } from '../fleet/addresses.ts';
import { printable } from '../fleet/printable.ts';
import { Faults } from './faults.ts';
import { failureIn, LINE_LIMIT, type Line, linesOf, REMOTE } from './lines.ts';
import { measuringNothing, withoutReference } from './ntpq-variables.ts';
import {
  decimal,
  milliseconds,
  partsPerMillion,
  positiveMilliseconds,
  positivePartsPerMillion,
  type Reading,
  reach,
  stratum,
  whole,
  withoutNoise,
} from './numbers.ts';
import type { Parsed, Source, SystemState } from './source.ts';
import { UNTOLD } from './untold.ts';

const MODES = new Map([
  ['^', 'u'],
  ['=', 's'],
  ['#', 'l'],
]);

const TALLIES = new Map<string, Source['tally']>([
  ['*', '*'],
  ['+', '+'],
  ['-', '-'],
  ['x', 'x'],
  ['~', '.'],
  ['?', ' '],
]);

/** Fields of a row: mode, state, name, stratum, poll, reach, LastRx, adjusted offset, measured offset, error. */
const SOURCE_FIELDS = 10;

/** The fields that `collect` keeps of a row that it shortens: up to LastRx, or to reach where nobody was ever heard. */
const SHORT_SOURCE_FIELDS = [6, 7];

/** Fields of tracking: refid, name, stratum, ref time, system time, last offset, RMS offset, frequency, …, leap. */
const TRACKING_FIELDS = 14;

/** What chronyc prints for the age of a sample that does not exist (2^32 - 1). */
const NEVER = 4_294_967_295;

/** chronyd's own limits, as exponents of two (its MIN_POLL and MAX_POLL). */
const POLL_EXPONENTS = { least: -7, most: 24 };

/** chronyc prints seconds, and a Source has milliseconds. */
const SECOND = 1000;

const LEAPS = new Map<string, SystemState['leap']>([
  ['Normal', 'none'],
  ['Insert second', 'add'],
  ['Delete second', 'delete'],
  ['Not synchronised', 'alarm'],
]);

export interface ChronySourcesOptions {
  /**
   * `SystemState.offsetMs` of the same moment's tracking. chronyd measures its sources against a clock of its own
   * and slews the system's clock after it, so `sources` alone can show microseconds while the host is seconds off
   * (seen: 2.001 s in tracking's System time, -0.000009913 in sources). Given, offsets are relative to the host's
   * clock, as a Source promises; absent, to chronyd's.
   */
  clockOffsetMs?: number | null;
}

/**
 * Reads `chronyc -c sources` (`-n` or not). Of its two offsets the first is taken, the last sample adjusted for what
 * the clock was slewed since: the second goes on telling the error that a step or slew has already undone. chronyc's
 * offset is positive when the *host* is ahead (chronyc(1)), so the sign is turned. Delay, jitter and refid are not told.
 *
 * An empty text is no source and a fault that says so: chronyd without sources prints nothing, and it does not show
 * names it cannot resolve. Never throws.
 */
export function parseChronySources(text: string, options: ChronySourcesOptions = {}): Parsed<Source[]> {
  const faults = new Faults();
  const sources = readChronySources(linesOf(text), options, faults);
  return { value: sources, faults: faults.all() };
}

/** As `parseChronySources`, of a part of a text. */
export function readChronySources(lines: Line[], options: ChronySourcesOptions, faults: Faults): Source[] {
  const sources: Source[] = [];
  for (const line of lines) {
    const row = fieldsOf(line, SOURCE_FIELDS, faults, SHORT_SOURCE_FIELDS);
    if (row === null) continue;
    const [mode = '', state = '', remote = ''] = row;
    const type = MODES.get(mode);
    const tally = TALLIES.get(state);
    if (type === undefined) faults.add(line.number, null, line.text, `${quoted(mode)} is no mode (^ = #)`);
    else if (tally === undefined)
      faults.add(line.number, null, line.text, `${quoted(state)} is no state (* + - x ~ ?)`);
    else if (!REMOTE.test(remote)) faults.add(line.number, null, line.text, 'a source without a name or address');
    else sources.push(sourceOf(line, row, { type, tally, remote }, options.clockOffsetMs ?? 0, faults));
  }
  if (lines.length === 0)
    faults.add(1, null, '', 'empty: chronyd has no source, or hides those whose names do not resolve yet');
  return sources;
}

function quoted(text: string): string {
  return `"${printable(text, 20).text}"`;
}

function sourceOf(
  line: Line,
  row: string[],
  head: Pick<Source, 'type' | 'tally' | 'remote'>,
  clockOffsetMs: number,
  faults: Faults,
): Source {
  const read = taker(line, row, faults);
  const take: Take = (at, ...how) => (at < row.length ? read(at, ...how) : null);
  const lastRx = take(6, 'whenSeconds', (text) => whole(text, 0, NEVER));
  const level = take(3, 'stratum', stratum);
  const exponent = take(4, 'pollSeconds', (text) => whole(text, POLL_EXPONENTS.least, POLL_EXPONENTS.most));
  const offsetMs = take(7, 'offsetMs', (text) => milliseconds(text, SECOND));
  const address = head.type === 'l' ? null : canonicalAddress(head.remote);
  if (address === null && head.type !== 'l' && head.remote.includes(':')) {
    faults.add(line.number, 'address', head.remote, 'neither an address nor a name');
  }
  return {
    tally: head.tally,
    remote: faults.shown(line.number, 'remote', head.remote),
    address,
    refid: null,
    stratum: level === 0 && head.type !== 'l' ? 16 : level,
    type: head.type,
    whenSeconds: lastRx === NEVER ? null : lastRx,
    pollSeconds: exponent === null ? null : 2 ** exponent,
    reach: take(5, 'reach', reach),
    delayMs: null,
    offsetMs: offsetMs === null || lastRx === NEVER ? null : withoutNoise(clockOffsetMs - offsetMs),
    jitterMs: null,
    uncertaintyMs: lastRx === NEVER ? null : take(9, 'uncertaintyMs', (text) => positiveMilliseconds(text, SECOND)),
    unansweredPolls: null,
  };
}

/**
 * Reads `chronyc -c tracking`. `System time` is the offset (positive when the host is behind, "slow of NTP time", so
 * ntpq's sign already), RMS offset the jitter; the sign of the frequencies is turned. chrony does not tell its version
 * or age here. Stratum 0 is 16, as in ntpq. Never throws.
 */
export function parseChronyTracking(text: string): Parsed<SystemState> {
  const faults = new Faults();
  const state = readChronyTracking(linesOf(text), faults);
  return { value: state, faults: faults.all() };
}

/** As `parseChronyTracking`, of a part of a text. */
export function readChronyTracking(lines: Line[], faults: Faults): SystemState {
  let state: SystemState | null = null;
  for (const line of lines) {
    const row = fieldsOf(line, TRACKING_FIELDS, faults);
    if (row === null) continue;
    if (state !== null) faults.add(line.number, null, line.text, 'a second line of tracking');
    else state = stateOf(line, row, faults);
  }
  if (lines.length === 0) faults.add(1, null, '', 'empty: chronyc printed no tracking');
  return state ?? UNTOLD;
}

function stateOf(line: Line, row: string[], faults: Faults): SystemState {
  const take = taker(line, row, faults);
  const [number = '', name = ''] = row;
  const leap = LEAPS.get(row[13] ?? '');
  if (leap === undefined) faults.add(line.number, 'leap', row[13] ?? '', 'not a leap status of chronyc');
  const level = take(2, 'stratum', stratum);
  const frequencyPpm = take(7, 'frequencyPpm', partsPerMillion);
  const residualFrequencyPpm = take(8, 'residualFrequencyPpm', partsPerMillion);
  const state: SystemState = {
    leap: leap ?? null,
    stratum: level === 0 ? 16 : level,
    refid: name !== '' ? faults.shown(line.number, 'refid', name) : dottedQuad(line, number, faults),
    offsetMs: take(4, 'offsetMs', (text) => milliseconds(text, SECOND)),
    rootDelayMs: take(10, 'rootDelayMs', (text) => positiveMilliseconds(text, SECOND)),
    rootDispersionMs: take(11, 'rootDispersionMs', (text) => positiveMilliseconds(text, SECOND)),
    jitterMs: take(6, 'jitterMs', (text) => positiveMilliseconds(text, SECOND)),
    frequencyPpm: turned(frequencyPpm),
    skewPpm: take(9, 'skewPpm', positivePartsPerMillion),
    residualFrequencyPpm: turned(residualFrequencyPpm),
    version: null,
    uptimeSeconds: null,
  };
  return withoutReference(state) ? measuringNothing(state) : state;
}

/** In ntpd's sign: chronyc's frequency is the error of the bare clock, ntpd's the correction. */
function turned(ppm: number | null): number | null {
  return ppm === null ? null : withoutNoise(-ppm);
}

/** `7F7F0101`, chrony's own `local` clock, is `127.127.1.1` as ntpq would print it; all zeros is no reference. */
function dottedQuad(line: Line, number: string, faults: Faults): string | null {
  if (!/^[0-9A-Fa-f]{8}$/.test(number)) {
    faults.add(line.number, 'refid', number, 'not a reference ID, eight hex digits');
    return null;
  }
  const value = Number.parseInt(number, 16);
  return value === 0 ? null : [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** `shortCounts`: so many are as good. */
function fieldsOf(line: Line, count: number, faults: Faults, shortCounts: readonly number[] = []): string[] | null {
  const failure = failureIn(line.text);
  const fields = line.text.length > LINE_LIMIT ? [] : line.text.trimEnd().split(',');
  if (failure === null && (fields.length === count || shortCounts.includes(fields.length))) return fields;
  const found =
    fields.length === 0
      ? `longer than ${LINE_LIMIT} characters`
      : `${fields.length} fields where chronyc -c prints ${count}`;
  faults.add(line.number, null, line.text, failure ?? found);
  return null;
}

type Take = (at: number, field: keyof Source | keyof SystemState, read: (text: string) => Reading) => number | null;

function taker(line: Line, row: string[], faults: Faults): Take {
  return (at, field, read) => {
    const text = row[at] ?? '';
    // chronyc -c prints plain numbers: a unit here would be multiplied twice.
    const plain = decimal(text);
    const reading = typeof plain === 'string' ? plain : read(text);
    if (typeof reading === 'number') return reading;
    faults.add(line.number, field, text, reading);
    return null;
  };
}
