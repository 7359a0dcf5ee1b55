import ipaddr from 'ipaddr.js';
import type { Pod } from '../../fleet/fleet.ts';
import { byText, sortedUnique } from '../../fleet/ordering.ts';
import { azLetterReader } from '../../fleet/zone-names.ts';
import type { PublishedRecord } from '../types.ts';

/**
 * What DNS says now, as the `cycle` document takes it in `Records`: `az-b=10.0.1.5|fd00::5 az-c=10.0.2.5`. Names in order,
 * of each its IPv4 addresses before its IPv6 ones, each once, in order. Empty when no name has an address.
 *
 * Every address that the names answer with stands here, of confident servers or not, podtime's or not: the host compares
 * it with what its resolver says, and would wait for ever for a list that leaves some out.
 */
export function recordsParameter(pod: Pod, records: readonly PublishedRecord[]): string {
  const letterOf = azLetterReader(pod);
  const byLetter = new Map<string, { A: string[]; AAAA: string[] }>();
  for (const record of records) {
    const letter = letterOf(record.name);
    const type = record.type === 'A' || record.type === 'AAAA' ? record.type : null;
    if (letter === null || type === null) continue;
    const families = byLetter.get(letter) ?? { A: [], AAAA: [] };
    // a value that is no address could not pass the document's allowed pattern
    families[type].push(...record.addresses.filter((address) => isPlain(address, type)));
    byLetter.set(letter, families);
  }
  return [...byLetter]
    .map(([letter, { A, AAAA }]) => ({ letter, addresses: [...sortedUnique(A), ...sortedUnique(AAAA)] }))
    .filter(({ addresses }) => addresses.length > 0)
    .sort((a, b) => byText(a.letter, b.letter))
    .map(({ letter, addresses }) => `az-${letter}=${addresses.join('|')}`)
    .join(' ');
}

/** Canonical and of its family; an IPv6 zone (`%eth0`) is none. */
function isPlain(address: string, type: 'A' | 'AAAA'): boolean {
  const right = type === 'A' ? ipaddr.IPv4.isValidFourPartDecimal(address) : ipaddr.IPv6.isValid(address);
  return right && /^[0-9a-f.:]+$/.test(address);
}
