import type { WatchdogClass } from '../../src/fleet/watchdog-classes.ts';
import { type Functions, type Invoked, succeeded } from './functions.ts';
import { heapFlags } from './heap.ts';
import { SSM_READS } from './measures/throttled.ts';
import { SCHEDULED, TIMEOUT_SECONDS } from './measures/tick.ts';
import { ProcessorShare, shareOf } from './processor-share.ts';
import { StandIn } from './stand-in.ts';

/** A schedule puts a pod's tick off by up to so long, within the function's time. */
export const TURN_SECONDS = 30;

export interface LambdaTick extends Invoked {
  /** The kernel held it to the share; else its time is computed of its CPU. */
  isHeld: boolean;
}

/** The second tick of a pod of so many hosts, so many of them silent, in a cold process with what Lambda gives this watchdog. */
export async function lambdaTick(
  functions: Functions,
  size: number,
  silent: number,
  { memoryMegabytes, timeoutSeconds }: WatchdogClass,
): Promise<LambdaTick> {
  const standIn = new StandIn(size);
  const settings = { endpoint: await standIn.start(), flags: heapFlags(memoryMegabytes) };
  const share = shareOf(memoryMegabytes);
  try {
    const first = await functions.start('handlers/watchdog', settings);
    await succeeded(first.invoke(SCHEDULED, TIMEOUT_SECONDS), 'the first tick');
    await first.end();
    standIn.makeDue();
    standIn.silence(silent);
    standIn.throttle(SSM_READS);
    const lambda = await functions.start('handlers/watchdog', settings);
    const held = ProcessorShare.hold(lambda.pid, share);
    try {
      const done = await succeeded(lambda.invoke(SCHEDULED, timeoutSeconds - TURN_SECONDS), 'a tick as on Lambda');
      const lackedMs = held ? 0 : done.cpuMs / share - done.cpuMs;
      return { ...done, wallMs: done.wallMs + lackedMs, isHeld: held !== null };
    } finally {
      await lambda.end();
      held?.remove();
    }
  } finally {
    standIn.stop();
  }
}
