import { canonicalAddress } from '../fleet/addresses.ts';
import type { Faults } from './faults.ts';
import { LINE_LIMIT, type Line, wordsOf } from './lines.ts';
import { withoutNoise } from './numbers.ts';
import type { Source, SystemState } from './source.ts';
import { UNTOLD } from './untold.ts';

/** What systemd-timesyncd tells: of the one server that it asks, and of the clock that it sets by it. */
export interface Timesync {
  system: SystemState | null;
  sources: Source[];
}

/** From here on it steps the clock at once; below it slews (timesyncd-manager.c, NTP_MAX_ADJUST). */
const STEP_MS = 400;

/** How fast the error of a clock may grow between two answers (RFC 5905, PHI): 15 ppm, in milliseconds a second. */
const PHI_MS = 15e-3;

/** `Frequency` counts 2^-16 ppm, as the kernel's `struct timex` does. */
const FREQUENCY_STEPS = 2 ** 16;

const LEAPS: readonly SystemState['leap'][] = ['none', 'add', 'delete', 'alarm'];

/** The type of NTPMessage since systemd 239, where timesyncd first told it. */
const MESSAGE = '(uuuuittayttttbtt)';

/**
 * Reads what `busctl get-property … ServerName ServerAddress PollIntervalUSec NTPMessage Frequency` prints, a property a line with its
 * D-Bus type, as `collect` prints it: the address as text, behind a line `now EPOCH` of the same moment. Times are whole microseconds. Offset and delay are reckoned from the four
 * timestamps of the last answer (RFC 5905, section 8), so the offset is what the clock had then, before timesyncd corrected it: one of
 * 0.4 s or more it stepped away at once, and it counts for nothing. One answer that it took for a spike changed no clock.
 * Root delay and dispersion are the host's: the server's, and what the way and the time since add. Decision 0085.
 *
 * A server that never answered is a source without measures, and the clock was not set. Never throws.
 */
export function readTimesync(lines: readonly Line[], faults: Faults): Timesync {
  const [now, , address, poll, message, frequency] = lines;
  const server = serverOf(address, faults);
  const pollSeconds = numberOf(poll, 't', 'pollSeconds', faults);
  const last = messageOf(message, faults);
  const frequencySteps = numberOf(frequency, 'x', 'frequencyPpm', faults);
  const frequencyPpm = frequencySteps === null ? null : withoutNoise(frequencySteps / FREQUENCY_STEPS);
  if (last === null) return { system: null, sources: [] };
  const row = server && {
    ...NO_MEASURES,
    ...server,
    pollSeconds: pollSeconds === null ? null : pollSeconds / SECOND,
  };
  if (last === NO_ANSWER) {
    const system: SystemState = { ...UNTOLD, leap: 'alarm', stratum: UNSYNCHRONISED, frequencyPpm };
    return { system, sources: row === null ? [] : [row] };
  }
  const whenSeconds = silenceOf(last, numberOf(now, 'now', 'whenSeconds', faults));
  const offsetMs = wasStepped(last) ? null : last.offsetMs;
  const { leap, delayMs, jitterMs } = last;
  const system: SystemState = {
    ...UNTOLD,
    leap,
    stratum: Math.min(last.stratum + 1, UNSYNCHRONISED),
    refid: server?.remote ?? null,
    offsetMs: last.isSpike ? null : offsetMs,
    rootDelayMs: withoutNoise(last.rootDelayMs + delayMs),
    rootDispersionMs: whenSeconds === null ? null : withoutNoise(last.rootDispersionMs + whenSeconds * PHI_MS),
    jitterMs,
    frequencyPpm,
  };
  // it follows the one that it asks
  const followed = row && {
    ...row,
    tally: '*' as const,
    stratum: last.stratum,
    whenSeconds,
    delayMs,
    offsetMs,
    jitterMs,
  };
  return { system, sources: followed === null ? [] : [followed] };
}

/** At once, and its other values are of before that. */
function wasStepped({ isSpike, offsetMs }: Message): boolean {
  return !isSpike && Math.abs(offsetMs) >= STEP_MS;
}

/** Seconds since the last answer, whose time a step moved as it moved the clock. */
function silenceOf(message: Message, now: number | null): number | null {
  if (now === null) return null;
  const stepSeconds = wasStepped(message) ? message.offsetMs / 1000 : 0;
  return Math.max(0, Math.floor(now - message.destination / SECOND - stepSeconds));
}

/** RFC 5905, MAXSTRAT. */
const UNSYNCHRONISED = 16;

