import { WATCHDOG_CLASSES, type WatchdogClass } from '../../../src/fleet/watchdog-classes.ts';
import { type LambdaTick, lambdaTick, TURN_SECONDS } from '../lambda-tick.ts';
import { hosts, type Measure, megabytes, type Row } from '../measure.ts';
import { shareOf } from '../processor-share.ts';

/** One host in a hundred never answers: the tick waits for it as long as the pod allows. */
const SILENT_SHARE = 0.01;

/**
 * A tick of the largest pod of each watchdog, with the function's memory, its share of a processor and its time limit, SSM's reads
 * throttled and hosts silent. Simulated only.
 */
export const largestPod: Measure = {
  name: 'largest',
  wholeOnly: true,
  async *rows({ functions, sizes }) {
    for (const watchdog of WATCHDOG_CLASSES) {
      if (watchdog.hosts > Math.max(...sizes)) continue;
      const silent = Math.ceil(watchdog.hosts * SILENT_SHARE);
      yield rowOf(watchdog, await lambdaTick(functions, watchdog.hosts, silent, watchdog));
    }
  },
};

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
