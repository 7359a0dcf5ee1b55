import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import { plan } from '../../src/plan/plan.ts';
import type { Memory, Plan, PlanInput } from '../../src/plan/types.ts';
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
  SECOND,
  server,
  silent,
  stale,
} from './given.ts';

const A = server('a', 'a');
const B = server('b', 'b');
const ONE = client('1', 'a');
const one = id('1');
const NAME_A = 'ntp.az-a.pod';
const NAME_B = 'ntp.az-b.pod';
const NAME_C = 'ntp.az-c.pod';
const RECORDS = 'az-a=10.0.1.10 az-b=10.0.2.11';

/** Two confident servers, published; the clients as judged. */
function given(judgements: Judgement[], overrides: Partial<PlanInput> = {}): PlanInput {
  return input({
    hosts: [A, B, ...judgements.map((judgement) => judgement.host)],
    records: [record(A), record(B)],
    judgements: [judged(A), judged(B), ...judgements],
    ...overrides,
  });
}

const leftBehind = (of: Host = ONE, overrides: Partial<Judgement> = {}) => stale(of, [NAME_B], overrides);
const policy = (cycling: Partial<typeof POD.cycling>) => ({ ...POD, cycling: { ...POD.cycling, ...cycling } });
const cycled = (of: Plan) => of.cycles.flatMap((command) => command.instanceIds);
const told = (of: Plan) => of.refusals.map(({ rule, sentence }) => `${rule}: ${sentence}`);

describe('a client that DNS has left behind', () => {
  it('is cycled: the whole plan', () => {
    const sentence = 'A wave of 1 of the 1 host to be cycled, of 1 in the client tier, was started.';
    expect(plan(given([leftBehind()]))).toEqual({
      changes: [],
      cycles: [
        {
          tier: 'client',
          instanceIds: [one],
          records: RECORDS,
          force: false,
          coolDownSeconds: 600,
          maxConcurrency: '1',
          maxErrors: '0',
          reason: 'left behind by ntp.az-b.pod',
        },
      ],
      refusals: [],
      stale: [one],
      givenUp: [],
      unfinished: true,
      stoppedRollOuts: [],
      memory: {
        unjoined: {},
        unhealthySinceMs: {},
        unhealthy: {},
        withdrawn: {},
        unknownToEc2: [],
        cycles: { [one]: [NOW] },
        undoneAtMs: {},
        rollOuts: {
          client: {
            tier: 'client',
            startedAtMs: NOW,
            records: RECORDS,
            mode: 'act',
            commands: [{ commandId: null, instanceIds: [one] }],
            stopped: false,
            sentence,
          },
        },
      },
    } satisfies Plan);
  });

  it('is left in peace when it is not', () => {
    const { cycles, refusals, stale: left, unfinished } = plan(given([judged(ONE)]));
    expect({ cycles, refusals, left, unfinished }).toEqual({ cycles: [], refusals: [], left: [], unfinished: false });
  });
});

