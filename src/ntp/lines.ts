import { printable } from '../fleet/printable.ts';

/** One line of a tool's output, without its end, and its 1-based number in the whole text. */
export interface Line {
  text: string;
  number: number;
}

/** Longest line taken for what it claims to be: an `ntpq` row has 80 characters, a wrapped name at most 255. */
export const LINE_LIMIT = 1024;

/** The lines that are not blank, LF or CRLF; `first` is the number of the text's first line. */
export function linesOf(text: string, first = 1): Line[] {
  const lines: Line[] = [];
  let number = first;
  for (let from = 0; from <= text.length; number += 1) {
    const found = text.indexOf('\n', from);
    const to = found < 0 ? text.length : found;
    const line = text.slice(from, text.charAt(to - 1) === '\r' && to > from ? to - 1 : to);
    if (line.trim() !== '') lines.push({ text: line, number });
    from = to + 1;
  }
  return lines;
}

/** Words by spaces and tabs. One pass by hand: a fleet has millions of them, and a pattern takes twice the time. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  let start = -1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isBlank = code === SPACE || code === TAB;
    if (!isBlank && start < 0) start = at;
    else if (isBlank && start >= 0) {
      words.push(text.slice(start, at));
      start = -1;
    }
  }
  if (start >= 0) words.push(text.slice(start));
  return words;
}

const SPACE = 0x20;
const TAB = 0x09;

/** What a remote can be, a name or an address. */
export const REMOTE = /^[\x21-\x7e]{1,255}$/;

/** What the reason of a fault begins with where ntpq or chronyc failed; its text is what the tool said. */
export const TOOL_FAILED = 'the query tool failed';

/**
 * The sentence for a line in which a tool says that it failed, null for any other. ntpq tells its failures on stderr
 * and exits 0, chronyc on stdout; wrappers mix the two.
 */
export function failureIn(text: string): string | null {
  const failed = text.startsWith('***') || NUMBERED.test(text) || (PROSE.test(text) && FAILURES.test(text));
  return failed ? failureOf(text.trim()) : null;
}

/** The reason of the fault, of a text that is known to tell such a failure. */
export function failureOf(text: string): string {
  return `${TOOL_FAILED}: ${printable(text, 80).text}`;
}

/**
 * Whether what a tool said when it failed means that no daemon answers it. A tool that is missing, may not run, or is refused by
 * a daemon (`501 Not authorised`, `***Server disallowed request`) tells nothing of the kind.
 */
export function tellsSilence(text: string): boolean {
  return SILENCES.test(text);
}

/** Of ntpq and chronyc, and what collect.sh says of one that printed nothing or was ended. */
const SILENCES =
  /timed out|Connection refused|Socket error|^506 Cannot talk to daemon|Could not open connection to daemon|printed nothing|did not answer any more/;

/** What ntpq, chronyc and the shell say; seen on ntpsec 1.2.2, classic 4.2.8p6, chrony 4.3. */
const FAILURES =
  /timed out, nothing received|Request timed out|Connection refused|Socket error|Name or service not known|not found|printed nothing|^Could not open connection to daemon/;

/** As chronyc begins what it says when it fails: `506 Cannot talk to daemon`. */
const NUMBERED = /^\d{3} [A-Z]/;

/** Each of them has two words side by side, as no line of numbers has. */
const PROSE = /[a-z] [a-z]/;
