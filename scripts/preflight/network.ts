import type { Pod } from '../../src/fleet/fleet.ts';
import { fewOf } from '../../src/fleet/gathering.ts';
import { count, listed } from '../../src/fleet/sentences.ts';
import type { PodFacts, SeenEndpoint, SeenSubnet } from './facts.ts';
import { type Finding, findings, said } from './finding.ts';
import { onlineOf } from './hosts.ts';

const ENDPOINT_STEP = 'docs/deploy.md, step 3.';
/** As docs/deploy.md has them; the last is for agents before 3.3.40.0 alone (Systems Manager user guide, "ec2messages, ssmmessages"). */
const SSM_SERVICES = ['ssm', 'ssmmessages', 'ec2messages'];

/** Whether the VPC is there, and its hosts can find names of a private zone. */
export function judgeVpc({ pod, vpcDns }: Pick<PodFacts, 'pod' | 'vpcDns'>): Finding[] {
  const read = said(vpcDns);
  if (read === null) return [];
  const { stop, well } = findings('vpc', pod.name);
  if (read.said === null)
    return [
      stop(
        `Pod ${pod.name}: there is no VPC ${pod.vpc} in this account and ${pod.region}.`,
        `Correct pods.${pod.name}.vpc of fleet.yml, or the credentials.`,
      ),
    ];
  const { support, hostnames } = read.said;
  const off = [
    ...(support ? [] : [['enableDnsSupport', '--enable-dns-support']]),
    ...(hostnames ? [] : [['enableDnsHostnames', '--enable-dns-hostnames']]),
  ];
  if (off.length === 0) return [well(`Pod ${pod.name}: ${pod.vpc} has DNS support and DNS host names.`)];
  return off.map(([name, option]) =>
    stop(
      `Pod ${pod.name}: ${name} of ${pod.vpc} is off: its hosts find no name of a private zone.`,
      `aws ec2 modify-vpc-attribute --region ${pod.region} --vpc-id ${pod.vpc} ${option} '{"Value":true}'`,
    ),
  );
}

/** Whether hosts reach the API: by endpoints that are there, or by one that the stack can make. */
export function judgeApiEndpoints(
  facts: Pick<PodFacts, 'pod' | 'endpoints' | 'subnets'>,
  operatorVpcs: readonly string[],
): Finding[] {
  const endpoints = said(facts.endpoints)?.said ?? null;
  return [
    ...(endpoints === null ? [] : judgeNamed(facts.pod, endpoints, operatorVpcs)),
    ...judgeNew(facts.pod, endpoints, said(facts.subnets)?.said ?? null),
  ];
}

function judgeNamed(pod: Pod, seen: readonly SeenEndpoint[], operatorVpcs: readonly string[]): Finding[] {
  const { stop, warn, well } = findings('endpoints', pod.name);
  const fix = `Correct pods.${pod.name}.endpoints of fleet.yml; ${ENDPOINT_STEP}`;
  const good: string[] = [];
  const faults = pod.endpoints.flatMap((id) => {
    const endpoint = seen.find((each) => each.id === id);
    if (endpoint === undefined)
      return [stop(`Pod ${pod.name}: there is no endpoint ${id} in this account and ${pod.region}.`, fix)];
    if (!isOf(endpoint, pod, 'execute-api'))
      return [stop(`Pod ${pod.name}: endpoint ${id} is for ${endpoint.service}, not for execute-api.`, fix)];
    if (endpoint.vpc !== pod.vpc)
      return operatorVpcs.includes(endpoint.vpc)
        ? []
        : [
            warn(
              `Pod ${pod.name}: endpoint ${id} is in ${endpoint.vpc}, which is neither the pod's ${pod.vpc} nor an operator's: nobody is let in by it.`,
              fix,
            ),
          ];
    if (endpoint.state !== 'available')
      return [warn(`Pod ${pod.name}: endpoint ${id} is ${endpoint.state}, not yet available.`, ENDPOINT_STEP)];
    good.push(id);
    return [];
  });
  if (good.length > 0)
    return [
      ...faults,
      well(
        `Pod ${pod.name}: ${count(good.length, 'execute-api endpoint')} of its VPC ${good.length === 1 ? 'is' : 'are'} available.`,
      ),
    ];
  const isBarred =
    pod.endpoints.length > 0 && pod.newEndpoint === null && !faults.some(({ severity }) => severity === 'stop');
  return isBarred
    ? [
        ...faults,
        stop(
          `Pod ${pod.name}: none of its ${count(pod.endpoints.length, 'endpoint')} is available in ${pod.vpc} (limit 1): no host reaches the API.`,
          fix,
        ),
      ]
    : faults;
}

