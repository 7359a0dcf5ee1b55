import ipaddr from 'ipaddr.js';
import type { Pod } from './fleet.ts';

/** EC2's ids: 8 hexadecimal digits once, 17 now. */
const INSTANCE_ID = /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

/** Whether a set identifier can be an ownership mark of podtime's. */
export function isInstanceId(text: string): boolean {
  return INSTANCE_ID.test(text);
}

/** Tells the AZ letter of `ntp.az-e.ZONE`, null for every other name. podtime changes no name for which this is null. */
export function azLetterReader(pod: Pod): (name: string) => string | null {
  const start = 'ntp.az-';
  const end = `.${pod.zone.name}`;
  return (name) => {
    if (!name.startsWith(start) || !name.endsWith(end) || name.length !== start.length + 1 + end.length) return null;
    const letter = name.charAt(start.length);
    return letter >= 'a' && letter <= 'z' ? letter : null;
  };
}

/** Tells whether an address lies in one of the pod's networks. The CIDRs are read once, for ten thousand hosts. */
export function networkReader(pod: Pod): (address: string) => boolean {
  const networks = pod.networks.map((cidr) => ipaddr.parseCIDR(cidr));
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.parse(address);
    return networks.some(
      ([network, bits]) => network.kind() === parsed.kind() && parsed.match([network, bits] as never),
    );
  };
}
