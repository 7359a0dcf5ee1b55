import { isIPv4, isIPv6 } from 'node:net';

/** Longest text of an address: 39 characters of IPv6, or 45 with an IPv4 tail, and a zone id. */
const LENGTH_LIMIT = 64;

/**
 * One spelling for one address: IPv6 compressed and lower case (RFC 5952), IPv4-mapped IPv6 (`::ffff:10.0.1.5`) as the IPv4
 * address that a host sends to for it, a zone id kept (two links are two addresses). Everything that reads addresses uses
 * it (EC2, Route 53, the daemons, configuration files, fleet.yml), so that sets of them can be compared; the shell of
 * src/host has a `canonical` of the same meaning. null when the text is no address; short forms and octal of IPv4 (`10.1`,
 * `010.0.0.1`) are refused.
 */
export function canonicalAddress(text: string): string | null {
  const before = KNOWN.get(text);
  if (before !== undefined) return before;
  const spelt = spell(text);
  if (spelt === null) return null;
  if (KNOWN.size >= KNOWN_LIMIT) KNOWN.clear();
  KNOWN.set(text, spelt);
  return spelt;
}

/**
 * Addresses read already: ten thousand clients name the same few servers, and share one text of each. No more than a pod can
 * sensibly name, so that answers full of noise fill no memory.
 */
const KNOWN = new Map<string, string>();
const KNOWN_LIMIT = 1000;

/** Decision 0042. */
function spell(text: string): string | null {
  if (text.length > LENGTH_LIMIT) return null;
  if (!text.includes(':')) return isIPv4(text) ? text : null;
  const [address = '', ...zone] = text.split('%');
  if (!isIPv6(address) || zone.length > 1 || !zone.every((id) => ZONE_ID.test(id))) return null;
  // a URL's host is spelt as RFC 5952 has it, with an IPv4 tail in hexadecimal
  const spelt = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = IPV4_MAPPED.exec(spelt) ?? [];
  if (high === undefined || low === undefined) return [spelt, ...zone].join('%');
  const bytes = [high, low].map((group) => Number.parseInt(group, 16));
  return bytes.flatMap((pair) => [pair >> 8, pair & 0xff]).join('.');
}

const ZONE_ID = /^[0-9a-z]+$/i;
const IPV4_MAPPED = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/;

/**
 * Whether an IPv6 address printed in a column of `width` characters may be the head of a longer one. `ntpq -pn` cuts
 * at 15, and what is left can be a valid address of quite another host (`fd00:66:1::1:23` of `fd00:66:1::1:2345`).
 *
 * A text that does not fill the column exactly is complete. One that does is complete only when nothing that `inet_ntop`
 * prints could follow: the last group has its four digits (or is `0`, which takes no further digit) and the eight
 * groups are used up, `::` standing for two or more as `inet_ntop` writes it; or the last octet of an IPv4 tail
 * takes no further digit. A zone id can follow any link-local address. IPv4 never exceeds 15 characters.
 */
export function mayBeCut(text: string, width: number): boolean {
  if (text.length !== width || !text.includes(':')) return false;
  if (canonicalAddress(text) === null) return true;
  if (text.includes('%') || /^fe[89ab]/i.test(text)) return true;
  const last = text.slice(text.lastIndexOf(':') + 1);
  if (last.includes('.')) return takesDigit(last.slice(last.lastIndexOf('.') + 1), 10, 255);
  if (last === '' || takesDigit(last, 16, 0xffff)) return true;
  const groups = text.split(':').filter((group) => group !== '').length;
  return groups + (text.includes('::') ? 2 : 0) < 8;
}

/** Whether one more digit would make another number within the limit; numbers are printed without leading zeros. */
function takesDigit(digits: string, radix: number, limit: number): boolean {
  const value = Number.parseInt(digits, radix);
  return value !== 0 && value * radix <= limit;
}
