import { styleText } from 'node:util';
import type { Terminal } from '../client/ask.mjs';

type Format = Exclude<Parameters<typeof styleText>[0], unknown[]>;

/** What a cell says, and how urgent it is. */
export interface Cell {
  text: string;
  tone?: Tone | undefined;
}

export type Tone = 'good' | 'doubtful' | 'bad' | 'quiet' | 'heading';

const FORMATS: Record<Tone, Format[]> = {
  good: ['green'],
  doubtful: ['yellow'],
  bad: ['red', 'bold'],
  quiet: ['gray'],
  heading: ['bold'],
};

/** What a verb answers: for programs, and for people. */
export interface Shown {
  json: unknown;
  lines(screen: Screen): string[];
}

const GAP = '  ';

/** Lines for who asked: coloured and cut to the width of a terminal, plain and whole in a pipe. */
export class Screen {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get isTerminal(): boolean {
    return this.#terminal.columns !== null;
  }

  coloured(text: string, tone: Tone | undefined): string {
    // by the environment of who asked, not by ours
    return tone === undefined || text === '' || !this.#terminal.colours
      ? text
      : styleText(FORMATS[tone], text, { validateStream: false });
  }

  /** Columns as wide as their widest cell. */
  table(headings: readonly string[], rows: readonly (readonly (Cell | string)[])[]): string[] {
    const cells = [headings.map((text): Cell => ({ text, tone: 'heading' })), ...rows.map((row) => row.map(cellOf))];
    const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.text.length ?? 0)));
    return cells.map((row) => this.#line(row, widths));
  }

  #line(row: readonly Cell[], widths: readonly number[]): string {
    const last = row.findLastIndex(({ text }) => text !== '');
    let left = this.#terminal.columns ?? Number.POSITIVE_INFINITY;
    let line = '';
    for (const [column, { text, tone }] of row.slice(0, last + 1).entries()) {
      const gap = column === 0 ? '' : GAP;
      left -= gap.length;
      if (left <= 0) break;
      const shown = cut(text, left);
      const padding = column === last ? 0 : Math.min(left, widths[column] ?? 0) - shown.length;
      line += gap + this.coloured(shown, tone) + ' '.repeat(Math.max(0, padding));
      left -= shown.length + Math.max(0, padding);
    }
    return line.trimEnd();
  }

  /** A sentence behind a mark, on as many lines as it takes; in a pipe on one. */
  item(mark: string, text: string, tone?: Tone): string[] {
    const width = (this.#terminal.columns ?? Number.POSITIVE_INFINITY) - mark.length;
    return wrapped(text, Math.max(20, width)).map(
      (line, index) => (index === 0 ? mark : ' '.repeat(mark.length)) + this.coloured(line, tone),
    );
  }
}

function cellOf(cell: Cell | string): Cell {
  return typeof cell === 'string' ? { text: cell } : cell;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
