import { ACCOUNT_ID, AwsError } from '../errors.ts';
import { page } from '../paging.ts';
import type { XmlNode } from '../protocol/xml.ts';
import { type GivenFilter, readFilter } from './filters.ts';
import type { Instances } from './instances.ts';

type Output = Record<string, XmlNode | XmlNode[] | undefined>;

/** A VPC endpoint, as it is described. */
export interface VpcEndpointSpec {
  /** `vpce-…` */
  id: string;
  /** The last part of its service's name: `ssm`, `execute-api`. */
  service: string;
  /** Default: Interface. */
  type?: 'Interface' | 'Gateway';
  /** Default: true for an interface endpoint. */
  privateDns?: boolean;
  /** Default: Available. */
  state?: string;
}

/** A VPC with what is described of it. */
export interface VpcSpec {
  /** `vpc-…` */
  id: string;
  /** Default: true. */
  dnsSupport?: boolean;
  /** Default: true, which a private zone wants; a VPC that is made has false. */
  dnsHostnames?: boolean;
  endpoints?: readonly VpcEndpointSpec[];
  subnets?: readonly { id: string; az: string }[];
}

export interface Vpcs {
  describeAttribute(input: Record<string, unknown>): Output;
  describeEndpoints(input: Record<string, unknown>): Output;
  describeSubnets(input: Record<string, unknown>): Output;
}

export interface VpcsDeps {
  /** May change while the endpoint runs. */
  specs: readonly VpcSpec[];
  region: string;
  /** VPCs that these name are there too, with nothing in them. */
  zones: { all(): { vpcs: readonly { id: string }[] }[] };
  instances: Pick<Instances, 'all'>;
}

/** API reference, DescribeVpcEndpoints and DescribeSubnets: up to 1,000. */
const MOST_RESULTS = 1000;

interface Endpoint extends VpcEndpointSpec {
  vpc: string;
  serviceName: string;
}
type Subnet = { id: string; az: string; vpc: string };

const ENDPOINT_FILTERS: Record<string, (endpoint: Endpoint) => string[]> = {
  'service-name': ({ serviceName }) => [serviceName],
  'vpc-endpoint-id': ({ id }) => [id],
  'vpc-endpoint-state': ({ state = 'Available' }) => [state],
  'vpc-endpoint-type': ({ type = 'Interface' }) => [type],
  'vpc-id': ({ vpc }) => [vpc],
};

const SUBNET_FILTERS: Record<string, (subnet: Subnet) => string[]> = {
  'availability-zone': ({ az }) => [az],
  'subnet-id': ({ id }) => [id],
  'vpc-id': ({ vpc }) => [vpc],
};

/** What EC2 describes of VPCs, as far as somebody looks who is about to put something into one. */
export function createVpcs({ specs, region, zones, instances }: VpcsDeps): Vpcs {
  const isNamed = (id: string) =>
    instances.all().some(({ vpc }) => vpc === id) || zones.all().some(({ vpcs }) => vpcs.some((vpc) => vpc.id === id));
  const endpoints = (): Endpoint[] =>
    specs.flatMap(({ id: vpc, endpoints: own = [] }) =>
      own.map((endpoint) => ({ ...endpoint, vpc, serviceName: `com.amazonaws.${region}.${endpoint.service}` })),
    );
  const subnets = (): Subnet[] =>
    specs.flatMap(({ id: vpc, subnets: own = [] }) => own.map((subnet) => ({ ...subnet, vpc })));

  return {
    describeAttribute({ VpcId, Attribute }) {
      if (VpcId === undefined) throw missing('vpcId');
      if (Attribute === undefined) throw missing('attribute');
      const id = String(VpcId);
      const vpc = specs.find((spec) => spec.id === id) ?? (isNamed(id) ? { id } : null);
      if (vpc === null) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
      const { dnsSupport = true, dnsHostnames = true } = vpc;
      if (Attribute === 'enableDnsSupport') return { vpcId: id, enableDnsSupport: { value: dnsSupport } };
      if (Attribute === 'enableDnsHostnames') return { vpcId: id, enableDnsHostnames: { value: dnsHostnames } };
      throw new AwsError('InvalidParameterValue', `Value (${Attribute}) for parameter attribute is invalid.`);
    },
    describeEndpoints(input) {
      const unknown = unknownIn(input.VpcEndpointId, endpoints());
      if (unknown !== null)
        throw new AwsError('InvalidVpcEndpointId.NotFound', `The Vpc Endpoint Id '${unknown}' does not exist`);
      const found = described(input, 'VpcEndpointId', endpoints(), ENDPOINT_FILTERS);
      return { vpcEndpointSet: { item: found.items.map(endpoint) }, nextToken: found.nextToken };
    },
    describeSubnets(input) {
      const unknown = unknownIn(input.SubnetId, subnets());
      if (unknown !== null) throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${unknown}' does not exist`);
      const found = described(input, 'SubnetId', subnets(), SUBNET_FILTERS);
      return { nextToken: found.nextToken, subnetSet: { item: found.items.map(subnet) } };
    },
  };
}

function described<Candidate extends { id: string }>(
  input: Record<string, unknown>,
  idsName: string,
  candidates: readonly Candidate[],
  looks: Record<string, (candidate: Candidate) => string[]>,
) {
  const ids = (input[idsName] ?? null) as string[] | null;
  const filters = ((input.Filter ?? []) as GivenFilter[]).map((filter) => readFilter(filter, looks, () => []));
  const kept = candidates.filter(
    (candidate) => (ids === null || ids.includes(candidate.id)) && filters.every((keep) => keep(candidate)),
  );
  const size = Math.min(Number(input.MaxResults ?? MOST_RESULTS), MOST_RESULTS);
  return page(kept, size, input.NextToken, `${idsName} ${JSON.stringify([ids, input.Filter, size])}`);
}

function unknownIn(ids: unknown, there: readonly { id: string }[]): string | null {
  return ((ids ?? []) as string[]).find((id) => !there.some((each) => each.id === id)) ?? null;
}

function endpoint({
  id,
  vpc,
  serviceName,
  type = 'Interface',
  privateDns = type === 'Interface',
  state,
}: Endpoint): XmlNode {
  return {
    vpcEndpointId: id,
    vpcEndpointType: type,
    vpcId: vpc,
    serviceName,
    state: state ?? 'Available',
    privateDnsEnabled: privateDns,
    requesterManaged: false,
    ownerId: ACCOUNT_ID,
  };
}

function subnet({ id, vpc, az }: Subnet): XmlNode {
  return { subnetId: id, vpcId: vpc, state: 'available', availabilityZone: az, ownerId: ACCOUNT_ID };
}

const missing = (name: string) => new AwsError('MissingParameter', `The request must contain the parameter ${name}`);
