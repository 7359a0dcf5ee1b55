import { isIPv4, isIPv6 } from 'node:net';
import { sortKey } from './names.ts';

/** A resource record set as a zone holds it: simple, or multivalue with its identifier. */
export interface RecordSet {
  /** As listed: lower case, dot at the end, octal escapes. */
  name: string;
  type: string;
  /** null: a simple record. */
  setIdentifier: string | null;
  multivalue: boolean;
  ttlSeconds: number;
  /** As they were sent. */
  values: string[];
}

export const RECORD_TYPES: readonly string[] = [
  'SOA',
  'A',
  'TXT',
  'NS',
  'CNAME',
  'MX',
  'NAPTR',
  'PTR',
  'SRV',
  'SPF',
  'AAAA',
  'CAA',
  'DS',
  'TLSA',
  'SSHFP',
  'SVCB',
  'HTTPS',
];

/** One set is one name, type and identifier. */
export function setKey(set: Pick<RecordSet, 'name' | 'type' | 'setIdentifier'>): string {
  return `${set.name} ${set.type} ${set.setIdentifier ?? ''}`;
}

/** ListResourceRecordSets' order: labels reversed, then type, then identifier, all ASCII. */
export function compareSets(a: Pick<RecordSet, 'name' | 'type' | 'setIdentifier'>, b: typeof a): number {
  return (
    ascii(sortKey(a.name), sortKey(b.name)) ||
    ascii(a.type, b.type) ||
    ascii(a.setIdentifier ?? '', b.setIdentifier ?? '')
  );
}

function ascii(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `[name='x.', type='A', set-identifier='i-1']`, as Route 53's messages name a set. */
export function describeSet(set: Pick<RecordSet, 'name' | 'type' | 'setIdentifier'>): string {
  const identifier = set.setIdentifier === null ? '' : `, set-identifier='${set.setIdentifier}'`;
  return `[name='${set.name}', type='${set.type}'${identifier}]`;
}

/** DELETE's "all the same values": TTL, routing policy and values, the order of the values apart. */
export function sameSet(a: RecordSet, b: RecordSet): boolean {
  const values = (set: RecordSet) => set.values.map(comparable).sort().join('\n');
  return a.multivalue === b.multivalue && a.ttlSeconds === b.ttlSeconds && values(a) === values(b);
}

/** IPv6 is compared as an address, not as text. */
function comparable(value: string): string {
  if (!isIPv6(value)) return value;
  return new URL(`http://[${value}]/`).hostname;
}

/** What is wrong with one value for its type, in Route 53's words; null when nothing is (or the type's values are not checked). */
export function valueFault(type: string, value: string): string | null {
  if (type !== 'A' && type !== 'AAAA')
    return value === '' ? "FATAL problem: RDATAEmpty (Value is empty) encountered with ''" : null;
  const kind = type === 'A' ? 'ARRDATA' : 'AAAARRDATA';
  if (/\s/.test(value))
    return `FATAL problem: ${kind}NotSingleField (Value contains spaces) encountered with '${value}'`;
  if (type === 'A' ? isIPv4(value) : isIPv6(value) && !value.includes('%')) return null;
  const family = type === 'A' ? 'IPv4' : 'IPv6';
  return `FATAL problem: ${kind}Illegal${family}Address (Value is not a valid ${family} address) encountered with '${value}'`;
}
