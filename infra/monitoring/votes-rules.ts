import type { Pod } from '../../src/fleet/fleet.ts';
import { type Rule, TWO_OF_THREE } from './alarm-rule.ts';

/**
 * The least that any boundary server has; a setting of 0 makes no alarm, for nothing is below it. Of n clocks
 * floor((n - 1) / 2) is below `liesLeft` where n < 2 x liesLeft + 1, n - confidentSources below `lossesLeft` where
 * n < confidentSources + lossesLeft. Where that is one and the same, as by default, one alarm says both.
 */
export function votesRules({ alarms: { liesLeft, lossesLeft }, thresholds: { confidentSources } }: Pod): Rule[] {
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
  const isSame = liesLeft > 0 && lossesLeft > 0 && 2 * liesLeft + 1 === confidentSources + lossesLeft;
  return isSame ? [lies] : [lies, losses].filter(({ threshold }) => threshold > 0);
}
