import { type DesiredRecord, identity } from './desired.ts';
import type { OwnRecord } from './ownership.ts';

/** One change of the zone, as Route 53 takes it. */
export interface RecordChange {
  action: 'UPSERT' | 'DELETE';
  name: string;
  type: 'A' | 'AAAA';
  /** The instance id: the ownership mark. */
  setIdentifier: string;
  /** DELETE: all addresses of the record, `10.0.1.5, 10.0.1.6`. */
  address: string;
  ttlSeconds: number;
  /** Why, for people. */
  reason: string;
  /** DELETE: the record as listed. */
  raw?: unknown;
  /** DELETE: it goes only once these are in DNS. */
  restsOn?: Foundation;
}

/** Confident servers by whom the floor is kept while others go. */
export interface Foundation {
  /** Instance ids, each with an UPSERT of the same plan. */
  servers: readonly string[];
  /** Of so many of them Route 53 must have taken it. */
  atLeast: number;
}

/** Why a change is made; the mode lets some causes through and not others. */
export type Cause = 'register' | 'move' | 'family' | 'gone' | 'unknown' | 'health' | 'retagged' | 'retired';

/** A change that the plan wants; the mode and the floor may keep it back. */
export interface PlannedChange {
  cause: Cause;
  change: RecordChange;
}

/** The registration of a server at its desired record. */
export function upsert(record: DesiredRecord, reason: string): PlannedChange {
  return { cause: 'register', change: { action: 'UPSERT', ...record, reason } };
}

/** The deletion of a record as listed; all its values are named, for people and for Route 53's limits. */
export function deletion(record: OwnRecord, cause: Cause, reason: string): PlannedChange {
  const { name, type, setIdentifier, raw } = record;
  const address = record.addresses.join(', ');
  return {
    cause,
    change: { action: 'DELETE', name, type, setIdentifier, address, ttlSeconds: record.ttlSeconds ?? 0, reason, raw },
  };
}

/** As much of a resource record set as identifies and counts it. */
export interface RecordSet {
  name: string;
  type: string;
  setIdentifier: string;
  addresses: readonly string[];
}

/** What DNS holds once the changes are applied. */
export function recordsAfter(records: readonly RecordSet[], planned: readonly PlannedChange[]): RecordSet[] {
  const after = new Map<string, RecordSet>(records.map((record) => [identity(record), record]));
  for (const { change } of planned) {
    if (change.action === 'UPSERT') after.set(identity(change), { ...change, addresses: [change.address] });
    else after.delete(identity(change));
  }
  return [...after.values()];
}
