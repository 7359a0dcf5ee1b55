import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId, VPC, ZONE_ID } from '@podtime/aws-endpoint/testing';
import type { Pod } from '../../src/fleet/fleet.ts';
import { planInstanceEvent } from '../../src/plan/dns/registration.ts';
import { applyChanges } from '../../src/watchdog/apply.ts';
import { registerServers } from '../../src/watchdog/membership.ts';
import { BLUE, GREEN, startTwoPods, type TwoPods } from '../builders/two-pods.ts';

/** One request for each of the two pods. */
const ZONES_READ = ['route53:ListResourceRecordSets', 'route53:ListResourceRecordSets'];

let pods: TwoPods;
beforeEach(async () => {
  pods = await startTwoPods();
});
afterEach(() => pods.close());

describe('following an instance', () => {
  it('that runs: registers it in its pod, and reads no other', async () => {
    pods.addServer(GREEN, 1);
    const answer = await pods.follow([hostId(1), 'running']);
    expect(answer.failed).toEqual([]);
    expect(pods.published()).toEqual([`ntp.az-b.green.pod. A ${hostId(1)}`]);
    expect(pods.calls.filter((call) => call === 'route53:ListResourceRecordSets')).toHaveLength(1);
  });

  it('that was terminated: withdraws it', async () => {
    pods.addServer(BLUE, 1, 'us-west-2b', ['fd00::2:1']);
    pods.addServer(BLUE, 2, 'us-west-2c');
    await registerServers(pods.run, BLUE);
    await pods.settled();
    pods.endpoint.instances.terminate(hostId(1));
    const { sentences } = await pods.follow([hostId(1), 'shutting-down']);
    expect(sentences).toEqual([
      `Withdraw ntp.az-b.pod A 10.0.2.1 (${hostId(1)}), EC2 says ${hostId(1)} is shutting-down: done.`,
      `Withdraw ntp.az-b.pod AAAA fd00::2:1 (${hostId(1)}), EC2 says ${hostId(1)} is shutting-down: done.`,
    ]);
    expect(pods.published()).toEqual([`ntp.az-c.pod. A ${hostId(2)}`]);
  });

  it.each([
    ['of somebody else', {}],
    ['of a pod of another stack', { 'ntp-pod': 'red', 'ntp-tier': 'boundary' }],
    ['that is a client', { 'ntp-pod': 'blue', 'ntp-tier': 'client' }],
  ])('%s that runs: asks EC2 once and nobody besides', async (_, tags) => {
    pods.endpoint.instances.adopt({ instanceId: hostId(7), vpc: VPC, az: 'us-west-2a', ipv4: null, tags });
    const answer = await pods.follow([hostId(7), 'running']);
    expect(answer.sentences).toEqual([`EC2 reported ${hostId(7)} as running: nothing of podtime's changes.`]);
    expect(pods.calls).toEqual(['ec2:DescribeInstances']);
  });

  it.each(['shutting-down', 'terminated', 'stopping', 'stopped'])(
    'that is no boundary server and %s: asks EC2 once, and each zone for a record of its',
    async (state) => {
      const answer = await pods.follow([hostId(7), state]);
      expect(answer.sentences).toEqual([`EC2 reported ${hostId(7)} as ${state}: nothing of podtime's changes.`]);
      expect(pods.calls).toEqual(['ec2:DescribeInstances', ...ZONES_READ]);
    },
  );

  describe('that EC2 does not describe any more', () => {
    beforeEach(async () => {
      pods.addServer(GREEN, 1);
      await registerServers(pods.run, GREEN);
      await pods.settled();
      pods.endpoint.instances.terminate(hostId(1));
      await pods.clock.advance(2 * 3_600_000);
      pods.calls.length = 0;
    });

    it('finds in which pod its records are, and withdraws them', async () => {
      const answer = await pods.follow([hostId(1), 'terminated']);
      expect(answer.changes).toMatchObject([{ action: 'DELETE', name: 'ntp.az-b.green.pod', outcome: 'done' }]);
      expect(pods.published()).toEqual([]);
    });

    it('withdraws them though another pod cannot be read, tells both, and wants the event again', async () => {
      pods.endpoint.faults.next('ListResourceRecordSets', 'AccessDenied');
      const { failed, sentences } = await pods.follow([hostId(1), 'terminated']);
      expect(failed).toEqual(['event-1']);
      expect(sentences).toEqual([
        `EC2 reported ${hostId(1)} as terminated: reading zone pod (${ZONE_ID}) of pod blue: AccessDenied (log entry tick-1.1).`,
        `Withdraw ntp.az-b.green.pod A 10.30.2.1 (${hostId(1)}), EC2 says ${hostId(1)} is terminated: done.`,
      ]);
      expect(pods.published()).toEqual([]);
    });

    it('tells every pod that cannot be read', async () => {
      pods.endpoint.faults.next('ListResourceRecordSets', 'AccessDenied', { times: 2 });
      const { failed, sentences } = await pods.follow([hostId(1), 'terminated']);
      expect(failed).toEqual(['event-1']);
      expect(sentences).toEqual([expect.stringContaining('of pod blue: '), expect.stringContaining('of pod green: ')]);
    });

    it.each(['stopping', 'stopped'])(
      'leaves them when it is said to be %s, and says so: EC2 describes what is stopped',
      async (state) => {
        const { changes, sentences } = await pods.follow([hostId(1), state]);
        expect(changes).toEqual([]);
        expect(sentences).toEqual([
          `EC2 reported ${hostId(1)} as ${state}, but does not list it among the boundary servers of pod green.`,
        ]);
        expect(pods.published()).toHaveLength(1);
      },
    );

    it('wants the event again when Route 53 refuses', async () => {
      pods.endpoint.faults.next('ChangeResourceRecordSets', 'AccessDenied');
      const { failed, sentences } = await pods.follow([hostId(1), 'terminated']);
      expect(failed).toEqual(['event-1']);
      expect(sentences).toEqual([expect.stringMatching(/^Withdraw ntp.az-b.green.pod A .*: failed: .*AccessDenied/)]);
      expect(pods.published()).toHaveLength(1);
    });

    it('reads none when it is said to run: it is too new to be described', async () => {
      const answer = await pods.follow([hostId(9), 'running']);
      expect(answer.changes).toEqual([]);
      expect(pods.calls).toEqual(['ec2:DescribeInstances']);
    });
  });
});

