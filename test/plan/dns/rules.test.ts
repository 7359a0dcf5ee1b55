import { describe, expect, it } from '@jest/globals';
import { planRecords } from '../../../src/plan/dns/records.ts';
import type { PlanInput } from '../../../src/plan/plan.ts';
import {
  adrift,
  client,
  HOUR,
  input,
  judged,
  MINUTE,
  memory,
  NOW,
  POD,
  record,
  server,
} from '../../builders/plan-input.ts';

const A = server('a1', 'a');
const B = server('b1', 'b');
const B_ID = B.instanceId;
const beside = (overrides: Partial<PlanInput>) =>
  input({ ...overrides, hosts: [A, ...(overrides.hosts ?? [])], records: [record(A), ...(overrides.records ?? [])] });

/** Alerts, the report and `status.json` go by the name of the rule. */
describe('a refusal bears the name of its rule', () => {
  it.each<[string, string, Partial<PlanInput>]>([
    ['not-of-pod', B_ID, { hosts: [{ ...B, az: 'us-west-2f' }] }],
    ['address-outside', B_ID, { hosts: [{ ...B, ipv4: '192.168.0.1' }] }],
    ['no-address', B_ID, { hosts: [{ ...B, ipv4: null }] }],
    ['unread-owner', 'ntp.az-b.pod', { records: [record(B)] }],
    ['unread-owner', 'ntp.az-b.pod', { records: [record(B)], unread: [B_ID], unknownIds: [B_ID] }],
    ['unknown-once', 'ntp.az-b.pod', { records: [record(B)], unknownIds: [B_ID] }],
    ['untagged-owner', 'ntp.az-b.pod', { records: [record(B)], ownerStates: { [B_ID]: 'running' } }],
    ['floor', B_ID, { records: [record(B)], hosts: [client('b1', 'b')] }],
    [
      'floor',
      B_ID,
      { records: [record(B)], unknownIds: [B_ID], memory: memory({ unknownToEc2: { [B_ID]: NOW - HOUR } }) },
    ],
    [
      'starting-too-long',
      B_ID,
      {
        hosts: [B],
        judgements: [adrift(B, { state: 'starting' })],
        memory: memory({ starting: { [B_ID]: { provenMs: 3 * HOUR, seenMs: NOW - MINUTE } } }),
      },
    ],
  ])('%s, of %s', (rule, subject, overrides) => {
    const { refusals } = planRecords(beside(overrides));
    expect(refusals.map((refusal) => [refusal.rule, refusal.subject])).toEqual([[rule, subject]]);
  });

  it('withdrawn, of one that DNS does not hold', () => {
    const withdrawn = { [B_ID]: { sinceMs: NOW - HOUR, sentence: 'It was ill.', addresses: ['10.0.2.177'] } };
    const made = planRecords(beside({ hosts: [B], judgements: [judged(A), adrift(B)], memory: memory({ withdrawn }) }));
    expect(made.refusals.map(({ rule, subject }) => [rule, subject])).toEqual([['withdrawn', B_ID]]);
    expect(made.memory.withdrawn[B_ID]?.sinceMs).toBe(NOW - HOUR);
  });
});

describe('addresses outside of the pod’s networks', () => {
  it('are all named, in order', () => {
    const hosts = [{ ...B, ipv6: ['fd99::2', 'fd99::1'] }];
    expect(planRecords(beside({ hosts })).refusals.map(({ sentence }) => sentence)).toEqual([
      `${B_ID} gets no AAAA record under ntp.az-b.pod: fd99::1, fd99::2 lies in none of the pod's networks (${POD.networks.join(', ')}).`,
    ]);
  });

  it('cost nothing that is inside, and of several the lowest is taken', () => {
    const hosts = [{ ...B, ipv6: ['fd00::9', 'fd99::2', 'fd00::2'] }];
    expect(planRecords(beside({ hosts })).changes.map(({ type, address }) => [type, address])).toEqual([
      ['A', '10.0.2.177'],
      ['AAAA', 'fd00::2'],
    ]);
  });
});

it('servers are registered in the order of their ids, in whatever order EC2 lists them', () => {
  const hosts = [server('b9', 'b'), server('b2', 'b'), server('b5', 'b')];
  const order = (listed: typeof hosts) =>
    planRecords(beside({ hosts: listed })).changes.map((change) => change.setIdentifier);
  expect(order(hosts)).toEqual(order([...hosts].reverse()));
});

describe('an answer of more than eight records', () => {
  const many = Array.from({ length: 9 }, (_, n) => server(`b${n}`, 'b'));

  it('is said of the name', () => {
    const made = planRecords(beside({ hosts: many, records: many.map((host) => record(host)) }));
    expect(made.refusals).toEqual([
      {
        subject: 'ntp.az-b.pod',
        rule: 'answers-limit',
        sentence: 'ntp.az-b.pod A has 9 records; Route 53 answers with 8 of them, chosen by itself.',
      },
    ]);
  });

  it('is not said of names that are not podtime’s, nor of records that are no answer among several', () => {
    const strange = many.map((host) => record(host, { name: 'www.pod' }));
    const alone = many.map((host) => record(host, { multivalue: false, setIdentifier: null, name: 'ntp.az-b.pod' }));
    const rules = [strange, alone].map((records) => planRecords(beside({ records })).refusals.map(({ rule }) => rule));
    expect(rules.flat()).not.toContain('answers-limit');
  });
});

it('a server that is withdrawn is remembered by all its addresses', () => {
  const ill = { provenMs: HOUR, seenMs: NOW - MINUTE };
  const hosts = [{ ...B, ipv4: null, ipv6: ['fd00::9', 'fd00::2'] }];
  const made = planRecords(
    beside({
      pod: { ...POD, cycling: { ...POD.cycling, floor: 1 } },
      hosts,
      judgements: [judged(A), ...hosts.map((host) => adrift(host))],
      memory: memory({ unhealthy: { [B_ID]: ill }, unhealthySinceMs: { [B_ID]: NOW - HOUR } }),
    }),
  );
  expect(made.memory.withdrawn[B_ID]?.addresses).toEqual(['fd00::2', 'fd00::9']);
});

describe('a server that EC2 does not deny', () => {
  it('is not remembered as denied: the first denial would count as the second', () => {
    expect(planRecords(beside({ records: [record(B)] })).memory.unknownToEc2).toEqual({});
    expect(planRecords(beside({ records: [record(B)], unread: [B_ID] })).memory.unknownToEc2).toEqual({});
    expect(planRecords(beside({ records: [record(B)], unknownIds: [B_ID] })).memory.unknownToEc2).toEqual({
      [B_ID]: NOW,
    });
  });
});

it('below the floor an ill server stays in DNS, but none is put there', () => {
  const C = server('c1', 'c');
  const ill = { sinceMs: NOW - HOUR, sentence: 'It was ill.', addresses: [] };
  const made = planRecords(
    beside({
      pod: { ...POD, cycling: { ...POD.cycling, floor: 3 } },
      hosts: [B, C],
      records: [record(B)],
      judgements: [judged(A), adrift(B), adrift(C)],
      memory: memory({ withdrawn: { [B_ID]: ill, [C.instanceId]: ill } }),
    }),
  );
  expect(made.changes).toEqual([]);
  expect(made.refusals.map(({ rule, subject }) => [rule, subject])).toEqual([
    ['withdrawn', C.instanceId],
    ['floor', B_ID],
  ]);
});
