import { ACCOUNT_ID, AwsError } from '../errors.ts';
import { page } from '../paging.ts';
import { ec2Error, ec2Response, queryForm, unflatten } from '../protocol/query.ts';
import type { XmlNode } from '../protocol/xml.ts';
import type { Service } from '../service.ts';
import type { Instance, InstanceState, Instances } from './instances.ts';

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
/** API reference, DescribeInstances: MaxResults "between 5 and 1000". */
const PAGE_LIMITS = { min: 5, max: 1_000 };

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

/** An instance as DescribeInstances shows it now. */
interface Shown {
  instance: Instance;
  tags: Record<string, string>;
  /** Terminated: it has no network any more. */
  gone: boolean;
}

/** EC2's query API, version 2016-11-15: DescribeInstances. */
export function createEc2(instances: Instances): Service {
  const describe = (form: URLSearchParams): Record<string, XmlNode | XmlNode[] | undefined> => {
    const input = unflatten(form);
    const ids = (input.InstanceId ?? []) as string[];
    const filters = ((input.Filter ?? []) as { Name?: string; Value?: string[] }[]).map(readFilter);
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

  return {
    operations: ['DescribeInstances'],
    operation: (request) => (queryForm(request).get('Action') === 'DescribeInstances' ? 'DescribeInstances' : null),
    handle: (operation, request, requestId) =>
      ec2Response(operation, NAMESPACE, describe(queryForm(request)), requestId),
    refuse: (error, _request, requestId) => ec2Error(error, requestId),
    unknownOperation: (request) =>
      new AwsError(
        'InvalidAction',
        `The action ${queryForm(request).get('Action')} is not valid for this web service.`,
      ),
    unsigned: () => new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401),
    throttled: () => new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503),
  };
}

function readPageSize(given: unknown): number {
  if (given === undefined) return Number.MAX_SAFE_INTEGER;
  const size = Number(given);
  if (!Number.isInteger(size) || size < PAGE_LIMITS.min || size > PAGE_LIMITS.max) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${given} ) for parameter maxResults is invalid. Expecting a value between ${PAGE_LIMITS.min} and ${PAGE_LIMITS.max}.`,
    );
  }
  return size;
}

function checkIds(ids: string[], instances: Instances): void {
  const malformed = ids.find((id) => !/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
  if (malformed !== undefined) throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);
  const unknown = ids.filter((id) => instances.find(id) === null);
  if (unknown.length === 1)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${unknown[0]}' does not exist`);
  if (unknown.length > 1)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance IDs '${unknown.join(', ')}' do not exist`);
}

function readFilter({
  Name: name = '',
  Value: values = [],
}: {
  Name?: string;
  Value?: string[];
}): (candidate: Shown) => boolean {
  const key = name.startsWith('tag:') ? name.slice('tag:'.length) : null;
  const look = key !== null ? ({ tags }: Shown) => (Object.hasOwn(tags, key) ? [tags[key] ?? ''] : []) : FILTERS[name];
  if (look === undefined) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  const patterns = values.map(wildcards);
  return (candidate) => look(candidate).some((value) => patterns.some((pattern) => pattern.test(value)));
}

/** `*` is any characters, `?` one (EC2 user guide, "Filtering"). */
function wildcards(value: string): RegExp {
  const literal = value.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 's');
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
