import type { Judgement } from '../../diagnosis/judgement.ts';
import type { Host, Pod } from '../../fleet/fleet.ts';
import { type ServerRecord, serverBehind } from '../../fleet/published-servers.ts';

/** How DNS and the boundary servers stand. */
export interface PublishedServers {
  /** Names that hold any A or AAAA record. */
  publishedNames: Set<string>;
  /** name -> ids of the confident boundary servers published under it. */
  confidentByName: Map<string, string[]>;
  /** Ids of all confident boundary servers that are published under the name of their AZ. */
  confidentPublished: Set<string>;
}

/** Which boundary servers can be found in DNS and are confident. `records` as listed, or as they will be. */
export function findPublishedServers(
  pod: Pod,
  hosts: ReadonlyMap<string, Host>,
  records: readonly ServerRecord[],
  judgements: ReadonlyMap<string, Judgement>,
): PublishedServers {
  const servers: PublishedServers = {
    publishedNames: new Set(),
    confidentByName: new Map(),
    confidentPublished: new Set(),
  };
  for (const record of records) {
    if (record.type !== 'A' && record.type !== 'AAAA') continue;
    servers.publishedNames.add(record.name);
    const instanceId = serverBehind(pod, hosts, record)?.instanceId;
    if (instanceId === undefined || servers.confidentPublished.has(instanceId)) continue;
    if (!judgements.get(instanceId)?.confident) continue;
    servers.confidentPublished.add(instanceId);
    servers.confidentByName.set(record.name, [...(servers.confidentByName.get(record.name) ?? []), instanceId]);
  }
  return servers;
}
