import { ChangeResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { sentencesOf } from '../../src/report/sentences.ts';
import { tickDue } from '../../src/state/due.ts';
import { registerServers } from '../../src/watchdog/membership.ts';
import { addressOf, gaugeOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
});
afterEach(() => pod.close());

const A = 'us-west-2a';
const B = 'us-west-2b';
const C = 'us-west-2c';
const [SERVER_B, SERVER_C] = [addressOf(11, B), addressOf(12, C)];
const names = () => pod.endpoint.records().filter((record) => record.name.startsWith('ntp.'));
const mutations = () =>
  pod.events.filter((event) => ['records changed', 'metrics put', 'object put', 'event put'].includes(event.kind));

/** Something happens once the tick has read its mode. */
function afterModeRead(happen: () => void): void {
  const { modes } = pod.run.ports;
  pod.run.ports.modes = {
    async read(name) {
      const read = await modes.read(name);
      pod.run.ports.modes = modes;
      happen();
      return read;
    },
  };
}

describe('a pod in mode act', () => {
  it('publishes its running boundary servers and tells that DNS changed', async () => {
    pod.addHost(11, 'boundary', B);
    pod.addHost(12, 'boundary', C);
    pod.mode('act');
    const { report } = await pod.tick();
    expect(
      names().map(({ name, type, setIdentifier, values, ttlSeconds }) => [
        name,
        type,
        setIdentifier,
        values,
        ttlSeconds,
      ]),
    ).toEqual([
      ['ntp.az-b.pod.', 'A', hostId(11), [SERVER_B], 30],
      ['ntp.az-c.pod.', 'A', hostId(12), [SERVER_C], 30],
    ]);
    expect(report.changes.map((change) => change.outcome)).toEqual(['done', 'done']);
    expect(pod.events).toContainEqual(
      expect.objectContaining({ kind: 'event put', detail: { pod: 'blue', names: ['ntp.az-b.pod', 'ntp.az-c.pod'] } }),
    );
    expect(pod.report()).toEqual(report);
  });

  it.each([
    ['waits for the interval once the watchdog is told of its changes', 0, false],
    ['is followed by another at once where the watchdog could not be told', 99, true],
  ])('%s', async (_, times, due) => {
    pod.addHost(11, 'boundary', B);
    pod.mode('act');
    if (times > 0) pod.endpoint.faults.next('PutEvents', 'InternalException', { times, status: 500, message: '' });
    const { report } = await pod.tick();
    expect(report.faults.filter((fault) => fault.startsWith('telling that DNS changed'))).toHaveLength(due ? 1 : 0);
    expect(report.changes).toMatchObject([{ name: 'ntp.az-b.pod', outcome: 'done' }]);
    const { dueAtMs, last } = pod.state() ?? {};
    expect(dueAtMs === last?.endedAtMs).toBe(due);
  });

  it.each([
    ['has been made', 60_000, 'done'],
    ['is pending still', 0, 'failed: changing ntp.az-b.pod in zone Z0123456789ABCDEFGHI of pod blue: PriorRequest'],
  ])(
    'has another tick follow where `register`, without a state to go by, changed DNS after the first had read it, and that %s',
    async (_, laterMs, outcome) => {
      pod.addHost(11, 'boundary', B);
      pod.mode('act');
      const { states, zone } = pod.run.ports;
      const before = await states.read('blue');
      pod.run.ports.zone = {
        ...zone,
        async read(of) {
          pod.run.ports.zone = zone;
          const read = await zone.read(of);
          const ports = { ...pod.run.ports, states: { ...states, read: async () => before } };
          expect(before.etag).toBeNull();
          expect(await registerServers({ ports, tickId: 'register-1' }, pod.pod)).toMatchObject({ changes: 1 });
          await pod.clock.advance(laterMs);
          return read;
        },
      };
      expect((await pod.tick()).report.changes).toMatchObject([{ outcome: expect.stringContaining(outcome) }]);
      const isAnnounced = pod.events.some(({ kind }) => kind === 'event put');
      const { due } = tickDue((await states.read('blue')).state, pod.clock.nowMs(), pod.pod);
      expect([isAnnounced, due]).toEqual([laterMs > 0, laterMs === 0]);
      expect.assertions(4);
    },
  );

  it('withdraws a server that EC2 says is terminated', async () => {
    await givenServers(pod);
    pod.endpoint.instances.terminate(hostId(11));
    await pod.clock.advance(60_000);
    await pod.tick();
    expect(names().map((record) => record.setIdentifier)).toEqual([hostId(12)]);
  });

  it('cycles exactly the client that polls an address DNS has left behind, and asks SSM next time how it went', async () => {
    await givenServers(pod);
    pod.addHost(21, 'client', A, { sources: [row('*', SERVER_B), row('+', SERVER_C)] });
    pod.addHost(22, 'client', A, { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] });
    const { report, unfinished } = await pod.tick();
    await pod.clock.advance(10_000);
    expect(pod.cycled).toEqual([
      { instanceId: hostId(22), script: `az-b=${SERVER_B} az-c=${SERVER_C} no 600 pod tick-1-client` },
    ]);
    expect(report.cycles).toEqual([
      expect.objectContaining({
        tier: 'client',
        instanceIds: [hostId(22)],
        outcome: 'sent',
        commandIds: [expect.any(String)],
      }),
    ]);
    expect(pod.memory().rollOuts.client?.commands).toEqual([
      { commandId: report.cycles[0]?.commandIds[0], instanceIds: [hostId(22)], maxConcurrency: 1 },
    ]);
    expect(pod.endpoint.commands()[0]?.comment).toMatch(/^podtime tick-1 cycle: /);
    // short runs follow the wave
    expect(unfinished).toBe(false);
  });

  it('stops the roll-out in which a second host fails, and does not repeat it', async () => {
    await givenServers(pod);
    const left = { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] };
    for (const n of [21, 22, 23]) pod.addHost(n, 'client', A, left, { verdict: 'failed', exitCode: 1 });
    for (let ticks = 0; ticks < 5; ticks += 1) {
      await pod.tick();
      await pod.clock.advance(120_000);
    }
    // the first failure may be that host's own; it is left out, and the second stops the rest
    expect(new Set(pod.cycled.map(({ instanceId }) => instanceId)).size).toBe(2);
    expect(pod.cycled).toHaveLength(2);
    expect(pod.memory().rollOuts.client).toMatchObject({ stopped: true });
    expect(
      pod
        .report()
        ?.refusals.map((refusal) => refusal.sentence)
        .join('\n'),
    ).toMatch(/roll-out/);
  });

  it('publishes metrics, the roll-up among them', async () => {
    await givenServers(pod);
    pod.addHost(21, 'client', A, { sources: [row('*', SERVER_B), row('+', SERVER_C)] });
    await pod.tick();
    await pod.clock.advance(10_000);
    const metric = (name: string, dimensions: Record<string, string>) =>
      pod.endpoint
        .metrics()
        .find((one) => one.name === name && JSON.stringify(one.dimensions) === JSON.stringify(dimensions));
    expect(metric('HostsExpected', { Pod: 'blue', Tier: 'client' })?.maximum).toBe(1);
    expect(metric('HostsConfident', { Pod: 'blue', Tier: 'boundary' })?.maximum).toBe(2);
    expect(metric('Offset', { Pod: 'blue', Tier: 'client' })).toMatchObject({ maximum: 0.021, p99: 0.021 });
    expect(metric('HostsLowReach', { Pod: 'blue', Tier: 'client', AZ: A })?.maximum).toBe(0);
    expect(metric('Offset', { Pod: 'blue', Tier: 'client', AZ: A })).toBeUndefined();
  });

  it('treats silence as unknown: nobody is withdrawn or cycled because SSM did not answer', async () => {
    await givenServers(pod);
    for (const n of [11, 12]) Object.assign(pod.agents.get(hostId(n)) ?? {}, { online: false });
    for (let n = 0; n < 5; n += 1) {
      const { report } = await pod.tick();
      expect(report.summary).toEqual({ expected: 2, sampled: 0, confident: 0, stale: 0, unknown: 2 });
      await pod.clock.advance(600_000);
    }
    expect(names()).toHaveLength(2);
    expect(pod.cycled).toEqual([]);
  });
});