/** Microseconds in each. */
const SECOND = 1e6;
const MILLISECOND = 1000;

const NO_MEASURES = {
  tally: ' ',
  refid: null,
  stratum: null,
  type: 'u',
  whenSeconds: null,
  reach: null,
  delayMs: null,
  offsetMs: null,
  jitterMs: null,
  uncertaintyMs: null,
  unansweredPolls: null,
} satisfies Partial<Source>;

interface Message {
  leap: SystemState['leap'];
  stratum: number;
  rootDelayMs: number;
  rootDispersionMs: number;
  /** When the answer came, in microseconds since the epoch by the host's clock. */
  destination: number;
  offsetMs: number;
  delayMs: number;
  isSpike: boolean;
  jitterMs: number;
}

/** Of a server that has not answered. */
const NO_ANSWER = 'no-answer';

/** What NTPMessage holds, in its order, without the refid behind the root dispersion. */
const FIELDS = [
  'leap',
  'version',
  'mode',
  'stratum',
  'precision',
  'rootDelay',
  'rootDispersion',
  'origin',
  'received',
  'sent',
  'destination',
  'spike',
  'packets',
  'jitter',
] as const;

/** Where the count of the refid's bytes stands, with the bytes behind it. */
const REFID_AT = 7;

function messageOf(line: Line | undefined, faults: Faults): Message | typeof NO_ANSWER | null {
  const [type, ...words] = wordsIn(line);
  const texts = [...words.slice(0, REFID_AT), ...words.slice(REFID_AT + 1 + Number(words[REFID_AT]))];
  const values = new Map(FIELDS.map((field, at) => [field, field === 'spike' ? flag(texts[at]) : integer(texts[at])]));
  const value = (field: (typeof FIELDS)[number]) => values.get(field) ?? -1;
  const isRead = FIELDS.every((field) => field === 'precision' || value(field) >= 0);
  const isMessage = type === MESSAGE && texts.length === FIELDS.length;
  // its other values are no answer's: times before 1970 among them
  if (isMessage && value('packets') === 0) return NO_ANSWER;
  if (!isMessage || !isRead) return lost(line, 'not an NTPMessage of timesyncd', faults);
  const [t1, t2, t3, t4] = [value('origin'), value('received'), value('sent'), value('destination')];
  const delay = t4 - t1 - (t3 - t2);
  const leap = LEAPS[value('leap')];
  if (delay < 0 || t3 < t2 || leap === undefined || value('stratum') > UNSYNCHRONISED)
    return lost(line, 'an NTPMessage that no server can have sent', faults);
  return {
    leap,
    stratum: value('stratum'),
    rootDelayMs: value('rootDelay') / MILLISECOND,
    rootDispersionMs: value('rootDispersion') / MILLISECOND,
    destination: t4,
    offsetMs: (t2 - t1 + (t3 - t4)) / 2 / MILLISECOND,
    delayMs: delay / MILLISECOND,
    isSpike: value('spike') === 1,
    jitterMs: value('jitter') / MILLISECOND,
  };
}

function lost(line: Line | undefined, reason: string, faults: Faults): null {
  faults.add(line?.number ?? 1, null, line?.text ?? '', reason);
  return null;
}

/** `address 10.20.2.10`, as printed; null: `address -`, while it asks none. */
function serverOf(line: Line | undefined, faults: Faults): { remote: string; address: string } | null {
  const [first, remote = '', ...more] = wordsIn(line);
  const address = canonicalAddress(remote);
  if (first === 'address' && more.length === 0) {
    if (remote === '-') return null;
    if (address !== null) return { remote, address };
  }
  return lost(line, 'not an address', faults);
}

/** A line of one number behind the word that says what it is. */
function numberOf(
  line: Line | undefined,
  type: string,
  field: keyof Source | keyof SystemState,
  faults: Faults,
): number | null {
  const [first, text, ...more] = wordsIn(line);
  const value = integer(text);
  if (first === type && more.length === 0 && value !== null) return value;
  faults.add(line?.number ?? 1, field, line?.text ?? '', 'not a whole number');
  return null;
}

function wordsIn(line: Line | undefined): string[] {
  return wordsOf(line?.text.slice(0, LINE_LIMIT) ?? '');
}

/** Whole, and as a double holds it; microseconds since the epoch have 16 digits. */
function integer(text: string | undefined): number | null {
  if (text === undefined || !/^-?\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value + 0 : null;
}

function flag(text: string | undefined): number | null {
  return text === 'true' ? 1 : text === 'false' ? 0 : null;
}
