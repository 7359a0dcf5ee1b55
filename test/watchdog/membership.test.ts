import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, BUCKET, hostId, STACK, startBench, VPC, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { eventBridgeEvents } from '../../src/aws/events.ts';
import { ec2Instances } from '../../src/aws/instances.ts';
import { ssmModes } from '../../src/aws/modes.ts';
import { s3Reports } from '../../src/aws/reports.ts';
import { route53Zone } from '../../src/aws/zone.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { planInstanceEvent } from '../../src/plan/dns/registration.ts';
import { applyChanges } from '../../src/watchdog/apply.ts';
import { followInstance, registerServers } from '../../src/watchdog/membership.ts';
import { loggedCalls } from '../builders/aws-call.ts';

const GREEN_VPC = 'vpc-0c0c0c0c0c0c0c0c0';
const GREEN_ZONE = 'Z0GREEN0GREEN0GREEN';
const FLEET = loadFleet(`
upstreams: [us-west-2b.stratum-2.invalid]
timeService: source
leapSmear: accepted
pods:
  blue:
    region: us-west-2
    vpc: ${VPC}
    endpoints: [vpce-0a1b2c3d4e5f60718]
    zone: { name: pod, id: ${ZONE_ID} }
    networks: [10.0.0.0/16, 'fd00::/48']
    azs: [us-west-2a, us-west-2b, us-west-2c]
    boundaryServers: 2
  green:
    region: us-west-2
    vpc: ${GREEN_VPC}
    endpoints: [vpce-0a1b2c3d4e5f60719]
    zone: { name: green.pod, id: ${GREEN_ZONE} }
    networks: [10.30.0.0/16]
    azs: [us-west-2a, us-west-2b]
    boundaryServers: 2
`);
const [BLUE, GREEN] = FLEET.pods as [Pod, Pod];

let bench: Bench;
let run: Parameters<typeof followInstance>[0];
let calls: string[];
beforeEach(async () => {
  calls = [];
  const { call } = loggedCalls();
  bench = await startBench({
    maxAttempts: 3,
    stack: STACK,
    zones: [BLUE, GREEN].map(({ zone, vpc }) => ({ ...zone, vpc, region: 'us-west-2' })),
    record: ({ service, operation }) => void calls.push(`${service}:${operation}`),
  });
  run = {
    fleet: FLEET,
    tickId: 'tick-1',
    ports: {
      instances: ec2Instances(bench.ec2, call),
      zone: route53Zone(bench.route53, call),
      reports: s3Reports(bench.s3, BUCKET, call),
      modes: ssmModes(bench.ssm, 'test', call),
      events: eventBridgeEvents(bench.eventbridge, call),
    },
  };
  for (const pod of FLEET.pods) mode(pod, 'act');
});
afterEach(() => bench.close());

const mode = (pod: Pod, value: string) =>
  bench.endpoint.parameters.put(`/podtime/test/${pod.name}/mode`, value, { type: 'String', overwrite: true });

function addServer(pod: Pod, n: number, az = 'us-west-2b', ipv6: string[] = []) {
  const tags = { 'ntp-pod': pod.name, 'ntp-tier': 'boundary' };
  const ipv4 = `${pod === BLUE ? '10.0' : '10.30'}.2.${n}`;
  bench.endpoint.instances.adopt({ instanceId: hostId(n), vpc: pod.vpc, az, ipv4, ipv6, tags });
}
const settled = () => bench.clock.advance(60_000);
const published = () =>
  bench.endpoint
    .records()
    .filter(({ name }) => name.startsWith('ntp.'))
    .map(({ name, type, setIdentifier }) => `${name} ${type} ${setIdentifier}`);
const announced = () => bench.events.filter(({ kind }) => kind === 'event put').length;

