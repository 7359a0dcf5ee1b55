import { canonicalAddress } from '../../fleet/addresses.ts';
import { azLabel, azLetterReader } from '../../fleet/az-names.ts';
import type { Pod } from '../../fleet/fleet.ts';
import { byText, sortedUnique } from '../../fleet/ordering.ts';
import type { PublishedRecord } from '../../fleet/records.ts';

/**
 * What DNS says now, as the `cycle` document takes it in `Records`: `az-b=10.0.1.5|fd00::5 az-c=10.0.2.5`. Names in order,
 * of each its IPv4 addresses before its IPv6 ones, each once, in order. Empty when no name has an address.
 *
 * Every address that the names answer with stands here, of confident servers or not, podtime's or not: the host compares
 * it with what its resolver says, and would wait for ever for a list that leaves some out.
 */
export function recordsParameter(pod: Pod, records: readonly PublishedRecord[]): string {
  const letterOf = azLetterReader(pod);
  const byLetter = new Map<string, string[]>();
  for (const { name, type, addresses } of records) {
    const letter = letterOf(name);
    if (letter === null || (type !== 'A' && type !== 'AAAA')) continue;
    // a value that is no address could not pass the document's allowed pattern
    const plain = addresses.filter((address) => isPlain(address) && (type === 'AAAA' || !isIpv6(address)));
    byLetter.set(letter, [...(byLetter.get(letter) ?? []), ...plain]);
  }
  return [...byLetter]
    .map(([letter, addresses]) => ({ letter, addresses: sortedUnique(addresses) }))
    .filter(({ addresses }) => addresses.length > 0)
    .sort((a, b) => byText(a.letter, b.letter))
    .map(({ letter, addresses }) => {
      const ipv4 = addresses.filter((address) => !isIpv6(address));
      return `${azLabel(letter)}=${[...ipv4, ...addresses.filter(isIpv6)].join('|')}`;
    })
    .join(' ');
}

/** Canonical; an IPv6 zone (`%eth0`) is none. An AAAA record may hold an IPv4-mapped address, which is an IPv4 one. */
function isPlain(address: string): boolean {
  return canonicalAddress(address) === address && !address.includes('%');
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}
