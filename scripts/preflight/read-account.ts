import {
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcEndpointsCommand,
  type EC2Client,
  type Filter,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import { GetHostedZoneCommand, type Route53Client } from '@aws-sdk/client-route-53';
import { GetParametersCommand, paginateDescribeInstanceInformation, type SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { hostOf } from '../../src/aws/host.ts';
import { route53Zone } from '../../src/aws/zone.ts';
import { type Pod, TAGS } from '../../src/fleet/fleet.ts';
import { asked, type Clients, type Connection, call, clientsOf, limit, orNothing, settings } from './connection.ts';
import type { Facts, PodFacts, RegionFacts, SeenAgent, SeenEndpoint, SeenHosts } from './facts.ts';

/** All pages of one list: those of 50,000 agents are 1,000, at some ten a second. */
const LIST_LIMIT_MS = 300_000;
/** EC2 answers as many to a page; SSM 50 at the most. */
const INSTANCES_PER_PAGE = 500;
const AGENTS_PER_PAGE = 50;
/** Pods that are looked at side by side: they share the rates of their account. */
const PODS_AT_ONCE = 4;
/** Codes by which AWS says that it knows none of these credentials: no other call would say more. */
const NOBODY = [
  'AuthFailure',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
];

/** Whether nothing else is worth asking. */
export function isNobody(caller: Facts['caller']): boolean {
  return 'failure' in caller && NOBODY.includes(caller.failure.code);
}

/** Whose account it is, asked in this region. Never throws. */
export async function readCaller(connection: Connection, region: string): Promise<Facts['caller']> {
  const sts = new STSClient(settings(connection, region));
  return asked('sts:GetCallerIdentity', async () => {
    const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}), limit());
    return { account: Account, arn: Arn };
  }).finally(() => sts.destroy());
}

/** All that is read of these pods and their regions. Never throws: what AWS does not say is said to be so, read by read. */
export async function readPods(
  connection: Connection,
  pods: readonly Pod[],
  stage: string,
): Promise<Omit<Facts, 'caller' | 'nowMs'>> {
  const regions = [...new Set(pods.map(({ region }) => region))];
  const clients = new Map(regions.map((region) => [region, clientsOf(connection, region)]));
  try {
    const concurrency = Promise.all(regions.map((region) => readRegion(clients.get(region) as Clients, region)));
    const read = new Map<Pod, PodFacts>();
    const waiting = [...pods];
    const worker = async () => {
      for (let pod = waiting.shift(); pod !== undefined; pod = waiting.shift())
        read.set(pod, await readPod(clients.get(pod.region) as Clients, pod, stage));
    };
    await Promise.all(Array.from({ length: PODS_AT_ONCE }, worker));
    return { regions: await concurrency, pods: pods.map((pod) => read.get(pod) as PodFacts) };
  } finally {
    for (const each of clients.values()) for (const client of Object.values(each)) client.destroy();
  }
}

async function readRegion({ lambda }: Clients, region: string): Promise<RegionFacts> {
  return {
    region,
    concurrency: await asked('lambda:GetAccountSettings', async () => {
      const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}), limit());
      const { ConcurrentExecutions, UnreservedConcurrentExecutions } = AccountLimit ?? {};
      if (ConcurrentExecutions === undefined) throw new Error('the answer has no limit');
      return { executions: ConcurrentExecutions, unreserved: UnreservedConcurrentExecutions ?? ConcurrentExecutions };
    }),
  };
}

async function readPod(clients: Clients, pod: Pod, stage: string): Promise<PodFacts> {
  const { ec2, ssm } = clients;
  const [hosts, agents, vpcDns, endpoints, subnets, zone, modes] = await Promise.all([
    asked('ec2:DescribeInstances', () => readHosts(ec2, pod)),
    asked('ssm:DescribeInstanceInformation', () => readAgents(ssm, pod)),
    pod.vpc === '' ? null : asked('ec2:DescribeVpcAttribute', () => readVpcDns(ec2, pod.vpc)),
    pod.vpc === '' ? null : asked('ec2:DescribeVpcEndpoints', () => readEndpoints(ec2, pod)),
    pod.newEndpoint === null || pod.vpc === ''
      ? null
      : asked('ec2:DescribeSubnets', () => readSubnets(ec2, pod.newEndpoint?.subnets ?? [])),
    pod.zone.id === '' ? null : asked('route53:GetHostedZone', () => readZone(clients.route53, pod.zone.id)),
    asked('ssm:GetParameters', () => readModes(ssm, [`/podtime/${stage}/${pod.name}/mode`, `/podtime/${stage}/mode`])),
  ]);
  // of a zone that is not there, or is another, what stands in it says nothing
  const isMeant = zone !== null && !('said' in zone && zone.said?.name !== pod.zone.name);
  const records = isMeant
    ? await asked('route53:ListResourceRecordSets', () => route53Zone(clients.route53, call).read(pod))
    : null;
  return { pod, hosts, agents, vpcDns, endpoints, subnets, zone, records, modes };
}

