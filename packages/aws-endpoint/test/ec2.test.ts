import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeSubnetsCommand,
  type DescribeSubnetsCommandInput,
  DescribeVpcAttributeCommand,
  DescribeVpcEndpointsCommand,
  type DescribeVpcEndpointsCommandInput,
  type VpcAttributeName,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addHost, type Bench, hostId, refusalOf, startBench, VPC } from '../src/testing/index.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const describeInstances = (input: DescribeInstancesCommandInput) => bench.ec2.send(new DescribeInstancesCommand(input));
const ids = async (input: DescribeInstancesCommandInput) =>
  ((await describeInstances(input)).Reservations ?? []).flatMap((reservation) =>
    (reservation.Instances ?? []).map((instance) => instance.InstanceId),
  );
const SPEC = {
  vpc: VPC,
  az: 'us-west-2e',
  ipv4: '10.0.0.7',
  ipv6: ['fd00::7'],
  tags: { 'ntp-pod': 'blue', 'ntp-tier': 'boundary' },
};

describe('an instance', () => {
  it('is pending, then running; its tags come later than it does', async () => {
    const askedMs = Date.now();
    const { instanceId } = bench.endpoint.instances.run(SPEC);
    const launchedBy = Date.now();
    const [first] = (await describeInstances({ InstanceIds: [instanceId] })).Reservations?.[0]?.Instances ?? [];
    expect([first?.State, first?.Tags]).toEqual([{ Code: 0, Name: 'pending' }, undefined]);
    expect(await ids({ Filters: [{ Name: 'tag:ntp-pod', Values: ['blue'] }] })).toEqual([]);
    await bench.clock.advance(10_000);
    const [instance] =
      (await describeInstances({ Filters: [{ Name: 'tag:ntp-pod', Values: ['blue'] }] })).Reservations?.[0]
        ?.Instances ?? [];
    expect(instance?.LaunchTime?.getTime()).toBeGreaterThanOrEqual(askedMs);
    expect(instance?.LaunchTime?.getTime()).toBeLessThanOrEqual(launchedBy);
    expect({
      id: instance?.InstanceId,
      state: instance?.State,
      vpc: instance?.VpcId,
      az: instance?.Placement?.AvailabilityZone,
      ipv4: instance?.PrivateIpAddress,
      ipv6: instance?.NetworkInterfaces?.flatMap((card) => card.Ipv6Addresses?.map((address) => address.Ipv6Address)),
      tags: instance?.Tags,
    }).toEqual({
      id: instanceId,
      state: { Code: 16, Name: 'running' },
      vpc: VPC,
      az: 'us-west-2e',
      ipv4: '10.0.0.7',
      ipv6: ['fd00::7'],
      tags: [
        { Key: 'ntp-pod', Value: 'blue' },
        { Key: 'ntp-tier', Value: 'boundary' },
      ],
    });
  });

  it('is described for an hour after its end, without its network, and then unknown', async () => {
    addHost(bench, hostId(1), SPEC.tags);
    bench.endpoint.instances.terminate(hostId(1));
    const shown = async () => (await describeInstances({ InstanceIds: [hostId(1)] })).Reservations?.[0]?.Instances?.[0];
    expect((await shown())?.State?.Name).toBe('shutting-down');
    await bench.clock.advance(10_000);
    const gone = await shown();
    expect([gone?.State?.Name, gone?.VpcId, gone?.PrivateIpAddress, gone?.StateReason?.Code]).toEqual([
      'terminated',
      undefined,
      undefined,
      'Client.UserInitiatedShutdown',
    ]);
    expect(await ids({ Filters: [{ Name: 'vpc-id', Values: [VPC] }] })).toEqual([]);
    expect(await ids({ Filters: [{ Name: 'tag:ntp-pod', Values: ['blue'] }] })).toEqual([hostId(1)]);
    await bench.clock.advance(3_600_000);
    expect(await refusalOf(shown())).toEqual({
      name: 'InvalidInstanceID.NotFound',
      message: `The instance ID '${hostId(1)}' does not exist`,
      status: 400,
    });
  });

  it('stops and starts again; what cannot be is an error with the reason', async () => {
    addHost(bench, hostId(1));
    const { instances } = bench.endpoint;
    instances.stop(hostId(1));
    expect(() => instances.start(hostId(1))).toThrow(`cannot start ${hostId(1)}: it is stopping`);
    await bench.clock.advance(10_000);
    instances.start(hostId(1));
    await bench.clock.advance(10_000);
    expect(instances.find(hostId(1))?.state).toBe('running');
    expect(bench.events.flatMap((event) => (event.kind === 'instance state' ? [event.state] : []))).toEqual([
      'stopping',
      'stopped',
      'pending',
      'running',
    ]);
    expect(() => instances.stop(hostId(2))).toThrow(`The instance ID '${hostId(2)}' does not exist`);
  });
});

