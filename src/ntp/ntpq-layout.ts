import type { Faults } from './faults.ts';
import { LINE_LIMIT, type Line, wordsOf } from './lines.ts';

// The columns of `ntpq -p`, by the header's names.

/** Columns as `ntpq -p` of both families has them, for a text without its header. */
const USUAL_COLUMNS: string[] = ['remote', 'refid', 'st', 't', 'when', 'poll', 'reach', 'delay', 'offset', 'jitter'];

/** The columns behind each field of a Source, which are what faults name. */
const COLUMN_OF = {
  remote: 'remote',
  refid: 'refid',
  stratum: 'st',
  type: 't',
  whenSeconds: 'when',
  pollSeconds: 'poll',
  reach: 'reach',
  delayMs: 'delay',
  offsetMs: 'offset',
  jitterMs: 'jitter',
} as const;

export type Field = keyof typeof COLUMN_OF;

/** Width of the remote column; ntpsec on a wide terminal has more. A longer remote is wrapped by `-w`, else cut. */
export const USUAL_WIDTH = 15;

export interface Layout {
  columns: string[];
  /** Columns from `st` on: a row is read from its right end, because a refid may be blank. */
  right: string[];
  /** Where among these each field stands; -1 for one that is not there. */
  at: Record<Field, number>;
  hasRefid: boolean;
  width: number;
  /** ntpsec prints whole digits however large; classic cuts at seven characters. */
  cutsDigits: boolean;
  /** Columns that are told nothing of. */
  missing: { field: string; column: string }[];
}

/** The head of the rows that `collect` cut down to what judging needs; a refid that is an address is `-` there. */
const SHORT_HEADER = 'remote refid st t when poll reach';
/** As documents had it that told no ages. */
const AGELESS_HEADER = 'remote refid st t reach';

function isShort(header: string): boolean {
  return [SHORT_HEADER, AGELESS_HEADER].includes(header.trimEnd());
}

export function isHeader(text: string): boolean {
  if (!text.includes('remote ')) return false;
  if (isShort(text)) return true;
  if (text.length > LINE_LIMIT) return false;
  const words = wordsOf(text);
  return words[0] === 'remote' && words.includes('reach') && words.includes('offset');
}

/** Ten thousand hosts print a handful of headers. No more are kept, so that noise fills no memory. */
const LAYOUTS = new Map<string, Layout>();
const LAYOUT_LIMIT = 20;

export function knownLayout(header: string): Layout {
  const known = LAYOUTS.get(header);
  if (known !== undefined) return known;
  const layout = layoutOf(header);
  if (LAYOUTS.size >= LAYOUT_LIMIT) LAYOUTS.clear();
  LAYOUTS.set(header, layout);
  return layout;
}

function layoutOf(header: string | null): Layout {
  const columns = header === null ? USUAL_COLUMNS : wordsOf(header);
  const right = columns.slice(Math.max(columns.indexOf('st'), 1));
  const at = Object.entries(COLUMN_OF).map(([field, column]) => [field, right.indexOf(column)]);
  // The refid's heading stands seven characters behind the end of the remote column in both families.
  const width = header?.startsWith('  ') ? header.indexOf(' refid ') + 1 - 7 : 0;
  return {
    columns,
    right,
    at: Object.fromEntries(at) as Layout['at'],
    hasRefid: columns.includes('refid'),
    width: Math.max(USUAL_WIDTH, width),
    cutsDigits: header === null || !header.includes('offset   jitter'),
    missing: header !== null && isShort(header) ? [] : missingColumns(columns),
  };
}

export const USUAL_LAYOUT = layoutOf(null);

function missingColumns(columns: readonly string[]): Layout['missing'] {
  return Object.entries(COLUMN_OF).flatMap(([field, column]) => (columns.includes(column) ? [] : [{ field, column }]));
}

export function tellMissingColumns(header: Line, { missing }: Layout, faults: Faults): void {
  for (const { field, column } of missing) {
    faults.add(header.number, field, header.text, `the header has no ${column}`);
  }
}
