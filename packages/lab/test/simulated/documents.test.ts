import { afterEach, describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../../../src/host/collect.ts';
import type { DaemonKind } from '../../../../src/host/collected.ts';
import { interpolated } from '../../../../test/host/host.ts';
import type { SimulatedHost } from '../../src/simulated/simulated-host.ts';
import { addToPod, BLUE, configOf, createPodHosts, publish, recordsOf, running } from './simulated-pod.ts';
import { row, type TestHosts } from './test-hosts.ts';

/** Scripts take real time: a dozen of them one after another takes seconds. */

const KINDS: DaemonKind[] = ['ntpd', 'ntpsec', 'chrony'];
let test: TestHosts;
afterEach(() => test.hosts.close());

const collect = async (host: SimulatedHost) => {
  const { stdout, stderr, exitCode } = await running(test, host.agent.run(interpolated('collect', {}), 40), 0.02);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return { stdout, collected: parseCollected(stdout) };
};

let waves = 0;
const cycle = async (host: SimulatedHost, more: Record<string, string> = {}) => {
  const parameters = {
    Records: recordsOf(test),
    Zone: 'pod',
    Force: 'no',
    CoolDownSeconds: '60',
    Wave: `w-${waves++}`,
    ...more,
  };
  const { stdout, exitCode } = await running(test, host.agent.run(interpolated('cycle', parameters), 300));
  return { stdout, exitCode, verdict: stdout.split('\n')[0] };
};

/** A pod whose clients are settled, all three kinds of them. */
async function settledPod(startMs?: number) {
  test = createPodHosts(startMs);
  const servers = [addToPod(test, 'ntpsec', 'boundary', 'b', 5), addToPod(test, 'chrony', 'boundary', 'c', 5)];
  publish(test, servers);
  await test.seconds(120);
  const clients = KINDS.map((kind, index) => addToPod(test, kind, 'client', 'a', 11 + index));
  await test.seconds(700);
  return { servers, clients };
}

describe('the collect document on simulated hosts', () => {
  it('is read whole, of every daemon and tier, within what SSM keeps', async () => {
    const { servers, clients } = await settledPod();
    for (const host of [...servers, ...clients]) {
      const ageSeconds = () => (test.clock.nowMs() - (host.unit.daemon?.startedMs ?? 0)) / 1000;
      const youngest = ageSeconds();
      const { stdout, collected } = await collect(host);
      expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(2400);
      expect(collected).toMatchObject({
        daemon: {
          kind: host.spec.daemon,
          version: { ntpd: '4.2.8p6', ntpsec: '1.2.2', chrony: '4.3' }[host.spec.daemon],
        },
        otherDaemons: [],
        cycledSecondsAgo: null,
        truncated: false,
        faults: [],
        system: { leap: 'none', stratum: host.spec.tier === 'boundary' ? 3 : 4 },
        ...{ driftPpm: 0, driftSkewPpm: host.spec.daemon === 'chrony' ? 0.05 : null, clockSource: 'tsc' },
        kernelUnsynchronised: host.spec.daemon === 'chrony' ? null : false,
        packetsDropped: host.spec.daemon === 'chrony' && host.spec.tier === 'client' ? null : 0,
      });
      if (host.spec.tier === 'boundary') expect(collected?.packetsReceived).toBeGreaterThan(0);
      // chronyd tells its age to whole seconds
      expect(collected?.ageSeconds).toBeGreaterThanOrEqual(Math.floor(youngest));
      expect(collected?.ageSeconds).toBeLessThanOrEqual(Math.ceil(ageSeconds()));
      expect(configOf(host.spec.daemon, host.spec.tier, host.spec.az)).toContain(
        `# revision ${collected?.configRevision}`,
      );
      expect(collected?.sources.filter(({ tally }) => tally === '*')).toHaveLength(1);
    }
    const [client] = clients as [SimulatedHost];
    expect((await collect(client)).collected?.configNames).toEqual(
      ['a', ...BLUE.azs.map((az) => az.slice(-1)).filter((letter) => letter !== 'a')].map(
        (letter) => `ntp.az-${letter}.pod`,
      ),
    );
  });

  it('tells a stopped, a hanging and a second daemon', async () => {
    test = createPodHosts();
    const [stopped, hanging] = [addToPod(test, 'ntpd', 'client', 'a', 11), addToPod(test, 'ntpsec', 'client', 'a', 12)];
    const two = test.hosts.add({ ...hanging.spec, id: 'i-two', ipv4: '10.20.1.13', ipv6: null, alsoRuns: 'chrony' });
    await test.seconds(60);
    test.hosts.stopDaemon(stopped.id);
    test.hosts.hangDaemon(hanging.id);
    expect((await collect(stopped)).collected).toMatchObject({ daemon: null });
    expect((await collect(hanging)).collected).toMatchObject({
      daemon: { kind: 'ntpsec', version: null },
      sources: [],
      system: null,
    });
    expect((await collect(two)).collected).toMatchObject({ daemon: { kind: 'ntpsec' }, otherDaemons: ['chrony'] });
  });

  it('is read while a daemon starts', async () => {
    test = createPodHosts();
    const host = addToPod(test, 'ntpsec', 'client', 'a', 11);
    await test.seconds(2.5);
    // simulated time stands still meanwhile, however long the script takes
    const { stdout } = await host.agent.run(interpolated('collect', {}), 40);
    expect(parseCollected(stdout)).toMatchObject({ system: { leap: 'alarm' }, faults: [] });
  });
});

describe('the cycle document on simulated hosts', () => {
  it('does nothing where DNS has left nobody behind', async () => {
    const { clients } = await settledPod();
    for (const host of clients)
      expect(await cycle(host)).toMatchObject({ verdict: 'verdict nothing already-right', exitCode: 0 });
  });

  it('heals what a replaced boundary server left behind, of every daemon', async () => {
    const { servers, clients } = await settledPod();
    const [old, other] = servers as [SimulatedHost, SimulatedHost];
    test.hosts.remove(old.id);
    const fresh = addToPod(test, 'ntpd', 'boundary', 'b', 6);
    await test.seconds(120);
    publish(test, [fresh, other]);
    await test.seconds(40);
    for (const host of clients) {
      const started = host.unit.daemon?.startedMs;
      const { verdict, exitCode, stdout } = await cycle(host);
      expect(verdict).toMatch(new RegExp(`^verdict cycled ${host.spec.daemon} in \\d+ s$`));
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Polls no current address of ntp.az-b.pod.');
      expect(host.unit.daemon?.startedMs === started).toBe(host.spec.daemon === 'chrony');
      expect(fresh.addresses.some((address) => Number(row(host, address)?.reach ?? 0) > 0)).toBe(true);
      const { collected } = await collect(host);
      expect(collected?.cycledSecondsAgo).toBeLessThan(120);
      // Already right, so the cool-down is not even looked at.
      expect((await cycle(host)).verdict).toBe('verdict nothing already-right');
      expect((await cycle(host, { Force: 'yes', CoolDownSeconds: '600' })).verdict).toMatch(/^verdict cycled /);
    }
  });

  it('waits for a resolver that still keeps the old answer, and for a cool-down', async () => {
    const { servers, clients } = await settledPod();
    const [old, other] = servers as [SimulatedHost, SimulatedHost];
    const [client] = clients as [SimulatedHost];
    client.answer('getent', ['ahosts', 'ntp.az-b.pod']);
    test.hosts.remove(old.id);
    const fresh = addToPod(test, 'ntpd', 'boundary', 'b', 6);
    publish(test, [fresh, other]);
    expect((await cycle(client)).verdict).toBe('verdict nothing not-yet ntp.az-b.pod');
    await test.seconds(120);
    expect((await cycle(client, { CoolDownSeconds: '3600' })).verdict).toMatch(/^verdict nothing cool-down \d+$/);
    expect((await cycle(client)).verdict).toMatch(/^verdict cycled ntpd /);
  });

  it('starts no daemon that was stopped, and keeps off when a leap second is announced at the end of a month', async () => {
    const { clients } = await settledPod(Date.UTC(2026, 11, 31, 21));
    const [client] = clients as [SimulatedHost];
    test.hosts.stopDaemon(client.id);
    expect((await cycle(client, { Force: 'yes' })).verdict).toBe('verdict nothing no-daemon');
    expect(client.unit.running).toBe(false);
    const [, second] = clients as [SimulatedHost, SimulatedHost];
    for (const name of ['us-west-2b.stratum-2.invalid', 'us-west-2c.stratum-2.invalid', 'time-service'])
      test.hosts.announceLeap(name, 1);
    await test.seconds(900);
    expect((await cycle(second, { Force: 'yes' })).verdict).toBe('verdict nothing leap-second');
  });
});
