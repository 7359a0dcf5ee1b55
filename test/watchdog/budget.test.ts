import { readFileSync } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import type { Report } from '../../src/report/report.ts';
import type { State } from '../../src/state/state.ts';
import {
  byHandWaitSeconds,
  hasTimeForTick,
  hostsByHand,
  KEPT_BACK_MS,
  SENDING_MS,
  waitSecondsOf,
} from '../../src/watchdog/budget.ts';
import { leaving } from '../builders/aws-call.ts';
import { addressOf, gaugeOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
});
afterEach(() => pod.close());

const [A, B] = ['us-west-2a', 'us-west-2b'];
const names = () => pod.endpoint.records().filter((record) => record.name.startsWith('ntp.'));
const gauge = (name: string) => gaugeOf(pod, name);
const store = (state: object) =>
  pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body: JSON.stringify(state) }));

describe('the time of a tick', () => {
  it.each([
    // hosts, reads of SSM a second (null: the assumed ten), the least seconds left
    [100, null, 45],
    [10_000, null, 45],
    [50_000, null, 102],
    [10_000, 2, 110],
  ])(
    'for %i hosts at %j reads of SSM a second is that of waiting for hosts, or of reading their answers',
    (hosts, readsPerSecond, seconds) => {
      const blue = { ...pod.pod, hosts, collectWaitSeconds: 45 };
      const fleet = { pods: [blue], ssm: { readsPerSecond } };
      const has = (leftMs: number, afterMs = 0) =>
        hasTimeForTick({ deadline: { leftMs: () => leftMs }, fleet, pod: blue }, afterMs);
      const leastMs = KEPT_BACK_MS.afterLook + 4000 + seconds * 1000;
      expect([has(leastMs), has(leastMs - 1), has(leastMs + 20_000, 20_000), has(leastMs + 19_999, 20_000)]).toEqual([
        true,
        false,
        true,
        false,
      ]);
    },
  );

  it.each([
    [177_000, 90, 90],
    [177_000, 45, 45],
    [57_000, 15, 15],
    [KEPT_BACK_MS.afterLook + 10_500, 45, 6],
    [KEPT_BACK_MS.afterLook + 4_000, 45, 0],
    [0, 45, 0],
  ])('of which %i ms are left allows hosts, where %i s are asked for, %i s', (leftMs, asked, seconds) => {
    expect(waitSecondsOf(leaving(leftMs), asked)).toBe(seconds);
  });

  it('that ends before hosts were asked costs the look, and no repair that does not need it', async () => {
    pod.addHost(11, 'boundary', B);
    pod.mode('act');
    pod.run.deadline = leaving(KEPT_BACK_MS.afterLook);
    const { report, unfinished } = await pod.tick();
    expect(report.faults).toContain('No host was asked: the tick had no time left for it.');
    expect([report.summary.unknown, names().length, unfinished]).toEqual([1, 1, true]);
    expect(pod.report()).toEqual(report);
    expect(await gauge('TickBudgetSpent')).toBe(1);
  });

  it('that ends before the repair leaves it to the next minute, and says how much', async () => {
    await givenServers(pod);
    pod.addHost(13, 'boundary', A);
    pod.addHost(22, 'client', A, { sources: [row('*', addressOf(11, B)), row(' ', '10.0.2.99', { reach: '0' })] });
    // the look, planned with all the time there is, takes all but the last of it
    const whole = pod.run.deadline;
    let leftMs = 600_000;
    pod.run.deadline = { leftMs: () => leftMs };
    pod.endpoint.on((event) => {
      if (event.kind === 'command sent') leftMs = KEPT_BACK_MS.afterRepair + SENDING_MS - 1;
    });
    const { report, unfinished } = await pod.tick();
    expect(report.changes.map(({ outcome }) => outcome)).toEqual(['not done']);
    expect(report.faults).toContain('The tick had no time left for 1 of 1 record changes; the next minute does them.');
    expect([names().length, pod.cycled, unfinished]).toEqual([2, [], true]);
    expect(pod.report()).toEqual(report);
    expect(await gauge('TickBudgetSpent')).toBe(1);
    pod.run.deadline = whole;
    await pod.tick();
    expect(names()).toHaveLength(3);
  });

  it('that ends before publishing costs the metrics alone', async () => {
    pod.addHost(11, 'boundary', B);
    pod.mode('act');
    let leftMs = 600_000;
    pod.run.deadline = { leftMs: () => leftMs };
    pod.endpoint.on((event) => {
      if (event.kind === 'event put') leftMs = KEPT_BACK_MS.afterPublishing;
    });
    const { report } = await pod.tick();
    expect(names()).toHaveLength(1);
    expect(report.faults).toContain('1 of 1 requests of metrics were not sent: there was no more time for them.');
    expect(pod.report()).toEqual(report);
  });
});

