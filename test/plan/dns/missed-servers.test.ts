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

const planned = (ofA: Judgement, ofB: Judgement, remembered = before) => {
  const { changes, memory: after } = planRecords(
    input({ hosts: [A, B], records: [record(A)], judgements: [ofA, ofB], memory: remembered }),
  );
  return { changes: changes.map(({ action, setIdentifier }) => [action, setIdentifier]), after };
};

describe('a server that was contradicted, and that nobody accuses now', () => {
  it('stays out of DNS while a confident server stands there', () => {
    const { changes, after } = planned(judged(A), judged(B));
    expect([changes, after.withdrawn]).toEqual([[], { [B.instanceId]: WITHDRAWN }]);
  });

  it.each([
    ['without a daemon', adrift(A, { state: 'no-daemon', findings: ['no-daemon'] })],
    ['silent', silent(A)],
  ])('returns on trial at once where the only server in DNS is %s', (_, dead) => {
    const { changes, after } = planned(dead, judged(B));
    expect(changes).toEqual([['UPSERT', B.instanceId]]);
    expect([after.withdrawn, after.unhealthy[B.instanceId]]).toEqual([{}, PROOF]);
  });

  it.each([
    ['is accused', { ...judged(B), accused: true as const }],
    ['is not confident', silent(B)],
  ])('does not while it %s', (_, ofB) => {
    const { changes, after } = planned(silent(A), ofB);
    expect([changes, after.withdrawn]).toEqual([[], { [B.instanceId]: WITHDRAWN }]);
  });

  it('goes again with its first sighting that is bad, once another is confident', () => {
    const { after } = planned(silent(A), judged(B));
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
