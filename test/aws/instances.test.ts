import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, hostId, startBench, VPC } from '@podtime/aws-endpoint/testing';
import type { Call } from '../../src/aws/call.ts';
import { ec2Instances } from '../../src/aws/instances.ts';
import type { Instances } from '../../src/watchdog/ports.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { BLUE } from '../builders/endpoint-fleet.ts';

const GREEN = { ...BLUE, name: 'green' };

let bench: Bench;
let instances: Instances;
beforeEach(async () => {
  bench = await startBench({ maxAttempts: 4 });
  instances = ec2Instances(bench.ec2, loggedCalls().call);
});
afterEach(() => bench.close());

const adopt = (n: number, tags: Record<string, string>, more: { vpc?: string; az?: string; ipv6?: string[] } = {}) =>
  bench.endpoint.instances.adopt({
    instanceId: hostId(n),
    vpc: VPC,
    az: 'us-west-2b',
    ipv4: `10.0.2.${n}`,
    ipv6: [],
    tags: { 'ntp-pod': 'blue', ...tags },
    ...more,
  });

describe('who is held', () => {
  it('are the pod’s instances with the tag, whatever else is said of them, without those whose tag says no', async () => {
    adopt(1, { 'ntp-tier': 'client' });
    adopt(2, { 'ntp-tier': 'client', 'ntp-hold': '' });
    adopt(3, { 'ntp-tier': 'client', 'ntp-hold': 'No' });
    adopt(4, { 'ntp-hold': 'until Monday' });
    adopt(5, { 'ntp-tier': 'client', 'ntp-hold': 'yes', 'ntp-pod': 'green' });
    expect(await instances.heldOf(BLUE, [])).toEqual({ held: [hostId(2), hostId(4)], unsaid: [], faults: [] });
  });

  it('is one request, however many others there are', async () => {
    for (let n = 1; n <= 1200; n += 1) adopt(n, { 'ntp-tier': 'client', ...(n === 7 && { 'ntp-hold': 'yes' }) });
    const { call } = loggedCalls();
    const actions: string[] = [];
    const counted: Call = (action, ...given) => {
      actions.push(action);
      return call(action, ...given);
    };
    expect(await ec2Instances(bench.ec2, counted).heldOf(BLUE, [])).toEqual({
      held: [hostId(7)],
      unsaid: [],
      faults: [],
    });
    expect(actions).toEqual(['reading who of pod blue is held from EC2']);
  });

  it('throws where EC2 does not say, and nobody is given to be asked for by id', async () => {
    bench.endpoint.faults.next('DescribeInstances', 'Unavailable', { times: 4 });
    await expect(instances.heldOf(BLUE, [])).rejects.toThrow('reading who of pod blue is held from EC2: Unavailable');
  });
});

