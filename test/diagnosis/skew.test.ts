import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clockJudge } from '../../src/diagnosis/judge.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import { type SetClock, skewOf } from '../../src/diagnosis/skew.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import { runs } from '../builders/property-runs.ts';
import { collected, context, host, POD } from '../builders/sightings.ts';
import { sixtyFourths } from '../builders/witnessing.ts';

const clock = (offsetMs: number, rootDistanceMs: number, given: Partial<SetClock> = {}): SetClock => ({
  offsetMs,
  rootDistanceMs,
  growthPpm: 15,
  ...given,
});

const now = (of: number) => ({ of, ageSeconds: 0 });

describe('a clock counts in the skew of a pod', () => {
  /** Over how many clocks the skew is, of two that are known and one that answers so. */
  function countedWith(answer: Collected): number | undefined {
    const answers = [collected(), collected(), answer];
    const hosts = answers.map((_, index) => host(`i-0${index}`));
    const sightings = answers.map((each, index) => ({
      host: hosts[index] as Host,
      status: 'Success',
      collected: each,
    }));
    const given = context({ hosts });
    const clocks = podClocksOf(sightings.map(clockJudge(given)), POD.thresholds, {
      hosts,
      expected: 3,
      tookSeconds: 0,
    });
    return clocks.skew?.hosts;
  }

  it.each<[string, Collected, number]>([
    ['where all of it is known', collected(), 3],
    ['not where its leap indicator is not', collected({ system: { leap: null } }), 2],
    ['not where it says that it is not set', collected({ system: { leap: 'alarm' } }), 2],
    ['not where its stratum says so', collected({ system: { stratum: 16 } }), 2],
    ['not without an offset', collected({ system: { offsetMs: null }, sources: [] }), 2],
    ['not without a bound', collected({ system: { rootDispersionMs: null } }), 2],
    ['not where no variable could be read', collected({ system: null }), 2],
  ])('%s', (_, answer, hosts) => {
    expect(countedWith(answer)).toBe(hosts);
  });
});

describe('the skew of a pod', () => {
  it('is the most by which any two of its clocks can differ', () => {
    expect(skewOf([clock(2, 1), clock(-3, 0.5), clock(0, 1)], now(3))).toEqual({ skewMs: 6.5, hosts: 3, of: 3 });
    expect(skewOf([clock(0, 1), clock(0, 1)], now(2))).toEqual({ skewMs: 2, hosts: 2, of: 2 });
  });

  it('grows with the age of what is known, at the rate of each clock', () => {
    const clocks = [clock(0, 1), clock(0, 1, { growthPpm: 100 })];
    // 1 + 10 ms ahead at most, 1 + 10 ms behind
    expect(skewOf(clocks, { of: 2, ageSeconds: 100 })).toEqual({ skewMs: 22, hosts: 2, of: 2 });
    expect(skewOf([clock(0, 1), clock(5, 1)], { of: 2, ageSeconds: 100 })).toEqual({ skewMs: 10, hosts: 2, of: 2 });
    expect(skewOf(clocks, { of: 2, ageSeconds: -5 })).toEqual({ skewMs: 2, hosts: 2, of: 2 });
  });

  it('says over how many hosts, and is not known of fewer than two', () => {
    expect(skewOf([clock(0, 1), clock(5, 1)], now(9))).toEqual({ skewMs: 7, hosts: 2, of: 9 });
    expect(skewOf([clock(0, 1)], now(9))).toBeNull();
    expect(skewOf([], now(0))).toBeNull();
  });

  it('is never below the true difference of two clocks, each as far off as its root distance and drift allow', () => {
    const truth = fc.record({
      clockMs: sixtyFourths(1000),
      distance: sixtyFourths(200, 0),
      wrong: fc.integer({ min: -16, max: 16 }),
      age: fc.integer({ min: 0, max: 16 }),
      drift: fc.integer({ min: -16, max: 16 }),
      growthPpm: fc.integer({ min: 15, max: 500 }),
    });
    const pod = fc.tuple(fc.array(truth, { minLength: 2, maxLength: 12 }), fc.integer({ min: 0, max: 1000 }));
    fc.assert(
      fc.property(pod, ([hosts, ageSeconds]) => {
        const skew = skewOf(
          hosts.map(({ clockMs, distance, wrong, growthPpm }) =>
            // the reference is `-clockMs` ahead of a clock that is `clockMs` ahead of true time
            clock(-clockMs + (distance * wrong) / 16, distance, { growthPpm }),
          ),
          { of: hosts.length, ageSeconds },
        );
        // each was looked at some time since the asking, and has drifted since
        const now = hosts.map(
          ({ clockMs, drift, growthPpm, age }) => clockMs + ((drift / 16) * growthPpm * ageSeconds * (age / 16)) / 1000,
        );
        const difference = Math.max(...now) - Math.min(...now);
        expect((skew?.skewMs ?? 0) + 1e-6).toBeGreaterThanOrEqual(difference);
      }),
      runs(1000),
    );
  });
});
