import type { Fleet } from '../../../../src/fleet/fleet.ts';

/** A minute of alarms lasts 12 seconds here, or more. */
const ALARM_FACTOR = 5;
/** Shorter it would hold no tick of a pod that has one every 10 seconds, with what a tick takes: an alarm of silence would tell of none. */
const ALARM_MINUTE_IN_INTERVALS = 1.2;

/**
 * How many times less a minute of alarms lasts than one of the wall clock, on which the product's metrics lie whatever the time factor. Of
 * pods that wait longer, on a slow machine, it lasts longer too.
 */
export function alarmFactorOf({ pods }: Pick<Fleet, 'pods'>, factor: number): number {
  const longestSeconds = Math.max(...pods.map(({ intervalSeconds }) => intervalSeconds));
  return Math.min(ALARM_FACTOR, factor, 60 / (ALARM_MINUTE_IN_INTERVALS * longestSeconds));
}
