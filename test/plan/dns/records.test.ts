import { describe, expect, it } from '@jest/globals';
import { planRecords } from '../../../src/plan/dns/records.ts';
import type { PlanInput, RecordChange } from '../../../src/plan/plan.ts';
import { adrift, HOUR, judged, MINUTE, memory, NOW, POD, record, SECOND } from '../../builders/plan-input.ts';
import {
  A,
  B,
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

const deniedBefore = (ms: number) => memory({ unknownToEc2: { [ofB]: NOW - ms } });
const denied = (ago: string) =>
  `ntp.az-b.pod A of ${ofB} stays for now: EC2 first said ${ago} ago that there is no such instance, and must say it again 5 min later.`;
const floorOf = (floor: number) => ({ ...POD, cycling: { ...POD.cycling, floor } });

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
    [`${ofB} is not registered: EC2 lists no address of it yet.`],
  ],
  [
    'runs in another VPC: not published, what stands is left',
    { hosts: [{ ...B, vpc: 'vpc-other' }], records: [record(B)] },
    [],
    [`${ofB} is not registered: it runs in vpc-other, the pod is vpc-0b1e.`],
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
      { hosts: [{ ...B, state }], records: [record(B)], pod: floorOf(9) },
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
  ['EC2 denies for the first time: kept, and said', { records: [record(B)], unknownIds: [ofB] }, [], [denied('0 s')]],
  [
    'EC2 denies again, too soon: kept, and said',
    { records: [record(B)], unknownIds: [ofB], memory: deniedBefore(5 * MINUTE - SECOND) },
    [],
    [denied('5 min')],
  ],
  [
    'EC2 denies again after five minutes: withdrawn',
    { records: [record(B)], unknownIds: [ofB], memory: deniedBefore(5 * MINUTE) },
    [restated(A), remove(B, `EC2 says that there is no ${ofB}, and said so 5 min ago`, restingOn(1, A))],
    [],
  ],
  [
    'EC2 denied in a time to come (a clock was set back): kept, as at the first time',
    { records: [record(B)], unknownIds: [ofB], memory: deniedBefore(-HOUR) },
    [],
    [denied('0 s')],
  ],
  [
    'EC2 denied before and gives no answer now: kept',
    { records: [record(B)], memory: deniedBefore(HOUR) },
    [],
    [`ntp.az-b.pod A is left as it is: EC2 did not say whether ${ofB} lives.`],
  ],
  [
    'EC2 denied before, in an AZ that cannot be read now: kept, whatever else is said of it',
    { records: [record(B)], unknownIds: [ofB], unread: [ofB], memory: deniedBefore(HOUR) },
    [],
    [`ntp.az-b.pod A is left as it is: EC2 did not say whether ${ofB} lives.`],
  ],
  [
    'EC2 denied before and describes now, alive and without its tags: kept',
    { records: [record(B)], ownerStates: { [ofB]: 'running' }, memory: deniedBefore(HOUR) },
    [],
    [`ntp.az-b.pod A is left as it is: ${ofB} is running, but is not among the pod's tagged hosts.`],
  ],
  [
    'EC2 describes as dead when asked by id, its tags gone: withdrawn, also as the last one',
    { records: [record(B)], ownerStates: { [ofB]: 'terminated' }, pod: floorOf(9) },
    [remove(B, gone('terminated'))],
    [],
  ],
  [
    'EC2 denies by id, yet lists among the hosts: the hosts are believed',
    { hosts: [B], records: [record(B)], unknownIds: [ofB], memory: deniedBefore(HOUR) },
    [],
    [],
  ],
  [
    'made a client: withdrawn',
    { hosts: [{ ...B, tier: 'client' }], records: [record(B)] },
    [restated(A), remove(B, `${ofB} is tagged as a client now`, restingOn(1, A))],
    [],
  ],
  [
    'long adrift: withdrawn for its health',
    { hosts: [B], records: [record(B)], judgements: [adrift(B)], memory: ILL },
    [restated(A), remove(B, illSentence, restingOn(1, A))],
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
    [restated(A), remove(B, 'adrift: 80 ms.', restingOn(1, A))],
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

describe('the records of a server that', () => {
  it.each(CASES)('%s', (_, given, changes, sentences) => {
    const plan = planRecords(withA(given));
    expect(plan.changes).toEqual(changes);
    expect(plan.refusals.map((refusal) => refusal.sentence)).toEqual(sentences);
  });
});
