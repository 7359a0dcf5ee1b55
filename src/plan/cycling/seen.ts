import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Judgement } from '../../diagnosis/judgement.ts';
import { described } from '../../fleet/described.ts';
import type { PublishedRecord } from '../../fleet/records.ts';
import type { LeapNews } from './tier-rules.ts';

const ANNOUNCED = z.object({ announcing: z.number(), answered: z.number() });

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
export const SEEN_SCHEMA = z.object({
  atMs: described('Epoch ms; when the tick planned', z.number()),
  dns: described('A digest of the records that it read', z.string()),
  running: described('Clients that run', z.number()),
  sampled: described('Of them those that answered', z.number()),
  confidentServers: described('Confident boundary servers that are published', z.number()),
  dnsChanges: described('Changes to DNS that were due', z.number()),
  leap: described(
    'Who announced a leap second, of those that answered',
    z.object({ servers: ANNOUNCED, hosts: ANNOUNCED }),
  ),
  gone: described('Hosts of the wave under way that do not run any more', z.array(z.string())),
  waiting: described(
    'Clients that may be cycled in the next waves',
    z.array(z.object({ az: z.string(), names: z.array(z.string()), instanceIds: z.array(z.string()) })),
  ),
});

export type Seen = z.infer<typeof SEEN_SCHEMA>;

/** Of the records alone, whatever their order. */
export function digestOf(records: readonly PublishedRecord[]): string {
  const each = records.map(({ name, type, setIdentifier, ttlSeconds, multivalue, addresses }) =>
    JSON.stringify([name, type, setIdentifier, ttlSeconds, multivalue, [...addresses].sort()]),
  );
  return createHash('sha256').update(each.sort().join()).digest('hex').slice(0, DIGEST_CHARACTERS);
}

const DIGEST_CHARACTERS = 16;

/** Who announces a leap second, of all that answered and of the boundary servers among them. */
export function leapNewsOf(judgements: Iterable<Judgement>): LeapNews {
  const answered = [...judgements].filter(({ state }) => state !== 'unknown');
  const among = (some: readonly Judgement[]) => ({
    announcing: some.filter(({ leapAnnounced }) => leapAnnounced).length,
    answered: some.length,
  });
  return { servers: among(answered.filter(({ host }) => host.tier === 'boundary')), hosts: among(answered) };
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
