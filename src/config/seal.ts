import { createHash } from 'node:crypto';

/** A file as it is served. */
export interface Rendered {
  text: string;
  /** 16 hexadecimal digits: names these bytes, in the file's head, as the ETag and in what hosts report. */
  revision: string;
}

/** Digits enough that two files of a fleet never share one by chance (64 bits), few enough to read out. */
const REVISION_DIGITS = 16;

/**
 * Joins a file out of its lines and writes its revision, the hash of all the rest, as a line of its own after the
 * first `headLines`. Without that line the file hashes to it again: `sed '/^# revision /d' FILE | sha256sum`.
 * Decision 0012.
 */
export function seal(lines: readonly string[], headLines: number): Rendered {
  const text = (all: readonly string[]) => `${all.join('\n')}\n`;
  const revision = createHash('sha256').update(text(lines)).digest('hex').slice(0, REVISION_DIGITS);
  return { text: text([...lines.slice(0, headLines), `# revision ${revision}`, ...lines.slice(headLines)]), revision };
}
