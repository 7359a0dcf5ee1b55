import { describe, expect, it } from '@jest/globals';
import { failuresOf, runFleetDay } from '../../../bench/world/fleet-day.ts';
import { PRODUCT } from '../../../bench/world/planner.ts';
import type { PlanInput } from '../../../src/plan/plan.ts';

/** Days on which a client had fewer good minutes than its twin, by what podtime has no part in. */
describe('a minute without a good source that is luck fails no day', () => {
  it.each([
    [364, 'three of its servers turn right again one after another; one of its twin’s is dead'],
    [1002, 'it reboots while two of its four servers have turned wrong, and two are still right'],
    [701_086, 'its names are back, and their first answer comes half a minute later'],
    [
      6306,
      'it booted while its server lied and was withdrawn, and SSM never tells how the cycles ended that were to bring it back',
    ],
  ])('seed %i: %s', (seed) => {
    const day = runFleetDay(seed);
    expect(failuresOf(day)).toEqual([]);
    // it was not forgotten, but counted apart
    expect(day.podtime.elsewhereSeconds + day.podtime.misledSeconds).toBeGreaterThan(
      day.twin.elsewhereSeconds + day.twin.misledSeconds,
    );
  });

  it('is no luck where podtime has not even tried to cycle the clients that miss a name', () => {
    const idle = { ...PRODUCT, plan: (input: PlanInput) => ({ ...PRODUCT.plan(input), cycles: [] }) };
    expect(failuresOf(runFleetDay(6306, { planner: idle }))).toEqual([
      expect.stringContaining('longer without a good source than without podtime'),
    ]);
  });
});
