import type { Pod } from '../fleet/fleet.ts';
import { due } from '../plan/due.ts';
import type { Reports } from './ports.ts';

/** What finding out takes of a scheduled run. */
export interface TurnRun {
  reports: Pick<Reports, 'read'>;
  pod: Pod;
  nowMs: () => number;
  pause: (ms: number) => Promise<unknown>;
}

/**
 * Whether a scheduled run does a whole tick, and the sentence why. One that is due waits `delaySeconds`, so that the pods
 * of an account do not all ask AWS in the same second, and looks again: a DNS change may have brought a tick meanwhile. A run
 * that is not due, as most are, waits for nothing.
 */
export async function turnOf(run: TurnRun, delaySeconds: number): Promise<{ due: boolean; sentence: string }> {
  const look = async () => due((await run.reports.read(run.pod.name)).report, run.nowMs(), run.pod);
  const now = await look();
  if (!now.due || delaySeconds === 0) return now;
  await run.pause(delaySeconds * 1000);
  return look();
}
