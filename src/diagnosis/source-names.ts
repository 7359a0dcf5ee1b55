import { TIME_SERVICE_ADDRESSES } from '../fleet/fleet.ts';
import { PUBLIC_SERVERS } from '../fleet/public-servers.ts';
import type { Source } from '../ntp/source.ts';
import { TIME_SERVICE_CLOCK } from './clock-names.ts';

/** Daemons print addresses alone. Of these it is known whose they are; which of its names an upstream's address stands for no daemon tells in what `collect` reads. */
const NAMES = new Map([
  ...TIME_SERVICE_ADDRESSES.map((address) => [address, TIME_SERVICE_CLOCK] as const),
  ...PUBLIC_SERVERS.flatMap(({ name, addresses }) => addresses.map((address) => [address, name] as const)),
]);

/** A source as sentences tell of it, with details: `192.0.2.1 (offset 60 ms)`, `time1.google.com (216.239.35.0, offset 60 ms)`. */
export function sourceName({ remote, address }: Pick<Source, 'remote' | 'address'>, ...details: string[]): string {
  const name = address === null ? undefined : NAMES.get(address);
  const all = name === undefined ? details : [remote, ...details];
  return all.length === 0 ? remote : `${name ?? remote} (${all.join(', ')})`;
}

/** The same where it begins a sentence: `source 192.0.2.1`, `the AWS time service (169.254.169.123)`. */
export function sourceSubject(source: Pick<Source, 'remote' | 'address'>, ...details: string[]): string {
  const isNamed = source.address !== null && NAMES.has(source.address);
  return `${isNamed ? '' : 'source '}${sourceName(source, ...details)}`;
}

/** Whose an address is, where that is known of it: a public server's, or the time service's. */
export function ownerOf(address: string): string | null {
  return NAMES.get(address) ?? null;
}

/** A clock by its name (`ClockNames`): a public server's is one of its addresses. */
export function clockName(clock: string): string {
  return sourceName({ remote: clock, address: clock });
}
