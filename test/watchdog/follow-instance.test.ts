import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId, VPC, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { planInstanceEvent } from '../../src/plan/dns/registration.ts';
import { applyChanges } from '../../src/watchdog/apply.ts';
import { followInstance, registerServers } from '../../src/watchdog/membership.ts';
import { BLUE, GREEN, startTwoPods, type TwoPods } from '../builders/two-pods.ts';

let pods: TwoPods;
beforeEach(async () => {
  pods = await startTwoPods();
});
afterEach(() => pods.close());

describe('following an instance', () => {
  it('that runs: registers it in its pod, and reads no other', async () => {
    pods.addServer(GREEN, 1);
    const answer = await followInstance(pods.run, hostId(1), 'running');
    expect(answer).toMatchObject({ pod: 'green', instanceId: hostId(1), state: 'running' });
    expect(pods.published()).toEqual([`ntp.az-b.green.pod. A ${hostId(1)}`]);
    expect(pods.calls.filter((call) => call === 'route53:ListResourceRecordSets')).toHaveLength(1);
  });

  it('that was terminated: withdraws it', async () => {
    pods.addServer(BLUE, 1, 'us-west-2b', ['fd00::2:1']);
    pods.addServer(BLUE, 2, 'us-west-2c');
    await registerServers(pods.run, BLUE);
    await pods.settled();
    pods.endpoint.instances.terminate(hostId(1));
    const { sentences } = await followInstance(pods.run, hostId(1), 'shutting-down');
    expect(sentences).toEqual([
      `Withdraw ntp.az-b.pod A 10.0.2.1 (${hostId(1)}), EC2 says ${hostId(1)} is shutting-down: done.`,
      `Withdraw ntp.az-b.pod AAAA fd00::2:1 (${hostId(1)}), EC2 says ${hostId(1)} is shutting-down: done.`,
    ]);
    expect(pods.published()).toEqual([`ntp.az-c.pod. A ${hostId(2)}`]);
  });

  it.each(['shutting-down', 'terminated', 'stopping', 'stopped', 'running'])(
    'of somebody else that is %s: asks EC2 once and nobody besides',
    async (state) => {
      pods.endpoint.instances.adopt({ instanceId: hostId(7), vpc: VPC, az: 'us-west-2a', ipv4: null, tags: {} });
      const answer = await followInstance(pods.run, hostId(7), state);
      expect(answer.sentences).toEqual([`EC2 reported ${hostId(7)} as ${state}: nothing of podtime's changes.`]);
      expect(pods.calls).toEqual(['ec2:DescribeInstances']);
    },
  );

  it('of a pod of another stack: asks EC2 once and nobody besides', async () => {
    const tags = { 'ntp-pod': 'red', 'ntp-tier': 'boundary' };
    pods.endpoint.instances.adopt({ instanceId: hostId(7), vpc: VPC, az: 'us-west-2a', ipv4: null, tags });
    await followInstance(pods.run, hostId(7), 'stopping');
    expect(pods.calls).toEqual(['ec2:DescribeInstances']);
  });

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
      const answer = await followInstance(pods.run, hostId(1), 'terminated');
      expect(answer.changes).toMatchObject([{ action: 'DELETE', name: 'ntp.az-b.green.pod', outcome: 'done' }]);
      expect(pods.published()).toEqual([]);
    });

    it('withdraws them though another pod cannot be read, and tells both', async () => {
      pods.endpoint.faults.next('ListResourceRecordSets', 'AccessDenied');
      await expect(followInstance(pods.run, hostId(1), 'terminated')).rejects.toThrow(
        `EC2 reported ${hostId(1)} as terminated: reading zone pod (${ZONE_ID}) of pod blue: AccessDenied (log entry tick-1.1). ` +
          `Withdraw ntp.az-b.green.pod A 10.30.2.1 (${hostId(1)}), EC2 says ${hostId(1)} is terminated: done.`,
      );
      expect(pods.published()).toEqual([]);
    });

    it('tells every pod that cannot be read', async () => {
      pods.endpoint.faults.next('ListResourceRecordSets', 'AccessDenied', { times: 2 });
      await expect(followInstance(pods.run, hostId(1), 'terminated')).rejects.toThrow(/of pod blue: .* of pod green: /);
    });

    it.each(['stopping', 'stopped'])(
      'reads none when it is said to be %s: EC2 describes what is stopped',
      async (state) => {
        const answer = await followInstance(pods.run, hostId(1), state);
        expect([answer.changes, pods.calls]).toEqual([[], ['ec2:DescribeInstances']]);
        expect(pods.published()).toHaveLength(1);
      },
    );

    it('fails when Route 53 refuses, so that the event is repeated', async () => {
      pods.endpoint.faults.next('ChangeResourceRecordSets', 'AccessDenied');
      await expect(followInstance(pods.run, hostId(1), 'terminated')).rejects.toThrow(
        new RegExp(
          `^EC2 reported ${hostId(1)} as terminated: Withdraw ntp.az-b.green.pod A .*: failed: .*AccessDenied`,
        ),
      );
      expect(pods.published()).toHaveLength(1);
    });

    it('reads none when it is said to run: it is too new to be described', async () => {
      const answer = await followInstance(pods.run, hostId(9), 'running');
      expect(answer.changes).toEqual([]);
      expect(pods.calls).toEqual(['ec2:DescribeInstances']);
    });
  });
});

describe('following an instance of which a late event tells', () => {
  it('says that it is late, and leaves its record', async () => {
    pods.addServer(BLUE, 1);
    await registerServers(pods.run, BLUE);
    await pods.settled();
    const { sentences, changes } = await followInstance(pods.run, hostId(1), 'stopped');
    expect(sentences).toEqual([
      `EC2 reported ${hostId(1)} as stopped, but describes it as running now: the event is late.`,
    ]);
    expect([changes, pods.published()]).toEqual([[], [`ntp.az-b.pod. A ${hostId(1)}`]]);
  });
});

describe('following an instance that EC2 describes alone, and not among the hosts of its pod', () => {
  beforeEach(async () => {
    pods.addServer(BLUE, 1);
    const { instances } = pods.run.ports;
    const unread = async () => ({
      hosts: [],
      refused: [],
      faults: ['EC2 does not list pod blue.'],
      unread: [hostId(1)],
    });
    pods.run.ports.instances = { ...instances, ofPod: unread };
  });

  it.each(['running', 'stopping', 'stopped'])('fails when it is %s, so that the event is repeated', async (state) => {
    await expect(followInstance(pods.run, hostId(1), state)).rejects.toThrow(
      `EC2 reported ${hostId(1)} as ${state}: Pod blue: EC2 does not describe ${hostId(1)}. EC2 does not list pod blue.`,
    );
  });

  it('takes a final state at its word', async () => {
    const answer = await followInstance(pods.run, hostId(1), 'terminated');
    expect(answer.sentences).toEqual(['EC2 does not list pod blue.']);
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
