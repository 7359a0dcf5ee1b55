import { createHash } from 'node:crypto';

/**
 * The reference ID by which a server of stratum 2 or more says that it follows this address, as ntpq prints it: an IPv4 address as it is,
 * of an IPv6 address the first four octets of its MD5 hash, as if they were one (RFC 5905, 7.3; seen of ntpd 4.2.8p6 and ntpsec 1.2.2).
 * Of a text that is no canonical address the text.
 */
export function refidOf(address: string): string {
  if (!address.includes(':')) return address;
  const known = KNOWN.get(address);
  if (known !== undefined) return known;
  const octets = octetsOf(address);
  if (octets === null) return address;
  const refid = [...createHash('md5').update(octets).digest().subarray(0, 4)].join('.');
  if (KNOWN.size >= KNOWN_LIMIT) KNOWN.clear();
  KNOWN.set(address, refid);
  return refid;
}

/** Hosts of a pod hear the same few servers. No more are kept than a pod can sensibly name, so that noise fills no memory. */
const KNOWN = new Map<string, string>();
const KNOWN_LIMIT = 1000;

const GROUPS = 8;

/** The 16 octets of a canonical IPv6 address, without its zone id. */
function octetsOf(address: string): Buffer | null {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::').map((part) => part.split(':').filter(Boolean));
  const groups =
    tail === undefined ? [...head] : [...head, ...Array(GROUPS - head.length - tail.length).fill('0'), ...tail];
  return groups.length === GROUPS ? Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex') : null;
}
