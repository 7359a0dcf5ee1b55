import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import type { Report } from '../../src/report/report.ts';
import { KEPT_BACK_MS, SENDING_MS, waitSecondsOf } from '../../src/watchdog/budget.ts';
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
const store = (report: object) =>
  pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/report.json', Body: JSON.stringify(report) }));

describe('the time of a tick', () => {
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
    const { report } = await pod.tick();
    expect(report.faults).toContain('No host was asked: the tick had no time left for it.');
    expect([report.summary.unknown, names().length, report.unfinished]).toEqual([1, 1, true]);
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
      if (event.kind === 'object put') leftMs = KEPT_BACK_MS.afterRepair + SENDING_MS - 1;
    });
    const { report } = await pod.tick();
    expect(report.changes.map(({ outcome }) => outcome)).toEqual(['not done']);
    expect(report.faults).toContain('The tick had no time left for 1 of 1 record changes; the next minute does them.');
    expect([names().length, pod.cycled, report.unfinished]).toEqual([2, [], true]);
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

describe('a tick that could not do its work', () => {
  it('because EC2 fails still reports: what is remembered and the hosts seen before stand, and the next minute tries again', async () => {
    await givenServers(pod);
    pod.addHost(21, 'client', A, { sources: [row('*', addressOf(11, B)), row(' ', '10.0.2.99', { reach: '0' })] });
    await pod.tick();
    const before = pod.report() as Report;
    pod.endpoint.faults.next('DescribeInstances', 'UnauthorizedOperation', { times: 99 });
    await expect(pod.tick()).rejects.toThrow(/^reading the instances of pod blue from EC2: /);
    const { memory, hosts, summary, unfinished, faults, refusals, endedAtMs } = pod.report() as Report;
    expect({ memory, hosts, summary }).toEqual({ memory: before.memory, hosts: before.hosts, summary: before.summary });
    expect(unfinished).toBe(true);
    expect(endedAtMs).not.toBeNull();
    expect(faults.join('\n')).toContain('reading the instances of pod blue from EC2: ');
    expect(refusals.map(({ sentence }) => sentence)).toEqual([
      'Nothing is registered, withdrawn or cycled in pod blue: the instances could not be read.',
    ]);
    expect(await gauge('Blind')).toBe(1);
    // a number of hosts that nobody counted is not published
    const counted = pod.endpoint.metrics().filter(({ name }) => name === 'HostsExpected');
    expect(counted.every(({ maximum }) => maximum > 0)).toBe(true);
  });

  it('because the turn cannot be claimed sends nothing, and remembers no wave', async () => {
    await givenServers(pod);
    pod.addHost(22, 'client', A, { sources: [row('*', addressOf(11, B)), row(' ', '10.0.2.99', { reach: '0' })] });
    pod.endpoint.faults.next('PutObject', 'InternalError', { times: 3 });
    await expect(pod.tick()).rejects.toThrow(/^writing the report of pod blue: InternalError/);
    const { cycles, memory } = pod.report() as Report;
    expect(cycles.map(({ outcome }) => outcome)).toEqual(['not done']);
    expect([memory.rollOuts.client?.commands, Object.values(memory.cycles).flat()]).toEqual([[], []]);
    expect(pod.cycled).toEqual([]);
  });

  it('because the turn cannot be claimed sends nothing, and reports that it did not', async () => {
    pod.addHost(11, 'boundary', B);
    pod.mode('act');
    // the claim alone: three attempts
    pod.endpoint.faults.next('PutObject', 'InternalError', { times: 3 });
    await expect(pod.tick()).rejects.toThrow(/^writing the report of pod blue: InternalError/);
    expect(names()).toEqual([]);
    const { changes, faults, unfinished } = pod.report() as Report;
    expect([changes.map(({ outcome }) => outcome), unfinished]).toEqual([['not done'], true]);
    expect(faults.join('\n')).toContain('writing the report of pod blue: InternalError');
    expect(pod.events.some(({ kind }) => kind === 'metrics put')).toBe(true);
  });
});

describe('a tick that does not hear whether it has the turn', () => {
  it('sends nothing, blames no other run, and reports over its own claim', async () => {
    pod.addHost(11, 'boundary', B);
    pod.mode('act');
    pod.endpoint.faults.next('PutObject', 'x', { when: 'answer lost' });
    pod.endpoint.on((event) => {
      if (event.kind === 'object put') pod.endpoint.faults.next('GetObject', 'AccessDenied');
    });
    await expect(pod.tick()).rejects.toThrow(/^writing the report of pod blue: /);
    pod.endpoint.faults.clear();
    const { tickId, endedAtMs, changes, faults } = pod.report() as Report;
    expect([tickId, endedAtMs === null, changes.map(({ outcome }) => outcome)]).toEqual([
      'tick-1',
      false,
      ['not done'],
    ]);
    expect(faults.join('\n')).not.toContain('Another run');
    expect(names()).toEqual([]);
  });
});

describe('a tick after one that died', () => {
  it('names it, counts it, and does its work', async () => {
    await givenServers(pod);
    const dead = { ...(pod.report() as Report), tickId: 'tick-dead', endedAtMs: null };
    await store({ ...dead, untilMs: pod.clock.nowMs() - 1 });
    const { report, gaveWay } = await pod.tick();
    expect(gaveWay).toBeNull();
    expect(report.faults.join('\n')).toMatch(
      /Tick tick-dead of pod blue began \d+ min ago and never ended; this one takes over\./,
    );
    expect(await gauge('TicksTakenOver')).toBe(1);
  });

  it('names none that may still run', async () => {
    await givenServers(pod);
    const running = { ...(pod.report() as Report), tickId: 'tick-0', endedAtMs: null };
    await store({ ...running, untilMs: pod.clock.nowMs() + 60_000 });
    const { report } = await pod.tick();
    expect(report.faults.join('\n')).not.toContain('takes over');
  });
});

describe('a tick that meets the report of a newer podtime', () => {
  it('only observes: nothing is changed, the report is left byte for byte, metrics still go out', async () => {
    await givenServers(pod);
    pod.addHost(13, 'boundary', A);
    pod.addHost(22, 'client', A, { sources: [row('*', '10.0.2.99')] });
    const newer = { version: 4, pod: 'blue', state: { claim: null, waves: ['of another shape'] } };
    await store(newer);
    pod.events.length = 0;
    const { report, gaveWay } = await pod.tick();
    expect([gaveWay, report.mode, report.changes, report.cycles]).toEqual([null, 'act', [], []]);
    expect(report.refusals.map(({ sentence }) => sentence)).toEqual([
      'Nothing is registered, withdrawn or cycled in pod blue: the last report could not be read.',
    ]);
    expect(report.faults[0]).toMatch(/^The last report of pod blue is of version 4, this code reads up to 3: /);
    expect(pod.endpoint.object(BUCKET, 'blue/report.json')?.body.toString()).toBe(JSON.stringify(newer));
    expect(names().map(({ setIdentifier }) => setIdentifier)).toEqual([hostId(11), hostId(12)]);
    expect(pod.cycled).toEqual([]);
    expect(await gauge('Blind')).toBe(1);
  });
});

describe('a tick that meets a report which is none', () => {
  it('changes nothing, writes a new one, and the next goes on', async () => {
    await givenServers(pod);
    pod.addHost(13, 'boundary', A);
    await store({ pod: 'blue' });
    const { report } = await pod.tick();
    expect([report.mode, names().length]).toEqual(['observe', 2]);
    expect(report.faults[0]).toMatch(/^The last report of pod blue has no version: /);
    await pod.tick();
    expect(names()).toHaveLength(3);
  });
});
