// @ts-check
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** A query tool's output has some hundred bytes a source. */
const MOST_BYTES = 100_000;

/** @type {Record<string, string>} */
const WHY_NOT = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such folder',
  EACCES: 'its permissions forbid it',
};

/**
 * A captured output, read where the operator stands. Throws an Error with a sentence when it cannot be one.
 *
 * @param {string} file relative to `folder`
 * @param {string} folder
 */
export function readCapture(file, folder) {
  const { text, bytes } = read(file, resolve(folder, file));
  if (bytes > MOST_BYTES) {
    throw new Error(`${file} has ${bytes} bytes, which is no captured output: at most ${MOST_BYTES} are taken.`);
  }
  if (text.trim() === '') throw new Error(`${file} is empty: a host cannot answer with that.`);
  return text;
}

/**
 * What is too long is left unread.
 *
 * @param {string} file
 * @param {string} path
 */
function read(file, path) {
  let found;
  try {
    found = statSync(path);
    if (found.isFile()) return { text: found.size > MOST_BYTES ? '' : readFileSync(path, 'utf8'), bytes: found.size };
  } catch (error) {
    const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
    throw new Error(`${file} cannot be read: ${WHY_NOT[code] ?? code} (looked for it at ${path}).`);
  }
  throw new Error(`${file} cannot be read: it is ${found.isDirectory() ? 'a folder' : 'no file'}.`);
}