describe('a pod’s hosts', () => {
  it('are read with tier, AZ, state, addresses and hold', async () => {
    const boundary = adopt(1, { 'ntp-tier': 'boundary' }, { ipv6: ['FD00:0:0::2:1'] });
    adopt(2, { 'ntp-tier': 'client', 'ntp-hold': 'maintenance' });
    adopt(3, { 'ntp-tier': 'client', 'ntp-hold': 'false', 'ntp-pod': 'green' });
    const { hosts, refused } = await instances.ofPod(BLUE, []);
    expect(refused).toEqual([]);
    expect(hosts.map(({ launchedAtMs: _, ...host }) => host)).toEqual([
      {
        instanceId: hostId(1),
        pod: 'blue',
        tier: 'boundary',
        az: 'us-west-2b',
        state: 'running',
        vpc: VPC,
        ipv4: '10.0.2.1',
        ipv6: ['fd00::2:1'],
        held: false,
      },
      {
        instanceId: hostId(2),
        pod: 'blue',
        tier: 'client',
        az: 'us-west-2b',
        state: 'running',
        vpc: VPC,
        ipv4: '10.0.2.2',
        ipv6: [],
        held: true,
      },
    ]);
    expect(hosts[0]?.launchedAtMs).toBe(boundary.launchedAtMs);
  });

  it('show a hostile tag escaped', async () => {
    adopt(1, { 'ntp-tier': '[2J<b>\u202e' });
    adopt(2, { 'ntp-tier': 'x'.repeat(256) });
    const { refused } = await instances.ofPod(BLUE, []);
    expect(refused.map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining('its tag ntp-tier=[2J\\u{3c}b\\u{3e}\\u{202e} is neither'),
      expect.stringContaining(`its tag ntp-tier=${'x'.repeat(255)} is neither`),
    ]);
  });

  it('are left out, each with its sentence, when tag, VPC and AZ do not agree', async () => {
    adopt(1, { 'ntp-tier': 'boundary' });
    adopt(2, { 'ntp-tier': 'server' });
    adopt(3, {});
    adopt(4, { 'ntp-tier': 'client' }, { vpc: 'vpc-0fffffffffffffff0' });
    adopt(5, { 'ntp-tier': 'client' }, { az: 'us-west-2g' });
    adopt(6, { 'ntp-tier': 'client' }, { vpc: '' });
    adopt(7, { 'ntp-tier': 'client' }, { az: '' });
    const { hosts, refused } = await instances.ofPod(BLUE, []);
    expect(hosts.map((host) => host.instanceId)).toEqual([hostId(1)]);
    expect(refused.map(({ sentence }) => sentence)).toEqual([
      `${hostId(2)} is tagged ntp-pod=blue, but its tag ntp-tier=server is neither boundary nor client; it is left out.`,
      `${hostId(3)} is tagged ntp-pod=blue, but EC2 names no tag ntp-tier of it; it is left out.`,
      `${hostId(4)} is tagged ntp-pod=blue, but it runs in vpc-0fffffffffffffff0, not in ${VPC}; it is left out.`,
      `${hostId(5)} is tagged ntp-pod=blue, but its AZ us-west-2g is none of the pod's (us-west-2a, us-west-2b, us-west-2c, us-west-2e); it is left out.`,
      `${hostId(6)} is tagged ntp-pod=blue, but EC2 names no VPC of it; it is left out.`,
      `${hostId(7)} is tagged ntp-pod=blue, but EC2 names no AZ of it; it is left out.`,
    ]);
  });

  it('stay to be told apart when they are dead', async () => {
    adopt(1, { 'ntp-tier': 'boundary' });
    bench.endpoint.instances.terminate(hostId(1));
    await bench.clock.advance(60_000);
    const { hosts } = await instances.ofPod(BLUE, []);
    expect(hosts.map(({ instanceId, state }) => [instanceId, state])).toEqual([[hostId(1), 'terminated']]);
  });

  it('come over several pages', async () => {
    for (let n = 1; n <= 1100; n += 1) {
      bench.endpoint.instances.adopt({
        instanceId: hostId(n),
        vpc: VPC,
        az: 'us-west-2a',
        ipv4: `10.0.${n >> 8}.${n & 255}`,
        tags: { 'ntp-pod': 'blue', 'ntp-tier': 'client' },
      });
    }
    const asked: unknown[] = [];
    bench.ec2.middlewareStack.add(
      (next) => (args) => {
        asked.push((args.input as { MaxResults?: number }).MaxResults);
        return next(args);
      },
      { step: 'initialize' },
    );
    expect((await instances.ofPod(BLUE, [])).hosts).toHaveLength(1100);
    expect(asked).toEqual([500, 500, 500]);
  });
});

describe('asking by id', () => {
  it('tells in which state each is, and which is no instance at all', async () => {
    adopt(1, {});
    adopt(2, {});
    adopt(4, {});
    bench.endpoint.instances.terminate(hostId(2));
    bench.endpoint.instances.stop(hostId(4));
    const { states, unknown, faults } = await instances.statesOf([1, 2, 3, 4, 5].map(hostId));
    expect(Object.fromEntries(states)).toEqual({
      [hostId(1)]: 'running',
      [hostId(2)]: 'shutting-down',
      [hostId(4)]: 'stopping',
    });
    expect([unknown, faults]).toEqual([[3, 5].map(hostId), []]);
  });

  it('concludes nothing of one that EC2 does not answer for, and keeps the others', async () => {
    adopt(1, {});
    bench.endpoint.faults.next('DescribeInstances', 'UnauthorizedOperation');
    const { states, unknown, faults } = await instances.statesOf([hostId(3)]);
    expect([states.size, unknown]).toEqual([0, []]);
    expect(faults).toEqual([
      `EC2 does not say whether ${hostId(3)} exists: UnauthorizedOperation (log entry tick-1.1).`,
    ]);
  });
});

describe('the boundary servers of several pods', () => {
  const read = () => instances.serversOf([BLUE, GREEN], async () => []);

  it('are read in one request, each with its pod, dead ones too, and no client and no other pod', async () => {
    adopt(1, { 'ntp-tier': 'boundary' });
    adopt(2, { 'ntp-tier': 'client' });
    adopt(3, { 'ntp-tier': 'boundary', 'ntp-pod': 'green' });
    adopt(4, { 'ntp-tier': 'boundary', 'ntp-pod': 'red' });
    adopt(5, { 'ntp-tier': 'boundary' });
    bench.endpoint.instances.terminate(hostId(5));
    const { hosts, refused, faults, unread } = await read();
    expect(hosts.map(({ instanceId, pod, state }) => [instanceId, pod, state])).toEqual([
      [hostId(1), 'blue', 'running'],
      [hostId(3), 'green', 'running'],
      [hostId(5), 'blue', 'shutting-down'],
    ]);
    expect([refused, faults, unread]).toEqual([[], [], []]);
  });

  it('are left out with a sentence where tag and VPC do not agree', async () => {
    adopt(1, { 'ntp-tier': 'boundary' }, { vpc: 'vpc-0fffffffffffffff0' });
    expect(await read()).toMatchObject({
      hosts: [],
      refused: [
        {
          subject: hostId(1),
          sentence: `${hostId(1)} is tagged ntp-pod=blue, but it runs in vpc-0fffffffffffffff0, not in ${VPC}; it is left out.`,
        },
      ],
    });
  });
});