/** What CloudFormation would fail at when it makes the endpoint. */
function judgeNew(pod: Pod, seen: readonly SeenEndpoint[] | null, subnets: readonly SeenSubnet[] | null): Finding[] {
  const { newEndpoint } = pod;
  if (newEndpoint === null) return [];
  const { stop, well } = findings('endpoints', pod.name);
  const fix = `Correct pods.${pod.name}.newEndpoint of fleet.yml; ${ENDPOINT_STEP}`;
  const other = seen?.find(
    (each) =>
      each.vpc === pod.vpc && isOf(each, pod, 'execute-api') && each.hasPrivateDns && each.state === 'available',
  );
  const taken =
    newEndpoint.privateDns && other !== undefined
      ? [
          stop(
            `Pod ${pod.name}: ${other.id} has the private DNS of execute-api in ${pod.vpc} already, so a newEndpoint with privateDns cannot be made.`,
            `Name ${other.id} in pods.${pod.name}.endpoints instead, or leave privateDns away; ${ENDPOINT_STEP}`,
          ),
        ]
      : [];
  if (subnets === null) return taken;
  const missing = newEndpoint.subnets.filter((id) => !subnets.some((each) => each.id === id));
  const elsewhere = subnets.filter(({ vpc }) => vpc !== pod.vpc);
  const ofVpc = subnets.filter(({ vpc }) => vpc === pod.vpc);
  const twice = ofVpc.filter(({ az }, at) => ofVpc.findIndex((each) => each.az === az) !== at);
  const faults = [
    ...(missing.length > 0
      ? [stop(`Pod ${pod.name}: there is no subnet ${fewOf(missing)} in this account and ${pod.region}.`, fix)]
      : []),
    ...(elsewhere.length > 0
      ? [
          stop(
            `Pod ${pod.name}: ${fewOf(elsewhere.map(({ id, vpc }) => `${id} is in ${vpc}`))}, not in the pod's ${pod.vpc}.`,
            fix,
          ),
        ]
      : []),
    ...(twice.length > 0
      ? [
          stop(
            `Pod ${pod.name}: newEndpoint has more than one subnet in ${listed([...new Set(twice.map(({ az }) => az))])} (limit 1 an AZ).`,
            fix,
          ),
        ]
      : []),
  ];
  if (faults.length + taken.length > 0) return [...taken, ...faults];
  return [well(`Pod ${pod.name}: ${count(ofVpc.length, 'subnet')} for its newEndpoint, one an AZ.`)];
}

/** Whether SSM may be reached: said only where nobody is heard, as who is heard has a way. */
export function judgeSsmEndpoints(facts: Pick<PodFacts, 'pod' | 'hosts' | 'agents' | 'endpoints'>): Finding[] {
  const { pod } = facts;
  const seen = said(facts.endpoints)?.said;
  if (seen === undefined || onlineOf(facts).length > 0) return [];
  const { warn, well } = findings('endpoints', pod.name);
  const step = 'docs/deploy.md, step 1.';
  const ofService = (service: string) => seen.filter((each) => each.vpc === pod.vpc && isOf(each, pod, service));
  const missing = SSM_SERVICES.filter((service) => ofService(service).length === 0);
  const useless = SSM_SERVICES.flatMap(ofService).filter(
    ({ state, hasPrivateDns }) => state !== 'available' || !hasPrivateDns,
  );
  const faults = useless.map(({ id, service, state }) =>
    warn(
      state === 'available'
        ? `Pod ${pod.name}: endpoint ${id} (${service}) has no private DNS: no agent finds it.`
        : `Pod ${pod.name}: endpoint ${id} (${service}) is ${state}.`,
      step,
    ),
  );
  if (missing.length === 0) {
    return faults.length > 0
      ? faults
      : [well(`Pod ${pod.name}: endpoints for ${listed(SSM_SERVICES)} are available in ${pod.vpc}.`)];
  }
  const some = missing.length < SSM_SERVICES.length;
  const later = missing.includes('ec2messages') ? ' (ec2messages: agents before 3.3.40.0 alone)' : '';
  return [
    ...faults,
    warn(
      `Pod ${pod.name}: ${pod.vpc} has ${some ? 'some of the' : 'no'} endpoints for SSM${some ? `, but none for ${listed(missing)}${later}` : ''}: its hosts need ${some ? 'them' : `those for ${listed(missing)}${later}`}, or a way to the internet, which is not looked at.`,
      step,
    ),
  ];
}

/** `com.amazonaws.REGION.SERVICE`; in China there is more before it. */
function isOf({ service }: SeenEndpoint, { region }: Pod, name: string): boolean {
  return service.endsWith(`.${region}.${name}`);
}
