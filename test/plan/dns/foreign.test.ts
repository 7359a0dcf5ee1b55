import { describe, expect, it } from '@jest/globals';
import { planRecords } from '../../../src/plan/dns/records.ts';
import type { PlanInput, RecordChange } from '../../../src/plan/plan.ts';
import { input, record, server } from '../../builders/plan-input.ts';
import { B, ofB, upsert, withA } from '../../builders/record-changes.ts';

/** The same in words of `ntp.az-b.pod`, for records that are not podtime's. */
const FOREIGN: [string, Partial<PlanInput>, RecordChange[], string[]][] = [
  [
    'a simple A record: left, and nothing can be registered beside it',
    { hosts: [B], records: [record(B, { setIdentifier: null, multivalue: false })] },
    [],
    [
      'ntp.az-b.pod A is left as it is: a simple record, without the set identifier that marks an owner.',
      `${ofB} is not registered: ntp.az-b.pod A stands there and Route 53 allows no multivalue record beside it.`,
    ],
  ],
  [
    'a weighted record with an instance id: left, and nothing can be registered beside it',
    { hosts: [B], records: [record(B, { multivalue: false })] },
    [],
    [
      `ntp.az-b.pod A "${ofB}" is left as it is: its routing policy is not multivalue.`,
      `${ofB} is not registered: ntp.az-b.pod A "${ofB}" stands there and Route 53 allows no multivalue record beside it.`,
    ],
  ],
  [
    'a CNAME: left, and blocks both families',
    {
      hosts: [{ ...B, ipv6: ['fd00::5'] }],
      records: [record(B, { type: 'CNAME', setIdentifier: null, multivalue: false, addresses: ['elsewhere'] })],
    },
    [],
    [
      'ntp.az-b.pod CNAME is left as it is: podtime publishes A and AAAA records, not CNAME.',
      `${ofB} is not registered: ntp.az-b.pod CNAME stands there and Route 53 allows no multivalue record beside it.`,
      `${ofB} is not registered: ntp.az-b.pod CNAME stands there and Route 53 allows no multivalue record beside it.`,
    ],
  ],
  [
    'a TXT record: left, and in nobody’s way',
    { hosts: [B], records: [record(B, { type: 'TXT', setIdentifier: null, multivalue: false })] },
    [upsert(B)],
    ['ntp.az-b.pod TXT is left as it is: podtime publishes A and AAAA records, not TXT.'],
  ],
  [
    'a multivalue record of somebody: left, and in nobody’s way',
    { hosts: [B], records: [record(B, { setIdentifier: 'by-hand' })] },
    [upsert(B)],
    ['ntp.az-b.pod A "by-hand" is left as it is: its set identifier is not an instance id.'],
  ],
  [
    'names not of the form, whoever owns them: left',
    {
      hosts: [{ ...B, state: 'terminated' }],
      records: [
        'www.pod',
        'ntp.az-b.pod.other',
        'ntp.az-bb.pod',
        'ntp.az-1.pod',
        'xntp.az-b.pod',
        'ntp.az-b.green',
      ].map((name) => record(B, { name })),
    },
    [],
    ['www.pod', 'ntp.az-b.pod.other', 'ntp.az-bb.pod', 'ntp.az-1.pod', 'xntp.az-b.pod', 'ntp.az-b.green'].map(
      (name) => `${name} A "${ofB}" is left as it is: its name is not of the form ntp.az-X.ZONE.`,
    ),
  ],
  [
    'in the way of a move: what stands under the wrong name stays',
    {
      hosts: [B],
      records: [record(B, { name: 'ntp.az-c.pod' }), record(B, { setIdentifier: null, multivalue: false })],
    },
    [],
    [
      'ntp.az-b.pod A is left as it is: a simple record, without the set identifier that marks an owner.',
      `${ofB} is not registered: ntp.az-b.pod A stands there and Route 53 allows no multivalue record beside it.`,
    ],
  ],
];

describe('a record that is not podtime’s:', () => {
  it('of several in the way one is told, in whatever order they are listed', () => {
    const simple = record(B, { setIdentifier: null, multivalue: false });
    const cname = record(B, { type: 'CNAME', setIdentifier: null, multivalue: false });
    const blockedBy = (records: (typeof simple)[]) =>
      planRecords(withA({ hosts: [B], records })).refusals.filter(({ rule }) => rule === 'blocked-name');
    expect(blockedBy([simple, cname])).toEqual(blockedBy([cname, simple]));
  });

  it.each(FOREIGN)('%s', (_, given, changes, sentences) => {
    const plan = planRecords(withA(given));
    expect(plan.changes).toEqual(changes);
    expect(plan.refusals.map((refusal) => refusal.sentence)).toEqual(sentences);
  });
});

describe('Route 53’s eight answers', () => {
  const nine = Array.from({ length: 9 }, (_, index) => server(`b${index}`, 'b'));

  it('says when a name has more records, and publishes them all the same', () => {
    const plan = planRecords(input({ hosts: nine }));
    expect(plan.changes).toHaveLength(9);
    expect(plan.refusals).toEqual([
      {
        subject: 'ntp.az-b.pod',
        rule: 'answers-limit',
        sentence: 'ntp.az-b.pod A has 9 records; Route 53 answers with 8 of them, chosen by itself.',
      },
    ]);
  });

  it('says nothing at eight, and counts foreign ones', () => {
    const eight = nine.slice(0, 8);
    expect(planRecords(input({ hosts: eight })).refusals).toEqual([]);
    const foreign = record(B, { setIdentifier: 'by-hand' });
    expect(planRecords(input({ hosts: eight, records: [foreign] })).refusals.map(({ rule }) => rule)).toEqual([
      'foreign-record',
      'answers-limit',
    ]);
  });
});
