import { describe, expect, it } from '@jest/globals';
import { recordsAfter } from '../../../src/plan/dns/changes.ts';
import { planRecords } from '../../../src/plan/dns/records.ts';
import { restate } from '../../../src/plan/dns/restate.ts';
import { adrift, input, judged, POD, record, server } from '../../builders/plan-input.ts';
import {
  A,
  B,
  C,
  gone,
  ILL,
  illSentence,
  ofB,
  remove,
  restated,
  restingOn,
  upsert,
  withA,
} from '../../builders/record-changes.ts';

describe('the records that a withdrawal rests on', () => {
  const ill = { hosts: [B], records: [record(B)], judgements: [adrift(B)], memory: ILL };
  const floor = (number: number) => ({ ...POD, cycling: { ...POD.cycling, floor: number } });
  const withC = { hosts: [B, C], records: [record(B), record(C)], judgements: [adrift(B), judged(C)], memory: ILL };

  it('stand afterwards, also where somebody deleted them since Route 53 was read', () => {
    const planned = planRecords(withA(ill)).changes.map((change) => ({ cause: 'register' as const, change }));
    const left = recordsAfter([{ ...record(B), setIdentifier: ofB }], planned);
    expect(left.map(({ setIdentifier }) => setIdentifier)).toEqual([A.instanceId]);
  });

  it('are written again, of as many servers as the floor wants', () => {
    const changes = (number: number) => planRecords(withA({ ...withC, pod: floor(number) })).changes;
    expect(changes(1)).toEqual([restated(A), remove(B, illSentence, restingOn(1, A))]);
    expect(changes(2)).toEqual([restated(A), restated(C), remove(B, illSentence, restingOn(2, A, C))]);
  });

  it('are written again of one server where the floor is 0: a pod is not emptied by chance', () => {
    expect(planRecords(withA({ ...ill, pod: floor(0) })).changes).toEqual([
      restated(A),
      remove(B, illSentence, restingOn(1, A)),
    ]);
  });

  it('are none where nobody confident stands, and the floor is 0', () => {
    const given = { ...ill, hosts: [A, B], records: [record(A), record(B)], pod: floor(0) };
    expect(planRecords(input(given)).changes).toEqual([remove(B, illSentence)]);
  });

  it('are those of both address families', () => {
    const both = server('a', 'a', { ipv6: ['fd00::1'] });
    const pod = { ...POD, networks: [...POD.networks, 'fd00::/56'] };
    const records = [record(both), record(both, { type: 'AAAA', addresses: ['fd00::1'] }), record(B)];
    const judgements = [judged(both), adrift(B)];
    const planned = planRecords(input({ pod, hosts: [both, B], records, judgements, memory: ILL }));
    expect(planned.changes).toEqual([
      restated(both),
      { ...restated(both), type: 'AAAA', address: 'fd00::1' },
      remove(B, illSentence, restingOn(1, both)),
    ]);
  });

  it('are not written twice where the plan mends them', () => {
    const old = record(A, { ttlSeconds: 300 });
    const planned = planRecords(
      input({ ...ill, hosts: [A, B], records: [old, record(B)], judgements: [judged(A), adrift(B)] }),
    );
    expect(planned.changes).toEqual([
      upsert(A, { reason: `the TTL of ${A.instanceId}'s record is 300 s, not 30 s` }),
      remove(B, illSentence, restingOn(1, A)),
    ]);
  });

  it('are of those first by their id, and name all that rest on them; none that Route 53 would refuse', () => {
    const desiredOf = (host: typeof A, type: 'A' | 'AAAA' = 'A') => ({
      ...{ name: `ntp.az-${host.az.slice(-1)}.pod`, type, setIdentifier: host.instanceId },
      ...{ address: host.ipv4 ?? '', ttlSeconds: 30 },
    });
    const standing = new Set([C.instanceId, A.instanceId]);
    const desired = [desiredOf(A), desiredOf(A, 'AAAA'), desiredOf(C)];
    const blocked = new Map([['ntp.az-a.pod AAAA', 'a CNAME stands there']]);
    const D = server('d', 'b');
    const withdrawn = [D, B].map((host) => ({ cause: 'health' as const, change: remove(host, illSentence) }));
    expect(restate({ standing, needed: 1, desired, blocked }, withdrawn)).toEqual([
      { cause: 'register', change: restated(A, `${ofB}, ${D.instanceId}`) },
    ]);
  });

  it('are of a server of which nothing else is to change, where there is one: more of it may be refused', () => {
    const old = record(A, { type: 'AAAA', addresses: ['fd00::1'] });
    const given = { ...withC, hosts: [A, B, C], records: [record(A), old, record(B), record(C)] };
    const planned = planRecords(input({ ...given, judgements: [judged(A), adrift(B), judged(C)] }));
    expect(planned.changes).toContainEqual(restated(C));
    expect(planned.changes).toContainEqual(remove(B, illSentence, restingOn(1, C)));
    expect(planned.changes).not.toContainEqual(restated(A));
  });

  it('are left alone where a dead server goes, which no floor limits', () => {
    const dead = withA({ hosts: [{ ...B, state: 'terminated' }], records: [record(B)] });
    expect(planRecords(dead).changes).toEqual([remove(B, gone('terminated'))]);
  });

  it('are left alone where the withdrawal is only said', () => {
    for (const mode of ['observe', 'hold'] as const) {
      const planned = planRecords({ ...withA(ill), mode });
      expect([planned.changes, planned.refusals.map(({ rule }) => rule)]).toEqual([[], ['mode']]);
    }
  });
});