describe('the time of a look by hand', () => {
  const reached = (readsPerSecond: number | null, more: object = {}) => {
    const blue = { ...pod.pod, collectWaitSeconds: 45, ...more };
    return hostsByHand({ pods: [blue], ssm: { readsPerSecond } }, blue);
  };

  it.each([
    [1, 1750],
    [2.2, 5050],
    [5, 12_750],
    [null, 26_500],
    [10, 26_500],
    [0.3, 0],
  ])('is, at %j reads of SSM a second, enough for %i hosts', (readsPerSecond, hosts) => {
    expect(reached(readsPerSecond)).toBe(hosts);
  });

  it('is that of fifteen seconds more of reads where hosts are waited for no longer than that', () => {
    expect([45, 15, 5].map((collectWaitSeconds) => byHandWaitSeconds({ collectWaitSeconds }))).toEqual([15, 15, 5]);
    expect(reached(10, { collectWaitSeconds: 5 })).toBe(31_500);
  });

  it("goes by the pod's share of the reads", () => {
    const [blue, green] = [
      { ...pod.pod, hosts: 1000 },
      { ...pod.pod, name: 'green', hosts: 1000 },
    ];
    expect(hostsByHand({ pods: [blue, green], ssm: { readsPerSecond: 10 } }, blue)).toBe(reached(5));
  });

  it('is in docs/fleet.md', () => {
    const page = readFileSync('docs/fleet.md', 'utf8');
    const rows = [...page.matchAll(/^\| ([\d.]+)(?:, as is assumed where none is set)? \| ([\d,]+) \|$/gm)];
    expect(rows.map(([, reads, hosts = '']) => [Number(reads), Number(hosts.replace(',', ''))])).toEqual(
      [1, 2.2, 5, 10].map((reads) => [reads, reached(reads)]),
    );
  });
});

describe('a tick that could not do its work', () => {
  it('because EC2 fails still reports: what is remembered and the hosts seen before stand, and the next minute tries again', async () => {
    await givenServers(pod);
    pod.addHost(21, 'client', A, { sources: [row('*', addressOf(11, B)), row(' ', '10.0.2.99', { reach: '0' })] });
    await pod.tick();
    const before = { ...(pod.report() as Report), memory: pod.memory() };
    pod.endpoint.faults.next('DescribeInstances', 'UnauthorizedOperation', { times: 99 });
    await expect(pod.tick()).rejects.toThrow(/^reading the instances of pod blue from EC2: /);
    const { hosts, summary, faults, refusals, endedAtMs } = pod.report() as Report;
    expect({ memory: pod.memory(), hosts, summary }).toEqual({
      memory: before.memory,
      hosts: before.hosts,
      summary: before.summary,
    });
    expect(pod.state()).toMatchObject({ claim: null, dueAtMs: endedAtMs });
    expect(faults.join('\n')).toContain('reading the instances of pod blue from EC2: ');
    expect(refusals.map(({ sentence }) => sentence)).toEqual([
      'Nothing is registered, withdrawn or cycled in pod blue: the instances could not be read.',
    ]);
    expect(await gauge('Blind')).toBe(1);
    // a number of hosts that nobody counted is not published
    const counted = pod.endpoint.metrics().filter(({ name }) => name === 'HostsExpected');
    expect(counted.every(({ maximum }) => maximum > 0)).toBe(true);
  });

  it('because the turn cannot be claimed sends nothing, and reports that it did not', async () => {
    await givenServers(pod);
    pod.addHost(13, 'boundary', A);
    pod.addHost(22, 'client', A, { sources: [row('*', addressOf(11, B)), row(' ', '10.0.2.99', { reach: '0' })] });
    // the claim alone: three attempts
    pod.endpoint.faults.next('PutObject', 'InternalError', { times: 3 });
    await expect(pod.tick()).rejects.toThrow(/^writing the state of pod blue: InternalError/);
    const { refusals, faults, summary } = pod.report() as Report;
    expect(refusals.map(({ sentence }) => sentence)).toEqual([
      'Nothing is registered, withdrawn or cycled in pod blue: whose turn it is could not be read.',
    ]);
    expect(faults.join('\n')).toContain('writing the state of pod blue: InternalError');
    expect([names().length, pod.cycled, summary.sampled]).toEqual([2, [], 4]);
    expect(pod.state()).toMatchObject({ claim: null, last: { tickId: 'tick-1' } });
    expect(pod.events.some(({ kind }) => kind === 'metrics put')).toBe(true);
  });

  it('because its intent cannot be written sends nothing, and remembers no wave', async () => {
    await givenServers(pod);
    pod.addHost(13, 'boundary', A);
    await pod.tick();
    pod.addHost(22, 'client', A, { sources: [row('*', addressOf(11, B)), row(' ', '10.0.2.99', { reach: '0' })] });
    const off = pod.endpoint.on((event) => {
      if (event.kind !== 'command sent') return;
      off();
      pod.endpoint.faults.next('PutObject', 'InternalError', { times: 3 });
    });
    await expect(pod.tick()).rejects.toThrow(/^writing the memory of pod blue: InternalError/);
    const { cycles, faults } = pod.report() as Report;
    expect(cycles.map(({ outcome }) => outcome)).toEqual(['not done']);
    expect(faults.join('\n')).toContain('writing the memory of pod blue: InternalError');
    const { rollOuts, cycles: remembered } = pod.memory();
    expect([rollOuts.client?.commands, Object.values(remembered).flat(), pod.cycled]).toEqual([[], [], []]);
    const { claim, dueAtMs, last } = pod.state() as State;
    expect([claim, dueAtMs]).toEqual([null, last?.endedAtMs]);
  });

  it('because the memory cannot be read changes nothing, and the memory counts still', async () => {
    await givenServers(pod);
    pod.addHost(13, 'boundary', A);
    const before = pod.state() as State;
    pod.run.ports.memories.read = async () => {
      throw new Error('reading the memory of pod blue: TimeoutError');
    };
    const { report, unfinished } = await pod.tick();
    expect(report.refusals.map(({ sentence }) => sentence)).toEqual([
      'Nothing is registered, withdrawn or cycled in pod blue: the memory could not be read.',
    ]);
    const { memory, servers, waves, claim } = pod.state() as State;
    expect({ memory, servers, waves }).toEqual({ memory: before.memory, servers: before.servers, waves: before.waves });
    expect([claim, unfinished, names().length]).toEqual([null, true, 2]);
  });

  it('because the memory cannot be stored keeps the one before, and the next minute tries again', async () => {
    await givenServers(pod);
    const before = pod.state() as State;
    pod.run.ports.memories.write = async () => {
      throw new Error('writing the memory of pod blue: TimeoutError');
    };
    const { report } = await pod.tick();
    expect(report.faults).toContain('writing the memory of pod blue: TimeoutError.');
    const { memory, dueAtMs, last } = pod.state() as State;
    expect([memory, dueAtMs]).toEqual([before.memory, last?.endedAtMs]);
  });
});

