import { COLLECT_WAIT_SECONDS } from '../../src/fleet/defaults.ts';

/**
 * How long functions run: the one place for these figures. Measured here, never on AWS, by `npm run bench:scale -- --only billed`: a
 * process held to the share of a processor that Lambda gives with the function's memory, beside a stand-in for AWS. docs/scale.md
 * shows the same; a test holds both together.
 */

/** So long one silent host keeps a tick waiting, by default. Settled fleets take seconds. */
export const TICK_WAIT_SECONDS = COLLECT_WAIT_SECONDS;

/** A tick of so many hosts, one of them silent, with the memory of its watchdog: most of its own work is done while it waits. */
export const TICK_SECONDS: readonly { hosts: number; seconds: number }[] = [
  { hosts: 100, seconds: 46 },
  { hosts: 1000, seconds: 46 },
  { hosts: 10_000, seconds: 48 },
];

/** A run that finds no tick due, in a process that is just started, as few are. */
export const SHORT_RUN_SECONDS = 0.63;

/** A run that folds hours, in a process that is just started, and each 1,000 hosts of an hour more. Measured here, of a whole processor. */
export const FOLD_START_SECONDS = 1;
export const FOLD_SECONDS_A_THOUSAND = 0.25;

/** Each 1,000 hosts of a day that is folded into hours, once a day: 8.7 s of 10,000, 38 s of 50,000. */
export const DAY_SECONDS_A_THOUSAND = 0.87;

/** A request for a file, likewise. */
export const REQUEST_SECONDS = 0.08;

/** A tick of so many hosts on the lines through what was measured: below the smallest its own time; beyond the largest the last goes on. */
export function tickSeconds(hosts: number): number {
  const above = TICK_SECONDS.findIndex((measured) => hosts <= measured.hosts);
  const index = above === -1 ? TICK_SECONDS.length - 1 : above;
  const [from, to] = [TICK_SECONDS[index - 1], TICK_SECONDS[index]];
  if (!to) throw new Error('No tick was measured.');
  if (!from) return to.seconds;
  return from.seconds + ((to.seconds - from.seconds) * (hosts - from.hosts)) / (to.hosts - from.hosts);
}
