import { azName } from './az-names.ts';
import type { Host, Pod } from './fleet.ts';
import type { PublishedRecord } from './records.ts';

/** As much of a record, listed or to come, as finds the server behind it. */
export interface ServerRecord {
  name: string;
  type: string;
  setIdentifier: string | null;
  /** Absent: a record of podtime's own, which always is. */
  multivalue?: boolean;
  addresses: readonly string[];
}

/** Whether this host is one of the pod's boundary servers, where the pod says they may be. */
export function isServer(pod: Pod, host: Host): boolean {
  return host.pod === pod.name && host.tier === 'boundary' && host.vpc === pod.vpc && pod.azs.includes(host.az);
}

/**
 * The running boundary server that a record publishes: the multivalue record bears its id, stands under the name of its AZ,
 * and holds an address that it has now. null when there is none.
 */
export function serverBehind(pod: Pod, hosts: ReadonlyMap<string, Host>, record: ServerRecord): Host | null {
  if (record.multivalue === false || (record.type !== 'A' && record.type !== 'AAAA')) return null;
  const host = record.setIdentifier === null ? undefined : hosts.get(record.setIdentifier);
  if (host?.state !== 'running' || !isServer(pod, host) || record.name !== azName(pod, host.az)) return null;
  const isOfHost = (address: string) => address === host.ipv4 || host.ipv6.includes(address);
  return record.addresses.some(isOfHost) ? host : null;
}

/** Ids of the running boundary servers among these hosts that the pod's names lead to. */
export function serversInDns(pod: Pod, hosts: readonly Host[], records: readonly PublishedRecord[]): Set<string> {
  const byId = new Map(hosts.map((host) => [host.instanceId, host]));
  return new Set(records.flatMap((record) => serverBehind(pod, byId, record)?.instanceId ?? []));
}
