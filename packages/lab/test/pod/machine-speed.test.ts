import { expect, it } from '@jest/globals';
import { slownessFor, slownessOfMachine } from '../../src/pod/machine-speed.ts';

it('is one where scripts take about as long as usual, and at most ten', () => {
  expect([100, 400, 790, 801, 2000, 4000, 90_000].map(slownessFor)).toEqual([1, 1, 1, 2, 5, 10, 10]);
});

it('is measured by a real shell, and a whole number whatever the machine', async () => {
  const slowness = await slownessOfMachine();
  expect([Number.isInteger(slowness), slowness >= 1, slowness <= 10]).toEqual([true, true, true]);
});
