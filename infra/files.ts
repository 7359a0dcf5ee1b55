import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BuildError } from './errors.ts';

/** Whole or not at all: another command may be reading the file. */
export function writeWhole(file: string, content: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
}

const WAIT_MS = 100;
/** A machine that many things run on took over two minutes to package (seen); one that has died gives its turn back at once. */
const PATIENCE_MS = 600_000;

/**
 * Takes the one turn that `file` stands for, waiting while another process that is still alive has it. Answers how to
 * give it back; a process that dies gives it back by dying.
 */
export async function takeTurn(file: string, patienceMs = PATIENCE_MS): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true });
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += WAIT_MS) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return once(() => rmSync(file, { force: true }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(file);
    // looked at again, because one that has just ended may have been followed by the next
    if (isDead(holder) && holderOf(file) === holder) rmSync(file, { force: true });
    else await pause(WAIT_MS);
  }
  throw new BuildError(`Another packaging (process ${holderOf(file)}) has not ended for ${patienceMs / 1000} s.`);
}

/** A second time the turn would be another's. */
function once(end: () => void): () => void {
  let ended = false;
  return () => {
    if (!ended) end();
    ended = true;
  };
}

function holderOf(file: string): number | null {
  try {
    return Number(readFileSync(file, 'utf8')) || null;
  } catch {
    return null;
  }
}

function isDead(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
