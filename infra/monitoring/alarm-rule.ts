import type { Tier } from '../../src/fleet/fleet.ts';
import type { MetricName } from '../../src/metrics/catalogue.ts';

/** One number a period: a gauge at `Pod, Tier`, or at `Pod` where it is of no tier. */
export interface Gauge {
  metric: MetricName;
  stat: 'Maximum' | 'Minimum';
}

/** `part` of `whole`, in percent; `empty` where there is no whole. */
export interface Share {
  part: Gauge;
  whole: Gauge;
  empty: number;
}

/** One condition of a pod's tier that CloudWatch watches: the alarm in the template, and its row of docs/alarms.md. */
export interface AlarmRule {
  /** `client-adrift`; the alarm is called `podtime-STAGE-POD-client-adrift`. */
  key: string;
  /** null: of the watchdog itself. */
  tier: Tier | null;
  watched: Gauge | Share;
  comparison: 'GreaterThanOrEqualToThreshold' | 'GreaterThanThreshold' | 'LessThanThreshold';
  threshold: number;
  /** M of N: so many of the last `periods` must breach. */
  datapoints: number;
  periods: number;
  periodSeconds: number;
  missing: 'ignore' | 'breaching';
  /** What it tells the operator. */
  meaning: string;
  /** Where the threshold comes from: a setting of fleet.yml, or words. */
  from: string;
  /** Why the default is what it is. */
  reason: string;
}

export const TWO_OF_THREE = { datapoints: 2, periods: 3, missing: 'ignore' } as const;

/** A rule whose periods are the pod's own (`periodSeconds`) unless it says otherwise. */
export type Rule = Omit<AlarmRule, 'periodSeconds'> & { periodSeconds?: number };

/** The gauge's most is at least the threshold, in two of three periods. */
export function atLeast(
  tier: Tier | null,
  name: string,
  metric: MetricName,
  threshold: number,
  words: Pick<AlarmRule, 'meaning' | 'from' | 'reason'>,
): Rule {
  return {
    key: `${tier ?? 'watchdog'}-${name}`,
    tier,
    watched: { metric, stat: 'Maximum' },
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold,
    ...TWO_OF_THREE,
    ...words,
  };
}
