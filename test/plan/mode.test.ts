import { expect, it } from '@jest/globals';
import { stricterOf } from '../../src/plan/mode.ts';

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
