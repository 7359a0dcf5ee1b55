import { Faults } from './faults.ts';
import { failureIn, type Line, linesOf, wordsOf } from './lines.ts';
import { milliseconds, partsPerMillion, positiveMilliseconds, type Reading, stratum, whole } from './numbers.ts';
import type { Parsed, SystemState } from './source.ts';

/** `leap` as printed in two bits, and as raw number (RFC 5905, leap indicator). */
const LEAPS = new Map<string, SystemState['leap']>([
  ['00', 'none'],
  ['01', 'add'],
  ['10', 'delete'],
  ['11', 'alarm'],
  ['0', 'none'],
  ['1', 'add'],
  ['2', 'delete'],
  ['3', 'alarm'],
]);

/** The leap indicator in words, in the status line above the variables. */
const LEAP_WORDS = new Map<string, SystemState['leap']>([
  ['leap_none', 'none'],
  ['leap_add_sec', 'add'],
  ['leap_del_sec', 'delete'],
  ['leap_alarm', 'alarm'],
]);

/** No daemon is older: 136 years, the span of NTP's own time. */
const OLDEST_SECONDS = 2 ** 32;

/** What a state is made of. */
const WANTED = new Set([
  'leap',
  'stratum',
  'refid',
  'offset',
  'rootdelay',
  'rootdisp',
  'rootdispersion',
  'sys_jitter',
  'jitter',
  'frequency',
  'version',
  'ss_uptime',
]);

interface Variable {
  /** As it was printed, with its quotes. */
  printed: string;
  line: number;
}

interface Variables {
  /** Those that are wanted; of several the first. */
  wanted: Map<string, Variable>;
  /** The leap indicator in the status line. */
  leapWord: string | null;
  /** There is none, wanted or not. */
  areNone: boolean;
}

/**
 * Reads `ntpq -c rv` and `ntpq -c "rv 0 leap,offset,…"` of classic ntpd and ntpsec, with or without `-u`. A variable
 * that is not there is null and no fault: what was asked decides what is printed. A text without any is a fault.
 *
 * One pass over the text; never throws.
 */
export function parseNtpqVariables(text: string): Parsed<SystemState> {
  const faults = new Faults();
  const state = readVariables(linesOf(text), faults);
  return { value: state, faults: faults.all() };
}

/** As `parseNtpqVariables`, of a part of a text. */
export function readVariables(lines: Line[], faults: Faults): SystemState {
  const { wanted, leapWord, areNone } = variablesOf(lines, faults);
  const take = (name: string, field: keyof SystemState, read: (text: string) => Reading): number | null => {
    const variable = wanted.get(name);
    if (variable === undefined) return null;
    const value = unquoted(variable.printed);
    const reading = read(value);
    if (typeof reading === 'number') return reading;
    faults.add(variable.line, field, `${name}=${value}`, reading);
    return null;
  };
  // what ntpd before 4.2.6 calls otherwise (sys_var of ntp_control.c)
  const named = (name: string, before: string): string => (wanted.has(name) ? name : before);
  const show = (name: 'refid' | 'version'): string | null => {
    const variable = wanted.get(name);
    const value = variable === undefined ? '' : unquoted(variable.printed);
    return variable === undefined || value === '' ? null : faults.shown(variable.line, name, value);
  };
  const state: SystemState = {
    leap: leapOf(wanted.get('leap'), leapWord, faults),
    stratum: take('stratum', 'stratum', stratum),
    refid: show('refid'),
    offsetMs: take('offset', 'offsetMs', milliseconds),
    rootDelayMs: take('rootdelay', 'rootDelayMs', positiveMilliseconds),
    rootDispersionMs: take(named('rootdisp', 'rootdispersion'), 'rootDispersionMs', positiveMilliseconds),
    jitterMs: take(named('sys_jitter', 'jitter'), 'jitterMs', positiveMilliseconds),
    frequencyPpm: take('frequency', 'frequencyPpm', partsPerMillion),
    skewPpm: null,
    residualFrequencyPpm: null,
    version: show('version'),
    uptimeSeconds: take('ss_uptime', 'uptimeSeconds', (text) => whole(text, 0, OLDEST_SECONDS)),
  };
  if (areNone && faults.empty) {
    faults.add(lines[0]?.number ?? 1, null, lines[0]?.text ?? '', 'no variable: ntpq prints nothing when it fails');
  }
  return withoutReference(state) ? measuringNothing(state) : state;
}

