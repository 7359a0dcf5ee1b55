import { BlockList } from 'node:net';
import { canonicalAddress } from './addresses.ts';
import type { Pod } from './fleet.ts';

/**
 * Tells whether an address lies in one of the pod's networks; false for what is no address. The CIDRs are read once, and so
 * is each address: ten thousand clients poll the same few servers.
 */
export function networkReader(pod: Pod): (address: string) => boolean {
  const networks = new BlockList();
  for (const cidr of pod.networks) {
    const [address = '', prefix] = cidr.split('/');
    networks.addSubnet(address, Number(prefix), familyOf(address));
  }
  const known = new Map<string, boolean>();
  return (address) => {
    const before = known.get(address);
    if (before !== undefined) return before;
    const inside = isIn(networks, address);
    known.set(address, inside);
    return inside;
  };
}

function isIn(networks: BlockList, address: string): boolean {
  // a network has no zone
  const [spelt] = canonicalAddress(address)?.split('%') ?? [];
  return spelt !== undefined && networks.check(spelt, familyOf(spelt));
}

const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4');
