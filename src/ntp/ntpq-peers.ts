import { canonicalAddress, mayBeCut } from '../fleet/addresses.ts';
import { printable } from '../fleet/printable.ts';
import { Faults } from './faults.ts';
import { failureIn, LINE_LIMIT, type Line, linesOf, REMOTE, wordsOf } from './lines.ts';
import {
  type Field,
  isHeader,
  knownLayout,
  type Layout,
  tellMissingColumns,
  USUAL_LAYOUT,
  USUAL_WIDTH,
} from './ntpq-layout.ts';
import { isType, typeOf } from './ntpq-type.ts';
import { interval, milliseconds, pollInterval, positiveMilliseconds, type Reading, reach, stratum } from './numbers.ts';
import type { Parsed, Source } from './source.ts';

export interface PeersOptions {
  /** The text is of `ntpq -w`, so no remote in it is cut. Without it that is only known where a remote is wrapped. */
  wide?: boolean;
}

/** What the first character of a row may be (ntpq's flash codes). */
const TALLIES = ' x.-+#*o';

/** What stands for a name that has no address, where that is not told (decision 0035). */
const UNSPECIFIED = ['0.0.0.0', '::'];

/** Longest name of a host in DNS. */
const NAME_LIMIT = 255;

/** A row as its words, with `-w`'s two lines joined. */
interface Row {
  line: Line;
  tally: Source['tally'];
  remote: string;
  /** Empty: blank. */
  refid: string;
  /** The words of the columns from `st` on. */
  right: string[];
}

/**
 * Reads `ntpq -p`, `-pn`, `-pnw`, `-pnu` of classic ntpd (4.2.8) and ntpsec, by the header's names where there is a
 * header. "No association ID's returned" is no source and no fault; an empty text is a fault, because ntpq leaves
 * stdout empty when it fails (and exits 0).
 *
 * One pass over the lines; never throws. A bad field is null with a fault, a bad row a fault.
 */
export function parseNtpqPeers(text: string, options: PeersOptions = {}): Parsed<Source[]> {
  const faults = new Faults();
  const sources = readPeers(linesOf(text), options, faults);
  return { value: sources, faults: faults.all() };
}

/** As `parseNtpqPeers`, of a part of a text. */
export function readPeers(lines: Line[], options: PeersOptions, faults: Faults): Source[] {
  const sources: Source[] = [];
  const wide = options.wide === true || lines.some(isWrappedName);
  let layout = USUAL_LAYOUT;
  let wrapped: Line | null = null;
  let headers = 0;
  let none = false;
  for (const line of lines) {
    if (isRule(line.text)) continue;
    if (wrapped !== null && !isContinuation(line.text)) {
      faults.add(wrapped.number, null, wrapped.text, 'a name without the rest of its row');
      wrapped = null;
    }
    if (line.text.includes('No association ID')) none = true;
    else if (isWrappedName(line)) wrapped = line;
    else if (isHeader(line.text)) {
      layout = knownLayout(line.text);
      headers += 1;
      tellMissingColumns(line, layout, faults);
    } else {
      const row = rowOf(line, wrapped, layout, faults);
      wrapped = null;
      if (row !== null) sources.push(sourceOf(row, layout, wide, faults));
    }
  }
  if (wrapped !== null) faults.add(wrapped.number, null, wrapped.text, 'a name without the rest of its row');
  if (sources.length === 0 && !none && faults.empty) tellEmpty(lines, headers, faults);
  return sources;
}

function tellEmpty(lines: Line[], headers: number, faults: Faults): void {
  const at = lines[0]?.number ?? 1;
  if (headers > 0) faults.add(at, null, '', 'a header and no row: the output was cut');
  else faults.add(at, null, '', 'empty: ntpq prints nothing when it fails');
}

function isRule(text: string): boolean {
  return text.startsWith('===') && text.replaceAll('=', '').trim() === '';
}

/** `-w` puts a remote longer than its column on a line of its own, behind the tally. */
function isWrappedName(line: Line): boolean {
  const { text } = line;
  if (text.length <= USUAL_WIDTH + 1 || text.length > NAME_LIMIT + 2) return false;
  return TALLIES.includes(text.charAt(0)) && !SECOND_WORD.test(text);
}

/** Something behind a blank that is not the tally. */
const SECOND_WORD = /^[\s\S][^ \t]*[ \t]\s*\S/;

/** The rest of a wrapped row is indented; a row's own remote stands right behind its tally. */
function isContinuation(text: string): boolean {
  return text.startsWith('  ');
}