describe('registering the servers of a pod', () => {
  it('publishes those that run, tells the watchdog, and a second time changes nothing', async () => {
    addServer(BLUE, 1);
    addServer(BLUE, 2, 'us-west-2c');
    const answer = await registerServers(run, BLUE);
    expect(answer.sentences).toEqual([
      `Register ntp.az-b.pod A 10.0.2.1 (${hostId(1)}), ${hostId(1)} runs at 10.0.2.1: done.`,
      `Register ntp.az-c.pod A 10.0.2.2 (${hostId(2)}), ${hostId(2)} runs at 10.0.2.2: done.`,
    ]);
    expect(published()).toEqual([`ntp.az-b.pod. A ${hostId(1)}`, `ntp.az-c.pod. A ${hostId(2)}`]);
    await settled();
    expect(await registerServers(run, BLUE)).toMatchObject({ sentences: [], changes: [] });
    expect(announced()).toBe(1);
  });

  it('asks Route 53 once when there is nothing to change, as often as a stranger may call', async () => {
    addServer(BLUE, 1);
    await registerServers(run, BLUE);
    calls.length = 0;
    await registerServers(run, BLUE);
    expect(calls.filter((name) => name.startsWith('route53:'))).toEqual(['route53:ListResourceRecordSets']);
  });

  it('tells the change that failed and does the other', async () => {
    addServer(BLUE, 1);
    addServer(BLUE, 2, 'us-west-2c');
    bench.endpoint.faults.next('ChangeResourceRecordSets', 'AccessDenied', { times: 2 });
    const { changes } = await registerServers(run, BLUE);
    expect(changes.map(({ setIdentifier, outcome }) => [setIdentifier, outcome])).toEqual([
      [hostId(1), expect.stringMatching(/^failed: changing ntp\.az-b\.pod in zone .*: AccessDenied/)],
      [hostId(2), 'done'],
    ]);
    expect(published()).toEqual([`ntp.az-c.pod. A ${hostId(2)}`]);
  });

  it('changes nothing in mode observe, and says so', async () => {
    addServer(BLUE, 1);
    mode(BLUE, 'observe');
    const { changes, refusals, sentences } = await registerServers(run, BLUE);
    expect([changes, refusals.length, published()]).toEqual([[], 1, []]);
    expect(sentences).toEqual(refusals.map(({ sentence }) => sentence));
  });

  it('says that a damaged last report does not tell who is withdrawn', async () => {
    addServer(BLUE, 1);
    await bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/report.json', Body: 'not json' }));
    const { sentences, changes } = await registerServers(run, BLUE);
    expect(sentences[0]).toBe(
      'The last report of pod blue is not JSON: what it remembered (withdrawn servers, roll-outs) is lost. ' +
        'Nothing is changed until a tick has written a new one.',
    );
    expect([changes, published()]).toEqual([[], []]);
  });

  it('is registered also while EC2 describes by id alone, though no report knows it yet', async () => {
    addServer(BLUE, 1);
    const { instances } = run.ports;
    run.ports.instances = {
      ...instances,
      async ofPod(pod, known) {
        const { hosts } = await instances.ofPod(pod, known);
        const isKnown = (id: string, az: string) => known.some((host) => host.instanceId === id && host.az === az);
        return {
          hosts: hosts.filter(({ instanceId, az }) => isKnown(instanceId, az)),
          refused: [],
          faults: [],
          unread: [],
        };
      },
    };
    await followInstance(run, hostId(1), 'running');
    expect(published()).toEqual([`ntp.az-b.pod. A ${hostId(1)}`]);
  });

  it('changes nothing where a newer podtime has written the last report', async () => {
    addServer(BLUE, 1);
    const newer = JSON.stringify({ version: 3, pod: 'blue' });
    await bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/report.json', Body: newer }));
    const { sentences, changes } = await registerServers(run, BLUE);
    expect(sentences[0]).toMatch(/^The last report of pod blue is of version 3, this code reads up to 2: /);
    expect([changes, published()]).toEqual([[], []]);
    const followed = await followInstance(run, hostId(1), 'running');
    expect([followed.changes, published()]).toEqual([[], []]);
  });
});