async function readHosts(client: EC2Client, pod: Pod): Promise<SeenHosts> {
  const seen: SeenHosts = { hosts: [], refused: [] };
  const Filters = [{ Name: `tag:${TAGS.pod}`, Values: [pod.name] }];
  const pages = paginateDescribeInstances({ client, pageSize: INSTANCES_PER_PAGE }, { Filters }, limit(LIST_LIMIT_MS));
  for await (const { Reservations = [] } of pages)
    for (const instance of Reservations.flatMap(({ Instances = [] }) => Instances)) {
      const host = hostOf(instance, pod);
      if ('sentence' in host) seen.refused.push(host);
      else seen.hosts.push({ ...host, hasProfile: instance.IamInstanceProfile !== undefined });
    }
  return seen;
}

async function readAgents(client: SSMClient, pod: Pod): Promise<Map<string, SeenAgent>> {
  const agents = new Map<string, SeenAgent>();
  const Filters = [{ Key: `tag:${TAGS.pod}`, Values: [pod.name] }];
  const pages = paginateDescribeInstanceInformation(
    { client, pageSize: AGENTS_PER_PAGE },
    { Filters },
    limit(LIST_LIMIT_MS),
  );
  for await (const { InstanceInformationList = [] } of pages)
    for (const {
      InstanceId = '',
      PingStatus,
      LastPingDateTime,
      AgentVersion = '',
      PlatformType = 'Linux',
    } of InstanceInformationList)
      agents.set(InstanceId, {
        isOnline: PingStatus === 'Online',
        lastPingMs: LastPingDateTime?.getTime() ?? null,
        version: AgentVersion,
        platform: PlatformType,
      });
  return agents;
}

async function readVpcDns(client: EC2Client, VpcId: string) {
  return orNothing(['InvalidVpcID.NotFound', 'InvalidVpcID.Malformed'], async () => {
    const ask = (Attribute: 'enableDnsSupport' | 'enableDnsHostnames') =>
      client.send(new DescribeVpcAttributeCommand({ VpcId, Attribute }), limit());
    const [{ EnableDnsSupport }, { EnableDnsHostnames }] = await Promise.all([
      ask('enableDnsSupport'),
      ask('enableDnsHostnames'),
    ]);
    return { support: EnableDnsSupport?.Value === true, hostnames: EnableDnsHostnames?.Value === true };
  });
}

/** By filters: an id that nobody has is then no error. */
async function readEndpoints(client: EC2Client, { vpc, endpoints }: Pod): Promise<SeenEndpoint[]> {
  const list = (filter: Filter) => describeEndpoints(client, filter);
  const ofVpc = await list({ Name: 'vpc-id', Values: [vpc] });
  const elsewhere = endpoints.filter((id) => !ofVpc.some((each) => each.id === id));
  return elsewhere.length === 0 ? ofVpc : [...ofVpc, ...(await list({ Name: 'vpc-endpoint-id', Values: elsewhere }))];
}

async function describeEndpoints(client: EC2Client, filter: Filter): Promise<SeenEndpoint[]> {
  const found: SeenEndpoint[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeVpcEndpointsCommand({ Filters: [filter], NextToken }), limit());
    for (const {
      VpcEndpointId = '',
      VpcId = '',
      ServiceName = '',
      State = '',
      PrivateDnsEnabled,
    } of page.VpcEndpoints ?? [])
      found.push({
        id: VpcEndpointId,
        vpc: VpcId,
        service: ServiceName,
        // EC2 writes it in lower case, its service model does not
        state: State.toLowerCase(),
        hasPrivateDns: PrivateDnsEnabled === true,
      });
    NextToken = page.NextToken || undefined;
  } while (NextToken !== undefined);
  return found;
}

async function readSubnets(client: EC2Client, ids: readonly string[]) {
  const Filters = [{ Name: 'subnet-id', Values: [...ids] }];
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({ Filters }), limit());
  return Subnets.map(({ SubnetId = '', VpcId = '', AvailabilityZone = '' }) => ({
    id: SubnetId,
    vpc: VpcId,
    az: AvailabilityZone,
  }));
}

async function readZone(client: Route53Client, Id: string) {
  return orNothing(['NoSuchHostedZone'], async () => {
    const { HostedZone, VPCs = [] } = await client.send(new GetHostedZoneCommand({ Id }), limit());
    if (HostedZone?.Name === undefined) throw new Error('the answer names no zone');
    return {
      name: HostedZone.Name.replace(/\.$/, ''),
      isPrivate: HostedZone.Config?.PrivateZone === true,
      vpcs: VPCs.map(({ VPCId = '', VPCRegion = '' }) => ({ id: VPCId, region: String(VPCRegion) })),
    };
  });
}

async function readModes(client: SSMClient, names: string[]) {
  const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: names }), limit());
  return names.map((name) => ({ name, text: Parameters.find(({ Name }) => Name === name)?.Value?.trim() ?? null }));
}
