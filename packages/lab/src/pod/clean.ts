import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { cleanLeftovers } from './leftovers.ts';

/** Several watchers may be at the same folder, each in the others' way: it is tried again, every half second. */
const TRIES = 30;

/** What an `OwnedFolder`'s watcher becomes once its owner is gone. Usage: clean.ts FOLDER */
const [folder = ''] = process.argv.slice(2);
for (let tries = 1; tries <= TRIES; tries += 1) {
  if (existsSync(dirname(folder))) await cleanLeftovers(dirname(folder)).catch(() => {});
  if (!existsSync(folder)) break;
  await new Promise((resolve) => setTimeout(resolve, 500));
}
