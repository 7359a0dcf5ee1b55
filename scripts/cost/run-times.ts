import { COLLECT_WAIT_SECONDS } from '../../src/fleet/defaults.ts';

/**
 * How long functions run: the one place for these figures. Lambda bills run time by the memory of the function, and gives it a
 * share of a processor by the same: work that takes a second of a whole processor takes longer there.
 */

/** A function of so much memory has one processor (Lambda's guide, "Configure Lambda function memory"). */
const GIGABYTES_OF_A_PROCESSOR = 1769 / 1024;

/**
 * Measured here, never on AWS: seconds of a whole processor that a tick takes. Of 100 and 1,000 hosts the first tick of a process at
 * the local endpoint, whose own work is in it; of 10,000 a tick against a stand-in for AWS that takes next to none.
 */
export const TICK_CPU: readonly { hosts: number; seconds: number }[] = [
  { hosts: 100, seconds: 0.6 },
  { hosts: 1000, seconds: 1.4 },
  { hosts: 10_000, seconds: 13.5 },
];

/** So long one silent host keeps a tick waiting, by default. Settled fleets take seconds. */
export const TICK_WAIT_SECONDS = COLLECT_WAIT_SECONDS;

/** A run that finds no tick due, a call of the API: cold starts among them. Assumed, never measured on AWS. */
export const SHORT_RUN_SECONDS = 0.3;

/** A tick of so many hosts, one of them silent, on Lambda: on the lines through what was measured. */
export function tickSeconds(hosts: number, gigabytes: number): number {
  const share = Math.min(1, gigabytes / GIGABYTES_OF_A_PROCESSOR);
  return TICK_WAIT_SECONDS + cpuSeconds(hosts) / share;
}

/** Below the smallest fleet that was measured its own time; beyond the largest the last line goes on. */
function cpuSeconds(hosts: number): number {
  const above = TICK_CPU.findIndex((measured) => hosts <= measured.hosts);
  const index = above === -1 ? TICK_CPU.length - 1 : above;
  const [from, to] = [TICK_CPU[index - 1], TICK_CPU[index]];
  if (!to) throw new Error('No tick was measured.');
  if (!from) return to.seconds;
  return from.seconds + ((to.seconds - from.seconds) * (hosts - from.hosts)) / (to.hosts - from.hosts);
}
