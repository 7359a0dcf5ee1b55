import { CHRONY_STEP_SECONDS } from '../fleet/defaults.ts';
import type { Pod } from '../fleet/fleet.ts';
import type { Block } from './layout.ts';

/** How each daemon is told what fleet.yml says of clocks that are far off, in its own words. Decision 0092. */

/** A suspended machine's clock is behind by as long as it slept: why steps are not for the start alone. */
const RESUMED = 'a virtual machine that was suspended resumes that far behind';

export function chronySteps({ step: { thresholdSeconds, limit, panicSeconds } }: Pod): Block {
  const threshold = thresholdSeconds ?? CHRONY_STEP_SECONDS;
  const when = limit < 0 ? `at any time: ${RESUMED}` : `in the first ${limit} updates, and slewed ever after`;
  return {
    why: `A clock that is off by more than ${threshold} s is stepped, ${when}.${ends('chronyd', panicSeconds)}`,
    lines: [`makestep ${threshold} ${limit}`, ...(panicSeconds === 0 ? [] : [`maxchange ${panicSeconds} 1 0`])],
  };
}

/** ntpd's, of old and ntpsec's. A threshold of its own is left to it: named, it would not steer by the kernel above 0.5 s. */
export function ntpSteps({ step: { thresholdSeconds, panicSeconds } }: Pod): Block {
  const step = thresholdSeconds === null ? '' : ` step ${thresholdSeconds}`;
  return {
    why: `A clock that is far off is stepped, at any time: ${RESUMED}.${ends('ntpd', panicSeconds)}`,
    lines: [`tinker panic ${panicSeconds}${step}`],
  };
}

/** Of the table `synchronization`. */
export function ntpdRsSteps({ step: { thresholdSeconds, panicSeconds } }: Pod): Required<Block> {
  return {
    why: `A clock that is far off is stepped, at any time: ${RESUMED}.${ends('ntp-daemon', panicSeconds)}`,
    lines: [
      'startup-step-panic-threshold = "inf"',
      `single-step-panic-threshold = ${panicSeconds === 0 ? '"inf"' : panicSeconds}`,
      ...(thresholdSeconds === null ? [] : [`algorithm.step-threshold = ${thresholdSeconds}`]),
    ],
  };
}

function ends(program: string, panicSeconds: number): string {
  return panicSeconds === 0 ? '' : ` By more than ${panicSeconds} s only at the start; later ${program} ends.`;
}
