import { afterEach, describe, expect, it } from '@jest/globals';
import { createSteppedClock } from '@podtime/aws-endpoint/clock';
import type { DaemonKind } from '../../../../src/host/collected.ts';
import { createNoise } from '../../src/simulated/noise.ts';
import type { SimulatedHost } from '../../src/simulated/simulated-host.ts';
import { createTimeline } from '../../src/simulated/timeline.ts';
import { addToPod, createPodHosts, publish } from './simulated-pod.ts';
import { peers, row, rows, type TestHosts } from './test-hosts.ts';

const KINDS: DaemonKind[] = ['ntpd', 'ntpsec', 'chrony'];

describe('the timeline', () => {
  it('runs what is planned in its order, at its own time, however late it is woken', async () => {
    const clock = createSteppedClock(0);
    const timeline = createTimeline(clock);
    const ran: string[] = [];
    const note = (what: string) => () => {
      ran.push(`${what} ${timeline.nowMs()}`);
    };
    timeline.at(130, note('third'));
    timeline.at(110, note('first'));
    timeline.at(130, note('fourth'));
    const cancel = timeline.at(115, note('never'));
    timeline.at(120, () => {
      note('second')();
      timeline.at(125, note('planned meanwhile'));
      timeline.at(10, note('long due'));
    });
    cancel();
    await clock.advance(1000);
    expect(ran).toEqual([
      'first 110',
      'second 120',
      'long due 120',
      'planned meanwhile 125',
      'third 130',
      'fourth 130',
    ]);
    timeline.at(2000, note('after the end'));
    timeline.close();
    await clock.advance(5000);
    expect(ran).toHaveLength(6);
  });

  it('is brought up to the moment by whoever looks', () => {
    let nowMs = 0;
    const timeline = createTimeline({ factor: 30, nowMs: () => nowMs, wallMs: () => 0, after: () => () => {} });
    let ran = 0;
    timeline.at(10, () => {
      ran += 1;
    });
    nowMs = 10;
    timeline.advance();
    expect(ran).toBe(1);
  });

  it('wakes up ten times a real second at most, whatever the factor', () => {
    const waits: number[] = [];
    const clock = {
      factor: 30,
      nowMs: () => 0,
      wallMs: () => 0,
      after: (waitMs: number) => {
        waits.push(waitMs);
        return () => {};
      },
    };
    const timeline = createTimeline(clock);
    for (let due = 1; due < 500; due++) timeline.at(due, () => {});
    expect(waits).toEqual([3000]);
  });
});

describe('noise', () => {
  it('is the same for the same seed, and spread over its range', () => {
    const draw = (seed: string) => {
      const noise = createNoise(seed);
      return Array.from({ length: 1000 }, () => noise.next());
    };
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
    const mean = draw('a').reduce((sum, value) => sum + value, 0) / 1000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
    expect(Math.min(...draw('a'))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draw('a'))).toBeLessThan(1);
  });
});

