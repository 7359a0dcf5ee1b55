import ipaddr from 'ipaddr.js';
import { canonicalAddress } from './addresses.ts';
import { TIME_SERVICE_ADDRESSES } from './fleet.ts';

// Networks as fleet.yml has them, checked at build. What ships asks `networkReader`, which needs no library.

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A CIDR as address and prefix length. */
interface Network {
  address: Address;
  prefix: number;
}

/** A VPC's block is at most a /16 (IPv4) or /44 (IPv6); several of them summed up may be wider, but never the world. */
const WIDEST_PREFIX = { ipv4: 8, ipv6: 32 } as const;

/** Ranges, as ipaddr.js names them, in which no VPC and no server on the internet lives. */
const NOWHERE = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal', 'loopback', 'ipv4Mapped']);

/** Reads `10.20.0.0/16` or `2001:db8::/56`; throws on anything else, host bits included. */
function parseNetwork(cidr: string): Network {
  // ipaddr.parseCIDR tries IPv6 first, and throws and catches for each IPv4 network.
  const [address, prefix] = cidr.includes(':') ? ipaddr.IPv6.parseCIDR(cidr) : ipaddr.IPv4.parseCIDR(cidr);
  return { address, prefix };
}

/** What is wrong with a pod's network, or null. The sentence goes after the CIDR: `10.0.0.1/16` + ` has host bits set; …`. */
export function networkFault(cidr: string): string | null {
  if (!isPlainCidr(cidr)) {
    return 'is not a network; write an address and a prefix length, such as 10.20.0.0/16 or 2001:db8:20::/56';
  }
  const { address, prefix } = parseNetwork(cidr);
  const kind = address.kind();
  const start = networkAddress(cidr);
  if (start.toNormalizedString() !== address.toNormalizedString()) {
    return `has host bits set; the network is ${start}/${prefix}`;
  }
  if (prefix < WIDEST_PREFIX[kind]) {
    return `is wider than any pod; the limit is /${WIDEST_PREFIX[kind]} for ${kind === 'ipv4' ? 'IPv4' : 'IPv6'}`;
  }
  const service = TIME_SERVICE_ADDRESSES.find((time) => holds(cidr, time));
  if (service !== undefined) return `holds ${service}, the address of the AWS time service, which is no host of a pod`;
  const range = nowhere(address);
  return range === null ? null : `is ${range} space, which no VPC has`;
}

/** `link-local`, `loopback` and the like for an address that is no host's on a VPC or the internet, else null. */
export function nowhere(address: Address): string | null {
  const range = address.range();
  return NOWHERE.has(range) ? range.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`) : null;
}

/** Whether the network holds the address; false when one is not readable or the families differ. */
export function holds(cidr: string, address: string): boolean {
  const spelt = canonicalAddress(address);
  return spelt !== null && isPlainCidr(cidr) && contains(parseNetwork(cidr), ipaddr.parse(spelt));
}

function contains({ address, prefix }: Network, other: Address): boolean {
  return other.kind() === address.kind() && other.match(address, prefix);
}

/** Whether two networks have an address in common. */
export function overlap(cidr: string, other: string): boolean {
  const [a, b] = [parseNetwork(cidr), parseNetwork(other)];
  return a.address.kind() === b.address.kind() && a.address.match(b.address, Math.min(a.prefix, b.prefix));
}

/** `2001:DB8:0:0::/56` -> `2001:db8::/56`: one spelling for each network, IPv6 compressed and lower case. */
export function canonicalNetwork(cidr: string): string {
  const { address, prefix } = parseNetwork(cidr);
  return `${address}/${prefix}`;
}

/** Four numbers, or an IPv6 address without zone; ipaddr.js alone also takes `10.5/16`, octal and hexadecimal parts. */
function isPlainCidr(cidr: string): boolean {
  if (!ipaddr.isValidCIDR(cidr) || cidr.includes('%')) return false;
  return cidr.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(cidr.slice(0, cidr.indexOf('/')));
}

function networkAddress(cidr: string): Address {
  return cidr.includes(':') ? ipaddr.IPv6.networkAddressFromCIDR(cidr) : ipaddr.IPv4.networkAddressFromCIDR(cidr);
}
