import type { Pod } from '../fleet/fleet.ts';
import { tickDue } from '../plan/plan.ts';
import { messageOf } from './errors.ts';
import type { Reports } from './ports.ts';

/** What finding out takes of a scheduled run. */
export interface ScheduledRun {
  reports: Pick<Reports, 'read'>;
  pod: Pod;
  nowMs: () => number;
  pause: (ms: number) => Promise<unknown>;
}

/**
 * Whether a scheduled run does a whole tick, and the sentence why. One that is due waits `delaySeconds`, so that the pods
 * of an account do not all ask AWS in the same second, and looks again: a DNS change may have brought a tick meanwhile. A run
 * that is not due, as most are, waits for nothing. When nobody can tell, a tick is due: it looks, and publishes what it sees.
 * Decision 0028.
 */
export async function scheduledTickDue(
  run: ScheduledRun,
  delaySeconds: number,
): Promise<{ due: boolean; sentence: string }> {
  const isDue = async () => {
    try {
      return tickDue((await run.reports.read(run.pod.name)).report, run.nowMs(), run.pod);
    } catch (error) {
      return { due: true, sentence: `A tick of pod ${run.pod.name} is due: ${messageOf(error)}.` };
    }
  };
  const first = await isDue();
  if (!first.due || delaySeconds === 0) return first;
  await run.pause(delaySeconds * 1000);
  return isDue();
}
