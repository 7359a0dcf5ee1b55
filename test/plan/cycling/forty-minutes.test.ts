import { beforeAll, describe, expect, it } from '@jest/globals';
import { type SimulatedFleet, type SimulatedRollOut, simulateRollOut } from '../../builders/simulated-roll-out.ts';

/* In simulated time, over a model of SSM: a run each minute, a tick every five minutes, and between ticks short runs as they are deployed. */

const TEN_THOUSAND: SimulatedFleet = {
  hosts: 10_000,
  silentShare: 0.01,
  silence: 'hung',
  seed: 1,
  secondsPerHost: 25,
};

describe('by default policy, 25 s a host', () => {
  let outcome: SimulatedRollOut;
  beforeAll(async () => {
    outcome = await simulateRollOut(TEN_THOUSAND);
  });

  it('10,000 stale hosts are cycled within 40 minutes, though one in a hundred says nothing', () => {
    expect(outcome.cycled).toBe(9900);
    // two minutes of margin
    expect(outcome.minutes).toBeLessThan(38);
  });

  it('no more than 2 % of them restart at one time', () => {
    expect(outcome.mostAtOnce).toBe(200);
  });

  it('no more than 2 % of them fail, so that the roll-out goes on', () => {
    expect(outcome.failed).toBeLessThanOrEqual(100);
    expect(outcome.failed).toBeGreaterThan(80);
  });

  it('a wave is 20 commands at the most', () => {
    expect(outcome.commands).toBe(20);
    expect(outcome.waves).toBe(11);
  });

  it('ticks come at their interval, and no more often', () => {
    expect(outcome.ticks).toBeLessThanOrEqual(Math.ceil(outcome.minutes / 5) + 1);
  });

  it('it takes as long as the plan said', () => {
    expect(outcome.minutes).toBeGreaterThan(outcome.forecast.quick);
    expect(outcome.minutes).toBeLessThan(outcome.forecast.silent);
  });
});

it.each([
  // hosts, share that says nothing, seconds a host
  [1000, 0.01, 25],
  [1000, 0, 40],
  [100, 0, 25],
  [300, 0, 10],
])(
  'the plan forecasts %i hosts, %d of them silent, %i s a host, within a wave',
  async (hosts, silentShare, secondsPerHost) => {
    const { minutes, cycled, forecast, mostAtOnce } = await simulateRollOut({
      ...TEN_THOUSAND,
      hosts,
      silentShare,
      secondsPerHost,
    });
    expect(cycled).toBe(Math.round(hosts * (1 - silentShare)));
    expect(mostAtOnce).toBeLessThanOrEqual(hosts * 0.02);
    expect(minutes).toBeLessThan(forecast.silent);
  },
);

it.each([
  // seconds late, seconds of looking, minutes
  [0, 60, 40],
  [10, 50, 40],
  // the next minute's run finds the turn taken, and waits: a wave an interval
  [21, 50, 46],
  [0, 78, 46],
  [29, 78, 46.5],
  [0, 115, 46.5],
])('a tick that begins %i s late and looks at hosts for %i s costs no more than that', async (late, look, most) => {
  const outcome = await simulateRollOut({ ...TEN_THOUSAND, delaySeconds: late, lookSeconds: look });
  expect([outcome.cycled, outcome.mostAtOnce]).toEqual([9900, 200]);
  expect(outcome.minutes).toBeLessThan(most);
});

it.each([1, 2, 3, 4, 5, 6])(
  'just below that size waves fit five turns as well, whoever says nothing (seed %i)',
  async (seed) => {
    const { minutes, cycled, waves, mostAtOnce } = await simulateRollOut({ ...TEN_THOUSAND, hosts: 9_996, seed });
    expect(cycled).toBe(9_896);
    expect(mostAtOnce).toBe(199);
    // a minute of margin
    expect(minutes).toBeLessThan(39);
    expect(waves).toBe(11);
  },
);
