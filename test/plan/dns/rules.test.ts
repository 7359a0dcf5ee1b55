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

const UNREAD = 'records are left as they are: EC2 did not say whether their owners live';

/** Alerts, the report and `status.json` go by the name of the rule, and gather what has one cause in one sentence. */
describe('a refusal bears the name of its rule, and its cause', () => {
  it.each<[string, string, string, Partial<PlanInput>]>([
    [
      'not-of-pod',
      B_ID,
      "boundary servers are not registered: tag, VPC or AZ are not the pod's",
      { hosts: [{ ...B, az: 'us-west-2f' }] },
    ],
    [
      'address-outside',
      B_ID,
      "boundary servers get no A record: their addresses lie in none of the pod's networks (10.0.0.0/16, fd00::/56)",
      { hosts: [{ ...B, ipv4: '192.168.0.1' }] },
    ],
    [
      'no-address',
      B_ID,
      'boundary servers are not registered: EC2 lists no address of them yet',
      { hosts: [{ ...B, ipv4: null }] },
    ],
    [
      'foreign-record',
      'ntp.az-b.pod',
      'records are left as they are: its set identifier is not an instance id',
      { records: [record(B, { setIdentifier: 'by-hand' })] },
    ],
    ['unread-owner', 'ntp.az-b.pod', UNREAD, { records: [record(B)] }],
    ['unread-owner', 'ntp.az-b.pod', UNREAD, { records: [record(B)], unread: [B_ID], unknownIds: [B_ID] }],
    [
      'unknown-once',
      'ntp.az-b.pod',
      'records stay for now: EC2 says that there are no such instances, and must say it again 5 min later',
      { records: [record(B)], unknownIds: [B_ID] },
    ],
    [
      'untagged-owner',
      'ntp.az-b.pod',
      "records are left as they are: their owners live, but are not among the pod's tagged hosts",
      { records: [record(B)], ownerStates: { [B_ID]: 'running' } },
    ],
    [
      'floor',
      B_ID,
      'servers to be withdrawn stay in DNS: 0 confident boundary servers would be left there, the floor is 1',
      { records: [record(B)], hosts: [client('b1', 'b')] },
    ],
    [
      'floor',
      B_ID,
      'records stay, though EC2 says that there are no such instances: 0 confident boundary servers stand in DNS, 1 must',
      { records: [record(B)], unknownIds: [B_ID], memory: memory({ unknownToEc2: { [B_ID]: NOW - HOUR } }) },
    ],
    [
      'starting-too-long',
      B_ID,
      'hosts keep starting for longer than any start takes',
      {
        hosts: [B],
        judgements: [adrift(B, { state: 'starting' })],
        memory: memory({ starting: { [B_ID]: { provenMs: 3 * HOUR, seenMs: NOW - MINUTE } } }),
      },
    ],
  ])('%s, of %s: %s', (rule, subject, cause, overrides) => {
    const { refusals } = planRecords(beside(overrides));
    expect(refusals).toEqual([{ rule, subject, cause, sentence: expect.any(String) }]);
  });

  it('blocked-name, beside the record that stands there', () => {
    const simple = record(B, { setIdentifier: null, multivalue: false });
    const { refusals } = planRecords(beside({ hosts: [B], records: [simple] }));
    expect(refusals.map(({ rule, subject, cause }) => [rule, subject, cause])).toEqual([
      [
        'foreign-record',
        'ntp.az-b.pod',
        'records are left as they are: a simple record, without the set identifier that marks an owner',
      ],
      [
        'blocked-name',
        'ntp.az-b.pod',
        'servers are not registered: ntp.az-b.pod A stands there and Route 53 allows no multivalue record beside it',
      ],
    ]);
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
