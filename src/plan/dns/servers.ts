import type { Judgement } from '../../diagnosis/judgement.ts';
import { azName } from '../../fleet/az-names.ts';
import type { Host, Pod } from '../../fleet/fleet.ts';
import type { PublishedRecord } from '../types.ts';
import { isServer } from './desired.ts';

/** How DNS and the boundary servers stand, as the rules of cycling ask for it. */
export interface Servers {
  /** Names that hold any A or AAAA record. */
  publishedNames: Set<string>;
  /** name -> ids of the confident boundary servers published under it. */
  confidentByName: Map<string, string[]>;
  /** Ids of all confident boundary servers that are published under the name of their AZ. */
  confidentPublished: Set<string>;
}

/** A server counts as published when a record of its own, under its AZ's name, holds an address that it has now. */
export function readServers(
  pod: Pod,
  hosts: readonly Host[],
  records: readonly PublishedRecord[],
  judgements: ReadonlyMap<string, Judgement>,
): Servers {
  const servers: Servers = { publishedNames: new Set(), confidentByName: new Map(), confidentPublished: new Set() };
  const byId = new Map(
    hosts.filter((host) => isServer(pod, host) && host.state === 'running').map((host) => [host.instanceId, host]),
  );
  for (const record of records) {
    if (record.type !== 'A' && record.type !== 'AAAA') continue;
    servers.publishedNames.add(record.name);
    const host = record.setIdentifier === null ? undefined : byId.get(record.setIdentifier);
    if (!host || !record.multivalue || !leadsTo(pod, host, record)) continue;
    if (!judgements.get(host.instanceId)?.confident || servers.confidentPublished.has(host.instanceId)) continue;
    servers.confidentPublished.add(host.instanceId);
    servers.confidentByName.set(record.name, [...(servers.confidentByName.get(record.name) ?? []), host.instanceId]);
  }
  return servers;
}

/** Whether who resolves the name of the host's AZ finds the host by this record, at an address that it has now. */
export function leadsTo(pod: Pod, host: Host, record: { name: string; addresses: readonly string[] }): boolean {
  const isHere = (address: string) => address === host.ipv4 || host.ipv6.includes(address);
  return record.name === azName(pod, host.az) && record.addresses.some(isHere);
}