describe('a tick that does not hear whether it has the turn', () => {
  it('sends nothing, blames no other run, and gives its own claim back', async () => {
    pod.addHost(11, 'boundary', B);
    pod.mode('act');
    pod.endpoint.faults.next('PutObject', 'x', { when: 'answer lost' });
    const off = pod.endpoint.on((event) => {
      if (event.kind !== 'object put') return;
      off();
      pod.endpoint.faults.next('GetObject', 'AccessDenied');
    });
    await expect(pod.tick()).rejects.toThrow(/^writing the state of pod blue: /);
    const { tickId, changes, faults } = pod.report() as Report;
    expect([tickId, changes]).toEqual(['tick-1', []]);
    expect(faults.join('\n')).not.toContain('Another run');
    expect(pod.state()?.claim).toBeNull();
    expect(names()).toEqual([]);
  });
});

describe('a tick that meets the state of a newer podtime', () => {
  it('only observes: nothing is changed, the state is left byte for byte, metrics still go out', async () => {
    await givenServers(pod);
    pod.addHost(13, 'boundary', A);
    pod.addHost(22, 'client', A, { sources: [row('*', '10.0.2.99')] });
    const newer = { version: 2, pod: 'blue', turns: ['of another shape'] };
    await store(newer);
    pod.events.length = 0;
    const { report, gaveWay } = await pod.tick();
    expect([gaveWay, report.mode, report.changes, report.cycles]).toEqual([null, 'act', [], []]);
    expect(report.refusals.map(({ sentence }) => sentence)).toEqual([
      'Nothing is registered, withdrawn or cycled in pod blue: the state is of a newer podtime.',
    ]);
    expect(report.faults[0]).toMatch(/^The state of pod blue is of version 2, this code reads up to 1: /);
    expect(pod.endpoint.object(BUCKET, 'blue/state.json')?.body.toString()).toBe(JSON.stringify(newer));
    // else status.json would show for ever how the pod was
    expect(pod.report()).toEqual(report);
    expect(names().map(({ setIdentifier }) => setIdentifier)).toEqual([hostId(11), hostId(12)]);
    expect(pod.cycled).toEqual([]);
    expect(await gauge('Blind')).toBe(1);
  });
});

describe('a tick that meets a state which is none', () => {
  it('registers nobody, writes a new one, and the next goes on', async () => {
    await givenServers(pod);
    pod.addHost(13, 'boundary', A);
    await store({ pod: 'blue' });
    const { report } = await pod.tick();
    expect([report.mode, names().length]).toEqual(['hold', 2]);
    expect(report.faults[0]).toMatch(/^The state of pod blue has no version: /);
    await pod.tick();
    expect(names()).toHaveLength(3);
  });
});
