import { describe, expect, it } from '@jest/globals';
import { failuresOf, runFleetDay } from '../../../bench/world/fleet-day.ts';

/** Days on which a client had fewer good minutes than its twin, by what podtime has no part in. */
describe('a minute without a good source that is luck fails no day', () => {
  it.each([
    [364, 'three of its servers turn right again one after another; one of its twin’s is dead'],
    [1002, 'it reboots while two of its four servers have turned wrong, and two are still right'],
    [701_086, 'its names are back, and their first answer comes half a minute later'],
  ])('seed %i: %s', (seed) => {
    const day = runFleetDay(seed);
    expect(failuresOf(day)).toEqual([]);
    // it was not forgotten, but counted apart
    expect(day.podtime.elsewhereSeconds + day.podtime.misledSeconds).toBeGreaterThan(
      day.twin.elsewhereSeconds + day.twin.misledSeconds,
    );
  });
});
