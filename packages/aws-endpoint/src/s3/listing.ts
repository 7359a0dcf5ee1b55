import { invalidArgument } from './errors.ts';
import { lowerBound } from './keys.ts';

/** What a list of objects or of versions is asked for. */
export interface ListQuery {
  prefix: string;
  /** '': none. */
  delimiter: string;
  maxKeys: number;
  /** How names are written: as they are, or percent-encoded. */
  encode(text: string): string;
  encodingType: 'url' | undefined;
}

/** API reference, ListObjectsV2 and ListObjectVersions: "up to 1,000". */
const MAX_KEYS = 1000;
const MAX_INTEGER = 2_147_483_647;

export function readListQuery(query: URLSearchParams): ListQuery {
  const encodingType = query.get('encoding-type');
  if (encodingType !== null && encodingType !== 'url')
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: readMaxKeys(query.get('max-keys')),
    encode: encodingType === null ? (text) => text : encodeKey,
    encodingType: encodingType ?? undefined,
  };
}

function readMaxKeys(given: string | null): number {
  if (given === null || given === '') return MAX_KEYS;
  const number = Number(given);
  if (!/^-?\d+$/.test(given))
    throw invalidArgument('Provided max-keys not an integer or within integer range', 'max-keys', given);
  if (number < 0 || number > MAX_INTEGER)
    throw invalidArgument(`Argument maxKeys must be an integer between 0 and ${MAX_INTEGER}`, 'maxKeys', given);
  return Math.min(number, MAX_KEYS);
}

/** As a form's value is, but with its slashes: `test_file(3).png` is `test_file%283%29.png` (API reference). */
function encodeKey(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1).replaceAll('%2F', '/');
}

/** A row of the list, or all that share their name up to the delimiter. */
export type Entry<Row> = { key: string; row: Row; commonPrefix: null } | { commonPrefix: string };

/** Where a list goes on. */
export interface Place {
  /** Keys up to this one were listed; of the key itself `rowsOf` knows. '': from the first. */
  key: string;
  /** Whether `key` is a common prefix: all that begins with it was listed. */
  isCommonPrefix: boolean;
}

/**
 * One page of the sorted keys: those that begin with the prefix, after `from`; `rowsOf` gives what is told of a key, several
 * rows or none. Rows and common prefixes count alike.
 */
export function listPage<Row>(
  keys: readonly string[],
  { prefix, delimiter, maxKeys }: Pick<ListQuery, 'prefix' | 'delimiter' | 'maxKeys'>,
  from: Place,
  rowsOf: (key: string) => readonly Row[],
): { entries: Entry<Row>[]; isTruncated: boolean } {
  const entries: Entry<Row>[] = [];
  const first = Math.max(lowerBound(keys, prefix), lowerBound(keys, from.key));
  let told: string | null = from.isCommonPrefix ? from.key : null;
  for (let at = first; at < keys.length; at += 1) {
    const key = keys[at] as string;
    if (!key.startsWith(prefix)) break;
    if (told !== null && key.startsWith(told)) continue;
    const rows = rowsOf(key);
    if (rows.length === 0) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const commonPrefix = end < 0 ? null : key.slice(0, end + delimiter.length);
    told = commonPrefix;
    const found = commonPrefix === null ? rows.map((row) => ({ key, row, commonPrefix })) : [{ commonPrefix }];
    const room = maxKeys - entries.length;
    entries.push(...found.slice(0, room));
    if (found.length > room) return { entries, isTruncated: maxKeys > 0 };
  }
  return { entries, isTruncated: false };
}
