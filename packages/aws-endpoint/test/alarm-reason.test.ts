import { expect, it } from '@jest/globals';
import { compositeReasonOf } from '../src/cloudwatch/alarms/composite.ts';
import { type Missing, readMetricAlarm } from '../src/cloudwatch/alarms/definition.ts';
import { type AlarmState, breaches, stateOf } from '../src/cloudwatch/alarms/evaluate.ts';
import { reasonOf } from '../src/cloudwatch/alarms/reason.ts';

const NOON = Date.UTC(2026, 10, 22, 12);

/** An alarm of three periods on a number below 1, and the reason that the evaluation range gives; `-` is a missing datum. */
function reason(missing: Missing, datapointsToAlarm: number, text: string): [AlarmState | null, string] {
  const alarm = readMetricAlarm('silent', {
    MetricName: 'TickBudgetSpent',
    Namespace: 'podtime',
    Statistic: 'Minimum',
    Period: 60,
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    EvaluationPeriods: 3,
    DatapointsToAlarm: datapointsToAlarm,
    TreatMissingData: missing,
  });
  const range = text
    .split(' ')
    .map((value, at) => ({ startMs: NOON + at * 60_000, value: value === '-' ? null : Number(value) }));
  const state = stateOf(
    range.map(({ value }) => (value === null ? null : breaches(value, alarm.comparison, alarm.threshold))),
    alarm,
  );
  return [state, state === null ? '' : reasonOf(alarm, range, state)];
}

it.each<[Missing, number, string, AlarmState, string]>([
  [
    'breaching',
    3,
    '2 - 2 3 -',
    'OK',
    '[2 (12:00:00), 2 (12:02:00), 3 (12:03:00)] were not less than 1 (3 of 3 raise it)',
  ],
  [
    'breaching',
    3,
    '- - - 2 3',
    'OK',
    '[2 (12:03:00), 3 (12:04:00)] were not less than 1 and 1 missing datapoint was treated as breaching (3 of 3 raise it)',
  ],
  [
    'breaching',
    2,
    '2 - - - -',
    'ALARM',
    '[2 (12:00:00)] was not less than 1 and 2 missing datapoints were treated as breaching (2 of 3 raise it)',
  ],
  [
    'breaching',
    2,
    '- - - 0.5 2',
    'ALARM',
    '[0.5 (12:03:00)] was less than 1 and 1 missing datapoint was treated as breaching (2 of 3 raise it)',
  ],
  [
    'breaching',
    3,
    '- - - - -',
    'ALARM',
    'no datapoints were received for 3 periods and 3 missing datapoints were treated as breaching',
  ],
  [
    'notBreaching',
    2,
    '- - - - 0',
    'OK',
    'only [0 (12:04:00)] was less than 1 and 2 missing datapoints were treated as notBreaching (2 of 3 raise it)',
  ],
  [
    'notBreaching',
    2,
    '- - - - -',
    'OK',
    'no datapoints were received for 3 periods and 3 missing datapoints were treated as notBreaching',
  ],
  ['missing', 2, '- - - - -', 'INSUFFICIENT_DATA', '3 datapoints were unknown'],
  [
    'missing',
    2,
    '- - - - 2',
    'OK',
    '[2 (12:04:00)] was not less than 1 and 2 datapoints were unknown (2 of 3 raise it)',
  ],
  ['ignore', 1, '- - 0 2 -', 'ALARM', '[0 (12:02:00)] was less than 1 and 1 datapoint was unknown (1 of 3 raise it)'],
])('TreatMissingData %s, %i of 3, %s: %s, since %s', (missing, datapointsToAlarm, range, state, words) => {
  expect(reason(missing, datapointsToAlarm, range)).toEqual([state, words]);
});

const at = (text: string) => Date.parse(`${text}Z`);

it.each<[string, AlarmState, Parameters<typeof compositeReasonOf>[2], string]>([
  [
    'the one in alarm',
    'ALARM',
    [
      { arn: 'a', state: 'ALARM', changedAtMs: at('2022-07-22T15:57:45.394') },
      { arn: 'b', state: 'OK', changedAtMs: at('2022-07-22T16:00') },
    ],
    'a transitioned to ALARM at Friday 22 July, 2022 15:57:45 UTC',
  ],
  [
    'the last of several',
    'ALARM',
    [
      { arn: 'a', state: 'ALARM', changedAtMs: at('2023-08-04T12:54:46') },
      { arn: 'b', state: 'ALARM', changedAtMs: at('2023-08-04T12:54:47') },
    ],
    'b transitioned to ALARM at Friday 04 August, 2023 12:54:47 UTC',
  ],
  [
    'the last that ended it, also for want of data',
    'OK',
    [
      { arn: 'a', state: 'OK', changedAtMs: at('2023-08-04T12:00') },
      { arn: 'b', state: 'INSUFFICIENT_DATA', changedAtMs: at('2023-08-04T12:01') },
    ],
    'b transitioned to INSUFFICIENT_DATA at Friday 04 August, 2023 12:01:00 UTC',
  ],
  [
    'any, of a rule that wants one to be well',
    'ALARM',
    [{ arn: 'a', state: 'OK', changedAtMs: at('2023-12-31T23:59:59') }],
    'a transitioned to OK at Sunday 31 December, 2023 23:59:59 UTC',
  ],
  [
    'none, where none has changed',
    'OK',
    [{ arn: 'a', state: 'INSUFFICIENT_DATA', changedAtMs: null }],
    'pod was created and its alarm rule evaluates to OK',
  ],
])('an alarm of several tells %s', (_, state, underlying, words) => {
  expect(compositeReasonOf('pod', state, underlying)).toBe(words);
});
