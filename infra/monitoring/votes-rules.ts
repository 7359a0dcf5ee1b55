import type { Pod } from '../../src/fleet/fleet.ts';
import { isOneVotesAlarm } from '../../src/report/alarms.ts';
import { type Rule, TWO_OF_THREE } from './alarm-rule.ts';

/** The least that any boundary server has; a setting of 0 makes no alarm, for nothing is below it. */
export function votesRules(pod: Pod): Rule[] {
  const { liesLeft, lossesLeft } = pod.alarms;
  const below = (metric: 'LiesLeft' | 'LossesLeft', threshold: number) => ({
    tier: 'boundary' as const,
    watched: { metric, stat: 'Minimum' as const },
    comparison: 'LessThanThreshold' as const,
    threshold,
    ...TWO_OF_THREE,
  });
  const lies: Rule = {
    key: 'boundary-lies-left',
    ...below('LiesLeft', liesLeft),
    meaning:
      'a boundary server has so few clocks left that one which lies is outvoted by none; by default it is then one silent source away from losing its confidence, too',
    from: '`alarms.liesLeft`',
    reason:
      'two outvote one, so it takes three clocks that do not follow each other; with fewer in its file a pod sets 0',
  };
  const losses: Rule = {
    key: 'boundary-losses-left',
    ...below('LossesLeft', lossesLeft),
    meaning: 'a boundary server loses its confidence with the next source that falls silent',
    from: '`alarms.lossesLeft`',
    reason: 'told while it still stands: one source that is lost is the internet as it is',
  };
  return isOneVotesAlarm(pod) ? [lies] : [lies, losses].filter(({ threshold }) => threshold > 0);
}
