import type { Comparison, Missing } from './definition.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** One period's number, or null where nothing came. */
export type Datapoint = number | null;

/**
 * CloudWatch looks at more periods than it needs, in case some are missing. How many more is not told; in the user guide's
 * examples ("How alarm state is evaluated when data is missing") three periods have a range of five.
 */
export const EXTRA_PERIODS = 2;

export interface Rule {
  datapointsToAlarm: number;
  evaluationPeriods: number;
  missing: Missing;
}

export function breaches(value: number, comparison: Comparison, threshold: number): boolean {
  switch (comparison) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}

/**
 * The state that an evaluation range gives; null: the state stays. `range`: whether each period breaches, null where nothing
 * came, oldest first.
 *
 * | real data in the range | state |
 * | --- | --- |
 * | as many as evaluated, or more | by the newest of them |
 * | fewer, `breaching` or `notBreaching` | by all of them and as many fills as are wanting |
 * | none, `missing` | INSUFFICIENT_DATA |
 * | none, `ignore` | stays |
 * | fewer, all breaching, the oldest at least M periods old ("premature") | ALARM; `ignore`: stays |
 * | fewer, else | by all of them |
 *
 * Decision 0027.
 */
export function stateOf(range: readonly (boolean | null)[], rule: Rule): AlarmState | null {
  const { datapointsToAlarm: needed, evaluationPeriods, missing } = rule;
  const real = range.filter((breach) => breach !== null).slice(-evaluationPeriods);
  const breaching = real.filter(Boolean).length;
  const decided = (count: number): AlarmState => (count >= needed ? 'ALARM' : 'OK');
  if (real.length === evaluationPeriods || missing === 'notBreaching') return decided(breaching);
  if (missing === 'breaching') return decided(breaching + evaluationPeriods - real.length);
  if (real.length === 0) return missing === 'missing' ? 'INSUFFICIENT_DATA' : null;
  const age = range.length - range.findIndex((breach) => breach !== null);
  if (breaching === real.length && breaching < needed) {
    if (missing === 'ignore') return null;
    return age >= needed ? 'ALARM' : 'OK';
  }
  return decided(breaching);
}
