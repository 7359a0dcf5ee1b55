import { spawn } from 'node:child_process';

/** What hosts' scripts are made of: a shell that forks. */
const WORK = 'i=0; while [ "$i" -lt 150 ]; do x=$(printf %s "$i" | cat); i=$((i + 1)); done';
/** On the machine where the lab's waits were chosen: two cores, idle but for the pod's own start. */
const USUAL_MS = 400;
/** Below it the usual waits have room enough. */
const NOTICED = 2;
/** Waits that are longer still would show nothing at all; a machine so slow gets a slower pod as well (`Pace`). */
const SLOWEST = 10;

/**
 * How many times as long as usual hosts' scripts take on this machine now, be it slow or busy; 1 when it is about as fast. Costs a
 * third of a second where it is, and a few where it is not.
 */
export async function slownessOfMachine(): Promise<number> {
  const beganMs = performance.now();
  const worked = await new Promise<boolean>((resolve) => {
    const shell = spawn('sh', ['-c', WORK], { stdio: 'ignore' });
    const enough = setTimeout(() => shell.kill('SIGKILL'), SLOWEST * USUAL_MS);
    shell.once('error', () => resolve(false));
    shell.once('exit', (status, signal) => {
      clearTimeout(enough);
      resolve(status === 0 || signal === 'SIGKILL');
    });
  });
  return worked ? slownessFor(performance.now() - beganMs) : 1;
}

/** @param tookMs real, of the work above */
export function slownessFor(tookMs: number): number {
  const times = tookMs / USUAL_MS;
  return times < NOTICED ? 1 : Math.min(SLOWEST, Math.round(times));
}
