import { inZone, nameFault } from './names.ts';
import { describeSet, type RecordSet, sameSet, setKey, valueFault } from './record-set.ts';

export interface Change {
  action: 'CREATE' | 'UPSERT' | 'DELETE';
  set: RecordSet;
}

/** Route 53 developer guide, "Quotas", ChangeResourceRecordSets: UPSERT counts twice in both. */
export const MAX_RECORDS = 1_000;
export const MAX_VALUE_CHARACTERS = 32_000;
/** Route 53 developer guide, "Quotas": records with the same name and type. */
export const MAX_SETS_OF_A_NAME = 100;

/** A batch carried out on a copy: the new sets, or every fault of it (then nothing is changed). */
export type BatchOutcome = { ok: true; sets: Map<string, RecordSet> } | { ok: false; messages: string[] };

/**
 * A batch is a transaction: the changes are tried in their order on a copy of the zone's sets, each seeing those before it,
 * and all faults are told together.
 */
export function applyBatch(
  zone: string,
  sets: ReadonlyMap<string, RecordSet>,
  changes: readonly Change[],
): BatchOutcome {
  const limits = limitFaults(changes);
  if (limits.length > 0) return { ok: false, messages: limits };
  const next = new Map(sets);
  const messages = repetitionFaults(changes);
  for (const change of changes) {
    const fault = changeFaults(zone, next, change);
    messages.push(...fault);
    if (fault.length > 0) continue;
    if (change.action === 'DELETE') next.delete(setKey(change.set));
    else next.set(setKey(change.set), change.set);
  }
  if (messages.length === 0) messages.push(...apexFaults(zone, next));
  return messages.length > 0 ? { ok: false, messages } : { ok: true, sets: next };
}

function limitFaults(changes: readonly Change[]): string[] {
  const weigh = (measure: (set: RecordSet) => number) =>
    changes.reduce((sum, change) => sum + measure(change.set) * (change.action === 'UPSERT' ? 2 : 1), 0);
  const faults: string[] = [];
  if (weigh((set) => set.values.length) > MAX_RECORDS)
    faults.push(`Number of records limit of ${MAX_RECORDS} exceeded.`);
  if (weigh((set) => set.values.join('').length) > MAX_VALUE_CHARACTERS) {
    faults.push(`RDATA character limit of ${MAX_VALUE_CHARACTERS} exceeded.`);
  }
  return faults;
}

/** One set may appear once, or as a DELETE that a CREATE follows. */
function repetitionFaults(changes: readonly Change[]): string[] {
  const actions = new Map<string, Change[]>();
  for (const change of changes) actions.set(setKey(change.set), [...(actions.get(setKey(change.set)) ?? []), change]);
  return [...actions.values()]
    .filter((alike) => alike.length > 1 && alike.map((change) => change.action).join() !== 'DELETE,CREATE')
    .map(([first]) => first as Change)
    .map(
      ({ set }) => `The request contains an invalid set of changes for a resource record set '${set.type} ${set.name}'`,
    );
}

function changeFaults(zone: string, sets: ReadonlyMap<string, RecordSet>, { action, set }: Change): string[] {
  if (!inZone(set.name, zone)) return [`RRSet with DNS name ${set.name} is not permitted in zone ${zone}`];
  const name = nameFault(set.name);
  if (name !== null) return [name];
  const existing = sets.get(setKey(set));
  if (action === 'DELETE') {
    if (existing === undefined) return [`Tried to delete resource record set ${describeSet(set)} but it was not found`];
    if (!sameSet(existing, set)) {
      return [
        `Tried to delete resource record set ${describeSet(set)} but the values provided do not match the current values`,
      ];
    }
    return [];
  }
  const values = set.values.flatMap((value) => valueFault(set.type, value) ?? []);
  if (values.length > 0) return values.map((fault) => `Invalid Resource Record: '${fault}'`);
  if (new Set(set.values).size < set.values.length) {
    return [`Duplicate Resource Record: '${set.values.find((value, at) => set.values.indexOf(value) !== at)}'`];
  }
  if (action === 'CREATE' && existing !== undefined) {
    return [`Tried to create resource record set ${describeSet(set)} but it already exists`];
  }
  return conflictFaults(zone, sets, set);
}

/** Simple and multivalue sets of one name and type exclude each other, and so do CNAME and anything else of one name. */
function conflictFaults(zone: string, sets: ReadonlyMap<string, RecordSet>, set: RecordSet): string[] {
  const ofName = [...sets.values()].filter((other) => other.name === set.name && setKey(other) !== setKey(set));
  const ofType = ofName.filter((other) => other.type === set.type);
  if (set.multivalue && ofType.some((other) => !other.multivalue)) {
    return [
      `RRSet with DNS name ${set.name}, type ${set.type}, SetIdentifier "${set.setIdentifier}" cannot be created because a non multivalue answer rrset exists with the same name and type.`,
    ];
  }
  if (!set.multivalue && ofType.length > 0) {
    return [
      `RRSet with DNS name ${set.name}, type ${set.type} cannot be created as other RRSets exist with the same name and type.`,
    ];
  }
  if (ofType.length >= MAX_SETS_OF_A_NAME) {
    return [
      `Exceeded limit of ${MAX_SETS_OF_A_NAME} resource record sets with DNS name ${set.name} and type ${set.type}`,
    ];
  }
  if (set.type === 'CNAME' && ofName.some((other) => other.type !== 'CNAME')) {
    return [
      `RRSet of type CNAME with DNS name ${set.name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone}`,
    ];
  }
  if (set.type !== 'CNAME' && ofName.some((other) => other.type === 'CNAME')) {
    return [
      `RRSet of type ${set.type} with DNS name ${set.name} is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone ${zone}`,
    ];
  }
  return [];
}

function apexFaults(zone: string, sets: ReadonlyMap<string, RecordSet>): string[] {
  const faults: string[] = [];
  if (!sets.has(setKey({ name: zone, type: 'SOA', setIdentifier: null })))
    faults.push('A HostedZone must contain exactly one SOA record.');
  if (!sets.has(setKey({ name: zone, type: 'NS', setIdentifier: null }))) {
    faults.push('A HostedZone must contain at least one NS record for the zone itself.');
  }
  return faults;
}
