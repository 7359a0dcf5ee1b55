import ipaddr from 'ipaddr.js';
import { type Fleet, type Pod, TIME_SERVICE_ADDRESSES } from '../../../../src/fleet/fleet.ts';
import type { Namespace } from './namespace.ts';

/** Numbers in each network of a pod that are not for hosts, as in a VPC: its router, its resolver, and where hosts reach the API. */
const RESERVED = { router: 1, resolver: 2, api: 4 } as const;

/** Outside: documentation networks (RFC 5737, RFC 3849). */
export const OUTSIDE = { ipv4: '192.0.2', ipv6: '2001:db8:2::' } as const;

/** A pod's own addresses of one purpose, one of each family that the pod's networks have. */
export function reservedAddresses(pod: Pod, purpose: keyof typeof RESERVED): string[] {
  const kinds = new Set<string>();
  return pod.networks.flatMap((cidr) => {
    const [network] = ipaddr.parseCIDR(cidr);
    if (kinds.has(network.kind())) return [];
    kinds.add(network.kind());
    const bytes = network.toByteArray();
    bytes[bytes.length - 1] = RESERVED[purpose];
    return [ipaddr.fromByteArray(bytes).toString()];
  });
}

/** `10.20.2.10` -> `10.20.2.10/16` by the pod's networks. @throws RangeError when it is in none of them. */
export function withPrefix(pod: Pod, address: string): string {
  const parsed = ipaddr.parse(address);
  for (const cidr of pod.networks) {
    const [network, bits] = ipaddr.parseCIDR(cidr);
    if (network.kind() === parsed.kind() && parsed.match(network, bits)) return `${parsed.toString()}/${bits}`;
  }
  throw new RangeError(`${address} is in none of the networks of pod ${pod.name}: ${pod.networks.join(', ')}`);
}

/** Interface names hold 15 characters; a number is unique where names of hosts are too long. */
export const port = (number: number) => `port${number}`;
export const azBridge = (letter: string) => `zone-${letter}`;

const add = (address: string, device: string) =>
  `addr add ${address} dev ${device}${address.includes(':') ? ' nodad' : ''}`;
const route = (to: string, rest: string) => `route replace ${to} ${rest}`;
/** No autoconfigured addresses, and no wait for them. */
const quiet = (device: string) => `link set dev ${device} addrgenmode none`;

/**
 * A switch. One that has addresses of its own has a hardware address too: by itself it takes the lowest of its ports', so it would
 * change as hosts join, and who had asked for it before would be heard no more until ARP forgets.
 */
const bridge = (name: string, hardwareAddress?: string) => [
  `link add name ${name}${hardwareAddress === undefined ? '' : ` address ${hardwareAddress}`} type bridge mcast_snooping 0`,
  quiet(name),
  `link set dev ${name} up`,
];

/** Administered locally (IEEE 802), one for each switch that has addresses. */
const HARDWARE_ADDRESS = { outside: '02:00:00:00:00:01', hosts: '02:00:00:00:00:02' } as const;

/** A link-local address: without one the kernel does not ask for the neighbours of IPv6 packets that it passes on. */
const forwards = (device: string) => `addr add fe80::1/64 dev ${device} nodad`;

/** The router: a leg in each pod, and `outside`, where upstreams are. */
export function routerCommands(): string[] {
  return [
    ...bridge('outside', HARDWARE_ADDRESS.outside),
    forwards('outside'),
    add(`${OUTSIDE.ipv4}.1/24`, 'outside'),
    add(`${OUTSIDE.ipv6}1/64`, 'outside'),
  ];
}

/** What every host has at its own machine: the time service, and of each pod resolver and API. Its ports do not see each other. */
export function serviceCommands(fleet: Fleet): string[] {
  const own = fleet.pods.flatMap((pod) => [...reservedAddresses(pod, 'resolver'), ...reservedAddresses(pod, 'api')]);
  return [
    ...bridge('hosts', HARDWARE_ADDRESS.hosts),
    'addr add fe80::1/64 dev hosts nodad',
    ...[...TIME_SERVICE_ADDRESSES, ...own].map((address) =>
      add(`${address}/${address.includes(':') ? 128 : 32}`, 'hosts'),
    ),
    ...fleet.pods.flatMap((pod) =>
      pod.networks.filter((cidr) => !cidr.includes(':')).map((cidr) => route(cidr, 'dev hosts')),
    ),
  ];
}

