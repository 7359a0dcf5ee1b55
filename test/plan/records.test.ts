import { describe, expect, it } from '@jest/globals';
import { planRecords } from '../../src/plan/records.ts';
import type { PlanInput, RecordChange } from '../../src/plan/types.ts';
import { adrift, client, HOUR, id, input, judged, MINUTE, memory, NOW, POD, record, server } from './given.ts';

const A = server('a', 'a');
const B = server('b', 'b');
const C = server('c', 'c');

const upsert = (of: typeof B, overrides: Partial<RecordChange> = {}): RecordChange => ({
  action: 'UPSERT',
  name: `ntp.az-${of.az.slice(-1)}.pod`,
  type: 'A',
  setIdentifier: of.instanceId,
  address: of.ipv4 ?? '',
  ttlSeconds: 30,
  reason: `${of.instanceId} runs at ${of.ipv4}`,
  ...overrides,
});

const remove = (of: typeof B, reason: string, overrides: Partial<RecordChange> = {}): RecordChange => ({
  ...upsert(of, { action: 'DELETE', reason }),
  raw: record(of).raw,
  ...overrides,
});

const ofB = id('b');
const ILL = memory({ unhealthySinceMs: { [ofB]: NOW - 20 * MINUTE } });
const illSentence = 'adrift for 20 min of sightings (limit 15 min): offset 80 ms is over the limit of 50 ms.';
const gone = (state: string) => `EC2 says ${ofB} is ${state}`;

