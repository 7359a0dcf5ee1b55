import type { Pod } from '../fleet/fleet.ts';
import { duration } from '../fleet/sentences.ts';

/** As much of the last report as decides when the next tick is due. */
export interface LastTick {
  /** Epoch ms. */
  startedAtMs: number;
  /** null: under way, or dead. */
  endedAtMs: number | null;
  /** Epoch ms; by then it has ended, or it is dead. */
  untilMs: number;
  unfinished: boolean;
}

/** EventBridge starts a run within its minute, not on the second: one that comes a little early is not sent away for a minute. */
const EARLY_SECONDS = 30;
const EARLY_SHARE = 0.1;

/**
 * Whether a scheduled run does a whole tick, and the sentence why.
 *
 * | the last tick                              | due |
 * | ------------------------------------------ | --- |
 * | none                                       | yes |
 * | began in the future (a clock was set back) | yes |
 * | has not ended, may still run               | no: under way |
 * | has not ended in the time it had           | yes: it died |
 * | began an interval ago, or more             | yes |
 * | left unfinished business                   | yes |
 * | else                                       | no |
 */
export function tickDue(last: LastTick | null, nowMs: number, pod: Pod): { due: boolean; sentence: string } {
  const yes = (why: string) => ({ due: true, sentence: `A tick of pod ${pod.name} is due: ${why}.` });
  const no = (why: string) => ({ due: false, sentence: `No tick of pod ${pod.name} is due: ${why}.` });
  if (!last) return yes('there is no report to go by');
  const seconds = (nowMs - last.startedAtMs) / 1000;
  if (seconds < 0) return yes(`the last report is ${duration(-seconds)} in the future`);
  const interval = duration(pod.intervalSeconds);
  const early = Math.min(EARLY_SECONDS, pod.intervalSeconds * EARLY_SHARE);
  const ago = `the last began ${duration(seconds)} ago`;
  if (last.endedAtMs === null && !isDeadTick(last, nowMs)) return no(`${ago} and is under way`);
  if (last.endedAtMs === null) return yes(`${ago} and never ended`);
  if (seconds >= pod.intervalSeconds - early) return yes(`${ago}, the interval is ${interval}`);
  if (last.unfinished) return yes(`${ago} and left unfinished business`);
  return no(`${ago} and left nothing unfinished, the interval is ${interval}`);
}

/** Whether the tick began and never ended: it was given no more time than until then. */
export function isDeadTick({ endedAtMs, untilMs }: Pick<LastTick, 'endedAtMs' | 'untilMs'>, nowMs: number): boolean {
  return endedAtMs === null && nowMs > untilMs;
}
