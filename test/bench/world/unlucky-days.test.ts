import { describe, expect, it } from '@jest/globals';
import { runWithPodtime } from '../../../bench/world/fleet-day.ts';

/** Days on which a rule of safety was broken once. */
describe('what happens at an unlucky second breaks no rule', () => {
  it.each([
    [8019, 'the only record that a withdrawal rests on is deleted by hand after Route 53 was read'],
    [8599590, 'a run by hand sees a server well again between two that see it bad'],
    [7795, 'a client says that its daemon is older than itself, and that the cycle was none that SSM did not confirm'],
  ])('seed %i: %s', (seed) => {
    expect(runWithPodtime(seed).violations).toEqual([]);
  });
});