it('without any event asks nobody, and says so', async () => {
  expect(await pods.follow()).toEqual({
    sentences: ['EC2 reported no change of an instance: nothing is to be done.'],
    changes: [],
    refusals: [],
    failed: [],
  });
  expect(pods.calls).toEqual([]);
});

describe('following many at once', () => {
  const addClients = (...numbers: number[]) => {
    for (const n of numbers) {
      const tags = { 'ntp-pod': 'blue', 'ntp-tier': 'client' };
      pods.endpoint.instances.adopt({ instanceId: hostId(n), vpc: VPC, az: 'us-west-2a', ipv4: null, tags });
    }
  };
  const HUNDRED = Array.from({ length: 100 }, (_, at) => at + 100);

  it('a hundred clients that start: one call to AWS', async () => {
    addClients(...HUNDRED);
    pods.addServer(BLUE, 1);
    const { sentences } = await pods.follow(...HUNDRED.map((n): [string, string] => [hostId(n), 'running']));
    expect(pods.calls).toEqual(['ec2:DescribeInstances']);
    expect(sentences).toEqual(["EC2 reported 100 instances: nothing of podtime's changes."]);
  });

  // the most that SQS is to hand over at once
  it('two thousand that start are one call too: ten thousand are five', async () => {
    const many = Array.from({ length: 2000 }, (_, at) => at + 100);
    addClients(...many);
    await pods.follow(...many.map((n): [string, string] => [hostId(n), 'running']));
    expect(pods.calls).toEqual(['ec2:DescribeInstances']);
  });

  it('a hundred clients that end: one call to EC2, and one for each zone', async () => {
    const { sentences } = await pods.follow(...HUNDRED.map((n): [string, string] => [hostId(n), 'terminated']));
    expect(pods.calls).toEqual(['ec2:DescribeInstances', ...ZONES_READ]);
    expect(sentences).toEqual(["EC2 reported 100 instances: nothing of podtime's changes."]);
  });

  it('servers of several pods beside them: each zone is read and changed once', async () => {
    addClients(...HUNDRED);
    pods.addServer(BLUE, 1);
    pods.addServer(BLUE, 2, 'us-west-2c');
    pods.addServer(GREEN, 3);
    await pods.follow(...[...HUNDRED, 1, 2, 3].map((n): [string, string] => [hostId(n), 'running']));
    expect(pods.published()).toEqual([
      `ntp.az-b.pod. A ${hostId(1)}`,
      `ntp.az-c.pod. A ${hostId(2)}`,
      `ntp.az-b.green.pod. A ${hostId(3)}`,
    ]);
    const counted = (name: string) => pods.calls.filter((call) => call === name).length;
    expect([counted('ec2:DescribeInstances'), counted('route53:ListResourceRecordSets')]).toEqual([1, 2]);
    expect(counted('route53:ChangeResourceRecordSets')).toBe(2);
  });

  it('one pod that cannot be read costs its own events alone, told once', async () => {
    pods.addServer(BLUE, 1);
    pods.addServer(BLUE, 2, 'us-west-2c');
    pods.addServer(BLUE, 4, 'us-west-2a');
    pods.addServer(GREEN, 3);
    const { zone } = pods.run.ports;
    const records = (pod: Pod) => (pod === BLUE ? Promise.reject(new Error('no zone')) : zone.records(pod));
    pods.run.ports.zone = { ...zone, records };
    const { failed, sentences } = await pods.follow(
      ...[1, 3, 2, 4].map((n): [string, string] => [hostId(n), 'running']),
    );
    expect(failed).toEqual(['event-1', 'event-3', 'event-4']);
    expect(sentences[0]).toBe(`EC2 reported 3 instances (${hostId(1)}, ${hostId(2)}, ${hostId(4)}): no zone.`);
    expect(pods.published()).toEqual([`ntp.az-b.green.pod. A ${hostId(3)}`]);
  });

  it('one record that Route 53 refuses costs its own event alone', async () => {
    pods.addServer(BLUE, 1);
    pods.addServer(BLUE, 2, 'us-west-2c');
    // the batch of both, then the first by itself
    pods.endpoint.faults.next('ChangeResourceRecordSets', 'AccessDenied', { times: 2 });
    const { failed } = await pods.follow([hostId(1), 'running'], [hostId(2), 'running']);
    expect(failed).toEqual(['event-1']);
    expect(pods.published()).toEqual([`ntp.az-c.pod. A ${hostId(2)}`]);
  });

  it('events of one instance, in any order, are one: its end counts, else the newest', async () => {
    pods.addServer(BLUE, 1);
    await registerServers(pods.run, BLUE);
    await pods.settled();
    pods.endpoint.instances.terminate(hostId(1));
    await pods.clock.advance(2 * 3_600_000);
    pods.endpoint.faults.next('ChangeResourceRecordSets', 'AccessDenied');
    const told: [string, string][] = [
      [hostId(1), 'terminated'],
      [hostId(1), 'shutting-down'],
      [hostId(1), 'running'],
    ];
    expect((await pods.follow(...told)).failed).toEqual(['event-1', 'event-2', 'event-3']);
    const { failed, changes } = await pods.follow(...told);
    expect([failed, changes.length, pods.published()]).toEqual([[], 1, []]);
  });

  it('fails as a whole where EC2 says nothing', async () => {
    pods.endpoint.faults.next('DescribeInstances', 'UnauthorizedOperation');
    await expect(pods.follow([hostId(1), 'running'], [hostId(2), 'terminated'])).rejects.toThrow(
      'reading the boundary servers of pods blue, green from EC2: UnauthorizedOperation (log entry tick-1.1)',
    );
  });
});

