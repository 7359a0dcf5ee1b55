import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'podtime-tests-';

/** Gives the run a temporary folder of its own, and removes those of runs that were killed. */
export function openRunFolder() {
  const place = tmpdir();
  for (const name of readdirSync(place)) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : Number.NaN);
    if (Number.isInteger(pid) && !isAlive(pid)) remove(join(place, name));
  }
  const folder = join(place, `${PREFIX}${process.pid}`);
  remove(folder);
  mkdirSync(folder);
  process.env.TMPDIR = folder;
}

/** All that the run's tests left in the temporary folder goes with it. */
export function removeRunFolder() {
  const folder = tmpdir();
  if (folder.endsWith(`${PREFIX}${process.pid}`)) remove(folder);
}

function remove(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