describe('a pod that podtime may only look at', () => {
  it('in mode observe (also when there is none) keeps its DNS and its daemons', async () => {
    pod.addHost(11, 'boundary', B);
    pod.addHost(21, 'client', A, { sources: [row(' ', '10.0.2.99', { reach: '0' })] });
    const { report } = await pod.tick();
    expect(names()).toEqual([]);
    expect(pod.cycled).toEqual([]);
    expect(report.mode).toBe('observe');
    expect(report.faults.join('\n')).toContain('parameter /podtime/test/blue/mode does not exist');
    expect(pod.events.filter((event) => event.kind === 'metrics put')).toHaveLength(1);
  });

  it('in mode observe counts as confident whom DNS names, and before the first is registered whom it would name', async () => {
    const { metrics } = pod.run.ports;
    let confident: number | undefined;
    pod.run.ports.metrics = {
      async put(request) {
        confident = request.MetricData.find(({ MetricName }) => MetricName === 'HostsConfident')?.Value;
        await metrics.put(request);
      },
    };
    pod.addHost(11, 'boundary', B);
    pod.addHost(12, 'boundary', C);
    await pod.tick();
    expect([confident, names()]).toEqual([2, []]);
    pod.mode('act');
    await pod.clock.advance(300_000);
    await pod.tick();
    pod.mode('observe');
    await pod.clock.advance(300_000);
    await pod.tick();
    expect([confident, names().length]).toEqual([2, 2]);
    const { records } = await pod.run.ports.zone.read(pod.pod);
    const ResourceRecordSet = records[0]?.raw as ResourceRecordSet;
    const ChangeBatch = { Changes: [{ Action: 'DELETE' as const, ResourceRecordSet }] };
    await pod.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: ZONE_ID, ChangeBatch }));
    await pod.clock.advance(300_000);
    await pod.tick();
    expect(confident).toBe(1);
  });

  it('on a dry run writes nothing at all, and says what it would do', async () => {
    pod.addHost(11, 'boundary', B);
    pod.mode('act');
    pod.events.length = 0;
    const { report } = await pod.tick({ dryRun: true });
    expect(mutations()).toEqual([]);
    expect(pod.report()).toBeNull();
    expect(report.changes.map(({ name, outcome }) => [name, outcome])).toEqual([['ntp.az-b.pod', 'planned']]);
  });

  it('is left alone from the moment the mode cannot be read, and nobody is said to have changed it', async () => {
    await givenServers(pod);
    pod.addHost(13, 'boundary', 'us-west-2a');
    afterModeRead(() => pod.endpoint.faults.next('GetParameters', 'AccessDeniedException', { times: 99 }));
    const { report } = await pod.tick();
    const fault = report.faults.find((sentence) => sentence.includes('left undone'));
    expect(fault).toContain('/podtime/test/blue/mode could not be read: AccessDeniedException');
    expect(fault).toMatch(/podtime observes pod blue and changes nothing\. The rest of the tick is left undone\.$/);
    expect(report.faults.join('\n')).not.toContain('went from');
    expect(report.changes.map(({ outcome }) => outcome)).toEqual(['not done']);
  });

  it('is left alone from the moment the mode changes, in the middle of a tick', async () => {
    pod.addHost(11, 'boundary', B);
    pod.mode('act');
    afterModeRead(() => pod.mode('hold'));
    const { report } = await pod.tick();
    expect(names()).toEqual([]);
    expect(report.changes.map((change) => change.outcome)).toEqual(['not done']);
    expect(report.faults).toContain('The mode of pod blue went from act to hold. The rest of the tick is left undone.');
  });
});

