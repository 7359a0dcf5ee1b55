import { WATCHDOG_CLASSES, type WatchdogClass } from '../../../src/fleet/watchdog-classes.ts';
import type { Functions, Invoked } from '../functions.ts';
import { succeeded } from '../functions.ts';
import { heapFlags } from '../heap.ts';
import { hosts, type Measure, megabytes, type Row } from '../measure.ts';
import { ProcessorShare, shareOf } from '../processor-share.ts';
import { StandIn } from '../stand-in.ts';
import { SSM_READS } from './throttled.ts';
import { SCHEDULED } from './tick.ts';

/** One host in a hundred never answers: the tick waits for it as long as the pod allows. */
const SILENT_SHARE = 0.01;
/** A schedule puts a pod's tick off by up to so long, within the function's time. */
const TURN_SECONDS = 30;

/**
 * A tick of the largest pod of each watchdog, with the function's memory, its share of a processor and its time limit, SSM's reads
 * throttled and hosts silent. Simulated only.
 */
export const largestPod: Measure = {
  name: 'largest',
  async *rows({ functions, sizes }) {
    for (const watchdog of WATCHDOG_CLASSES) {
      if (watchdog.hosts <= Math.max(...sizes)) yield await rowOf(watchdog, await lambdaTick(functions, watchdog));
    }
  },
};

interface LambdaTick extends Invoked {
  /** The kernel held it to the share; else its time is computed of its CPU. */
  isHeld: boolean;
}

/** The second tick of a pod, in a cold process. */
export async function lambdaTick(functions: Functions, watchdog: WatchdogClass): Promise<LambdaTick> {
  const { hosts: size, memoryMegabytes, timeoutSeconds } = watchdog;
  const standIn = new StandIn(size);
  const settings = { endpoint: await standIn.start(), flags: heapFlags(memoryMegabytes) };
  const share = shareOf(memoryMegabytes);
  try {
    const first = await functions.start('handlers/watchdog', settings);
    await succeeded(first.invoke(SCHEDULED, 900), 'the first tick');
    await first.end();
    standIn.makeDue();
    standIn.silence(Math.ceil(size * SILENT_SHARE));
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

function rowOf(watchdog: WatchdogClass, { wallMs, cpuMs, peakBytes, isHeld }: LambdaTick): Row {
  const { functionName, memoryMegabytes, timeoutSeconds } = watchdog;
  const tookSeconds = wallMs / 1000 + TURN_SECONDS;
  const percent = Math.round(shareOf(memoryMegabytes) * 100);
  return {
    measure: `largest pod of ${functionName}, ${hosts(watchdog.hosts)} hosts, 1 % silent, at ${percent} % of a processor`,
    goal: `<= ${timeoutSeconds} s with ${TURN_SECONDS} s until its turn, <= ${memoryMegabytes} MB`,
    now: `${tookSeconds.toFixed(0)} s${isHeld ? '' : ' (computed)'}, ${megabytes(peakBytes)}, ${(cpuMs / 1000).toFixed(1)} s of CPU`,
    holds: tookSeconds <= timeoutSeconds && peakBytes <= memoryMegabytes * 2 ** 20,
  };
}
