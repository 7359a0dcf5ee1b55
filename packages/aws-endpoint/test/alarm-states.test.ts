import { describe, expect, it } from '@jest/globals';
import { readRule } from '../src/cloudwatch/alarms/composite.ts';
import { MISSING } from '../src/cloudwatch/alarms/definition.ts';
import { breaches, stateOf } from '../src/cloudwatch/alarms/evaluate.ts';
import { readExpression } from '../src/cloudwatch/alarms/math.ts';

/** `0 - X`: within the threshold, missing, breaching; the newest on the right. */
const range = (text: string) => text.split(' ').map((one) => (one === '-' ? null : one === 'X'));
const STAYS = null;

describe('missing data', () => {
  // The tables of the CloudWatch user guide, "How alarm state is evaluated when data is missing".
  it.each([
    ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', 3, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', 3, ['INSUFFICIENT_DATA', STAYS, 'ALARM', 'OK']],
    ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', 3, ['ALARM', STAYS, 'ALARM', 'OK']],
    ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', 2, ['ALARM', STAYS, 'ALARM', 'OK']],
  ] as const)(
    '%s with %i of 3 gives what the user guide says',
    (text, datapointsToAlarm, [missing, ignore, ...rest]) => {
      const by = (treatment: (typeof MISSING)[number]) =>
        stateOf(range(text), { datapointsToAlarm, evaluationPeriods: 3, missing: treatment });
      expect(MISSING.map(by)).toEqual([missing, ignore, ...rest]);
    },
  );

  it.each(['- - - - X', '- - - X -'])('%s with 3 of 3 is too early for an alarm', (text) => {
    expect(stateOf(range(text), { datapointsToAlarm: 3, evaluationPeriods: 3, missing: 'missing' })).toBe('OK');
  });
});

describe('a comparison', () => {
  it.each([
    ['GreaterThanOrEqualToThreshold', [false, true, true]],
    ['GreaterThanThreshold', [false, false, true]],
    ['LessThanThreshold', [true, false, false]],
    ['LessThanOrEqualToThreshold', [true, true, false]],
  ] as const)('%s', (comparison, expected) => {
    expect([1, 2, 3].map((value) => breaches(value, comparison, 2))).toEqual(expected);
  });
});

describe('metric math', () => {
  const ids = new Set(['part', 'whole', 'gone']);
  const values: Record<string, number | null> = { part: 3, whole: 4, gone: null };
  const result = (text: string) => readExpression(text, ids)((id) => values[id] ?? null);

  it.each([
    ['100 * part / whole', 75],
    ['whole - part - 1', 0],
    ['-(part + 2) * 2', -10],
    ['part >= 3', 1],
    ['part != 3', 0],
    ['IF(whole > 0, 100 * part / whole, 100)', 75],
    ['IF(whole - 4 > 0, part / (whole - 4), 100)', 100],
    ['part / (whole - 4)', null],
    ['part + gone', null],
    ['IF(gone, 1, 2)', null],
    ['IF(whole, 1, gone)', 1],
  ])('%s is %p', (text, expected) => expect(result(text)).toBe(expected));

  it.each(['FILL(part, 0)', 'part +', 'part whole', '100 * parts', '(part', 'part ^ 2'])('%s is refused', (text) => {
    expect(() => readExpression(text, ids)).toThrow(`the local endpoint does not understand '${text}'`);
  });
});

describe('a composite rule', () => {
  const states = { a: 'ALARM', b: 'OK', c: 'INSUFFICIENT_DATA' } as const;
  const names = new Set(Object.keys(states));
  const holds = (text: string) => readRule(text, names).holds((name) => states[name as keyof typeof states]);

  it.each([
    ['ALARM("a")', true],
    ['ALARM(b)', false],
    ['ALARM("b") OR ALARM("a")', true],
    ['ALARM("b") OR ALARM("a") AND OK("c")', false],
    ['(ALARM("b") OR ALARM("a")) AND INSUFFICIENT_DATA("c")', true],
    ['NOT ALARM("b") AND OK("b")', true],
    ['FALSE OR NOT TRUE', false],
  ])('%s holds: %p', (text, expected) => expect(holds(text)).toBe(expected));

  it.each([
    ['ALARM("d")', 'the rule names alarm d, which is not there'],
    ['ALARM("a") OR', 'ends too early'],
    ['ALARM("a") ALARM("b")', 'is not whole'],
    ['(ALARM("a")', 'is not whole'],
    ['AT_LEAST(1, ALARM, (a))', 'does not understand'],
  ])('%s is refused', (text, why) => expect(() => readRule(text, names)).toThrow(why));
});
