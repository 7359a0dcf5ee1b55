import { canonicalAddress } from '../fleet/addresses.ts';
import type { Faults } from './faults.ts';
import { LINE_LIMIT, type Line, wordsOf } from './lines.ts';
import { measuringNothing, withoutReference } from './ntpq-variables.ts';
import { decimal, milliseconds, positiveMilliseconds, type Reading, stratum, whole, withoutNoise } from './numbers.ts';
import { REACH_POLLS } from './reach.ts';
import type { Source, SystemState } from './source.ts';
import { UNTOLD } from './untold.ts';

/** ntp-ctl prints seconds, and a Source has milliseconds. */
const SECOND = 1000;

/** `ntp_system_leap_indicator`, as RFC 5905 numbers it. */
const LEAPS = new Map<string, SystemState['leap']>([
  ['0', 'none'],
  ['1', 'add'],
  ['2', 'delete'],
  ['3', 'alarm'],
]);

/** address poll unanswered offset delay uncertainty */
const COLUMNS = 6;

/** The columns that `collect` keeps of a row that it shortens: up to the offset, where `-` is none. */
const SHORT_COLUMNS = 4;

/** Far above the sources that any file names. */
const MOST_SOURCES = 10_000;

/** What stands for no sample yet. */
const NONE = '-';

/**
 * Reads the line `leap=0 stratum=4 rootdelay=0.0041 rootdisp=0.0101 minimum=1` that `collect` makes of
 * `ntp-ctl status -f prometheus` and of the file; seconds. ntpd-rs tells no offset, frequency or system peer of its own, and it keeps what it said last when it loses its sources:
 * its leap indicator and stratum prove that the clock was set, not that it is followed now. Version and age stand in the head of
 * the answer. Decision 0084.
 */
export function readNtpCtlSystem(lines: readonly Line[], faults: Faults): SystemState {
  const [line] = lines;
  const values = new Map<string, string>();
  for (const word of wordsOf(line?.text.slice(0, LINE_LIMIT) ?? '')) {
    const at = word.indexOf('=');
    if (at > 0) values.set(word.slice(0, at), word.slice(at + 1));
  }
  const take = (name: string, field: keyof SystemState, read: (text: string) => Reading): number | null => {
    const text = values.get(name);
    if (text === undefined || line === undefined) return null;
    const reading = read(text);
    if (typeof reading === 'number') return reading;
    faults.add(line.number, field, `${name}=${text}`, reading);
    return null;
  };
  const leap = values.get('leap');
  if (leap !== undefined && !LEAPS.has(leap))
    faults.add(line?.number ?? 1, 'leap', `leap=${leap}`, 'not a leap indicator, 0 to 3');
  const state: SystemState = {
    ...UNTOLD,
    leap: LEAPS.get(leap ?? '') ?? null,
    stratum: take('stratum', 'stratum', stratum),
    rootDelayMs: take('rootdelay', 'rootDelayMs', (text) => seconds(text, positiveMilliseconds)),
    rootDispersionMs: take('rootdisp', 'rootDispersionMs', (text) => seconds(text, positiveMilliseconds)),
  };
  const minimumAgreeing = take('minimum', 'minimumAgreeing', (text) => whole(text, 0, MOST_SOURCES));
  if (minimumAgreeing !== null) state.minimumAgreeing = minimumAgreeing;
  return withoutReference(state) ? measuringNothing(state) : state;
}

/**
 * Reads the table `address poll unanswered offset delay uncertainty` that `collect` makes of the same: seconds, `-` for the measures
 * of a source that was never heard. Its offset is positive when the source is ahead, as ntpq's is (seen on 1.4.0 with a server 3.5 s
 * ahead). ntpd-rs counts the polls since the last answer, up to eight, and eight of them are an empty reach register; it tells no
 * tally, stratum or refid of a source. Never throws.
 */
export function readNtpCtlSources(lines: readonly Line[], faults: Faults): Source[] {
  const [head, ...rows] = lines;
  if (head !== undefined && !head.text.startsWith('address ')) rows.unshift(head);
  return rows.map((line) => sourceOf(line, faults)).filter((source) => source !== null);
}

function sourceOf(line: Line, faults: Faults): Source | null {
  const row = line.text.length > LINE_LIMIT ? [] : wordsOf(line.text);
  if (row.length !== COLUMNS && row.length !== SHORT_COLUMNS) {
    faults.add(line.number, null, line.text, `${row.length} columns where a source of ntp-ctl has ${COLUMNS}`);
    return null;
  }
  const take = (at: number, field: keyof Source, read: (text: string) => Reading): number | null => {
    const text = row[at] ?? NONE;
    if (text === NONE) return null;
    const reading = read(text);
    if (typeof reading === 'number') return reading;
    faults.add(line.number, field, text, reading);
    return null;
  };
  const [remote = ''] = row;
  const address = canonicalAddress(remote);
  const unansweredPolls = take(2, 'unansweredPolls', (text) => whole(text, 0, REACH_POLLS));
  const delayMs = take(4, 'delayMs', (text) => seconds(text, positiveMilliseconds));
  const offsetMs = take(3, 'offsetMs', (text) => seconds(text, milliseconds));
  return {
    tally: null,
    remote: faults.shown(line.number, 'remote', remote),
    address,
    refid: null,
    stratum: null,
    // a reference clock: the path of its socket or device
    type: address === null && remote.startsWith('/') ? 'l' : 'u',
    whenSeconds: null,
    pollSeconds: take(1, 'pollSeconds', positive),
    reach: unansweredPolls === REACH_POLLS ? 0 : null,
    delayMs,
    // it tells 0 for a source that it never heard
    offsetMs: row[4] === NONE ? null : offsetMs,
    jitterMs: null,
    uncertaintyMs: take(5, 'uncertaintyMs', (text) => seconds(text, positiveMilliseconds)),
    unansweredPolls,
  };
}

/** A bare number: a unit here would be multiplied twice. */
function seconds(text: string, read: (text: string, bare: number) => Reading): Reading {
  const plain = decimal(text);
  return typeof plain === 'string' ? plain : read(text, SECOND);
}

/** The longest poll of NTP, 2^17 s (RFC 5905, MAXPOLL). */
const LONGEST_POLL_SECONDS = 2 ** 17;

function positive(text: string): Reading {
  const reading = decimal(text);
  if (typeof reading === 'string') return reading;
  return reading >= 0 && reading <= LONGEST_POLL_SECONDS
    ? withoutNoise(reading)
    : `outside 0 to ${LONGEST_POLL_SECONDS}`;
}