function rowOf(line: Line, wrapped: Line | null, layout: Layout, faults: Faults): Row | null {
  const lost = (reason: string): null => {
    faults.add(line.number, null, line.text, reason);
    return null;
  };
  const failure = failureIn(line.text);
  if (failure !== null) return lost(failure);
  if (line.text.length > LINE_LIMIT) return lost(`longer than any row (${LINE_LIMIT} characters)`);
  if (wrapped === null && isContinuation(line.text)) return lost('the rest of a row without its name');
  const head = wrapped?.text ?? line.text;
  const tally = head.charAt(0) as NonNullable<Source['tally']>;
  if (!TALLIES.includes(tally)) return lost('does not begin with a tally code');
  const words = wordsOf(wrapped === null ? line.text.slice(1) : `${head.slice(1)} ${line.text}`);
  const remote = words[0] ?? '';
  const between = layout.columns.length - 1 - layout.right.length;
  // A stratum-1 name may hold a space (`.A B.`), and classic leaves a refid blank that it cannot print.
  const spare = words.length - 1 - layout.right.length;
  if (spare < 0) return lost(`${words.length} words where a row has ${layout.columns.length}`);
  const spaced = between === 1 && spare === 2 && /^\.[^ ]+ [^ ]+\.$/.test(`${words[1]} ${words[2]}`);
  const odd = spare !== between;
  if (odd && !spaced && !(between === 1 && spare === 0)) {
    return lost(`${words.length} words where a row has ${layout.columns.length}`);
  }
  const right = words.slice(1 + spare);
  const type = right[layout.at.type];
  if (type !== undefined && !isType(type, odd)) {
    return lost(`"${printable(type, 20).text}" where the type of a source stands`);
  }
  if (!REMOTE.test(remote)) return lost('a remote that is neither a name nor an address');
  const refid = !layout.hasRefid || spare === 0 ? '' : spaced ? `${words[1]} ${words[2]}` : (words[1] ?? '');
  return { line, tally, remote, refid, right };
}

function sourceOf(row: Row, layout: Layout, wide: boolean, faults: Faults): Source {
  const { line, tally, remote, refid, right } = row;
  const { at } = layout;
  const heard = take(row, 'reach', right[at.reach], reach, faults);
  const when = right[at.whenSeconds];
  const poll = right[at.pollSeconds];
  const source: Source = {
    tally,
    remote: shown(line, 'remote', remote, faults),
    address: addressOf(row, layout, wide, faults),
    refid: refidOf(line, refid, faults),
    stratum: take(row, 'stratum', right[at.stratum], stratum, faults),
    type: typeOf(right[at.type]),
    whenSeconds: when === '-' ? (heard ? 0 : null) : take(row, 'whenSeconds', when, interval, faults),
    pollSeconds: poll === '-' ? null : take(row, 'pollSeconds', poll, pollInterval, faults),
    reach: heard,
    delayMs: measure(row, 'delayMs', layout, positiveMilliseconds, faults),
    offsetMs: measure(row, 'offsetMs', layout, milliseconds, faults),
    jitterMs: measure(row, 'jitterMs', layout, positiveMilliseconds, faults),
    uncertaintyMs: null,
    unansweredPolls: null,
  };
  // Nothing heard of and both exactly zero: not a sample but the zeros of a peer that has none, or was just cleared.
  const unmeasured = source.reach === 0 && source.delayMs === 0 && source.offsetMs === 0;
  return unmeasured ? { ...source, delayMs: null, offsetMs: null, jitterMs: null } : source;
}

type Read = (text: string) => Reading;

/** `text` undefined: the table has no such column. */
function take({ line }: Row, field: Field, text: string | undefined, read: Read, faults: Faults): number | null {
  if (text === undefined) return null;
  const reading = read(text);
  if (typeof reading === 'number') return reading;
  faults.add(line.number, field, text, reading);
  return null;
}

/** ntpq signs an offset with `+` too from 4.2.8p11 on. */
const FILLED = /^(?:\d{7}|[+-]\d{6})$/;

function measure(row: Row, field: Field, { at, cutsDigits }: Layout, read: Read, faults: Faults): number | null {
  const text = row.right[at[field]];
  const value = take(row, field, text, read, faults);
  if (value !== null && text !== undefined && cutsDigits && FILLED.test(text)) {
    faults.add(
      row.line.number,
      field,
      text,
      'fills the seven characters that ntpq prints: it may be cut, and is at least this',
    );
  }
  return value;
}

function refidOf(line: Line, printed: string, faults: Faults): string | null {
  return printed === '' || printed === '-' ? null : shown(line, 'refid', printed, faults);
}

/** Mostly an address, and then the one text of it that all hosts share: what is kept of a row holds no part of the output. */
function shown(line: Line, field: Field, printed: string, faults: Faults): string {
  const address = canonicalAddress(printed);
  return address === printed ? address : faults.shown(line.number, field, printed);
}

function addressOf(row: Row, layout: Layout, wide: boolean, faults: Faults): string | null {
  const { line, remote } = row;
  if (!wide && mayBeCut(remote, layout.width)) {
    faults.add(line.number, 'address', remote, `fills the ${layout.width} characters of its column and may be cut`);
    return null;
  }
  const address = canonicalAddress(remote);
  if (address === null && remote.includes(':')) {
    faults.add(line.number, 'address', remote, 'neither an address nor a name');
  }
  return address !== null && UNSPECIFIED.includes(address) ? null : address;
}
