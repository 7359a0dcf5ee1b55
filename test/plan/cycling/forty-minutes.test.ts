import { describe, expect, it } from '@jest/globals';
import { type SimulatedFleet, simulateRollOut } from '../../builders/simulated-roll-out.ts';

/* In simulated time: the pure plan over a model of SSM, ticks of an interval of five minutes, and looks every five seconds between. */

const TEN_THOUSAND: SimulatedFleet = {
  hosts: 10_000,
  silentShare: 0.01,
  silence: 'hung',
  seed: 1,
  secondsPerHost: 25,
};

describe('by default policy, 25 s a host', () => {
  const outcome = simulateRollOut(TEN_THOUSAND);

  it('10,000 stale hosts are cycled within 40 minutes, though one in a hundred says nothing', () => {
    expect(outcome.cycled).toBe(9900);
    expect(outcome.minutes).toBeLessThan(40);
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
  (hosts, silentShare, secondsPerHost) => {
    const { minutes, cycled, forecast, mostAtOnce } = simulateRollOut({
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