describe('following a server that is left out', () => {
  const inStrangeAz = (n: number) => {
    const tags = { 'ntp-pod': 'blue', 'ntp-tier': 'boundary' };
    pods.endpoint.instances.adopt({ instanceId: hostId(n), vpc: VPC, az: 'us-west-2d', ipv4: `10.0.2.${n}`, tags });
  };

  it('says why, and nothing of others of which no event tells', async () => {
    inStrangeAz(1);
    inStrangeAz(2);
    const { sentences, failed } = await pods.follow([hostId(1), 'running']);
    expect(sentences).toEqual([
      `${hostId(1)} is tagged ntp-pod=blue, but its AZ us-west-2d is none of the pod's (us-west-2a, us-west-2b, us-west-2c); it is left out.`,
    ]);
    expect(failed).toEqual([]);
  });

  it('is counted by cause where there are many', async () => {
    const four = [1, 2, 3, 4];
    for (const n of four) inStrangeAz(n);
    const { sentences } = await pods.follow(...four.map((n): [string, string] => [hostId(n), 'running']));
    expect(sentences).toEqual([
      `4 instances are tagged ntp-pod=blue, but their AZ us-west-2d is none of the pod's; they are left out (${hostId(1)}, ${hostId(2)} and 2 more).`,
    ]);
  });
});

describe('following an instance of which a late event tells', () => {
  it('says that it is late, and leaves its record', async () => {
    pods.addServer(BLUE, 1);
    await registerServers(pods.run, BLUE);
    await pods.settled();
    const { sentences, changes } = await pods.follow([hostId(1), 'stopped']);
    expect(sentences).toEqual([
      `EC2 reported ${hostId(1)} as stopped, but describes it as running now: the event is late.`,
    ]);
    expect([changes, pods.published()]).toEqual([[], [`ntp.az-b.pod. A ${hostId(1)}`]]);
  });
});

describe('withdrawals planned by a zone that others have changed since', () => {
  it('are all done when they are told as done', async () => {
    pods.addServer(BLUE, 1, 'us-west-2b', ['fd00::2:1']);
    pods.addServer(BLUE, 2, 'us-west-2c', ['fd00::3:2']);
    await registerServers(pods.run, BLUE);
    await pods.settled();
    const { records } = await pods.run.ports.zone.read(BLUE);
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
    const dns = { ports: pods.run.ports, pod: BLUE, tickId: 'tick-1' };
    expect(first).toHaveLength(2);
    await applyChanges(dns, first);
    await pods.settled();
    pods.calls.length = 0;
    const applied = await applyChanges(dns, both);
    expect(applied.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'done']);
    expect(pods.published()).toEqual([]);
    expect(pods.calls).toEqual(['route53:ChangeResourceRecordSets', 'route53:ChangeResourceRecordSets']);
  });
});
