import { ACCOUNT_ID, AwsError } from '../errors.ts';
import { page } from '../paging.ts';
import { ec2Error, ec2Response, queryForm, unflatten } from '../protocol/query.ts';
import type { XmlNode } from '../protocol/xml.ts';
import type { AwsRequest } from '../request.ts';
import type { Service } from '../service.ts';
import { unknownCall } from '../unknown-call.ts';
import { type GivenFilter, readFilter, readPageSize } from './filters.ts';
import { checkIds, type Instance, type InstanceState, type Instances } from './instances.ts';
import { createTags, deleteTags, describeTags } from './tags.ts';
import type { Vpcs } from './vpcs.ts';

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';
/** API reference, InstanceState. */
const STATE_CODES: Record<InstanceState, number> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};
/** What each filter that the endpoint has looks at. */
const FILTERS: Record<string, (instance: Shown) => string[]> = {
  'availability-zone': ({ instance }) => [instance.az],
  'instance-id': ({ instance }) => [instance.instanceId],
  'instance-state-code': ({ instance }) => [String(STATE_CODES[instance.state])],
  'instance-state-name': ({ instance }) => [instance.state],
  'private-ip-address': ({ instance, gone }) => (gone || instance.ipv4 === null ? [] : [instance.ipv4]),
  'subnet-id': ({ instance, gone }) => (gone ? [] : [instance.subnet]),
  'tag-key': ({ tags }) => Object.keys(tags),
  'vpc-id': ({ instance, gone }) => (gone ? [] : [instance.vpc]),
};

type Output = Record<string, XmlNode | XmlNode[] | undefined>;

const tagValue = ({ tags }: Shown, key: string) => (Object.hasOwn(tags, key) ? [tags[key] ?? ''] : []);

/** An instance as DescribeInstances shows it now. */
interface Shown {
  instance: Instance;
  tags: Record<string, string>;
  /** Terminated: it has no network any more. */
  gone: boolean;
}

/** EC2's query API, version 2016-11-15: instances and their tags, and what is described of VPCs. */
export function createEc2(instances: Instances, vpcs: Vpcs): Service {
  const describeInstances = (input: Record<string, unknown>): Output => {
    const ids = (input.InstanceId ?? []) as string[];
    const filters = ((input.Filter ?? []) as GivenFilter[]).map((filter) => readFilter(filter, FILTERS, tagValue));
    if (input.MaxResults !== undefined && ids.length > 0) {
      throw new AwsError(
        'InvalidParameterCombination',
        'The parameter instancesSet cannot be used with the parameter maxResults',
      );
    }
    const size = readPageSize(input.MaxResults);
    checkIds(ids, instances);
    const shown = instances
      .all()
      .filter((instance) => ids.length === 0 || ids.includes(instance.instanceId))
      .map((instance): Shown => ({ instance, tags: instances.tagsOf(instance), gone: instance.state === 'terminated' }))
      .filter((candidate) => filters.every((keep) => keep(candidate)));
    const found = page(shown, size, input.NextToken, `DescribeInstances ${JSON.stringify([input.Filter, size])}`);
    return { reservationSet: { item: found.items.map(reservation) }, nextToken: found.nextToken };
  };

  const operations: Record<string, (input: Record<string, unknown>) => Output> = {
    DescribeInstances: describeInstances,
    DescribeSubnets: vpcs.describeSubnets,
    DescribeTags: (input) => describeTags(input, instances),
    DescribeVpcAttribute: vpcs.describeAttribute,
    DescribeVpcEndpoints: vpcs.describeEndpoints,
    CreateTags: (input) => createTags(input, instances),
    DeleteTags: (input) => deleteTags(input, instances),
  };
  const names = Object.keys(operations);
  const action = (request: AwsRequest) => queryForm(request).get('Action') ?? '';

  return {
    operations: names,
    operation: (request) => names.find((name) => name === action(request)) ?? null,
    handle(operation, request, requestId) {
      const input = unflatten(queryForm(request));
      if (input.DryRun === 'true') {
        throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
      }
      const output = (operations[operation] as (typeof operations)[string])(input);
      return ec2Response(operation, NAMESPACE, output, requestId);
    },
    refuse: (error, _request, requestId) => ec2Error(error, requestId),
    unknownOperation: (request) => new AwsError('InvalidAction', unknownCall('EC2', action(request), names)),
    unsigned: () => new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401),
    throttled: () => new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503),
  };
}

function reservation(shown: Shown): XmlNode {
  const { instance } = shown;
  return {
    reservationId: `r-${instance.instanceId.slice(2)}`,
    ownerId: ACCOUNT_ID,
    groupSet: '',
    instancesSet: { item: [describeInstance(shown)] },
  };
}

function describeInstance({ instance, tags, gone }: Shown): XmlNode {
  const address = gone ? undefined : (instance.ipv4 ?? undefined);
  const tagItems = Object.entries(tags).map(([key, value]) => ({ key, value }));
  return {
    instanceId: instance.instanceId,
    imageId: 'ami-00000000000000000',
    instanceState: { code: STATE_CODES[instance.state], name: instance.state },
    privateDnsName: '',
    dnsName: '',
    reason: '',
    amiLaunchIndex: 0,
    instanceType: 't3.micro',
    launchTime: new Date(instance.launchedAtMs).toISOString(),
    placement: { availabilityZone: instance.az, groupName: '', tenancy: 'default' },
    monitoring: { state: 'disabled' },
    subnetId: gone ? undefined : instance.subnet,
    vpcId: gone ? undefined : instance.vpc,
    privateIpAddress: address,
    stateReason:
      instance.stateReason === ''
        ? undefined
        : { code: instance.stateReason, message: `${instance.stateReason}: User initiated shutdown` },
    architecture: 'x86_64',
    iamInstanceProfile:
      instance.profile === null
        ? undefined
        : { arn: `arn:aws:iam::${ACCOUNT_ID}:instance-profile/${instance.profile}`, id: 'AIPALOCALENDPOINTPROFILE' },
    tagSet: tagItems.length > 0 ? { item: tagItems } : undefined,
    networkInterfaceSet: gone ? '' : { item: [networkInterface(instance)] },
    ipv6Address: gone ? undefined : instance.ipv6[0],
  };
}

function networkInterface(instance: Instance): XmlNode {
  return {
    networkInterfaceId: `eni-${instance.instanceId.slice(2)}`,
    subnetId: instance.subnet,
    vpcId: instance.vpc,
    ownerId: ACCOUNT_ID,
    status: 'in-use',
    privateIpAddress: instance.ipv4 ?? undefined,
    privateIpAddressesSet:
      instance.ipv4 === null ? undefined : { item: [{ privateIpAddress: instance.ipv4, primary: true }] },
    ipv6AddressesSet:
      instance.ipv6.length === 0 ? undefined : { item: instance.ipv6.map((ipv6Address) => ({ ipv6Address })) },
    interfaceType: 'interface',
  };
}
