import type { RecordChange, Refusal } from '../types.ts';
import { type DesiredRecord, identity } from './desired.ts';
import type { OwnRecord } from './listed.ts';

/** Why a change is made; the mode lets some causes through and not others. */
export type Cause = 'register' | 'move' | 'family' | 'gone' | 'health' | 'retagged';

export interface Draft {
  cause: Cause;
  change: RecordChange;
}

/** As much of a record as tells it from others and counts it. */
export interface Standing {
  name: string;
  type: string;
  setIdentifier: string;
  addresses: readonly string[];
}

/** The deletion of a record as listed; all its values are named, for people and for Route 53's limits. */
export function deletion(record: OwnRecord, cause: Cause, reason: string): Draft {
  const { name, type, setIdentifier, raw } = record;
  const address = record.addresses.join(', ');
  return {
    cause,
    change: { action: 'DELETE', name, type, setIdentifier, address, ttlSeconds: record.ttlSeconds ?? 0, reason, raw },
  };
}

/**
 * Brings the records of running servers to what is desired. Touches only records whose owner is in `desired`: two callers
 * that register different servers never meet.
 *
 * A record under a wrong name goes only together with the right one's coming: while something foreign blocks that, it stays.
 */
export function publish(
  desired: readonly DesiredRecord[],
  own: readonly OwnRecord[],
  blocked: ReadonlyMap<string, string>,
): { drafts: Draft[]; refusals: Refusal[] } {
  const listed = new Map(own.map((record) => [identity(record), record]));
  const wanted = new Set(desired.map(identity));
  const drafts: Draft[] = [];
  const refusals: Refusal[] = [];
  const owners = new Map<string, Map<string, DesiredRecord>>();
  for (const record of desired) {
    const families = owners.get(record.setIdentifier) ?? new Map<string, DesiredRecord>();
    owners.set(record.setIdentifier, families.set(record.type, record));
    const now = listed.get(identity(record));
    if (now && isRight(now, record)) continue;
    const block = blocked.get(`${record.name} ${record.type}`);
    if (block === undefined)
      drafts.push({ cause: 'register', change: { action: 'UPSERT', ...record, reason: whyUpsert(record, now) } });
    else
      refusals.push({
        subject: record.name,
        rule: 'blocked-name',
        sentence: `${record.setIdentifier} is not registered: ${block}.`,
      });
  }
  for (const record of own) {
    const families = owners.get(record.setIdentifier);
    if (!families || wanted.has(identity(record))) continue;
    const right = families.get(record.type);
    if (right === undefined) {
      drafts.push(
        deletion(record, 'family', `${record.setIdentifier} has no ${record.type} address in the pod's networks`),
      );
    } else if (!blocked.has(`${right.name} ${right.type}`)) {
      drafts.push(deletion(record, 'move', `${record.setIdentifier} belongs under ${right.name}`));
    }
  }
  return { drafts, refusals };
}

function isRight(now: OwnRecord, record: DesiredRecord): boolean {
  return now.ttlSeconds === record.ttlSeconds && now.addresses.length === 1 && now.addresses[0] === record.address;
}

function whyUpsert(record: DesiredRecord, now: OwnRecord | undefined): string {
  if (!now) return `${record.setIdentifier} runs at ${record.address}`;
  if (now.addresses.length === 1 && now.addresses[0] === record.address) {
    return `the TTL of ${record.setIdentifier}'s record is ${now.ttlSeconds} s, not ${record.ttlSeconds} s`;
  }
  return `${record.setIdentifier} is at ${record.address}, DNS says ${now.addresses.join(', ') || 'nothing'}`;
}

/** What stands in DNS once the drafts are applied. */
export function recordsAfter(records: readonly Standing[], drafts: readonly Draft[]): Standing[] {
  const after = new Map<string, Standing>(records.map((record) => [identity(record), record]));
  for (const { change } of drafts) {
    if (change.action === 'UPSERT') after.set(identity(change), { ...change, addresses: [change.address] });
    else after.delete(identity(change));
  }
  return [...after.values()];
}
