import type { Fleet, Pod } from '../fleet/fleet.ts';
import {
  ASSUMED_READS_PER_SECOND,
  hostsOfReads,
  type ReadingPod,
  readsOfTick,
  readsPerSecondOf,
} from '../fleet/ssm-reads.ts';
import { ANSWER_RESERVE_MS, type Deadline } from './deadline.ts';

/**
 * What a tick keeps back of its time for what comes after each of its parts: a part that hangs ends before the next must begin.
 * Of the watchdog's 180 s hosts get 90 at the most, of a cycle by hand's 110 s 15. Decision 0045, decision 0059.
 */
export const KEPT_BACK_MS = {
  /** What is asked and written before they are sent, DNS and cycles: a call that hangs takes 10 s of it, the others 2. */
  afterLook: 37_000,
  afterRepair: 17_000,
  /** History, memory, state and report: a call each, with a retry. */
  afterPublishing: 14_000,
  afterHistory: 12_000,
  afterMemory: 8_000,
  afterState: 4_000,
} as const;

/** What a short run keeps back of its time for what follows its last look: what hosts of a wave answered is read, then as in a tick. */
export const SHORT_RUN_KEPT_BACK_MS = KEPT_BACK_MS.afterLook + 30_000;

/** Publishing a pod of 10,000 hosts takes 2 s; what CloudWatch has not taken in this is left. */
export const PUBLISH_MS = 20_000;

/** Reading what hosts answered, once they were waited for. */
const READING_MS = 4_000;

/** A command that is cut off may have been sent: no wave begins with less than this. */
export const SENDING_MS = 5_000;

/** What is left for a part of the tick. */
export function leftFor(deadline: Deadline, keptBackMs: number): number {
  return Math.max(0, deadline.leftMs() - keptBackMs);
}

/** Of `collect` and `cycle`, as serverless.yml has it: `sls invoke` repeats a call that it has no answer to after 120 s. */
export const BY_HAND_TIMEOUT_SECONDS = 110;

/** So that a run by hand has time to read what hosts answered, none is waited for longer. */
const BY_HAND_WAIT_SECONDS = 15;

/** How long a run by hand waits for the pod's hosts. */
export function byHandWaitSeconds({ collectWaitSeconds }: Pick<Pod, 'collectWaitSeconds'>): number {
  return Math.min(BY_HAND_WAIT_SECONDS, collectWaitSeconds);
}

/** Up to how many hosts a pod may run for a look by hand to read all of them, once it has waited for silent ones. */
export function hostsByHand(
  fleet: Pick<Fleet, 'ssm'> & { pods: readonly ReadingPod[] },
  pod: ReadingPod & Pick<Pod, 'collectWaitSeconds'>,
): number {
  const perSecond = readsPerSecondOf(fleet, pod) ?? ASSUMED_READS_PER_SECOND;
  const afterSeconds = (KEPT_BACK_MS.afterLook + ANSWER_RESERVE_MS) / 1000;
  return hostsOfReads((BY_HAND_TIMEOUT_SECONDS - afterSeconds - byHandWaitSeconds(pod)) * perSecond);
}

/** How long hosts may be waited for: as asked, or what is left for it. */
export function waitSecondsOf(deadline: Deadline, askedSeconds: number): number {
  const leftSeconds = Math.floor((leftFor(deadline, KEPT_BACK_MS.afterLook) - READING_MS) / 1000);
  return Math.max(0, Math.min(askedSeconds, leftSeconds));
}

/** Whether there is time for one more record change or command, and for what comes after it. */
export function hasTimeToSend(deadline: Deadline): boolean {
  return leftFor(deadline, KEPT_BACK_MS.afterRepair) >= SENDING_MS;
}

/** A run whose time is reckoned with. */
export interface TimedRun {
  deadline: Deadline;
  fleet: Pick<Fleet, 'pods' | 'ssm'>;
  pod: Pod;
}

/** Whether there is time, so much later, for a tick that waits for its hosts as long as any, and reads all that they answer. */
export function hasTimeForTick({ deadline: { leftMs }, fleet, pod }: TimedRun, afterMs = 0): boolean {
  const perSecond = readsPerSecondOf(fleet, pod) ?? ASSUMED_READS_PER_SECOND;
  const seconds = Math.max(pod.collectWaitSeconds, Math.ceil(readsOfTick(pod.hosts) / perSecond));
  return waitSecondsOf({ leftMs: () => leftMs() - afterMs }, seconds) === seconds;
}
