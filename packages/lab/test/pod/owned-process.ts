import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll } from '@jest/globals';
import { OwnedFolder } from '../../src/pod/leftovers.ts';

const ENDS_WITHIN_MS = 20_000;

const started = new Set<ChildProcess>();
let folder: OwnedFolder | null = null;

/**
 * Starts a process that never outlives its test file: one that still runs after the last test is ended, and it is killed
 * should the test's own process be killed first.
 */
export function spawnOwned(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  folder ??= OwnedFolder.claim('test');
  const child = spawn(program, args, options);
  if (child.pid !== undefined) folder.record(child.pid);
  started.add(child);
  child.once('exit', () => started.delete(child));
  return child;
}

/** In good order if it will, else by SIGKILL. */
export async function endOwned(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

afterAll(async () => {
  await Promise.all([...started].map(endOwned));
  folder?.release();
  folder = null;
}, 60_000);
