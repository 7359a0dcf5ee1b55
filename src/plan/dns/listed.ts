import { azLetterReader } from '../../fleet/az-names.ts';
import type { Pod } from '../../fleet/fleet.ts';
import { isInstanceId } from '../../fleet/fleet.ts';
import { byText } from '../../fleet/ordering.ts';
import type { PublishedRecord, Refusal } from '../types.ts';

/** A record that carries podtime's ownership mark. */
export interface OwnRecord extends PublishedRecord {
  type: 'A' | 'AAAA';
  /** An instance id. */
  setIdentifier: string;
}

export interface Listed {
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
export function readListed(pod: Pod, records: readonly PublishedRecord[]): Listed {
  const letterOf = azLetterReader(pod);
  const own: OwnRecord[] = [];
  const refusals: Refusal[] = [];
  const blocked = new Map<string, string>();
  for (const record of records) {
    const foreign = foreignness(record, letterOf);
    if (foreign === null) {
      own.push(record as OwnRecord);
      continue;
    }
    const what = `${record.name} ${record.type}${record.setIdentifier === null ? '' : ` "${record.setIdentifier}"`}`;
    refusals.push({ subject: record.name, rule: 'foreign-record', sentence: `${what} is left as it is: ${foreign}.` });
    const routed = isAddressType(record.type) && !record.multivalue;
    if (routed || record.type === 'CNAME') {
      const types = routed ? [record.type] : ['A', 'AAAA'];
      const why = `${what} stands there and Route 53 allows no multivalue record beside it`;
      for (const type of types) {
        const told = blocked.get(`${record.name} ${type}`);
        // of several the first in order is told, in whatever order they are listed
        if (told === undefined || byText(why, told) < 0) blocked.set(`${record.name} ${type}`, why);
      }
    }
  }
  return { own, refusals, blocked };
}

function foreignness(record: PublishedRecord, letterOf: (name: string) => string | null): string | null {
  if (letterOf(record.name) === null) return 'its name is not of the form ntp.az-X.ZONE';
  if (!isAddressType(record.type)) return `podtime publishes A and AAAA records, not ${record.type}`;
  if (record.setIdentifier === null) return 'a simple record, without the set identifier that marks an owner';
  if (!record.multivalue) return 'its routing policy is not multivalue';
  if (!isInstanceId(record.setIdentifier)) return 'its set identifier is not an instance id';
  return null;
}

function isAddressType(type: string): type is 'A' | 'AAAA' {
  return type === 'A' || type === 'AAAA';
}
