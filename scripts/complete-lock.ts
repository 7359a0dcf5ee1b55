/**
 * Completes package-lock.json with every platform package that the registry at hand did not have when the lock was
 * written, and with the hash of each from the registry (`npm run lock`, after each `npm install NAME`).
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { completeLock, type Lock, missingOptionals, withIntegrity, withoutIntegrity } from './lock.ts';

const run = promisify(execFile);

/** Sentence without the place: npm's own message names the registry. */
async function integrityOf(name: string, version: string): Promise<string> {
  const { stdout } = await run('npm', ['view', `${name}@${version}`, 'dist.integrity']);
  const integrity = stdout.trim();
  if (!integrity.startsWith('sha512-')) throw new Error(`The registry gives no SHA-512 of ${name}@${version}`);
  return integrity;
}

const file = join(import.meta.dirname, '..', 'package-lock.json');
const given = JSON.parse(readFileSync(file, 'utf8')) as Lock;
const completed = completeLock(given);
const hashes = new Map<string, string>();
for (const { path, name, version } of withoutIntegrity(completed)) hashes.set(path, await integrityOf(name, version));
if (missingOptionals(given).length > 0 || hashes.size > 0)
  writeFileSync(file, `${JSON.stringify(withIntegrity(completed, hashes), null, 2)}\n`);
console.log(`package-lock.json: ${missingOptionals(given).length} optional packages and ${hashes.size} hashes added`);