describe('following an instance', () => {
  it('that runs: registers it in its pod, and reads no other', async () => {
    addServer(GREEN, 1);
    const answer = await followInstance(run, hostId(1), 'running');
    expect(answer).toMatchObject({ pod: 'green', instanceId: hostId(1), state: 'running' });
    expect(published()).toEqual([`ntp.az-b.green.pod. A ${hostId(1)}`]);
    expect(calls.filter((call) => call === 'route53:ListResourceRecordSets')).toHaveLength(1);
  });

  it('that was terminated: withdraws it', async () => {
    addServer(BLUE, 1, 'us-west-2b', ['fd00::2:1']);
    addServer(BLUE, 2, 'us-west-2c');
    await registerServers(run, BLUE);
    await settled();
    bench.endpoint.instances.terminate(hostId(1));
    const { sentences } = await followInstance(run, hostId(1), 'shutting-down');
    expect(sentences).toEqual([
      `Withdraw ntp.az-b.pod A 10.0.2.1 (${hostId(1)}), EC2 says ${hostId(1)} is shutting-down: done.`,
      `Withdraw ntp.az-b.pod AAAA fd00::2:1 (${hostId(1)}), EC2 says ${hostId(1)} is shutting-down: done.`,
    ]);
    expect(published()).toEqual([`ntp.az-c.pod. A ${hostId(2)}`]);
  });

  it.each(['shutting-down', 'terminated', 'stopping', 'stopped', 'running'])(
    'of somebody else that is %s: asks EC2 once and nobody besides',
    async (state) => {
      bench.endpoint.instances.adopt({ instanceId: hostId(7), vpc: VPC, az: 'us-west-2a', ipv4: null, tags: {} });
      const answer = await followInstance(run, hostId(7), state);
      expect(answer.sentences).toEqual([`EC2 reported ${hostId(7)} as ${state}: nothing of podtime's changes.`]);
      expect(calls).toEqual(['ec2:DescribeInstances']);
    },
  );

  it('of a pod of another stack: asks EC2 once and nobody besides', async () => {
    const tags = { 'ntp-pod': 'red', 'ntp-tier': 'boundary' };
    bench.endpoint.instances.adopt({ instanceId: hostId(7), vpc: VPC, az: 'us-west-2a', ipv4: null, tags });
    await followInstance(run, hostId(7), 'stopping');
    expect(calls).toEqual(['ec2:DescribeInstances']);
  });

  describe('that EC2 does not describe any more', () => {
    beforeEach(async () => {
      addServer(GREEN, 1);
      await registerServers(run, GREEN);
      await settled();
      bench.endpoint.instances.terminate(hostId(1));
      await bench.clock.advance(2 * 3_600_000);
      calls.length = 0;
    });

    it('finds in which pod its records are, and withdraws them', async () => {
      const answer = await followInstance(run, hostId(1), 'terminated');
      expect(answer.changes).toMatchObject([{ action: 'DELETE', name: 'ntp.az-b.green.pod', outcome: 'done' }]);
      expect(published()).toEqual([]);
    });

    it('withdraws them though another pod cannot be read, and tells both', async () => {
      bench.endpoint.faults.next('ListResourceRecordSets', 'AccessDenied');
      await expect(followInstance(run, hostId(1), 'terminated')).rejects.toThrow(
        `EC2 reported ${hostId(1)} as terminated: reading zone pod (${ZONE_ID}) of pod blue: AccessDenied (log entry tick-1.1). ` +
          `Withdraw ntp.az-b.green.pod A 10.30.2.1 (${hostId(1)}), EC2 says ${hostId(1)} is terminated: done.`,
      );
      expect(published()).toEqual([]);
    });

    it('tells every pod that cannot be read', async () => {
      bench.endpoint.faults.next('ListResourceRecordSets', 'AccessDenied', { times: 2 });
      await expect(followInstance(run, hostId(1), 'terminated')).rejects.toThrow(/of pod blue: .* of pod green: /);
    });

    it.each(['stopping', 'stopped'])(
      'reads none when it is said to be %s: EC2 describes what is stopped',
      async (state) => {
        const answer = await followInstance(run, hostId(1), state);
        expect([answer.changes, calls]).toEqual([[], ['ec2:DescribeInstances']]);
        expect(published()).toHaveLength(1);
      },
    );

    it('fails when Route 53 refuses, so that the event is repeated', async () => {
      bench.endpoint.faults.next('ChangeResourceRecordSets', 'AccessDenied');
      await expect(followInstance(run, hostId(1), 'terminated')).rejects.toThrow(
        new RegExp(
          `^EC2 reported ${hostId(1)} as terminated: Withdraw ntp.az-b.green.pod A .*: failed: .*AccessDenied`,
        ),
      );
      expect(published()).toHaveLength(1);
    });

    it('reads none when it is said to run: it is too new to be described', async () => {
      const answer = await followInstance(run, hostId(9), 'running');
      expect(answer.changes).toEqual([]);
      expect(calls).toEqual(['ec2:DescribeInstances']);
    });
  });
});

describe('following an instance of which a late event tells', () => {
  it('says that it is late, and leaves its record', async () => {
    addServer(BLUE, 1);
    await registerServers(run, BLUE);
    await settled();
    const { sentences, changes } = await followInstance(run, hostId(1), 'stopped');
    expect(sentences).toEqual([
      `EC2 reported ${hostId(1)} as stopped, but describes it as running now: the event is late.`,
    ]);
    expect([changes, published()]).toEqual([[], [`ntp.az-b.pod. A ${hostId(1)}`]]);
  });
});

describe('withdrawals planned by a zone that others have changed since', () => {
  it('are all done when they are told as done', async () => {
    addServer(BLUE, 1, 'us-west-2b', ['fd00::2:1']);
    addServer(BLUE, 2, 'us-west-2c', ['fd00::3:2']);
    await registerServers(run, BLUE);
    await settled();
    const { records } = await run.ports.zone.read(BLUE);
    const withdrawal = (n: number) =>
      planInstanceEvent({
        pod: BLUE,
        mode: 'act',
        event: { instanceId: hostId(n), state: 'terminated' },
        host: null,
        records,
        withdrawn: {},
      }).changes;
    const [first, both] = [withdrawal(1), [...withdrawal(1), ...withdrawal(2)]];
    const dns = { ports: run.ports, pod: BLUE, tickId: 'tick-1' };
    expect(first).toHaveLength(2);
    await applyChanges(dns, first);
    await settled();
    calls.length = 0;
    const applied = await applyChanges(dns, both);
    expect(applied.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'done']);
    expect(published()).toEqual([]);
    expect(calls).toEqual(['route53:ChangeResourceRecordSets', 'route53:ChangeResourceRecordSets']);
  });
});
