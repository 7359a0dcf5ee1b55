import type { Refusal } from '../refusal.ts';
import { deletion, type PlannedChange, upsert } from './changes.ts';
import { type DesiredRecord, identity } from './desired.ts';
import type { OwnRecord } from './ownership.ts';

/**
 * Brings the records of running servers to what is desired. Touches only records whose owner is in `desired`: two callers
 * that register different servers never meet.
 *
 * A record under a wrong name goes only together with the right one's coming: while something foreign blocks that, it stays.
 *
 * @param blocked `name type` -> why Route 53 would refuse a record there
 */
export function reconcile(
  desired: readonly DesiredRecord[],
  own: readonly OwnRecord[],
  blocked: ReadonlyMap<string, string>,
): { planned: PlannedChange[]; refusals: Refusal[] } {
  const listed = new Map(own.map((record) => [identity(record), record]));
  const wanted = new Set(desired.map(identity));
  const planned: PlannedChange[] = [];
  const refusals: Refusal[] = [];
  /** instance id -> type -> its desired record */
  const byOwner = new Map<string, Map<string, DesiredRecord>>();
  for (const record of desired) {
    const ownerRecords = byOwner.get(record.setIdentifier) ?? new Map<string, DesiredRecord>();
    byOwner.set(record.setIdentifier, ownerRecords.set(record.type, record));
    const current = listed.get(identity(record));
    if (current && isAsDesired(current, record)) continue;
    const block = blocked.get(`${record.name} ${record.type}`);
    if (block === undefined) planned.push(upsert(record, whyUpsert(record, current)));
    else
      refusals.push({
        subject: record.name,
        rule: 'blocked-name',
        sentence: `${record.setIdentifier} is not registered: ${block}.`,
        cause: `servers are not registered: ${block}`,
      });
  }
  for (const record of own) {
    const ownerRecords = byOwner.get(record.setIdentifier);
    if (!ownerRecords || wanted.has(identity(record))) continue;
    const right = ownerRecords.get(record.type);
    if (right === undefined) {
      planned.push(
        deletion(record, 'family', `${record.setIdentifier} has no ${record.type} address in the pod's networks`),
      );
    } else if (!blocked.has(`${right.name} ${right.type}`)) {
      planned.push(deletion(record, 'move', `${record.setIdentifier} belongs under ${right.name}`));
    }
  }
  return { planned, refusals };
}

function isAsDesired(current: OwnRecord, record: DesiredRecord): boolean {
  return (
    current.ttlSeconds === record.ttlSeconds &&
    current.addresses.length === 1 &&
    current.addresses[0] === record.address
  );
}

function whyUpsert(record: DesiredRecord, current: OwnRecord | undefined): string {
  if (!current) return `${record.setIdentifier} runs at ${record.address}`;
  if (current.addresses.length === 1 && current.addresses[0] === record.address) {
    return `the TTL of ${record.setIdentifier}'s record is ${current.ttlSeconds} s, not ${record.ttlSeconds} s`;
  }
  return `${record.setIdentifier} is at ${record.address}, DNS says ${current.addresses.join(', ') || 'nothing'}`;
}
