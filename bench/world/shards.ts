import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { FleetDay } from './fleet-day.ts';

/** What one process is given. */
export interface Shard {
  seeds: number[];
}

export interface Told {
  day: FleetDay;
  failures: string[];
}

/** Bundled, the product runs twice as fast as under a loader that keeps the names of functions. */
async function bundledWorker(folder: string): Promise<string> {
  const outfile = join(folder, 'worker.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}

/** Runs the seeds in so many processes; tells each day as it ends. Rejects when a process dies; ends early when it is told to. */
export async function runSeeds(
  seeds: readonly number[],
  processes: number,
  tell: (told: Told) => void,
  ending: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'podtime-world-'));
  try {
    const worker = await bundledWorker(folder);
    const shards = Array.from({ length: Math.min(processes, seeds.length) }, (_, shard) =>
      seeds.filter((_seed, index) => index % processes === shard),
    );
    await Promise.all(shards.map((share) => runShard(worker, share, tell, ending)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runShard(worker: string, seeds: number[], tell: (told: Told) => void, ending: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(worker, [], { execArgv: [] });
    let left = seeds.length;
    child.on('message', (told: Told) => {
      left -= 1;
      tell(told);
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (left === 0 || ending.aborted) resolve();
      else reject(new Error(`a process ended (${code}) with ${left} days left`));
    });
    ending.addEventListener('abort', () => child.kill());
    child.send({ seeds } satisfies Shard);
  });
}
