import { describe, expect, it } from '@jest/globals';
import { BATCH_CHARACTERS, BATCH_RECORDS, changeGroups, packChanges } from '../../../src/plan/dns/batches.ts';
import type { RecordChange } from '../../../src/plan/plan.ts';
import { id } from '../../builders/plan-input.ts';

const change = (number: number, overrides: Partial<RecordChange> = {}): RecordChange => ({
  action: 'UPSERT',
  name: 'ntp.az-b.pod',
  type: 'A',
  setIdentifier: id(number.toString(16)),
  address: '10.0.2.1',
  ttlSeconds: 30,
  reason: 'it runs',
  ...overrides,
});

const upserts = (number: number, overrides: Partial<RecordChange> = {}) =>
  Array.from({ length: number }, (_, index) => change(index, overrides));

describe('changes are grouped', () => {
  it('by instance: the new record before the old one, publishing instances before the others', () => {
    const gone = change(1, { action: 'DELETE' });
    const old = change(2, { action: 'DELETE', name: 'ntp.az-a.pod' });
    const moved = change(2);
    const six = change(2, { type: 'AAAA', address: 'fd00::1' });
    expect(changeGroups([gone, old, six, moved])).toEqual([[moved, six, old], [gone]]);
  });
});

describe('changes are packed', () => {
  it('into no batch when there are none', () => {
    expect(packChanges([])).toEqual([]);
  });

  it('an UPSERT counting twice: 500 in a batch', () => {
    expect(packChanges(upserts(500)).map((batch) => batch.length)).toEqual([500]);
    expect(packChanges(upserts(501)).map((batch) => batch.length)).toEqual([500, 1]);
    expect(2 * 500).toBe(BATCH_RECORDS);
  });

  it('a DELETE counting once: 1,000 in a batch, and each of its values', () => {
    expect(packChanges(upserts(1001, { action: 'DELETE' })).map((batch) => batch.length)).toEqual([1000, 1]);
    const two = upserts(501, { action: 'DELETE', address: '10.0.2.1, 10.0.2.2' });
    expect(packChanges(two).map((batch) => batch.length)).toEqual([500, 1]);
  });

  it('by characters as well, an UPSERT counting twice', () => {
    const long = upserts(403, { type: 'AAAA', address: 'f'.repeat(40) });
    expect(packChanges(long).map((batch) => batch.length)).toEqual([400, 3]);
    expect(400 * 2 * 40).toBe(BATCH_CHARACTERS);
    const deleted = upserts(801, { action: 'DELETE', address: 'f'.repeat(40) });
    expect(packChanges(deleted).map((batch) => batch.length)).toEqual([800, 1]);
  });

  it('never splitting what is of one instance', () => {
    const moved = change(499, { action: 'DELETE', name: 'ntp.az-a.pod' });
    const batches = packChanges([...upserts(500), moved]);
    expect(batches.map((batch) => batch.length)).toEqual([499, 2]);
    expect(batches[1]?.map(({ setIdentifier, action }) => [setIdentifier, action])).toEqual([
      [id((499).toString(16)), 'UPSERT'],
      [id((499).toString(16)), 'DELETE'],
    ]);
  });

  it('alone when one instance has more than a batch holds', () => {
    const huge = Array.from({ length: 501 }, (_, index) => change(7, { name: `ntp.az-b.pod${index}` }));
    expect(packChanges([change(1), ...huge, change(9)]).map((batch) => batch.length)).toEqual([1, 501, 1]);
  });
});
