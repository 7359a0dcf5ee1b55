import { azLetterReader } from '../../fleet/az-names.ts';
import { isInstanceId, type Pod } from '../../fleet/fleet.ts';
import { byText } from '../../fleet/ordering.ts';
import { printable } from '../../fleet/printable.ts';
import type { PublishedRecord } from '../../fleet/records.ts';
import type { Refusal } from '../refusal.ts';

/** A record that carries podtime's ownership mark. */
export interface OwnRecord extends PublishedRecord {
  type: 'A' | 'AAAA';
  /** An instance id. */
  setIdentifier: string;
}

export interface RecordOwnership {
  own: OwnRecord[];
  /** One for each record that is not podtime's: reported, never touched. */
  refusals: Refusal[];
  /** `name type` -> why Route 53 would refuse a multivalue record there, and with it the whole batch. */
  blocked: Map<string, string>;
}

/**
 * Tells podtime's records from others.
 *
 * | record under `ntp.az-X.ZONE`                            | podtime's | lets a multivalue record in beside it |
 * | ------------------------------------------------------- | --------- | ------------------------------------- |
 * | A or AAAA, multivalue, identifier is an instance id     | yes       | yes |
 * | A or AAAA, multivalue, another identifier               | no        | yes |
 * | A or AAAA, simple, or of another routing policy         | no        | no, of its type |
 * | CNAME                                                   | no        | no, of either type |
 * | another type (TXT, …)                                   | no        | yes |
 * | any record of another name                              | no        | yes |
 */
export function classifyRecords(pod: Pod, records: readonly PublishedRecord[]): RecordOwnership {
  const letterOf = azLetterReader(pod);
  const own: OwnRecord[] = [];
  const refusals: Refusal[] = [];
  const blocked = new Map<string, string>();
  for (const record of records) {
    if (isOwn(record, letterOf)) {
      own.push(record);
      continue;
    }
    const what = `${record.name} ${record.type}${record.setIdentifier === null ? '' : ` "${printable(record.setIdentifier).text}"`}`;
    const why = whyForeign(record, letterOf);
    refusals.push({
      subject: record.name,
      rule: 'foreign-record',
      sentence: `${what} is left as it is: ${why}.`,
      cause: `records are left as they are: ${why}`,
    });
    for (const type of blockedTypes(record)) {
      const key = `${record.name} ${type}`;
      const block = `${what} stands there and Route 53 allows no multivalue record beside it`;
      const known = blocked.get(key);
      // of several the first in order is named, in whatever order they are listed
      if (known === undefined || byText(block, known) < 0) blocked.set(key, block);
    }
  }
  return { own, refusals, blocked };
}

type LetterReader = ReturnType<typeof azLetterReader>;

function isOwn(record: PublishedRecord, letterOf: LetterReader): record is OwnRecord {
  return whyForeign(record, letterOf) === null;
}

function whyForeign(record: PublishedRecord, letterOf: LetterReader): string | null {
  if (letterOf(record.name) === null) return 'its name is not of the form ntp.az-X.ZONE';
  if (!isAddressType(record.type)) return `podtime publishes A and AAAA records, not ${record.type}`;
  if (record.setIdentifier === null) return 'a simple record, without the set identifier that marks an owner';
  if (!record.multivalue) return 'its routing policy is not multivalue';
  if (!isInstanceId(record.setIdentifier)) return 'its set identifier is not an instance id';
  return null;
}

function blockedTypes({ type, multivalue }: PublishedRecord): readonly string[] {
  if (type === 'CNAME') return ['A', 'AAAA'];
  return isAddressType(type) && !multivalue ? [type] : [];
}

function isAddressType(type: string): type is 'A' | 'AAAA' {
  return type === 'A' || type === 'AAAA';
}
