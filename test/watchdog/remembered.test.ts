import { gunzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import type { State } from '../../src/state/state.ts';
import { registerServers } from '../../src/watchdog/membership.ts';
import { addressOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
});
afterEach(() => pod.close());

const LEFT = { sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99', { reach: '0' })] };
const HOUR_MS = 3_600_000;
const memoryText = () => {
  const { memory } = pod.state() as State;
  return gunzipSync(pod.endpoint.object(BUCKET, memory ?? '')?.body ?? '').toString();
};
const rememberedOf = (id: string) =>
  Object.entries(JSON.parse(memoryText())).filter(([, part]) => JSON.stringify(part).includes(id));

describe('of a host that is gone', () => {
  it('only its cycles of the last day are remembered, and then nothing', async () => {
    pod.addHost(21, 'client', 'us-west-2a', LEFT, { verdict: 'nothing not-yet ntp.az-c.pod' });
    pod.addHost(22, 'client', 'us-west-2b', LEFT);
    pod.addHost(23, 'client', 'us-west-2c', LEFT);
    // until no wave is under way: who is asked and says nothing has failed, and counts while the roll-out lasts
    for (let n = 1; n <= 12 || pod.state()?.waves.client?.commands.length !== 0; n += 1) {
      await pod.tick({ tickId: `tick-${n}` });
      await pod.clock.advance(60_000);
    }
    // all that is remembered of hosts stands there
    for (const part of ['undone', 'cycles', 'staleSinceMs', 'unjoined', 'known']) {
      expect([part, JSON.stringify(JSON.parse(memoryText())[part])]).toEqual([
        part,
        expect.stringMatching(/i-\w+1[567]/),
      ]);
    }
    for (const n of [21, 22, 23]) pod.endpoint.instances.terminate(hostId(n));
    await pod.clock.advance(2 * HOUR_MS);
    await pod.tick({ tickId: 'tick-120' });
    await pod.tick({ tickId: 'tick-121' });
    const parts = [21, 22, 23].flatMap((n) => rememberedOf(hostId(n)).map(([part]) => part));
    expect(new Set(parts)).toEqual(new Set(['cycles']));
    await pod.clock.advance(25 * HOUR_MS);
    await pod.tick({ tickId: 'tick-122' });
    expect([21, 22, 23].flatMap((n) => rememberedOf(hostId(n)))).toEqual([]);
    expect(JSON.stringify(pod.state())).not.toMatch(new RegExp([21, 22, 23].map((n) => hostId(n)).join('|')));
  });
});

describe('hosts that are known', () => {
  const knownIds = () => [...(pod.state() as State).servers.known, ...JSON.parse(memoryText()).known];
  /** EC2 answers, and names nobody. */
  const tickUnderNobody = async (tickId: string) => {
    const { instances } = pod.run.ports;
    pod.run.ports.instances = { ...instances, ofPod: async () => ({ hosts: [], refused: [], faults: [], unread: [] }) };
    const { report } = await pod.tick({ tickId });
    pod.run.ports.instances = instances;
    expect(report.refusals).toMatchObject([{ rule: 'blind' }]);
  };
  const listFails = () => pod.endpoint.faults.next('DescribeInstances', 'Unavailable', { times: 3, status: 503 });
  beforeEach(async () => {
    pod.addHost(22, 'client', 'us-west-2a');
    await pod.tick();
  });

  it('stay known through a tick that EC2 names nobody to: by their ids it is asked when it cannot list by tag', async () => {
    const before = knownIds();
    expect(before).toHaveLength(3);
    await tickUnderNobody('tick-2');
    expect(knownIds()).toEqual(before);
    listFails();
    const { report } = await pod.tick({ tickId: 'tick-3' });
    expect(report.hosts).toHaveLength(3);
    listFails();
    const { answer } = await registerServers(pod.run, pod.pod);
    expect(answer.sentences).toContainEqual(
      expect.stringMatching(/^EC2 does not list the boundary servers of blue by tag/),
    );
  });

  it('stay known where the zone cannot be read either: it may hold their records', async () => {
    const before = knownIds();
    pod.endpoint.faults.next('ListResourceRecordSets', 'ServiceUnavailable', { times: 3, status: 503 });
    await tickUnderNobody('tick-2');
    expect(knownIds()).toEqual(before);
  });

  it('are forgotten as soon as they are not of the pod any more, while another is', async () => {
    pod.endpoint.instances.terminate(hostId(22));
    await pod.clock.advance(2 * HOUR_MS);
    await pod.tick({ tickId: 'tick-2' });
    expect(knownIds().map(({ instanceId }) => instanceId)).not.toContain(hostId(22));
  });
});

describe('a pod whose clock was ahead while a wave was sent', () => {
  it('waits for the wave and the cool-down as for one that was sent now', async () => {
    pod.addHost(22, 'client', 'us-west-2b', LEFT);
    await pod.tick();
    const { nowMs } = pod.run;
    // two days ahead
    pod.run.nowMs = () => nowMs() - 48 * HOUR_MS;
    const cycledIn = async (tickId: string) =>
      (await pod.tick({ tickId })).report.cycles.flatMap((each) => each.instanceIds);
    expect(await cycledIn('tick-2')).toEqual([]);
    expect(pod.memory().cycles[hostId(22)]?.every((atMs) => atMs <= pod.run.nowMs())).toBe(true);
    await pod.clock.advance(HOUR_MS);
    expect(await cycledIn('tick-3')).toEqual([hostId(22)]);
  });
});

describe('a pod that was paused for longer than memories are kept', () => {
  it('says that it is forgotten, takes no wave of then for one of now, and goes on', async () => {
    pod.addHost(22, 'client', 'us-west-2b', LEFT);
    await pod.tick();
    const before = pod.state() as State;
    expect(before.waves.client?.commands).toHaveLength(1);
    await pod.clock.advance(31 * 24 * HOUR_MS);
    const expired = { ...before, memory: 'blue/memory/tick-0-000000000000.json.gz' };
    await pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body: JSON.stringify(expired) }));
    const { report } = await pod.tick({ tickId: 'tick-2' });
    expect(report.faults.filter((fault) => fault.includes('memory'))).toEqual([
      'The memory of pod blue is not there: which hosts were cycled and asked is forgotten. A wave that was sent counts as under way.',
    ]);
    expect(report.cycles).toMatchObject([{ instanceIds: [hostId(22)], outcome: 'sent' }]);
    expect((await pod.tick({ tickId: 'tick-3' })).report.faults.filter((fault) => fault.includes('memory'))).toEqual(
      [],
    );
  });
});