/** Never synchronised, or not since the last step: stratum 16 and the leap alarm together. */
export function withoutReference(state: SystemState): boolean {
  return state.leap === 'alarm' && state.stratum === 16;
}

/** Without a reference, what stands in the measures is what the daemon was born with. */
export function measuringNothing(state: SystemState): SystemState {
  return { ...state, offsetMs: null, rootDelayMs: null, rootDispersionMs: null, jitterMs: null };
}

function leapOf(variable: Variable | undefined, word: string | null, faults: Faults): SystemState['leap'] {
  if (variable !== undefined) {
    const value = unquoted(variable.printed);
    const leap = LEAPS.get(value);
    if (leap !== undefined) return leap;
    faults.add(variable.line, 'leap', `leap=${value}`, 'not a leap indicator, 00 to 11');
  }
  return word === null ? null : (LEAP_WORDS.get(word) ?? null);
}

/**
 * `name=value, name="quoted, value", word word, …` over wrapped lines. Commas part items; some values hold commas
 * without quotes (classic's `reftime=… Sun, Nov 22`), whose rest is then an item without `=` and of no interest.
 */
function variablesOf(lines: Line[], faults: Faults): Variables {
  const wanted = new Map<string, Variable>();
  let leapWord: string | null = null;
  let areNone = true;
  for (const line of lines) {
    const failure = failureIn(line.text);
    if (failure !== null) {
      faults.add(line.number, null, line.text, failure);
      continue;
    }
    for (const item of itemsOf(line, faults)) {
      // `associd=0 status=0614 leap_none`: the status line parts its first items by spaces.
      if (leapWord === null) {
        const last = item.slice(item.lastIndexOf(' ') + 1);
        if (LEAP_WORDS.has(last)) leapWord = last;
      }
      const at = item.indexOf('=');
      if (at < 0) continue;
      const name = item.slice(0, at).trim();
      if (areNone && NAME.test(name)) areNone = false;
      if (WANTED.has(name) && !wanted.has(name)) {
        wanted.set(name, { printed: item.slice(at + 1).trim(), line: line.number });
      }
    }
  }
  return { wanted, leapWord, areNone };
}

/** Of a variable, wanted or not. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Items of one line: both families wrap between items, never inside one but for classic's dates. */
function itemsOf(line: Line, faults: Faults): string[] {
  if (!line.text.includes('"')) return trimmedOf(line.text.split(','));
  const items: string[] = [];
  let quoted = false;
  for (const part of line.text.split(',')) {
    // a comma within quotes parts nothing
    if (quoted) items.push(`${items.pop()},${part}`);
    else items.push(part);
    if (part.split('"').length % 2 === 0) quoted = !quoted;
  }
  if (quoted) faults.add(line.number, null, items.at(-1)?.trim() ?? '', 'a quote without its end: the output was cut');
  return trimmedOf(items);
}

/** Without those that are blank. */
function trimmedOf(items: readonly string[]): string[] {
  const trimmed: string[] = [];
  for (const item of items) {
    const text = item.trim();
    if (text !== '') trimmed.push(text);
  }
  return trimmed;
}

const BLANK = /[ \t]/;

function unquoted(value: string): string {
  const bare = value.startsWith('"') ? value.slice(1, value.endsWith('"') && value.length > 1 ? -1 : undefined) : value;
  return BLANK.test(bare) ? wordsOf(bare.slice(0, 255)).join(' ') : bare.slice(0, 255);
}