/** Each rule of one host: what is given, what is told, whether a whole tick is due at the next minute for it. */
const HOST_RULES: [string, Judgement[], Partial<PlanInput>, string, boolean][] = [
  [
    'not running',
    [leftBehind({ ...ONE, state: 'stopping' })],
    {},
    `not-running: ${one} is not cycled: EC2 says it is stopping.`,
    false,
  ],
  [
    'unmanaged',
    [leftBehind(ONE, { unmanaged: true })],
    {},
    `unmanaged: ${one} is not cycled: it polls no server of podtime's.`,
    false,
  ],
  [
    'held',
    [leftBehind({ ...ONE, held: true })],
    {},
    `held: ${one} is not cycled: its tag ntp-hold says look, never touch.`,
    false,
  ],
  [
    'held when it was asked, though no more',
    [leftBehind({ ...ONE, held: true })],
    { hosts: [A, B, ONE] },
    `held: ${one} is not cycled: its tag ntp-hold says look, never touch.`,
    false,
  ],
  [
    'unknown',
    // half of the tier must have answered, else that rule speaks
    [
      leftBehind(ONE, { state: 'unknown', sentence: 'SSM has no answer from it (NoAnswer).' }),
      judged(client('2', 'a')),
    ],
    {},
    `unknown: ${one} is not cycled, as silence is unknown: SSM has no answer from it (NoAnswer).`,
    false,
  ],
  [
    'given up',
    [leftBehind()],
    { memory: memory({ cycles: { [one]: [NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - HOUR] } }) },
    `given-up: ${one} is left alone: still stale after 3 cycles in 24 h, the limit is 3.`,
    false,
  ],
  [
    'cooling by its own stamp',
    [leftBehind(ONE, { cycledSecondsAgo: 599 })],
    {},
    `cool-down: ${one} was cycled 10 min ago; the cool-down is 10 min.`,
    false,
  ],
  [
    'cooling by its daemon’s age',
    [leftBehind(ONE, { measures: { ...judged(ONE).measures, ageSeconds: 599 } })],
    {},
    `cool-down: ${one} runs a daemon that is 10 min old; the cool-down is 10 min.`,
    false,
  ],
  [
    'cooling by what podtime remembers',
    [leftBehind()],
    { memory: memory({ cycles: { [one]: [NOW - 90 * SECOND] } }) },
    `cool-down: ${one} was told to cycle 90 s ago; the cool-down is 10 min.`,
    false,
  ],
  [
    'left behind by a server withdrawn for its health, with two usable sources',
    [
      stale(ONE, [NAME_B], {
        stale: { rule: 'unjoined', names: [NAME_B], addresses: [], sentence: '' },
        polled: ['10.0.2.12'],
        measures: { ...judged(ONE).measures, usableSources: 2 },
      }),
      adrift(server('c', 'b')),
    ],
    {
      memory: memory({
        withdrawn: { [id('c')]: { sinceMs: NOW - HOUR, sentence: 'adrift.', addresses: ['10.0.2.12'] } },
      }),
    },
    `health-withdrawal: ${one} keeps 2 usable sources, 2 suffice: it is not cycled because a server was withdrawn for its health.`,
    false,
  ],
  [
    'of a name without a record',
    [stale(ONE, [NAME_C])],
    {},
    `no-confident-server: ${one} waits: ntp.az-c.pod has no confident server published.`,
    true,
  ],
  [
    'of a name whose servers are not confident',
    [leftBehind()],
    { judgements: [judged(A), judged(B, { confident: false }), leftBehind()] },
    `no-confident-server: ${one} waits: no server published under ntp.az-b.pod is confident.`,
    true,
  ],
  [
    'of two names, one with servers that are not confident yet',
    [stale(ONE, [NAME_A, NAME_B])],
    { judgements: [judged(A), judged(B, { confident: false }), stale(ONE, [NAME_A, NAME_B])] },
    `no-confident-server: ${one} waits: no server published under ntp.az-b.pod is confident.`,
    true,
  ],
  [
    'of no name at all',
    [stale(ONE, [])],
    {},
    `no-confident-server: ${one} waits: no name of the zone has a confident server published.`,
    true,
  ],
  [
    'of a name that the resolver does not answer yet',
    [stale(ONE, [NAME_A, NAME_B])],
    { unresolvable: [NAME_B] },
    `unresolvable: ${one} waits: the pod's resolver does not answer ntp.az-b.pod with what the zone holds yet.`,
    true,
  ],
];

describe('a stale client is not cycled', () => {
  it.each(HOST_RULES)('%s', (_, judgements, overrides, sentence, unfinished) => {
    const made = plan(given(judgements, overrides));
    expect(cycled(made)).toEqual([]);
    expect(told(made).filter((line) => !line.startsWith('withdrawn:'))).toEqual([sentence]);
    expect(made.stale).toEqual([one]);
    expect(made.unfinished).toBe(unfinished);
  });

  it('and is cycled all the same when only', () => {
    const cycledWith = (judgement: Judgement, overrides: Partial<PlanInput> = {}) =>
      cycled(plan(given([judgement], overrides)));
    // its cool-down is just over
    expect(cycledWith(leftBehind(ONE, { cycledSecondsAgo: 600 }))).toEqual([one]);
    // two cycles in a day, and one of the day before
    const times = [NOW - 24 * HOUR, NOW - 2 * HOUR, NOW - HOUR];
    expect(cycledWith(leftBehind(), { memory: memory({ cycles: { [one]: times } }) })).toEqual([one]);
    // one name has a confident server, the other no record
    expect(cycledWith(stale(ONE, [NAME_B, NAME_C]))).toEqual([one]);
    // a name not its own does not resolve
    expect(cycledWith(leftBehind(), { unresolvable: [NAME_A] })).toEqual([one]);
    // the host does not tell its daemon's age
    expect(cycledWith(leftBehind(ONE, { measures: { ...judged(ONE).measures, ageSeconds: null } }))).toEqual([one]);
  });
});

describe('the host is the truth about its cycles, memory advice', () => {
  const three = { cycles: { [one]: [NOW - 5 * HOUR, NOW - 4 * HOUR] } };

  it('a third cycle that only the host tells of counts', () => {
    const made = plan(given([leftBehind(ONE, { cycledSecondsAgo: 3600 })], { memory: memory(three) }));
    expect(made.givenUp).toEqual([one]);
    expect(made.memory.cycles).toEqual({ [one]: [NOW - 5 * HOUR, NOW - 4 * HOUR, NOW - HOUR] });
  });
});

