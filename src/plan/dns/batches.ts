import { byText } from '../../fleet/ordering.ts';
import type { RecordChange } from './changes.ts';

/** ResourceRecord elements in one ChangeResourceRecordSets request (Route 53 quotas); an UPSERT counts twice. */
export const BATCH_RECORDS = 1000;

/** Characters in all Value elements of one request (Route 53 quotas); an UPSERT counts twice. */
export const BATCH_CHARACTERS = 32_000;

/**
 * The changes of one instance, together: a server that moved to another name is deleted there and published here at once,
 * or neither. Groups that publish come first, so that whatever was withdrawn in trust of them comes after.
 */
export function changeGroups(changes: readonly RecordChange[]): RecordChange[][] {
  const groups = new Map<string, RecordChange[]>();
  for (const change of changes) {
    const group = groups.get(change.setIdentifier);
    if (group) group.push(change);
    else groups.set(change.setIdentifier, [change]);
  }
  const publishes = (group: RecordChange[]) => (group.some((change) => change.action === 'UPSERT') ? 0 : 1);
  return [...groups.values()]
    .map((group) => group.sort(byChange))
    .sort((a, b) => publishes(a) - publishes(b) || byText(a[0]?.setIdentifier ?? '', b[0]?.setIdentifier ?? ''));
}

/**
 * Packs changes into batches that Route 53 takes, each applied whole or not at all. A group is never split; one that
 * alone is over a limit (no instance has so many records) goes alone, for Route 53 to judge.
 */
export function packChanges(changes: readonly RecordChange[]): RecordChange[][] {
  const batches: RecordChange[][] = [];
  let batch: RecordChange[] = [];
  let records = 0;
  let characters = 0;
  for (const group of changeGroups(changes)) {
    const groupRecords = sum(group, recordsOf);
    const groupCharacters = sum(group, charactersOf);
    if (
      batch.length > 0 &&
      (records + groupRecords > BATCH_RECORDS || characters + groupCharacters > BATCH_CHARACTERS)
    ) {
      batches.push(batch);
      batch = [];
      records = 0;
      characters = 0;
    }
    batch.push(...group);
    records += groupRecords;
    characters += groupCharacters;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** How often Route 53 counts a change. */
function weight(change: RecordChange): number {
  return change.action === 'UPSERT' ? 2 : 1;
}

/** A record listed with several values (edited by hand) is deleted with all of them. */
function valuesOf(change: RecordChange): string[] {
  return change.address.split(', ');
}

function recordsOf(change: RecordChange): number {
  return weight(change) * valuesOf(change).length;
}

function charactersOf(change: RecordChange): number {
  return weight(change) * sum(valuesOf(change), (value) => value.length);
}

function sum<T>(items: readonly T[], measure: (item: T) => number): number {
  return items.reduce((total, item) => total + measure(item), 0);
}

function byChange(a: RecordChange, b: RecordChange): number {
  return byText(b.action, a.action) || byText(a.name, b.name) || byText(a.type, b.type);
}
