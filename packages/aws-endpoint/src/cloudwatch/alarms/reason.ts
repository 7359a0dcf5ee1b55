import { COMPARISONS, type MetricAlarmDefinition } from './definition.ts';
import { type AlarmState, breaches, type Datapoint } from './evaluate.ts';

/** One period of an alarm's evaluation range. */
export interface Period {
  /** Epoch ms. */
  startMs: number;
  value: Datapoint;
}

/**
 * Why an alarm went to this state: the newest data that were evaluated and speak for it, and how what is wanting was treated.
 *
 * @param range oldest first; of it as many real data are evaluated as the alarm has evaluation periods, if there are so many.
 */
export function reasonOf(alarm: MetricAlarmDefinition, range: readonly Period[], state: AlarmState): string {
  const { comparison, threshold, evaluationPeriods, datapointsToAlarm } = alarm;
  const real = range.flatMap(({ startMs, value }) => (value === null ? [] : [{ startMs, value }]));
  const evaluated = real.slice(-evaluationPeriods);
  const missed = missedWords(alarm, evaluationPeriods - evaluated.length);
  if (evaluated.length === 0) {
    if (state === 'INSUFFICIENT_DATA') return missed;
    return `no datapoints were received for ${evaluationPeriods} periods and ${missed}`;
  }
  const speaking = evaluated.filter(({ value }) => breaches(value, comparison, threshold) === (state === 'ALARM'));
  const limit = `${COMPARISONS[comparison]} ${threshold}`;
  const words =
    speaking.length > 0
      ? `${listed(speaking)}${state === 'ALARM' ? '' : ' not'} ${limit}`
      : `${state === 'ALARM' ? '' : 'only '}${listed(evaluated)}${state === 'ALARM' ? ' not' : ''} ${limit}`;
  return `${[words, missed].filter(Boolean).join(' and ')} (${datapointsToAlarm} of ${evaluationPeriods} raise it)`;
}

/** `[0 (12:00:00), 0 (12:01:00)] were` */
function listed(data: readonly { startMs: number; value: number }[]): string {
  const shown = data.map(
    ({ value, startMs }) => `${Number(value.toFixed(2))} (${new Date(startMs).toISOString().slice(11, 19)})`,
  );
  return `[${shown.join(', ')}] ${data.length === 1 ? 'was' : 'were'}`;
}

/** `1 missing datapoint was treated as breaching`, by TreatMissingData; empty where none is wanting. */
function missedWords({ missing }: MetricAlarmDefinition, count: number): string {
  if (count === 0) return '';
  const [noun, verb] = count === 1 ? ['datapoint', 'was'] : ['datapoints', 'were'];
  if (missing === 'missing' || missing === 'ignore') return `${count} ${noun} ${verb} unknown`;
  return `${count} missing ${noun} ${verb} treated as ${missing}`;
}
