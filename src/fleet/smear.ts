import { canonicalAddress } from './addresses.ts';
import { type Fleet, SMEAR_CLASSES, type SmearClass, TIME_SERVICE_ADDRESSES, type Tier } from './fleet.ts';
import { PUBLIC_SERVERS } from './public-servers.ts';

/** What a server is taken for of which nothing is known: the standard's way, which the NTP pool asks of its servers too. */
export const UNKNOWN_HOST_CLASS: SmearClass = 'utc';

const KNOWN_HOSTS = new Map<string, SmearClass>([
  ...TIME_SERVICE_ADDRESSES.map((address) => [address, 'aws'] as const),
  ...PUBLIC_SERVERS.flatMap(({ name, smear, addresses }) => [name, ...addresses].map((host) => [host, smear] as const)),
]);

/** The class of a server, by its name or address; null where nothing is known of it. */
export function knownSmearClass(host: string): SmearClass | null {
  return KNOWN_HOSTS.get(canonicalAddress(host) ?? host) ?? null;
}

/** What of a fleet says which class a host follows. */
export type SmearingFleet = Pick<Fleet, 'upstreams'> & { timeService: Pick<Fleet['timeService'], 'mode'> };

/**
 * The class of a source that a host of this fleet polls, by the name or address that its configuration says: an upstream's, or the time
 * service's. null for any other, such as a boundary server, whose class is what it follows: `followedClasses`.
 */
export function smearClassOf({ upstreams }: Pick<Fleet, 'upstreams'>, host: string): SmearClass | null {
  const spelt = canonicalAddress(host) ?? host;
  return upstreams.find((upstream) => upstream.host === spelt)?.smear ?? knownSmearClass(spelt);
}

/** A source that is followed, as sentences name it. */
interface FollowedSource {
  name: string;
  smear: SmearClass;
}

const TIME_SERVICE: FollowedSource = { name: 'the AWS time service', smear: 'aws' };

/**
 * The classes that hosts of a tier follow, each with its sources, in the order of `SMEAR_CLASSES`. A source that is watched only does not
 * count. A client follows what its boundary servers follow. Decision 0078.
 */
export function followedClasses(fleet: SmearingFleet, tier: Tier): Map<SmearClass, string[]> {
  const { boundary, client } = fleet.timeService.mode;
  const follows = boundary === 'source' || (tier === 'client' && client === 'source');
  const sources = [
    ...(follows ? [TIME_SERVICE] : []),
    ...fleet.upstreams.map(({ host, smear }) => ({ name: host, smear })),
  ];
  const used = SMEAR_CLASSES.filter((smear) => sources.some((source) => source.smear === smear));
  return new Map(
    used.map((smear) => [smear, sources.filter((source) => source.smear === smear).map(({ name }) => name)]),
  );
}