/** The pod's switch, joined to the router. `index`: of the pod in the fleet. */
export async function connectPodBridge(pod: Pod, index: number, pods: Namespace, router: Namespace): Promise<void> {
  const leg = `pod${index}`;
  await pods.ip([
    ...bridge('core'),
    `link add name uplink type veth peer name ${leg} netns ${router.pid}`,
    quiet('uplink'),
    'link set dev uplink master core up',
  ]);
  // a VPC reaches outside and no other VPC
  const table = 100 + index;
  await router.ip([
    quiet(leg),
    `link set dev ${leg} up`,
    forwards(leg),
    ...reservedAddresses(pod, 'router').map((address) => add(withPrefix(pod, address), leg)),
    route(`${OUTSIDE.ipv4}.0/24`, `dev outside table ${table}`),
    route(`${OUTSIDE.ipv6}/64`, `dev outside table ${table}`),
    ...['', '-6 '].flatMap((version) => [
      `${version}route add unreachable default table ${table} metric 9999`,
      `${version}rule add iif ${leg} lookup ${table} pref ${1000 + index}`,
    ]),
  ]);
}

/** An AZ: a switch of its own, whose one link to the pod can be cut. */
export function azBridgeCommands(letter: string): string[] {
  return [
    ...bridge(azBridge(letter)),
    `link add name up-${letter} type veth peer name down-${letter}`,
    quiet(`up-${letter}`),
    quiet(`down-${letter}`),
    `link set dev up-${letter} master ${azBridge(letter)} up`,
    `link set dev down-${letter} master core up`,
  ];
}

export const azUplink = (letter: string) => `up-${letter}`;

/** A host's cable to its AZ: eth0 there, `portN` here. */
export function hostVethCommands(number: number, letter: string, host: Namespace): string[] {
  return plug(number, azBridge(letter), 'eth0', host.pid);
}

/** An outside server's cable: eth0 there, `portN` at the router. */
export function externalVethCommands(number: number, server: Namespace): string[] {
  return plug(number, 'outside', 'eth0', server.pid);
}

function plug(number: number, bridgeName: string, device: string, pid: number): string[] {
  return [
    `link add name ${port(number)} type veth peer name ${device} netns ${pid}`,
    quiet(port(number)),
    `link set dev ${port(number)} master ${bridgeName} up`,
  ];
}

const linkLocal = (number: number) => `fe80::1:${number.toString(16)}`;

/** A host's second cable, to its own machine's services. The ports do not see each other. */
export function serviceVethCommands(number: number, host: Namespace): string[] {
  return plug(number, 'hosts', 'aws0', host.pid);
}

/** The services' way back to a host's IPv6 address, which is no address of its second interface: IPv6 asks strictly. */
export function hostRoute(number: number, ipv6: string): string {
  return route(`${ipv6}/128`, `via ${linkLocal(number)} dev hosts`);
}

export interface HostAddresses {
  ipv4: string | null;
  ipv6: string | null;
}

/** The host's own side of both links. Traffic to its services leaves by the second link, from its address in the pod. */
export function hostInterfaceCommands(pod: Pod, number: number, { ipv4, ipv6 }: HostAddresses): string[] {
  const services = [...TIME_SERVICE_ADDRESSES, ...reservedAddresses(pod, 'resolver'), ...reservedAddresses(pod, 'api')];
  const sourceOf = (address: string) => (address.includes(':') ? ipv6 : ipv4);
  const routers = reservedAddresses(pod, 'router');
  return [
    ...['eth0', 'aws0'].flatMap((device) => [quiet(device), `link set dev ${device} up`]),
    `addr add ${linkLocal(number)}/64 dev aws0 nodad`,
    ...[ipv4, ipv6].flatMap((address) => (address === null ? [] : [add(withPrefix(pod, address), 'eth0')])),
    ...services.flatMap((address) => {
      const source = sourceOf(address);
      return source === null ? [] : [route(`${address}/${address.includes(':') ? 128 : 32}`, `dev aws0 src ${source}`)];
    }),
    ...routers.flatMap((address) => (sourceOf(address) === null ? [] : [`route add default via ${address}`])),
  ];
}

/** An outside server's own side. */
export function externalInterfaceCommands(addresses: readonly string[]): string[] {
  return [
    quiet('eth0'),
    'link set dev eth0 up',
    ...addresses.map((address) => add(`${address}/${address.includes(':') ? 64 : 24}`, 'eth0')),
    `route add default via ${OUTSIDE.ipv4}.1`,
    `route add default via ${OUTSIDE.ipv6}1`,
  ];
}
