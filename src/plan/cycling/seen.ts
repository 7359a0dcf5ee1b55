import { createHash } from 'node:crypto';
import type { Judgement } from '../../diagnosis/judgement.ts';
import { described, list, NUMBER, type Of, object, TEXT } from '../../fleet/json-schema.ts';
import type { PublishedRecord } from '../../fleet/records.ts';

const ANNOUNCED = object({ announcing: NUMBER, answered: NUMBER });

/** A host that no rule refuses, and the names that made it stale. */
export interface Eligible {
  instanceId: string;
  az: string;
  names: readonly string[];
}

/**
 * What a tick saw, as far as the next wave of clients is planned from it before the next tick. Hosts that wait are kept by id alone, by AZ
 * and names: every rule about hosts was asked when the tick looked, and nothing but being asked changes its answer meanwhile.
 */
export const SEEN_SCHEMA = object({
  atMs: described('Epoch ms; when the tick planned', NUMBER),
  dns: described('A digest of the records that it read', TEXT),
  running: described('Clients that run', NUMBER),
  sampled: described('Of them those that answered', NUMBER),
  confidentServers: described('Confident boundary servers that are published', NUMBER),
  dnsChanges: described('Changes to DNS that were due', NUMBER),
  leap: described(
    'Who announced a leap second, of those that answered',
    object({ servers: ANNOUNCED, hosts: ANNOUNCED }),
  ),
  gone: described('Hosts of the wave under way that do not run any more', list(TEXT)),
  waiting: described(
    'Clients that may be cycled in the next waves',
    list(object({ az: TEXT, names: list(TEXT), instanceIds: list(TEXT) })),
  ),
});

export type Seen = Of<typeof SEEN_SCHEMA>;

/** Of the records alone, whatever their order. */
export function digestOf(records: readonly PublishedRecord[]): string {
  const each = records.map(({ name, type, setIdentifier, ttlSeconds, multivalue, addresses }) =>
    JSON.stringify([name, type, setIdentifier, ttlSeconds, multivalue, [...addresses].sort()]),
  );
  return createHash('sha256').update(each.sort().join()).digest('hex').slice(0, DIGEST_CHARACTERS);
}

const DIGEST_CHARACTERS = 16;

/** Of those that answered how many announce a leap second. */
export interface LeapNews {
  servers: { announcing: number; answered: number };
  hosts: { announcing: number; answered: number };
}

/** Who announces a leap second, of all that answered and of the boundary servers among them. */
export function leapNewsOf(judgements: Iterable<Judgement>): LeapNews {
  const answered = [...judgements].filter(({ state }) => state !== 'unknown');
  const among = (some: readonly Judgement[]) => ({
    announcing: some.filter(({ leapAnnounced }) => leapAnnounced).length,
    answered: some.length,
  });
  return { servers: among(answered.filter(({ host }) => host.tier === 'boundary')), hosts: among(answered) };
}

/** By whose word a leap second is due: most of the boundary servers that answered, or most of all hosts that did; null: nobody's. */
export function announcersOf(news: LeapNews): keyof LeapNews | null {
  const isMost = ({ announcing, answered }: LeapNews['hosts']) => announcing * 2 > answered;
  if (isMost(news.servers)) return 'servers';
  return isMost(news.hosts) ? 'hosts' : null;
}

export function groupWaiting(hosts: readonly Eligible[]): Seen['waiting'] {
  const groups = new Map<string, Seen['waiting'][number]>();
  for (const { instanceId, az, names } of hosts) {
    const key = [az, ...names].join();
    const group = groups.get(key);
    if (group) group.instanceIds.push(instanceId);
    else groups.set(key, { az, names: [...names], instanceIds: [instanceId] });
  }
  return [...groups.values()].map((group) => ({ ...group, instanceIds: group.instanceIds.sort() }));
}

export function waitingHosts({ waiting }: Seen): Eligible[] {
  return waiting.flatMap(({ az, names, instanceIds }) => instanceIds.map((instanceId) => ({ instanceId, az, names })));
}
