import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SettingError } from './settings.ts';

/** A query tool's output has some hundred bytes a source. */
const MOST_BYTES = 100_000;

const WHY_NOT: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such folder',
  EACCES: 'its permissions forbid it',
};

/**
 * A captured output, read where the operator stands.
 * @param file relative to `folder`.
 * @throws SettingError with a sentence when it cannot be one.
 */
export function readCapture(file: string, folder: string): string {
  const { text, bytes } = read(file, resolve(folder, file));
  if (bytes > MOST_BYTES) {
    throw new SettingError(`${file} has ${bytes} bytes, which is no captured output: at most ${MOST_BYTES} are taken.`);
  }
  if (text.trim() === '') throw new SettingError(`${file} is empty: a host cannot answer with that.`);
  return text;
}

/** What is too long is left unread. */
function read(file: string, path: string): { text: string; bytes: number } {
  let found: ReturnType<typeof statSync>;
  try {
    found = statSync(path);
    if (found.isFile()) return { text: found.size > MOST_BYTES ? '' : readFileSync(path, 'utf8'), bytes: found.size };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new SettingError(`${file} cannot be read: ${WHY_NOT[code] ?? code} (looked for it at ${path}).`);
  }
  throw new SettingError(`${file} cannot be read: it is ${found.isDirectory() ? 'a folder' : 'no file'}.`);
}
