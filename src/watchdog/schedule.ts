import type { Pod } from '../fleet/fleet.ts';
import { tickDue } from '../state/due.ts';
import { messageOf } from './errors.ts';
import type { LastState, States } from './ports.ts';

/** What finding out takes of a scheduled run. */
export interface ScheduledRun {
  states: Pick<States, 'read'>;
  pod: Pod;
  nowMs: () => number;
  pause: (ms: number) => Promise<unknown>;
}

/** Whether a scheduled run does a whole tick, and why. */
export interface Due {
  due: boolean;
  sentence: string;
  /** The state that says so, for the tick to go on from; null: it could not be read. */
  read: LastState | null;
}

/**
 * Whether a scheduled run does a whole tick, and the sentence why: by one read of the state. One that is due waits `delaySeconds`, so
 * that the pods of an account do not all ask AWS in the same second, and looks again: a DNS change may have brought a tick meanwhile.
 * A run that is not due, as most are, waits for nothing. When nobody can tell, a tick is due: it looks, and publishes what it sees.
 * Decision 0028.
 */
export async function scheduledTickDue(run: ScheduledRun, delaySeconds: number): Promise<Due> {
  const isDue = async (): Promise<Due> => {
    try {
      const read = await run.states.read(run.pod.name);
      return { ...tickDue(read.state, run.nowMs(), run.pod), read };
    } catch (error) {
      return { due: true, sentence: `A tick of pod ${run.pod.name} is due: ${messageOf(error)}.`, read: null };
    }
  };
  const first = await isDue();
  if (!first.due || delaySeconds === 0) return first;
  await run.pause(delaySeconds * 1000);
  return isDue();
}
