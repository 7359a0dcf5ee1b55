import { randomBytes } from 'node:crypto';
import { type Delays, draw } from '../delays.ts';
import { AwsError } from '../errors.ts';
import type { Announce, RecordChange } from '../events.ts';
import type { Timers } from '../timers.ts';
import { applyBatch, type Change } from './change-batch.ts';
import { listedName } from './names.ts';
import { type RecordSet, setKey } from './record-set.ts';

/** A private hosted zone that is there from the start. */
export interface ZoneSpec {
  /** `Z…` */
  id: string;
  name: string;
  vpc: string;
  region: string;
  /** Default: Route 53's own, TTL 900 and minimum 86400. */
  soa?: { ttlSeconds: number; minimumSeconds: number };
}

export interface HostedZone {
  id: string;
  /** Listed form, dot at the end. */
  name: string;
  callerReference: string;
  comment: string;
  vpcs: { region: string; id: string }[];
  /** What the API lists: every change taken. */
  sets: Map<string, RecordSet>;
  /** What name servers answer: only changes in sync. */
  served: Map<string, RecordSet>;
}

export interface ZoneChange {
  /** `C…` */
  id: string;
  status: 'PENDING' | 'INSYNC';
  submittedAtMs: number;
  comment: string;
}

export interface Zones {
  all(): HostedZone[];
  /** Throws NoSuchHostedZone. */
  get(id: string): HostedZone;
  create(
    name: string,
    callerReference: string,
    comment: string,
    vpcs: HostedZone['vpcs'],
  ): { zone: HostedZone; change: ZoneChange };
  /** Throws HostedZoneNotEmpty while it holds more than its own NS and SOA. */
  remove(id: string): ZoneChange;
  /** Takes a batch whole or throws PriorRequestNotComplete or InvalidChangeBatch. */
  change(zoneId: string, changes: Change[], comment: string): ZoneChange;
  /** Throws NoSuchChange. */
  findChange(id: string): ZoneChange;
}

export interface ZonesDeps {
  timers: Timers;
  delays: Delays;
  random: () => number;
  announce: Announce;
}

/** Route 53 developer guide, "The start of authority (SOA) record": what a new zone begins with. */
const SOA = { ttlSeconds: 900, minimumSeconds: 86_400 };
const NAME_SERVERS = [
  'ns-1536.awsdns-00.co.uk.',
  'ns-0.awsdns-00.com.',
  'ns-1024.awsdns-00.org.',
  'ns-512.awsdns-00.net.',
];
const NS_TTL_SECONDS = 172_800;

export function createZones(specs: readonly ZoneSpec[], deps: ZonesDeps): Zones {
  const zones = new Map<string, HostedZone>();
  const changes = new Map<string, ZoneChange>();
  const busyUntilMs = new Map<string, number>();
  const inSyncAtMs = new Map<string, number>();
  for (const spec of specs) {
    const zone = newZone(
      spec.id,
      spec.name,
      `endpoint-${spec.name}`,
      '',
      [{ region: spec.region, id: spec.vpc }],
      spec.soa ?? SOA,
    );
    zones.set(zone.id, zone);
  }

  const get = (id: string) => {
    const zone = zones.get(id);
    if (zone === undefined) throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404);
    return zone;
  };

  const submit = (zone: HostedZone, comment: string, whenInSync: (change: ZoneChange) => void): ZoneChange => {
    const change: ZoneChange = { id: newId('C'), status: 'PENDING', submittedAtMs: Date.now(), comment };
    changes.set(change.id, change);
    // Changes of a zone come into sync in the order in which they were taken.
    const nowMs = deps.timers.nowMs();
    const dueMs = Math.max(inSyncAtMs.get(zone.id) ?? 0, nowMs + draw(deps.delays.propagationMs, deps.random));
    inSyncAtMs.set(zone.id, dueMs);
    deps.timers.after(dueMs - nowMs, () => {
      change.status = 'INSYNC';
      whenInSync(change);
    });
    return change;
  };

  return {
    all: () => [...zones.values()],
    get,
    create(name, callerReference, comment, vpcs) {
      if ([...zones.values()].some((zone) => zone.callerReference === callerReference)) {
        throw new AwsError(
          'HostedZoneAlreadyExists',
          `A hosted zone has already been created with the specified caller reference.`,
          409,
        );
      }
      const zone = newZone(newId('Z'), name, callerReference, comment, vpcs, SOA);
      zones.set(zone.id, zone);
      return { zone, change: submit(zone, '', () => {}) };
    },
    remove(id) {
      const zone = get(id);
      if ([...zone.sets.values()].some(({ name, type }) => name !== zone.name || !['NS', 'SOA'].includes(type))) {
        throw new AwsError(
          'HostedZoneNotEmpty',
          'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
        );
      }
      zones.delete(id);
      return submit(zone, '', () => {});
    },
    change(zoneId, batch, comment) {
      const zone = get(zoneId);
      if ((busyUntilMs.get(zoneId) ?? Number.NEGATIVE_INFINITY) > deps.timers.nowMs()) {
        throw new AwsError(
          'PriorRequestNotComplete',
          'The request was rejected because Route 53 was still processing a prior request.',
        );
      }
      const outcome = applyBatch(zone.name, zone.sets, batch);
      if (!outcome.ok) throw new AwsError('InvalidChangeBatch', `[${outcome.messages.join(', ')}]`);
      zone.sets = outcome.sets;
      busyUntilMs.set(zoneId, deps.timers.nowMs() + deps.delays.takingMs);
      const changed = batch.map(
        ({ action, set }): RecordChange => ({
          action,
          name: set.name,
          type: set.type,
          setIdentifier: set.setIdentifier,
          values: set.values,
        }),
      );
      const change = submit(zone, comment, ({ id }) => {
        for (const { action, set } of batch) {
          if (action === 'DELETE') zone.served.delete(setKey(set));
          else zone.served.set(setKey(set), set);
        }
        deps.announce({ kind: 'records in sync', zone: zone.name, changeId: id, changes: changed });
      });
      deps.announce({ kind: 'records changed', zone: zone.name, changeId: change.id, changes: changed, comment });
      return change;
    },
    findChange(id) {
      const change = changes.get(id);
      if (change === undefined) throw new AwsError('NoSuchChange', `Could not find resource with ID: ${id}`, 404);
      return change;
    },
  };
}

function newZone(
  id: string,
  name: string,
  callerReference: string,
  comment: string,
  vpcs: HostedZone['vpcs'],
  soa: { ttlSeconds: number; minimumSeconds: number },
): HostedZone {
  const apex = listedName(name);
  const simple = { name: apex, setIdentifier: null, multivalue: false };
  const sets: RecordSet[] = [
    { ...simple, type: 'NS', ttlSeconds: NS_TTL_SECONDS, values: NAME_SERVERS },
    {
      ...simple,
      type: 'SOA',
      ttlSeconds: soa.ttlSeconds,
      values: [`${NAME_SERVERS[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 ${soa.minimumSeconds}`],
    },
  ];
  const byKey = () => new Map(sets.map((set) => [setKey(set), set]));
  return { id, name: apex, callerReference, comment, vpcs, sets: byKey(), served: byKey() };
}

/** `Z` or `C` and nineteen more capitals and digits: with `/hostedzone/` before it, the 32 characters that the service model allows. */
function newId(letter: 'Z' | 'C'): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  return letter + [...randomBytes(19)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