describe('a server withdrawn for its health', () => {
  const C = server('c', 'b');
  const withdrawn = { [id('c')]: { sinceMs: NOW - HOUR, sentence: 'adrift.', addresses: ['10.0.2.12'] } };
  const polling = (polled: string[], usableSources: number | null, names = [NAME_B]) =>
    stale(ONE, names, {
      stale: { rule: 'unjoined', names, addresses: [], sentence: '' },
      polled,
      measures: { ...judged(ONE).measures, usableSources },
    });
  const cycledWith = (
    judgement: Judgement,
    server: Judgement = adrift(C),
    remembered: Partial<Memory> = { withdrawn },
  ) => cycled(plan(given([judgement, server], { memory: memory(remembered) })));

  it.each<[string, Judgement, string[]]>([
    ['one usable source: cycled', polling(['10.0.2.12'], 1), [one]],
    ['two: not', polling(['10.0.2.12'], 2), []],
    ['an unknown number: not', polling(['10.0.2.12'], null), []],
    ['two, but it never polled that server: cycled', polling(['10.0.2.99'], 2), [one]],
    ['two, but another name made it stale as well: cycled', polling(['10.0.2.12'], 2, [NAME_A, NAME_B]), [one]],
  ])('a client with %s', (_, judgement, ids) => {
    expect(cycledWith(judgement)).toEqual(ids);
  });

  it('that dies is no health withdrawal any more', () => {
    expect(cycledWith(polling(['10.0.2.12'], 2), adrift({ ...C, state: 'terminated' }))).toEqual([one]);
  });

  it('at the addresses left behind: the same', () => {
    const at = (addresses: string[]) =>
      stale(ONE, [NAME_B], { stale: { rule: 'left-behind', names: [NAME_B], addresses, sentence: '' } });
    expect(cycledWith(at(['10.0.2.12']))).toEqual([]);
    expect(cycledWith(at(['10.0.2.12', '10.0.2.99']))).toEqual([one]);
    expect(cycledWith(at([]))).toEqual([one]);
  });
});

describe('a pod of pools', () => {
  const pod = { ...POD, association: 'pool' as const };
  const with_ = (staleSinceMs: Record<string, number>) =>
    plan(given([leftBehind()], { pod, memory: memory({ staleSinceMs }) }));

  it('is given three intervals to look again by itself', () => {
    const fresh = plan(given([leftBehind()], { pod }));
    expect(cycled(fresh)).toEqual([]);
    expect(told(fresh)).toEqual([
      `pool-patience: ${one} has been stale for 0 s; a pool is given 15 min to look again by itself.`,
    ]);
    expect(fresh.memory.staleSinceMs).toEqual({ [one]: NOW });
    expect(cycled(with_({ [one]: NOW - 15 * MINUTE + 1 }))).toEqual([]);
    expect(cycled(with_({ [one]: NOW - 15 * MINUTE }))).toEqual([one]);
  });

  it('forgets who is stale no more, and remembers who is silent', () => {
    const remembered = { memory: memory({ staleSinceMs: { [one]: NOW - MINUTE } }), pod };
    expect(plan(given([judged(ONE)], remembered)).memory.staleSinceMs).toEqual({});
    expect(plan(given([silent(ONE)], remembered)).memory.staleSinceMs).toEqual({ [one]: NOW - MINUTE });
  });
});

/** Each rule of a whole tier. */
const TIER_RULES: [string, Partial<PlanInput>, string, boolean][] = [
  ['in mode observe', { mode: 'observe' }, 'mode: Nothing of the client tier is cycled in mode observe.', false],
  ['in mode hold', { mode: 'hold' }, 'mode: Nothing of the client tier is cycled in mode hold.', false],
  [
    'outside the maintenance windows',
    { pod: { ...POD, maintenance: [{ days: [4], startMinute: 22 * 60, endMinute: 2 * 60 }] } },
    'maintenance: Nothing of the client tier is cycled outside the maintenance windows (Thu 22:00-02:00 UTC).',
    false,
  ],
  [
    'while any host announces a leap second',
    { judgements: [judged(A), judged(B, { leapAnnounced: true }), leftBehind()] },
    `leap-second: Nothing is cycled while a leap second is announced: by 1 of 3 hosts, ${id('b')} among them.`,
    false,
  ],
  [
    'when under half of the tier answered',
    {
      hosts: [A, B, ONE, client('2', 'a'), client('3', 'a')],
      judgements: [judged(A), judged(B), leftBehind(), silent(client('2', 'a'))],
    },
    'sampled: Nothing of the client tier is cycled: 1 of its 3 hosts answered, half are needed.',
    false,
  ],
  [
    'when fewer confident servers are published than the floor',
    { pod: policy({ floor: 3 }) },
    'floor: Nothing of the client tier is cycled: 2 confident boundary servers published, the floor is 3.',
    true,
  ],
  [
    'when confident servers are not published',
    { pod: policy({ floor: 2 }), records: [record(B)], mode: 'act', hosts: [{ ...A, ipv4: null }, B, ONE] },
    'floor: Nothing of the client tier is cycled: 1 confident boundary server published, the floor is 2.',
    true,
  ],
  [
    'on a tick that changes DNS',
    { hosts: [A, B, server('c', 'c'), ONE] },
    'dns-changing: The client tier waits until DNS has changed (1 change due now).',
    true,
  ],
];