/** What happens to the records of `B`, for what EC2, DNS and the sightings say; `A` is healthy and published throughout. */
const CASES: [string, Partial<PlanInput>, RecordChange[], string[]][] = [
  ['runs, not published: published', { hosts: [B] }, [upsert(B)], []],
  ['runs, published: left as it is', { hosts: [B], records: [record(B)] }, [], []],
  [
    'runs, published at another address: put right',
    { hosts: [B], records: [record(B, { addresses: ['10.0.2.99'] })] },
    [upsert(B, { reason: `${ofB} is at 10.0.2.11, DNS says 10.0.2.99` })],
    [],
  ],
  [
    'runs, published with another TTL: put right',
    { hosts: [B], records: [record(B, { ttlSeconds: 300 })] },
    [upsert(B, { reason: `the TTL of ${ofB}'s record is 300 s, not 30 s` })],
    [],
  ],
  [
    'runs, published with a second address: put right',
    { hosts: [B], records: [record(B, { addresses: ['10.0.2.11', '10.0.2.12'] })] },
    [upsert(B, { reason: `${ofB} is at 10.0.2.11, DNS says 10.0.2.11, 10.0.2.12` })],
    [],
  ],
  [
    "runs, published under another AZ's name: moved",
    { hosts: [B], records: [record(B, { name: 'ntp.az-c.pod', raw: 'old' })] },
    [upsert(B), remove(B, `${ofB} belongs under ntp.az-b.pod`, { name: 'ntp.az-c.pod', raw: 'old' })],
    [],
  ],
  [
    'runs with IPv6: both families published, the published one of its addresses kept',
    {
      hosts: [{ ...B, ipv6: ['fd00::1', 'fd00::5', 'fd01::1'] }],
      records: [record(B, { type: 'AAAA', addresses: ['fd00::5'] })],
    },
    [upsert(B)],
    [],
  ],
  [
    'runs with IPv6, not published: the lowest address of the networks is taken',
    { hosts: [{ ...B, ipv6: ['fd00::5', 'fc00::1', 'fd00::1'] }], records: [record(B)] },
    [upsert(B, { type: 'AAAA', address: 'fd00::1', reason: `${ofB} runs at fd00::1` })],
    [],
  ],
  [
    'runs with IPv6 in a pod without: no AAAA, and one that stands goes',
    {
      pod: { ...POD, networks: ['10.0.0.0/16'] },
      hosts: [{ ...B, ipv6: ['fd00::5'] }],
      records: [record(B), record(B, { type: 'AAAA', addresses: ['fd00::5'], raw: 'six' })],
    },
    [remove(B, `${ofB} has no AAAA address in the pod's networks`, { type: 'AAAA', address: 'fd00::5', raw: 'six' })],
    [],
  ],
  [
    'runs outside the networks of the pod: not published',
    { hosts: [{ ...B, ipv4: '192.168.0.1' }] },
    [],
    [
      `${ofB} gets no A record under ntp.az-b.pod: 192.168.0.1 lies in none of the pod's networks (10.0.0.0/16, fd00::/56).`,
    ],
  ],
  [
    'runs, EC2 tells no address: what stands is left',
    { hosts: [{ ...B, ipv4: null }], records: [record(B)] },
    [],
    [`${ofB} is not registered: EC2 tells no address of it yet.`],
  ],
  [
    'runs in another VPC: not published, what stands is left',
    { hosts: [{ ...B, vpc: 'vpc-other' }], records: [record(B)] },
    [],
    [`${ofB} is not registered: it runs in vpc-other, the pod is vpc-0b1ue.`],
  ],
  [
    'runs in an AZ that the pod does not have: not published',
    { hosts: [{ ...B, az: 'us-west-2g' }] },
    [],
    [`${ofB} is not registered: its AZ us-west-2g is none of the pod's (us-west-2a, us-west-2b, us-west-2c).`],
  ],
  [
    'is tagged for another pod: not published',
    { hosts: [{ ...B, pod: 'green' }] },
    [],
    [`${ofB} is not registered: it is tagged for pod green, not blue.`],
  ],
  ['pending: what stands is left', { hosts: [{ ...B, state: 'pending' }], records: [record(B)] }, [], []],
  ['pending, not published: waits until it runs', { hosts: [{ ...B, state: 'pending' }] }, [], []],
  ...(['shutting-down', 'stopping', 'stopped', 'terminated'] as const).map(
    (state): [string, Partial<PlanInput>, RecordChange[], string[]] => [
      `${state}: withdrawn, also as the last one`,
      { hosts: [{ ...B, state }], records: [record(B)], pod: { ...POD, cycling: { ...POD.cycling, floor: 9 } } },
      [remove(B, gone(state))],
      [],
    ],
  ),
  [
    'dead, with both families and several values: all its records go',
    {
      hosts: [{ ...B, state: 'terminated' }],
      records: [
        record(B, { addresses: ['10.0.2.11', '10.0.2.12'] }),
        record(B, { type: 'AAAA', addresses: ['fd00::5'], raw: 'six' }),
      ],
    },
    [
      remove(B, gone('terminated'), { address: '10.0.2.11, 10.0.2.12' }),
      remove(B, gone('terminated'), { type: 'AAAA', address: 'fd00::5', raw: 'six' }),
    ],
    [],
  ],
  [
    'unknown to EC2 at one read: kept, and said',
    { records: [record(B)], unknownIds: [ofB] },
    [],
    [`ntp.az-b.pod A of ${ofB} stays for now: EC2 did not know it at 1 read, 2 are needed.`],
  ],
  [
    'unknown to EC2 at two reads: withdrawn',
    { records: [record(B)], unknownIds: [ofB], memory: memory({ unknownToEc2: [ofB] }) },
    [remove(B, `EC2 did not know ${ofB} at two reads in a row`)],
    [],
  ],
  [
    'unknown to EC2 at the read before only: kept',
    { records: [record(B)], memory: memory({ unknownToEc2: [ofB] }) },
    [],
    [`ntp.az-b.pod A is left as it is: ${ofB} lives, but is not among the pod's tagged hosts.`],
  ],
  [
    'unknown by id, yet among the hosts: the hosts are believed',
    { hosts: [B], records: [record(B)], unknownIds: [ofB], memory: memory({ unknownToEc2: [ofB] }) },
    [],
    [],
  ],
  [
    'made a client: withdrawn',
    { hosts: [{ ...B, tier: 'client' }], records: [record(B)] },
    [remove(B, `${ofB} is tagged as a client now`)],
    [],
  ],
  [
    'long adrift: withdrawn for its health',
    { hosts: [B], records: [record(B)], judgements: [adrift(B)], memory: ILL },
    [remove(B, illSentence)],
    [],
  ],
  [
    'long adrift, not published: not published either',
    { hosts: [B], judgements: [adrift(B)], memory: ILL },
    [],
    [`${ofB} is not registered until it is confident again: ${illSentence}`],
  ],
  [
    'withdrawn, better but not confident: stays withdrawn',
    {
      hosts: [B],
      judgements: [judged(B, { confident: false })],
      memory: memory({
        withdrawn: { [ofB]: { sinceMs: NOW - HOUR, sentence: 'adrift: 80 ms.', addresses: ['10.0.2.11'] } },
      }),
    },
    [],
    [`${ofB} is not registered until it is confident again: adrift: 80 ms.`],
  ],
  [
    'withdrawn, published again by another: withdrawn again',
    {
      hosts: [B],
      records: [record(B)],
      judgements: [judged(B, { confident: false })],
      memory: memory({
        withdrawn: { [ofB]: { sinceMs: NOW - HOUR, sentence: 'adrift: 80 ms.', addresses: ['10.0.2.11'] } },
      }),
    },
    [remove(B, 'adrift: 80 ms.')],
    [],
  ],
  [
    'withdrawn, confident again: published',
    {
      hosts: [B],
      judgements: [judged(B)],
      memory: memory({
        withdrawn: { [ofB]: { sinceMs: NOW - HOUR, sentence: 'adrift: 80 ms.', addresses: ['10.0.2.11'] } },
      }),
    },
    [upsert(B)],
    [],
  ],
  [
    'withdrawn, dead and booted anew: the mark is gone with the boot',
    {
      hosts: [{ ...B, state: 'stopped' }],
      memory: memory({
        withdrawn: { [ofB]: { sinceMs: NOW - HOUR, sentence: 'adrift: 80 ms.', addresses: ['10.0.2.11'] } },
      }),
    },
    [],
    [],
  ],
];

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

