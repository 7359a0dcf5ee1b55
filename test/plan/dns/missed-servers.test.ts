import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../../src/diagnosis/judgement.ts';
import { planRecords } from '../../../src/plan/dns/records.ts';
import { adrift, input, judged, MINUTE, memory, NOW, record, silent } from '../../builders/plan-input.ts';
import { A, B } from '../../builders/record-changes.ts';

const PROOF = { provenMs: 20 * MINUTE, seenMs: null, contradicted: true as const };
const WITHDRAWN = {
  sinceMs: NOW - 10 * MINUTE,
  sentence: 'contradicted.',
  addresses: ['10.0.2.11'],
  contradicted: true as const,
};
/** B was contradicted and is out of DNS for it; its clients are gone with it. */
const before = memory({ withdrawn: { [B.instanceId]: WITHDRAWN }, unhealthy: { [B.instanceId]: PROOF } });

/** Beside B: `other`, with its record, and as it was seen. */
const planned = (
  seen: Judgement | undefined,
  ofB: Judgement,
  other: typeof A | null = A,
  records = other ? [record(other)] : [],
) => {
  const hosts = other ? [other, B] : [B];
  const judgements = seen ? [seen, ofB] : [ofB];
  const { changes, memory: after } = planRecords(input({ hosts, records, judgements, memory: before }));
  return { changes: changes.map(({ action, setIdentifier }) => [action, setIdentifier]), after };
};

const DEAD = adrift(A, { state: 'no-daemon', findings: ['no-daemon'] });

describe('a server that was contradicted, and that nobody accuses now', () => {
  it.each([
    ['confident', judged(A)],
    ['silent: nothing is known of it', silent(A)],
    ['one that hears a source', judged(A, { state: 'uncertain', findings: ['uncertain'], confident: false })],
    ['one that just starts', judged(A, { state: 'starting', findings: ['starting'], confident: false })],
  ])('stays out of DNS while a server stands there that is %s', (_, other) => {
    const { changes, after } = planned(other, judged(B));
    expect([changes, after.withdrawn]).toEqual([[], { [B.instanceId]: WITHDRAWN }]);
  });

  it.each([
    ['seen without a daemon', A, DEAD],
    ['stopped', { ...A, state: 'stopped' as const }, undefined],
  ])('returns on trial at once where the only server in DNS is %s', (_, other, seen) => {
    const { changes, after } = planned(seen, judged(B), other);
    expect(changes).toContainEqual(['UPSERT', B.instanceId]);
    expect([after.withdrawn, after.unhealthy[B.instanceId]]).toEqual([{}, PROOF]);
  });

  it('returns where DNS names no server at all', () => {
    const { changes } = planned(undefined, judged(B), null);
    expect(changes).toEqual([['UPSERT', B.instanceId]]);
  });

  it('stays out where EC2 does not tell of the only server in DNS', () => {
    const other = { ...A, instanceId: 'i-0000000000000000c' };
    const { changes, after } = planned(undefined, judged(B), null, [record(other)]);
    expect([changes, after.withdrawn]).toEqual([[], { [B.instanceId]: WITHDRAWN }]);
  });

  it.each([
    ['is accused', { ...judged(B), accused: true as const }],
    ['is not confident', silent(B)],
  ])('does not while it %s', (_, ofB) => {
    const { changes, after } = planned(DEAD, ofB);
    expect([changes, after.withdrawn]).toEqual([[], { [B.instanceId]: WITHDRAWN }]);
  });

  it('goes again with its first sighting that is bad, once another is confident', () => {
    const { after } = planned(DEAD, judged(B));
    const contradicted = adrift(B, { state: 'contradicted', findings: ['contradicted'] });
    const { changes } = planRecords(
      input({
        hosts: [A, B],
        records: [record(A), record(B)],
        judgements: [judged(A), contradicted],
        memory: memory(after),
      }),
    );
    expect(changes.map(({ action, setIdentifier }) => [action, setIdentifier])).toEqual([
      ['UPSERT', A.instanceId],
      ['DELETE', B.instanceId],
    ]);
  });
});
