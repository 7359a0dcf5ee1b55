import type { Pod } from '../fleet/fleet.ts';
import { duration } from '../fleet/sentences.ts';
import type { Claim, State } from './state.ts';

/** As much of the state as decides when the next tick is due. */
export type Turn = Pick<State, 'claim' | 'last' | 'dueAtMs' | 'again'>;

/** EventBridge starts a run within its minute, not on the second: one that comes a little early is not sent away for a minute. */
const EARLY_SECONDS = 30;
const EARLY_SHARE = 0.1;

/** Lambda ends every function after 15 minutes; a minute more for two clocks. */
export const LONGEST_CLAIM_MS = 960_000;

/**
 * Whether a scheduled run does a whole tick, and the sentence why. The pod's own interval counts, also where it was longer when the
 * due time was written.
 *
 * | the last tick                              | due |
 * | ------------------------------------------ | --- |
 * | none                                       | yes |
 * | has the turn, may still run                | no: under way |
 * | has the turn, and had no more time         | yes: it died |
 * | has the turn for longer than any run has   | yes: a clock was set back, or the claim is damaged |
 * | began in the future (a clock was set back) | yes |
 * | began an interval ago, or more             | yes |
 * | left unfinished business, or news came     | yes |
 * | else                                       | no |
 */
export function tickDue(
  { claim, last, dueAtMs, again }: Turn,
  nowMs: number,
  pod: Pod,
): { due: boolean; sentence: string } {
  const yes = (why: string) => ({ due: true, sentence: `A tick of pod ${pod.name} is due: ${why}.` });
  const no = (why: string) => ({ due: false, sentence: `No tick of pod ${pod.name} is due: ${why}.` });
  const began = (startedAtMs: number) => {
    const seconds = (nowMs - startedAtMs) / 1000;
    return seconds < 0
      ? `the last began ${duration(-seconds)} in the future`
      : `the last began ${duration(seconds)} ago`;
  };
  if (claim && isBeyondAnyRun(claim, nowMs)) return yes('no run has the turn for so long as the last claims it');
  if (claim) return isDead(claim, nowMs) ? yes(`${began(claim.startedAtMs)} and never ended`) : no(underWay(claim));
  if (!last) return yes('there is no state to go by');
  const seconds = (nowMs - last.startedAtMs) / 1000;
  if (seconds < 0) return yes(`the last tick is ${duration(-seconds)} in the future`);
  const interval = duration(pod.intervalSeconds);
  const early = Math.min(EARLY_SECONDS, pod.intervalSeconds * EARLY_SHARE);
  const ago = began(last.startedAtMs);
  if (seconds >= pod.intervalSeconds - early) return yes(`${ago}, the interval is ${interval}`);
  if (again || nowMs >= dueAtMs) return yes(`${ago} and left unfinished business`);
  return no(`${ago} and left nothing unfinished, the interval is ${interval}`);

  function underWay({ startedAtMs }: Claim): string {
    return `${began(startedAtMs)} and is under way`;
  }
}

/**
 * Whether the tick that has the turn has had all its time: it died, for it would have given the turn back. A claim that no run can
 * have made is nobody's: else one with a wrong end would stop the pod for good.
 */
export function isDead(claim: Claim, nowMs: number): boolean {
  return nowMs > claim.untilMs || isBeyondAnyRun(claim, nowMs);
}

function isBeyondAnyRun({ untilMs }: Claim, nowMs: number): boolean {
  return untilMs - nowMs > LONGEST_CLAIM_MS;
}

/** When the tick after one that began then is due: at once where it left unfinished business. Epoch ms. */
export function nextDueMs(
  { startedAtMs, endedAtMs, unfinished }: { startedAtMs: number; endedAtMs: number; unfinished: boolean },
  { intervalSeconds }: Pick<Pod, 'intervalSeconds'>,
): number {
  return unfinished ? endedAtMs : startedAtMs + intervalSeconds * 1000;
}