describe('no client is cycled', () => {
  it.each(TIER_RULES)('%s', (_, overrides, sentence, unfinished) => {
    const made = plan(given([leftBehind()], overrides));
    expect(cycled(made)).toEqual([]);
    expect(told(made)).toContain(`${sentence} This keeps 1 host.`);
    expect(made.unfinished).toBe(unfinished);
    expect(made.memory.rollOuts).toEqual({});
    expect(made.memory.cycles).toEqual({});
  });

  it('and one is, when just half of the tier answered', () => {
    const two = client('2', 'a');
    expect(cycled(plan(given([leftBehind(), silent(two)])))).toEqual([one]);
  });

  it('and one is, when just as many confident servers are published as the floor', () => {
    expect(cycled(plan(given([leftBehind()], { pod: policy({ floor: 2 }) })))).toEqual([one]);
  });

  it('in a window that is open', () => {
    const pod = { ...POD, maintenance: [{ days: [4], startMinute: 12 * 60, endMinute: 13 * 60 }] };
    expect(cycled(plan(given([leftBehind()], { pod })))).toEqual([one]);
  });
});

describe('given up and held hosts', () => {
  it('leave nothing unfinished', () => {
    const two = client('2', 'a', { held: true });
    const cycles = { [one]: [NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - HOUR] };
    const made = plan(given([leftBehind(), leftBehind(two)], { memory: memory({ cycles }) }));
    expect(made.unfinished).toBe(false);
    expect(made.stale).toEqual([one, id('2')]);
    expect(made.givenUp).toEqual([one]);
  });

  it('are given up until 24 hours after the first of the three', () => {
    const cycles = { [one]: [NOW - 24 * HOUR + 1, NOW - 2 * HOUR, NOW - HOUR] };
    expect(plan(given([leftBehind()], { memory: memory({ cycles }) })).givenUp).toEqual([one]);
    expect(plan(given([leftBehind()], { memory: memory({ cycles }), nowMs: NOW + 1 })).givenUp).toEqual([]);
  });
});

describe('a boundary server, were it ever stale,', () => {
  const C = server('c', 'c');
  const servers = (judgements: Judgement[], overrides: Partial<PlanInput> = {}) =>
    plan(
      input({
        hosts: [A, B, C],
        records: [record(A), record(B), record(C)],
        judgements,
        ...overrides,
      }),
    );

  it('is cycled alone, while all the others are confident', () => {
    const made = servers([stale(A, [NAME_B]), stale(B, [NAME_C]), judged(C)], { pod: policy({ waveShare: 1 }) });
    expect(cycled(made)).toEqual([id('a')]);
    expect(told(made)).toEqual(['wave: Left for the next wave of the boundary tier: 1 host (one at a time).']);
  });

  it('waits while another is not confident', () => {
    const made = servers([stale(A, [NAME_B]), judged(B), judged(C, { confident: false })]);
    expect(cycled(made)).toEqual([]);
    expect(told(made)).toEqual([
      `other-servers: ${id('a')} waits: 1 of the 2 other boundary servers are not confident (${id('c')}).`,
    ]);
    expect(made.unfinished).toBe(true);
  });

  it('waits while another boots', () => {
    const hosts = [A, B, { ...C, state: 'pending' as const }];
    expect(cycled(servers([stale(A, [NAME_B]), judged(B)], { hosts }))).toEqual([]);
  });

  it('waits when without it too few would be published', () => {
    const made = servers([stale(A, [NAME_B]), judged(B), judged(C)], { pod: policy({ floor: 3 }) });
    expect(told(made)).toEqual([
      `other-servers: ${id('a')} waits: without it 2 confident boundary servers are published, the floor is 3.`,
    ]);
  });

  it('is not its own confident server', () => {
    const made = servers([stale(A, [NAME_A]), judged(B), judged(C)]);
    expect(told(made)).toEqual([
      `no-confident-server: ${id('a')} waits: no server published under ntp.az-a.pod is confident.`,
    ]);
  });
});

describe('what the next tick remembers', () => {
  it('names not joined, of those who answered', () => {
    const made = plan(given([judged(ONE, { unjoinedNames: [NAME_C, NAME_B] }), silent(client('2', 'a'))]));
    expect(made.memory.unjoined).toEqual({ [one]: [NAME_B, NAME_C] });
  });
});