/** `A` is confident and published, unless the case has a floor of its own to break. */
function withA(given: Partial<PlanInput>): PlanInput {
  return input({
    ...given,
    hosts: [A, ...(given.hosts ?? [])],
    records: [record(A), ...(given.records ?? [])],
    judgements: [judged(A), ...(given.judgements ?? [])],
  });
}

describe('the records of a server that', () => {
  it.each(CASES)('%s', (_, given, changes, sentences) => {
    const plan = planRecords(withA(given));
    expect(plan.changes).toEqual(changes);
    expect(plan.refusals.map((refusal) => refusal.sentence)).toEqual(sentences);
  });
});

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

describe('the mode', () => {
  const everything = withA({
    hosts: [{ ...B, state: 'terminated' }, C],
    records: [record(B)],
  });

  it('act changes all', () => {
    const plan = planRecords(everything);
    expect(plan.changes).toEqual([upsert(C), remove(B, gone('terminated'))]);
    expect(plan.refusals).toEqual([]);
  });

  it('hold withdraws what EC2 says is gone, and tells the rest', () => {
    const plan = planRecords({ ...everything, mode: 'hold' });
    expect(plan.changes).toEqual([remove(B, gone('terminated'))]);
    expect(plan.refusals).toEqual([
      {
        subject: 'ntp.az-c.pod',
        rule: 'mode',
        sentence: `In mode hold podtime does not UPSERT ntp.az-c.pod A 10.0.3.12, as it would in mode act: ${id('c')} runs at 10.0.3.12.`,
      },
    ]);
  });

  it('hold withdraws none for its health, and remembers none as withdrawn', () => {
    const given = { hosts: [B], records: [record(B)], judgements: [adrift(B)], memory: ILL };
    const plan = planRecords({ ...withA(given), mode: 'hold' });
    expect(plan.changes).toEqual([]);
    expect(plan.memory.withdrawn).toEqual({});
    expect(plan.refusals.map(({ rule }) => rule)).toEqual(['mode']);
  });

  it('observe changes nothing, and tells all', () => {
    const plan = planRecords({ ...everything, mode: 'observe' });
    expect(plan.changes).toEqual([]);
    expect(plan.refusals.map((refusal) => refusal.sentence)).toEqual([
      `In mode observe podtime does not UPSERT ntp.az-c.pod A 10.0.3.12, as it would in mode act: ${id('c')} runs at 10.0.3.12.`,
      `In mode observe podtime does not DELETE ntp.az-b.pod A 10.0.2.11, as it would in mode act: EC2 says ${ofB} is terminated.`,
    ]);
  });
});

