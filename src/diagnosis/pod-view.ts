import { azLetterReader, azName } from '../fleet/az-names.ts';
import type { Host, Pod } from '../fleet/fleet.ts';
import { sortedUnique } from '../fleet/ordering.ts';
import { serverBehind } from '../fleet/published-servers.ts';
import type { PublishedRecord } from '../fleet/records.ts';

/** DNS and the boundary servers of a pod, as sets of canonical addresses: read once, asked for each host. */
export interface PodView {
  /** Addresses of all A and AAAA records of a name, whoever owns them; empty when it has none. */
  addressesOf(name: string): readonly string[];
  /** Whether any record of the pod's names holds the address. */
  isPublished(address: string): boolean;
  /** The running boundary server that has the address. */
  runningServerAt(address: string): Host | null;
  /** Names of AZs whose boundary servers had or have the address, in whatever state they are. */
  namesOfServersAt(address: string): readonly string[];
  /** Whether EC2 shows a boundary server in the name's AZ, in whatever state it is: one that ended has no address any more. */
  hasServer(name: string): boolean;
}

/** `hosts` in any state; `records` as Route 53 lists them. */
export function viewPod(pod: Pod, hosts: readonly Host[], records: readonly PublishedRecord[]): PodView {
  const letterOf = azLetterReader(pod);
  const byName = new Map<string, Set<string>>();
  const published = new Set<string>();
  for (const { name, type, addresses } of records) {
    if (letterOf(name) === null || (type !== 'A' && type !== 'AAAA')) continue;
    const known = byName.get(name) ?? new Set();
    byName.set(name, known);
    for (const address of addresses) {
      known.add(address);
      published.add(address);
    }
  }
  const servers = hosts.filter(({ tier }) => tier === 'boundary');
  const served = new Set(servers.map(({ az }) => azName(pod, az)));
  const running = new Map<string, Host>();
  const names = new Map<string, Set<string>>();
  for (const server of servers) {
    for (const address of addressesOfHost(server)) {
      if (server.state === 'running') running.set(address, server);
      names.set(address, (names.get(address) ?? new Set()).add(azName(pod, server.az)));
    }
  }
  const [addressesByName, namesByAddress] = [sortedEach(byName), sortedEach(names)];
  return {
    addressesOf: (name) => addressesByName.get(name) ?? [],
    isPublished: (address) => published.has(address),
    runningServerAt: (address) => running.get(address) ?? null,
    namesOfServersAt: (address) => namesByAddress.get(address) ?? [],
    hasServer: (name) => served.has(name),
  };
}

function sortedEach(sets: ReadonlyMap<string, ReadonlySet<string>>): Map<string, readonly string[]> {
  return new Map([...sets].map(([key, set]) => [key, sortedUnique(set)]));
}

/** Names under which a confident boundary server is published. */
export function namesOfConfident(
  pod: Pod,
  hosts: readonly Host[],
  records: readonly PublishedRecord[],
  confident: ReadonlySet<string>,
): Set<string> {
  const byId = new Map(hosts.map((host) => [host.instanceId, host]));
  const names = new Set<string>();
  for (const record of records) {
    const server = serverBehind(pod, byId, record);
    if (server !== null && confident.has(server.instanceId)) names.add(record.name);
  }
  return names;
}

function addressesOfHost({ ipv4, ipv6 }: Host): string[] {
  return ipv4 === null ? ipv6 : [ipv4, ...ipv6];
}
