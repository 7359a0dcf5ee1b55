import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import { FLEET } from '../builders/endpoint-fleet.ts';
import { gaugeOf, type Printed, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
});
afterEach(() => pod.close());

const HOUR_MS = 3_600_000;
const SERVERS = [11, 12];

/** A server that follows upstreams of utc, and is 0.3 s from the time service, which smears. */
const PRINTED: Printed = {
  sources: [
    row('*', '192.0.2.1', { stratum: 2 }),
    row('+', '192.0.2.2', { stratum: 2 }),
    row(' ', '169.254.169.123', { stratum: 3, offset: '300.000' }),
  ],
};

describe('a tick around a leap second', () => {
  /** Epoch ms of the end of the month in which the pod begins. */
  const monthEnd = () => {
    const now = new Date(pod.clock.nowMs());
    return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  };
  const statesOf = async (atMs: number) => {
    await pod.clock.advance(atMs - pod.clock.nowMs());
    const { report } = await pod.tick({ tickId: `tick-${atMs}` });
    return report.hosts.map(({ state }) => state);
  };

  it('judges by what the tick before remembered of it, until it is over for a day', async () => {
    const printed: Printed = { ...PRINTED, leap: '00' };
    for (const n of SERVERS) pod.addHost(n, 'boundary', 'us-west-2b', printed);
    pod.mode('act');
    const leapAtMs = monthEnd();
    expect(await statesOf(leapAtMs - 25 * HOUR_MS)).toEqual(['adrift', 'adrift']);
    expect(pod.memory().over).toEqual(Object.fromEntries(SERVERS.map((n) => [hostId(n), ['time-service']])));
    printed.leap = '01';
    // now it is learned
    expect(await statesOf(leapAtMs - 23 * HOUR_MS)).toEqual(['adrift', 'adrift']);
    expect(pod.memory().leap).toEqual({ atMs: leapAtMs, sign: 'add' });
    const { report } = await pod.tick({ tickId: 'tick-2' });
    expect(report.hosts.map(({ state, confident }) => [state, confident])).toEqual([
      ['healthy', true],
      ['healthy', true],
    ]);
    expect(pod.memory().over).toBeUndefined();
    expect(report.leap).toMatchObject({
      second: { atMs: leapAtMs, sign: 'add' },
      groups: [{ tier: 'boundary', daemon: 'ntpd', follows: ['utc', 'aws'], hosts: 2 }],
    });
    printed.leap = '00';
    expect(await statesOf(leapAtMs + 23 * HOUR_MS)).toEqual(['healthy', 'healthy']);
    expect(await statesOf(leapAtMs + 24 * HOUR_MS + 1)).toEqual(['adrift', 'adrift']);
    expect(pod.memory().leap).toBeUndefined();
    expect(pod.report()?.leap).toEqual({ groups: [expect.objectContaining({ hosts: 2 })] });
    expect(await gaugeOf(pod, 'HostsAdriftFromTimeService')).toBe(2);
  });

  it('judges by what the fleet file tells of it, whoever announces nothing and whatever is forgotten', async () => {
    for (const n of SERVERS) pod.addHost(n, 'boundary', 'us-west-2b', { ...PRINTED, leap: '00' });
    const second = { atMs: monthEnd(), sign: 'add' as const };
    await pod.clock.advance(second.atMs + 20 * HOUR_MS - pod.clock.nowMs());
    const leapAt = async (leapSecond: typeof second | null) => {
      const { report } = await pod.tick({ tickId: `tick-${leapSecond?.atMs}`, fleet: { ...FLEET, leapSecond } });
      return { states: report.hosts.map(({ state }) => state), second: report.leap?.second, kept: pod.memory().leap };
    };
    expect([await leapAt(second), await leapAt(null)]).toEqual([
      { states: ['healthy', 'healthy'], second, kept: undefined },
      { states: ['adrift', 'adrift'], second: undefined, kept: undefined },
    ]);
  });
});
