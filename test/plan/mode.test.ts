import { expect, it } from '@jest/globals';
import { limitedMode, type Mode, modeWords, stricterOf } from '../../src/plan/mode.ts';

it.each([
  ['observe', 'hold', 'observe'],
  ['observe', 'act', 'observe'],
  ['hold', 'act', 'hold'],
  ['act', 'act', 'act'],
  ['hold', 'hold', 'hold'],
] as const)('of %s and %s the stricter is %s, whichever is the stage’s', (one, other, stricter) => {
  expect(stricterOf(one, other)).toBe(stricter);
  expect(stricterOf(other, one)).toBe(stricter);
});

it.each([
  ['act', 'hold', 'mode hold (because of a test)'],
  ['act', 'observe', 'mode observe (because of a test)'],
  ['hold', 'hold', 'mode hold'],
  ['observe', 'hold', 'mode observe'],
] as const)(
  'of an operator who says %s a limit to %s leaves %s, with the reason where it counts',
  (mode, limit, words) => {
    const limited = { mode: limit as Mode, reason: 'because of a test' };
    expect(`mode ${limitedMode(mode, limited)}`).toBe(words.replace(/ \(.*/, ''));
    expect(modeWords(mode, limited)).toBe(words);
    expect(modeWords(mode)).toBe(`mode ${mode}`);
  },
);