describe('a whole pod', () => {
  let test: TestHosts;
  afterEach(() => test.hosts.close());

  async function settle(): Promise<{ servers: SimulatedHost[]; clients: SimulatedHost[] }> {
    test = createPodHosts();
    const servers = [addToPod(test, 'ntpd', 'boundary', 'b', 5), addToPod(test, 'ntpsec', 'boundary', 'c', 5)];
    publish(test, servers);
    await test.seconds(120);
    const clients = KINDS.map((kind, index) => addToPod(test, kind, 'client', 'a', 11 + index));
    await test.seconds(900);
    return { servers, clients };
  }

  it('has its strata, and the same run twice', async () => {
    const { servers, clients } = await settle();
    expect(test.hosts.list().map(({ state }) => state?.stratum)).toEqual([3, 3, 4, 4, 4]);
    const first = [...servers, ...clients].map(peers);
    test.hosts.close();
    const again = await settle();
    expect([...again.servers, ...again.clients].map(peers)).toEqual(first);
  });

  it('sees a boundary server drift, which admits it: measured by its clients, followed by none', async () => {
    const { servers, clients } = await settle();
    const [drifting] = servers as [SimulatedHost];
    test.hosts.drift(drifting.id, 80);
    await test.seconds(900);
    for (const client of clients) {
      // ntpd adds its own offset to its root dispersion: a server that knows it is wrong is no falseticker.
      expect(row(client, drifting.addresses[1] ?? '')?.tally).toMatch(/[+-]/);
      expect(Math.abs(client.clock.errorMs(test.clock.nowMs()))).toBeLessThan(8);
    }
    expect(peers(clients[0] as SimulatedHost)).toMatch(/ (79|80)\.\d{3} /);
    expect(test.hosts.list()[0]?.state?.offsetMs).toBeLessThan(-75);
    expect(test.hosts.list()[0]?.sentence).toContain('clock held 80 ms off');
  });

  it.each([...KINDS])(
    'puts the clock of a %s an hour off right when it is mended, and is followed again',
    async (kind) => {
      test = createPodHosts();
      const server = addToPod(test, kind, 'boundary', 'b', 5);
      publish(test, [server]);
      await test.seconds(120);
      const client = addToPod(test, 'chrony', 'client', 'a', 11);
      await test.seconds(900);
      test.hosts.drift(server.id, 3_600_000);
      await test.seconds(900);
      expect(server.clock.errorMs(test.clock.nowMs())).toBe(3_600_000);
      test.hosts.mend(server.id);
      expect(test.reports).toContain(`${server.id} restarted its daemon, which steps the clock by 3600 s`);
      await test.seconds(60);
      expect(Math.abs(server.clock.errorMs(test.clock.nowMs()))).toBeLessThan(5);
      expect(test.hosts.list()[0]?.sentence).toMatch(/^stratum [34], follows /);
      await test.seconds(900);
      expect(row(client, server.addresses[1] ?? '')?.tally).toMatch(/[*+-]/);
      expect(Math.abs(client.clock.errorMs(test.clock.nowMs()))).toBeLessThan(5);
    },
  );

  it.each([...KINDS])('leaves a %s that is less than a step off to its daemon', async (kind) => {
    test = createPodHosts();
    const server = addToPod(test, kind, 'boundary', 'b', 5);
    publish(test, [server]);
    await test.seconds(900);
    const { processId } = server.unit;
    test.hosts.drift(server.id, -900);
    await test.seconds(200);
    test.hosts.mend(server.id);
    expect(server.unit.processId).toBe(processId);
    await test.seconds(3000);
    expect(Math.abs(server.clock.errorMs(test.clock.nowMs()))).toBeLessThan(20);
  });

  it('slews no faster than chronyd can, what its chronyd does not step any more', async () => {
    test = createPodHosts();
    const client = addToPod(test, 'chrony', 'client', 'a', 11);
    await test.seconds(900);
    test.hosts.step(client.id, 3_600_000);
    await test.seconds(600);
    const before = client.clock.errorMs(test.clock.nowMs());
    await test.seconds(1200);
    const slewedMs = before - client.clock.errorMs(test.clock.nowMs());
    expect(slewedMs).toBeGreaterThan(0);
    // and what one poll of a minute and more may add
    expect(slewedMs / 1_200_000).toBeLessThan(0.083333 * 1.9);
    expect(test.hosts.list()[0]?.sentence).toMatch(/^stratum 4, follows 169\.254\.169\.123, /);
  });

  it('loses a zone that is cut off, keeps the metadata time service there, and has it back', async () => {
    const { servers, clients } = await settle();
    const [, cutOff] = servers as [SimulatedHost, SimulatedHost];
    test.hosts.cut('blue/us-west-2c');
    await test.seconds(700);
    for (const client of clients) expect(row(client, cutOff.addresses[1] ?? '')?.reach).toMatch(/^[1-7]?[0-7]?0$/);
    const own = rows(peers(cutOff));
    expect(own.find(({ remote }) => remote === '169.254.169.123')?.reach).toBe('377');
    expect(own.filter(({ remote }) => remote.startsWith('2001:db8:2:')).every(({ reach }) => /0$/.test(reach))).toBe(
      true,
    );
    expect(test.hosts.list()[1]?.sentence).toContain('cut off');
    test.hosts.mend();
    await test.seconds(2000);
    for (const client of clients) expect(row(client, cutOff.addresses[1] ?? '')?.reach).toMatch(/[1357]$/);
  });

  it('answers nobody outside it, and clients answer nobody at all', async () => {
    const { servers, clients } = await settle();
    const stranger = test.hosts.add({
      id: 'i-stranger',
      pod: 'green',
      tier: 'client',
      az: 'us-west-2a',
      daemon: 'ntpd',
      ipv4: '10.30.0.9',
      config: [...servers, ...clients].map(({ spec }) => `server ${spec.ipv4} iburst\n`).join(''),
      bootSeconds: 0,
    });
    const [neighbour] = clients as [SimulatedHost];
    test.hosts.addSource(neighbour.id, `server ${clients[1]?.spec.ipv4} iburst`);
    await test.seconds(300);
    expect(rows(peers(stranger)).map(({ reach }) => reach)).toEqual(['0', '0', '0', '0', '0']);
    expect(row(neighbour, clients[1]?.spec.ipv4 ?? '')?.reach).toBe('0');
  });
});