describe('a host of ntpd-rs that follows nobody any more', () => {
  const prints = (rows: string[]) =>
    [
      'podtime-collect 1',
      'found ntpd-rs 1.4.0 service=ntpd-rs file=/etc/ntpd-rs/ntp.toml',
      'age 86400',
      'cycled -',
      'revision 0123456789abcdef',
      'names -',
      'literals 10.0.2.11 10.0.3.12',
      'system ntp-ctl',
      'leap=0 stratum=4 rootdelay=0.004 rootdisp=0.010 minimum=2',
      'sources ntp-ctl',
      'address poll unanswered offset delay uncertainty',
      ...rows,
      'end',
      '',
    ].join('\n');
  const remotes = ['10.0.2.11', '10.0.3.12'];
  const heard = prints(remotes.map((remote) => `${remote} 64 0 0.001 0.001 0.0001`));
  const silent = prints(remotes.map((remote) => `${remote} 64 8 - - -`));
  const ofHost = async (tickId: string) => {
    const { report } = await pod.tick({ tickId });
    const host = report.hosts.find(({ instanceId }) => instanceId === hostId(21));
    return { state: host?.state, sentence: host?.sentence, boundMs: host?.measures.errorBoundMs };
  };

  it('has the bound that it last told, and what has grown since, from tick to tick', async () => {
    const more = { prints: heard };
    pod.addHost(21, 'client', 'us-west-2a', {}, more);
    const told = await ofHost('tick-1');
    // 1 ms of offset, 10 of dispersion, half of 4 of delay, and 15 ppm of a poll of 64 s and of the two seconds that the look took
    expect(told.boundMs).toBe(13.99);
    const remembered = pod.memory().lastBounds;
    expect(remembered).toEqual({ [hostId(21)]: { boundMs: 13.99, atMs: expect.any(Number) } });
    more.prints = silent;
    await pod.clock.advance(HOUR_MS);
    const alone = await ofHost('tick-2');
    expect(alone).toEqual({
      state: 'holdover',
      sentence: expect.stringMatching(
        /^heard nobody for a time that is not known \(silent\); bound 6[78]\.\d+ ms grows by 15 ppm/,
      ),
      boundMs: expect.closeTo(13.99 + 15 * 3.6, 0),
    });
    expect(alone.boundMs).toBeGreaterThanOrEqual(13.99 + 15 * 3.6);
    expect(pod.memory().lastBounds).toEqual(remembered);
    await pod.clock.advance(3 * HOUR_MS);
    expect(await ofHost('tick-3')).toMatchObject({
      state: 'holdover',
      sentence: expect.stringContaining('not trustworthy'),
    });
    more.prints = heard;
    await pod.clock.advance(HOUR_MS);
    expect((await ofHost('tick-4')).boundMs).toBe(13.99);
  });
});