describe('DescribeInstances', () => {
  it('names the ids it does not know, and describes none then', async () => {
    addHost(bench, hostId(1));
    expect(await refusalOf(describeInstances({ InstanceIds: [hostId(1), hostId(8), hostId(9)] }))).toEqual({
      name: 'InvalidInstanceID.NotFound',
      message: `The instance IDs '${hostId(8)}, ${hostId(9)}' do not exist`,
      status: 400,
    });
    expect(await refusalOf(describeInstances({ InstanceIds: ['i-nonsense'] }))).toMatchObject({
      name: 'InvalidInstanceID.Malformed',
      message: 'Invalid id: "i-nonsense"',
    });
  });

  it('filters: all filters must hold, any value of each, with wildcards', async () => {
    addHost(bench, hostId(1), { 'ntp-pod': 'blue', 'ntp-tier': 'client' });
    addHost(bench, hostId(2), { 'ntp-pod': 'green', 'ntp-tier': 'client' });
    addHost(bench, hostId(3), { 'ntp-pod': 'blue', 'ntp-tier': 'boundary' });
    bench.endpoint.instances.stop(hostId(3));
    const filters = (...Filters: [string, ...string[]][]) =>
      ids({ Filters: Filters.map(([Name, ...Values]) => ({ Name, Values })) });
    expect(await filters(['tag:ntp-pod', 'blue'])).toEqual([hostId(1), hostId(3)]);
    expect(await filters(['tag:ntp-pod', 'blue', 'green'], ['instance-state-name', 'pending', 'running'])).toEqual([
      hostId(1),
      hostId(2),
    ]);
    expect(await filters(['tag:ntp-pod', 'b*'], ['vpc-id', VPC], ['tag-key', 'ntp-tier'])).toEqual([
      hostId(1),
      hostId(3),
    ]);
    expect(await filters(['tag:ntp-pod', 'blu'])).toEqual([]);
    expect(await refusalOf(filters(['colour', 'blue']))).toMatchObject({
      name: 'InvalidParameterValue',
      message: "The filter 'colour' is invalid",
    });
  });

  it('comes in pages', async () => {
    for (let at = 1; at <= 12; at += 1) addHost(bench, hostId(at), SPEC.tags);
    const first = await describeInstances({ MaxResults: 5 });
    const second = await describeInstances({ MaxResults: 5, NextToken: first.NextToken });
    const third = await describeInstances({ MaxResults: 5, NextToken: second.NextToken });
    expect([first, second, third].map((answer) => answer.Reservations?.length)).toEqual([5, 5, 2]);
    expect(third.NextToken).toBeUndefined();
    expect(await refusalOf(describeInstances({ MaxResults: 4 }))).toMatchObject({ name: 'InvalidParameterValue' });
    expect(await refusalOf(describeInstances({ MaxResults: 5, InstanceIds: [hostId(1)] }))).toMatchObject({
      name: 'InvalidParameterCombination',
    });
  });
});

it('names the profile of an instance that has one', async () => {
  const [withProfile, without] = [hostId(1), hostId(2)];
  bench.endpoint.instances.adopt({ ...SPEC, instanceId: withProfile, profile: 'ntp-host' });
  bench.endpoint.instances.adopt({ ...SPEC, instanceId: without });
  const { Reservations = [] } = await describeInstances({ InstanceIds: [withProfile, without] });
  expect(Reservations.map(({ Instances }) => Instances?.[0]?.IamInstanceProfile?.Arn)).toEqual([
    'arn:aws:iam::123456789012:instance-profile/ntp-host',
    undefined,
  ]);
});

