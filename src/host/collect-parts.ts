import type { Faults } from '../ntp/faults.ts';
import { failureOf, type Line, linesOf, wordsOf } from '../ntp/lines.ts';
import { untilCut } from './truncation.ts';

/** First line of the document's output; another number is another format. */
const HEAD = 'podtime-collect 1';

export interface Section {
  tool: string;
  lines: Line[];
  /** The section's own line. */
  opening: Line;
}

/** A line above the sections: `age 3600`. */
export interface HeadLine extends Line {
  /** Behind the first, which says what the line tells. */
  words: string[];
}

/** The text in its parts, before any of them is judged. */
export interface Parts {
  head: Map<string, HeadLine>;
  also: HeadLine[];
  unauthenticated: HeadLine[];
  certificates: HeadLine[];
  system: Section | null;
  sources: Section | null;
  truncated: boolean;
  /** Not all addresses of the configuration are told. */
  literalsLeftOut: boolean;
}

export function argumentOf({ words }: HeadLine): string {
  return words.join(' ');
}

const HEAD_WORDS = new Set([
  ...['found', 'age', 'cycled', 'revision', 'domain', 'names', 'literals', 'trouble'],
  // of the clock, each of which an answer may lack
  ...['drift', 'served', 'kernel', 'clocksource', 'leap-file'],
  'authenticated',
]);

const OPENINGS = (['system', 'sources'] as const).flatMap((part) =>
  ['ntpq', 'chronyc', 'ntp-ctl', 'busctl'].map((tool) => ({ text: `${part} ${tool}`, part, tool })),
);

/** Most lines are rows, and no row begins so. */
const OPENING_START = 's';

const LEFT_OUT_START = 'left-out ';
const LEFT_OUT = /^left-out (\d{1,6}) (rows|names|literals)$/;

/** null: the text is not what the document prints. */
export function partsOf(text: string, faults: Faults): Parts | null {
  const { lines, truncated } = wholeLines(text, faults);
  if (lines[0]?.text.trimEnd() !== HEAD) return null;
  const parts: Parts = {
    head: new Map(),
    also: [],
    unauthenticated: [],
    certificates: [],
    system: null,
    sources: null,
    truncated,
    literalsLeftOut: false,
  };
  let section: Section | null = null;
  let ended = false;
  for (const line of lines.slice(1)) {
    if (ended) {
      faults.add(line.number, null, line.text, 'stands behind the end');
      break;
    }
    const text = line.text.trimEnd();
    const opened = text.startsWith(OPENING_START) ? OPENINGS.find((opening) => opening.text === text) : undefined;
    const leftOut = text.startsWith(LEFT_OUT_START) ? LEFT_OUT.exec(text) : null;
    if (text === 'end') ended = true;
    else if (leftOut !== null) tellLeftOut(line, leftOut[1] ?? '', leftOut[2] ?? '', parts, faults);
    else if (opened !== undefined) {
      section = { tool: opened.tool, lines: [], opening: line };
      // what stands in it may be what the first lacks
      if (parts[opened.part] !== null) faults.add(line.number, null, line.text, `a second ${opened.part} section`);
      parts[opened.part] ??= section;
    } else if (section !== null) section.lines.push(line);
    else readHead(line, parts, faults);
  }
  const trouble = parts.head.get('trouble');
  if (trouble !== undefined) faults.add(trouble.number, null, argumentOf(trouble), failureOf(argumentOf(trouble)));
  return parts;
}

function readHead(line: Line, parts: Parts, faults: Faults): void {
  const [word = ''] = FIRST_WORD.exec(line.text.slice(0, 80)) ?? [];
  if (word === 'also') parts.also.push(headLine(line));
  else if (word === 'certificate') parts.certificates.push(headLine(line));
  else if (word === 'unauthenticated') parts.unauthenticated.push(headLine(line));
  else if (!HEAD_WORDS.has(word)) faults.add(line.number, null, line.text, 'not a line of the collect document');
  else if (parts.head.has(word)) faults.add(line.number, null, line.text, `a second ${word} line`);
  else parts.head.set(word, headLine(line));
}

const FIRST_WORD = /[^ \t]+/;

function headLine({ text, number }: Line): HeadLine {
  return { text, number, words: wordsOf(text).slice(1) };
}

/** A row that was left out could have been any, as one that was lost; a name or an address costs no row. */
function tellLeftOut(line: Line, number: string, what: string, parts: Parts, faults: Faults): void {
  const field = what === 'rows' ? null : what === 'names' ? 'configNames' : 'configAddresses';
  faults.add(line.number, field, line.text, `${number} ${what} were left out, as SSM keeps 2,400 bytes`);
  if (what === 'literals') parts.literalsLeftOut = true;
}

/**
 * The lines up to the cut, if there is one. The agent's mark starts a line whether or not it cut within one, so the
 * last line counts only when its own line feed is there too.
 */
function wholeLines(text: string, faults: Faults): { lines: Line[]; truncated: boolean } {
  const body = untilCut(text).text;
  const lines = linesOf(body);
  // it is the last of an answer that is whole
  const truncated = lines.findLast((line) => line.text.trimEnd() === 'end') === undefined;
  const broken = truncated && !body.endsWith('\n') ? lines.pop() : undefined;
  if (broken !== undefined)
    faults.add(broken.number, null, broken.text, 'the output was cut within or behind this line');
  else if (truncated) faults.add(lines[lines.length - 1]?.number ?? 1, null, '', 'the output was cut behind this line');
  return { lines, truncated };
}
