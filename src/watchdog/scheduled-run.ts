import type { Report } from '../report/report.ts';
import { sentencesOf } from '../report/sentences.ts';
import { scheduledTickDue } from './schedule.ts';
import { type ShortRun, shortRun } from './short-run.ts';
import { type TickOptions, tick } from './tick.ts';

/** What came of a run. */
export interface RunDone {
  /** null: it did no tick, or gave way before it asked anybody. */
  report: Report | null;
  sentences: string[];
}

/** The run of each minute: a tick where one is due, else a short run, and the tick that came due while that sent a wave. */
export async function scheduledRun(run: ShortRun, options: TickOptions, delaySeconds: number): Promise<RunDone> {
  const schedule = { states: run.ports.states, pod: run.pod, nowMs: run.nowMs, pause: run.pause };
  const turn = await scheduledTickDue(schedule, delaySeconds);
  if (turn.due) return toldTick(run, { ...options, read: turn.read });
  if (options.dryRun) return { report: null, sentences: [turn.sentence] };
  const { sentences, next } = await shortRun(run, turn);
  if (next === null) return { report: null, sentences };
  const after = await toldTick({ ...run, tickId: next.tickId }, { ...options, read: next.read });
  return { ...after, sentences: [...sentences, ...after.sentences] };
}

/** A tick, and what it says. Of two runs at once the other does the work: nothing to repeat, nothing to alarm about. */
export async function toldTick(run: ShortRun, options: TickOptions): Promise<RunDone> {
  const { report, gaveWay } = await tick(run, options);
  return { report, sentences: report === null ? [gaveWay ?? ''] : sentencesOf(report) };
}
