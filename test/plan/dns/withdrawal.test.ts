import { describe, expect, it } from '@jest/globals';
import { planRecords } from '../../../src/plan/dns/records.ts';
import type { PlanInput } from '../../../src/plan/plan.ts';
import {
  adrift,
  client,
  HOUR,
  id,
  input,
  judged,
  MINUTE,
  memory,
  NOW,
  POD,
  record,
} from '../../builders/plan-input.ts';
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
        sentence: `In mode hold podtime does not register ntp.az-c.pod A 10.0.3.12, as it would in mode act: ${id('c')} runs at 10.0.3.12.`,
        cause: 'changes of records are left undone: in mode hold podtime does not register servers',
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
      `In mode observe podtime does not register ntp.az-c.pod A 10.0.3.12, as it would in mode act: ${id('c')} runs at 10.0.3.12.`,
      `In mode observe podtime does not withdraw ntp.az-b.pod A 10.0.2.11, as it would in mode act: EC2 says ${ofB} is terminated.`,
    ]);
  });
});

describe('the floor', () => {
  const ill = { hosts: [B], records: [record(B)], judgements: [adrift(B)], memory: ILL };
  const floor = (floor: number) => ({ ...POD, cycling: { ...POD.cycling, floor } });

  it('lets an ill server go when enough confident ones stand in DNS', () => {
    expect(planRecords(withA({ ...ill, pod: floor(1) })).changes).toEqual([
      restated(A),
      remove(B, illSentence, restingOn(1, A)),
    ]);
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
        cause: 'servers to be withdrawn stay in DNS: 1 confident boundary server would be left there, the floor is 2',
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

  it('does not count a confident server whose record leads elsewhere and cannot be mended', () => {
    const elsewhere = record(A, { addresses: ['10.0.8.8'] });
    const cname = record(A, { type: 'CNAME', setIdentifier: null, multivalue: false, addresses: ['www.pod'] });
    const plan = planRecords(
      input({ hosts: [A, B], records: [elsewhere, cname, record(B)], judgements: [judged(A), adrift(B)], memory: ILL }),
    );
    expect(plan.changes).toEqual([]);
    expect(plan.refusals.map(({ rule }) => rule)).toEqual(['foreign-record', 'blocked-name', 'floor']);
  });

  it('counts a confident server that is published in the same breath', () => {
    const plan = planRecords(input({ ...ill, hosts: [A, B], judgements: [judged(A), adrift(B)] }));
    expect(plan.changes).toEqual([upsert(A), remove(B, illSentence, restingOn(1, A))]);
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

describe('ids that EC2 denies', () => {
  const denied = { records: [record(B)], unknownIds: [ofB], memory: memory({ unknownToEc2: { [ofB]: NOW - HOUR } }) };
  const floor = (floor: number) => ({ ...POD, cycling: { ...POD.cycling, floor } });
  const why = `EC2 says that there is no ${ofB}, and said so 60 min ago`;
  const kept = (numbers: string) => [
    {
      subject: ofB,
      rule: 'floor',
      sentence: `ntp.az-b.pod A stays, though EC2 says that there is no ${ofB}: ${numbers}.`,
      cause: `records stay, though EC2 says that there are no such instances: ${numbers}`,
    },
  ];

  it.each(['act', 'hold'] as const)('go in mode %s while enough confident servers stand', (mode) => {
    // `hold` publishes nothing
    const beside = mode === 'act' ? [restated(A)] : [];
    expect(planRecords(withA({ ...denied, mode })).changes).toEqual([
      ...beside,
      remove(B, why, mode === 'act' ? restingOn(1, A) : {}),
    ]);
  });

  it.each(['act', 'hold'] as const)('stay in mode %s below the floor', (mode) => {
    const plan = planRecords(withA({ ...denied, mode, pod: floor(2) }));
    expect(plan.changes).toEqual([]);
    expect(plan.refusals).toEqual(kept('1 confident boundary server stands in DNS, 2 must'));
  });

  it('stay where nobody confident stands, also with a floor of 0', () => {
    const given = { ...denied, hosts: [A], records: [record(A), record(B)], pod: floor(0) };
    for (const judgements of [[], [judged(A, { confident: false })]]) {
      const plan = planRecords(input({ ...given, judgements }));
      expect(plan.changes).toEqual([]);
      expect(plan.refusals).toEqual(kept('0 confident boundary servers stand in DNS, 1 must'));
    }
  });

  it('do not go in trust of a registration that this very plan makes: Route 53 may refuse it', () => {
    const plan = planRecords(input({ ...denied, hosts: [A], judgements: [judged(A)] }));
    expect(plan.changes).toEqual([upsert(A)]);
    expect(plan.refusals.map(({ rule }) => rule)).toEqual(['floor']);
  });

  it('do not go in trust of a record that this very plan takes away', () => {
    // its AAAA record is desired, and blocked; its A record lies outside the networks and goes
    const six = { ...A, ipv6: ['fd00::1'] };
    const blocked = record(six, { type: 'AAAA', setIdentifier: null, multivalue: false });
    const pod = { ...floor(1), networks: ['fd00::/56'] };
    const records = [record(six), blocked, record(B)];
    const plan = planRecords(input({ ...denied, pod, hosts: [six], records, judgements: [judged(six)] }));
    expect(plan.changes.map(({ setIdentifier }) => setIdentifier)).not.toContain(ofB);
  });

  it('stay in mode observe, and are said', () => {
    const plan = planRecords(withA({ ...denied, mode: 'observe' }));
    expect([plan.changes, plan.refusals.map(({ rule }) => rule)]).toEqual([[], ['mode']]);
  });
});

describe('what the next tick remembers', () => {
  it('a server withdrawn for its health, since when, why and where it was', () => {
    const ill = { hosts: [{ ...B, ipv6: ['fd00::5'] }], records: [record(B)], judgements: [adrift(B)], memory: ILL };
    expect(planRecords(withA(ill)).memory).toEqual({
      unhealthySinceMs: { [ofB]: NOW - 20 * MINUTE },
      unhealthy: { [ofB]: { provenMs: 20 * MINUTE, seenMs: NOW } },
      withdrawn: { [ofB]: { sinceMs: NOW, sentence: illSentence, addresses: ['10.0.2.11', 'fd00::5'] } },
      unknownToEc2: {},
      starting: {},
    });
  });

  it('ids that EC2 denied and that own a record, since when, and no others', () => {
    const before = memory({ unknownToEc2: { [ofB]: NOW - MINUTE, [id('dead')]: NOW - MINUTE } });
    const remembered = (given: Partial<PlanInput>) =>
      planRecords(withA({ records: [record(B)], memory: before, ...given })).memory.unknownToEc2;
    expect(remembered({ unknownIds: [ofB, id('dead')] })).toEqual({ [ofB]: NOW - MINUTE });
    expect(remembered({ unknownIds: [ofB], memory: memory() })).toEqual({ [ofB]: NOW });
    // no answer neither adds to it nor takes from it
    expect(remembered({})).toEqual({ [ofB]: NOW - MINUTE });
    expect(remembered({ unread: [ofB] })).toEqual({ [ofB]: NOW - MINUTE });
    expect(remembered({ ownerStates: { [ofB]: 'running' } })).toEqual({});
    expect(remembered({ hosts: [B] })).toEqual({});
  });

  it('nothing of clients', () => {
    const retagged = client('1', 'b');
    const plan = planRecords(withA({ hosts: [retagged], judgements: [adrift(retagged)] }));
    expect(plan.memory.unhealthySinceMs).toEqual({});
  });
});