describe('a VPC', () => {
  const OTHER = 'vpc-00000000000000001';
  beforeEach(async () => {
    await bench.close();
    bench = await startBench({
      vpcs: [
        {
          id: OTHER,
          dnsHostnames: false,
          endpoints: [
            { id: 'vpce-00000000000000001', service: 'ssm', privateDns: false, state: 'Pending' },
            { id: 'vpce-00000000000000002', service: 's3', type: 'Gateway' },
          ],
          subnets: [
            { id: 'subnet-00000000000000001', az: 'us-west-2a' },
            { id: 'subnet-00000000000000002', az: 'us-west-2b' },
          ],
        },
      ],
    });
  });
  const attribute = async (VpcId: string | undefined, Attribute: VpcAttributeName) => {
    const told = await bench.ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute }));
    return [told.VpcId, told.EnableDnsSupport?.Value, told.EnableDnsHostnames?.Value];
  };

  it('says whether DNS is on in it, also one that only a zone names', async () => {
    expect(await attribute(OTHER, 'enableDnsSupport')).toEqual([OTHER, true, undefined]);
    expect(await attribute(OTHER, 'enableDnsHostnames')).toEqual([OTHER, undefined, false]);
    expect(await attribute(VPC, 'enableDnsHostnames')).toEqual([VPC, undefined, true]);
    const refused = async (vpc: string | undefined, name: string) =>
      (await refusalOf(attribute(vpc, name as VpcAttributeName))).name;
    expect(await refused('vpc-00000000000000009', 'enableDnsSupport')).toBe('InvalidVpcID.NotFound');
    expect(await refused(OTHER, 'colour')).toBe('InvalidParameterValue');
    expect(await refused(undefined, 'enableDnsSupport')).toBe('MissingParameter');
  });

  it('has endpoints, by filter and by id', async () => {
    const endpoints = async (input: DescribeVpcEndpointsCommandInput) =>
      (await bench.ec2.send(new DescribeVpcEndpointsCommand(input))).VpcEndpoints ?? [];
    expect(await endpoints({ Filters: [{ Name: 'vpc-id', Values: [OTHER] }] })).toMatchObject([
      {
        VpcEndpointId: 'vpce-00000000000000001',
        VpcEndpointType: 'Interface',
        VpcId: OTHER,
        ServiceName: 'com.amazonaws.us-west-2.ssm',
        State: 'Pending',
        PrivateDnsEnabled: false,
      },
      { VpcEndpointId: 'vpce-00000000000000002', VpcEndpointType: 'Gateway', State: 'Available' },
    ]);
    expect(await endpoints({ Filters: [{ Name: 'vpc-id', Values: [VPC] }] })).toEqual([]);
    expect(await endpoints({ VpcEndpointIds: ['vpce-00000000000000002'] })).toHaveLength(1);
    const unknown = refusalOf(endpoints({ VpcEndpointIds: ['vpce-00000000000000009'] }));
    expect((await unknown).name).toBe('InvalidVpcEndpointId.NotFound');
    const page = await bench.ec2.send(new DescribeVpcEndpointsCommand({ MaxResults: 1 }));
    expect(await endpoints({ MaxResults: 1, NextToken: page.NextToken })).toMatchObject([
      { VpcEndpointType: 'Gateway' },
    ]);
  });

  it('has subnets, by filter and by id', async () => {
    const subnets = async (input: DescribeSubnetsCommandInput) =>
      (await bench.ec2.send(new DescribeSubnetsCommand(input))).Subnets ?? [];
    expect(await subnets({ Filters: [{ Name: 'availability-zone', Values: ['us-west-2b'] }] })).toMatchObject([
      { SubnetId: 'subnet-00000000000000002', VpcId: OTHER, AvailabilityZone: 'us-west-2b', State: 'available' },
    ]);
    expect(await subnets({ SubnetIds: ['subnet-00000000000000001'] })).toHaveLength(1);
    const unknown = refusalOf(subnets({ SubnetIds: ['subnet-00000000000000009'] }));
    expect((await unknown).name).toBe('InvalidSubnetID.NotFound');
  });
});