describe('the floor', () => {
  const ill = { hosts: [B], records: [record(B)], judgements: [adrift(B)], memory: ILL };
  const floor = (floor: number) => ({ ...POD, cycling: { ...POD.cycling, floor } });

  it('lets an ill server go when enough confident ones stand in DNS', () => {
    expect(planRecords(withA({ ...ill, pod: floor(1) })).changes).toEqual([remove(B, illSentence)]);
  });

  it('keeps it when they are too few, and does not call it withdrawn', () => {
    const plan = planRecords(withA({ ...ill, pod: floor(2) }));
    expect(plan.changes).toEqual([]);
    expect(plan.memory.withdrawn).toEqual({});
    expect(plan.refusals).toEqual([
      {
        subject: ofB,
        rule: 'floor',
        sentence: `${ofB} stays in DNS: 1 confident boundary server would stand in DNS without it, the floor is 2. It is ${illSentence}`,
      },
    ]);
  });

  it('keeps the record of a server that it keeps right', () => {
    const moved = { ...ill, records: [record(B, { name: 'ntp.az-c.pod', raw: 'old' })] };
    expect(planRecords(withA({ ...moved, pod: floor(2) })).changes).toEqual([
      upsert(B),
      remove(B, `${ofB} belongs under ntp.az-b.pod`, { name: 'ntp.az-c.pod', raw: 'old' }),
    ]);
  });

  it('counts a confident server that is published in the same breath', () => {
    const plan = planRecords(input({ ...ill, hosts: [A, B], judgements: [judged(A), adrift(B)] }));
    expect(plan.changes).toEqual([upsert(A), remove(B, illSentence)]);
  });

  it.each([
    ['is not confident', { judgements: [judged(A, { confident: false }), adrift(B)] }],
    ['is not published', { records: [record(B), record(A, { setIdentifier: null, multivalue: false })] }],
    [
      'is published under another name only',
      {
        records: [
          record(B),
          record(A, { name: 'ntp.az-b.pod' }),
          record(A, { setIdentifier: null, multivalue: false }),
        ],
      },
    ],
    ['is dying', { hosts: [{ ...A, state: 'stopping' as const }, B] }],
    ['was not seen', { judgements: [adrift(B)] }],
  ])('does not count a server that %s', (_, given) => {
    const plan = planRecords(
      input({ ...ill, hosts: [A, B], records: [record(A), record(B)], judgements: [judged(A), adrift(B)], ...given }),
    );
    expect(plan.memory.withdrawn).toEqual({});
    expect(plan.refusals.map(({ rule }) => rule)).toContain('floor');
  });

  it('limits the withdrawal of servers made clients as well', () => {
    const plan = planRecords(withA({ hosts: [{ ...B, tier: 'client' }], records: [record(B)], pod: floor(2) }));
    expect(plan.changes).toEqual([]);
    expect(plan.refusals.map((refusal) => refusal.sentence)).toEqual([
      `${ofB} stays in DNS: 1 confident boundary server would stand in DNS without it, the floor is 2. It is tagged as a client now.`,
    ]);
  });
});

describe('what the next tick remembers', () => {
  it('a server withdrawn for its health, since when, why and where it was', () => {
    const ill = { hosts: [{ ...B, ipv6: ['fd00::5'] }], records: [record(B)], judgements: [adrift(B)], memory: ILL };
    expect(planRecords(withA(ill)).memory).toEqual({
      unhealthySinceMs: { [ofB]: NOW - 20 * MINUTE },
      unhealthy: { [ofB]: { provenMs: 20 * MINUTE, seenMs: NOW } },
      withdrawn: { [ofB]: { sinceMs: NOW, sentence: illSentence, addresses: ['10.0.2.11', 'fd00::5'] } },
      unknownToEc2: [],
    });
  });

  it('ids that EC2 did not know and that own a record, and no others', () => {
    const plan = planRecords(withA({ records: [record(B)], unknownIds: [ofB, id('dead')] }));
    expect(plan.memory.unknownToEc2).toEqual([ofB]);
  });

  it('nothing of clients', () => {
    const one = client('1', 'b');
    const plan = planRecords(withA({ hosts: [one], judgements: [adrift(one)] }));
    expect(plan.memory.unhealthySinceMs).toEqual({});
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