describe('two ticks at once', () => {
  it('one gives way before it asks anybody', async () => {
    await givenServers(pod);
    pod.addHost(22, 'client', A, { sources: [row(' ', '10.0.2.99', { reach: '0' })] });
    const ticks = await Promise.all([pod.tick(), pod.tick({ tickId: 'tick-2' })]);
    await pod.clock.advance(10_000);
    expect(ticks.map((ticked) => ticked.gaveWay !== null).sort()).toEqual([false, true]);
    expect(pod.cycled).toHaveLength(1);
    expect(pod.endpoint.commands().filter(({ comment }) => comment.includes('collect'))).toHaveLength(2);
  });
});

describe('when a part of AWS fails', () => {
  it.each([
    ['Route 53', 'ListResourceRecordSets', 'the zone'],
    ['S3', 'GetObject', 'the state'],
  ])('%s unreadable: hosts are judged and metrics published, nothing is changed', async (_, operation, what) => {
    await givenServers(pod);
    pod.addHost(13, 'boundary', A);
    pod.addHost(22, 'client', A, { sources: [row('*', '10.0.2.99')] });
    pod.endpoint.faults.next(operation, 'AccessDenied', { times: 9 });
    const { report } = await pod.tick();
    await pod.clock.advance(10_000);
    expect(report.refusals).toEqual([
      {
        count: 1,
        subjects: ['blue'],
        rule: 'blind',
        sentence: `Nothing is registered, withdrawn or cycled in pod blue: ${what} could not be read.`,
      },
    ]);
    expect(report.summary.sampled).toBe(4);
    expect(pod.events.filter((event) => event.kind === 'metrics put')).toHaveLength(1);
    expect(names()).toHaveLength(2);
    expect(pod.cycled).toEqual([]);
  });

  it('Route 53 unreadable: what hosts were seen to be is remembered all the same', async () => {
    await givenServers(pod);
    pod.addHost(21, 'client', B);
    await pod.tick();
    expect(Object.keys(pod.memory().unjoined)).toEqual([hostId(21)]);
    pod.endpoint.faults.next('ListResourceRecordSets', 'AccessDenied', { times: 9 });
    await pod.tick();
    expect(pod.memory().unjoined).toEqual({});
  });

  it('CloudWatch refuses: said, and the tick goes on', async () => {
    pod.addHost(11, 'boundary', B);
    pod.mode('act');
    pod.endpoint.faults.next('PutMetricData', 'AccessDenied', { times: 9 });
    const { report } = await pod.tick();
    expect(report.faults.join('\n')).toMatch(/publishing \d+ metrics to CloudWatch: AccessDenied/);
    expect(names()).toHaveLength(1);
  });

  it('Route 53 refuses one server: the others are published, and the next minute tries again', async () => {
    pod.addHost(11, 'boundary', B);
    pod.addHost(12, 'boundary', C);
    pod.mode('act');
    // the whole batch, then the first server alone
    pod.endpoint.faults.next('ChangeResourceRecordSets', 'InvalidChangeBatch', { times: 2 });
    const { report, unfinished } = await pod.tick();
    const outcomes = Object.fromEntries(report.changes.map((change) => [change.name, change.outcome]));
    expect(outcomes['ntp.az-b.pod']).toMatch(/^failed: changing ntp.az-b.pod/);
    expect(outcomes['ntp.az-c.pod']).toBe('done');
    expect(names().map((record) => record.name)).toEqual(['ntp.az-c.pod.']);
    expect(unfinished).toBe(true);
    expect(await gaugeOf(pod, 'ChangesRefused')).toBe(1);
    // nobody is stale: nothing else is unfinished
    expect((await pod.tick()).unfinished).toBe(false);
    expect(names()).toHaveLength(2);
  });

  it('EC2 unreadable: the tick fails, because nobody knows whom it would touch', async () => {
    pod.endpoint.faults.next('DescribeInstances', 'UnauthorizedOperation', { times: 9 });
    await expect(pod.tick()).rejects.toThrow('reading the instances of pod blue from EC2: UnauthorizedOperation');
  });
});

describe('the sentences of a report', () => {
  it('begin with the pod and say what is wrong with whom', async () => {
    await givenServers(pod);
    pod.addHost(22, 'client', A, { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] });
    const { report } = await pod.tick();
    const sentences = sentencesOf(report);
    expect(sentences[0]).toBe('Pod blue, mode act: 3 hosts of 3 answered, 2 confident, 1 stale, 0 unknown.');
    expect(sentences.join('\n')).toMatch(
      new RegExp(`${hostId(22)} \\(client, us-west-2a\\) is stale: .*10\\.0\\.2\\.99`),
    );
  });
});
