import { describe, expect, it } from '@jest/globals';
import { plan } from '../../src/plan/plan.ts';
import type { Memory, PlanInput, RollOut, WaveProgress } from '../../src/plan/types.ts';
import { commandShares, errorLimit, spread, waveSize } from '../../src/plan/waves.ts';
import { adrift, client, id, input, judged, MINUTE, memory, NOW, POD, record, server, silent, stale } from './given.ts';

const A = server('a', 'a');
const B = server('b', 'b');
const RECORDS = 'az-a=10.0.1.10 az-b=10.0.2.11';
const LETTERS = ['a', 'b', 'c'];

/** So many stale clients, round the AZs: `100`, `101`, … in hexadecimal. */
const clients = (number: number) =>
  Array.from({ length: number }, (_, index) => client((256 + index).toString(16), LETTERS[index % 3] ?? 'a'));
const nth = (index: number) => id((256 + index).toString(16));

function staleClients(number: number, overrides: Partial<PlanInput> = {}): PlanInput {
  const hosts = clients(number);
  return input({
    hosts: [A, B, ...hosts],
    records: [record(A), record(B)],
    judgements: [judged(A), judged(B), ...hosts.map((of) => stale(of, ['ntp.az-b.pod']))],
    ...overrides,
  });
}

describe('a wave', () => {
  it.each([
    ['client', 0.1, 1, 1],
    ['client', 0.1, 19, 1],
    ['client', 0.1, 20, 2],
    ['client', 0.1, 1000, 100],
    ['client', 1, 7, 7],
    ['client', 0.01, 50, 1],
    ['boundary', 1, 7, 1],
  ] as const)('of the %s tier, share %d of %i hosts, is of %i', (tier, waveShare, running, size) => {
    expect(waveSize({ ...POD, cycling: { ...POD.cycling, waveShare } }, tier, running)).toBe(size);
  });

  it('takes its share of the running hosts of the tier, not of the stale ones', () => {
    const healthy = Array.from({ length: 10 }, (_, index) => client((512 + index).toString(16), 'b'));
    const given = staleClients(10);
    const made = plan({
      ...given,
      hosts: [...given.hosts, ...healthy],
      judgements: [...given.judgements, ...healthy.map((of) => judged(of))],
    });
    expect(made.cycles.map(({ instanceIds }) => instanceIds)).toEqual([[nth(0), nth(1)]]);
    expect(made.refusals).toEqual([
      {
        subject: 'blue',
        rule: 'wave',
        sentence: 'Left for the next wave of the client tier: 8 hosts (2 of 20, the share is 0.1).',
      },
    ]);
    expect(made.unfinished).toBe(true);
  });

  it('goes round the AZs, in each by id, whatever the order of the hosts', () => {
    const hosts = [client('9', 'c'), client('2', 'b'), client('3', 'a'), client('1', 'b'), client('4', 'b')];
    const order = [id('3'), id('1'), id('9'), id('2'), id('4')];
    expect(spread(POD, hosts).map((host) => host.instanceId)).toEqual(order);
    expect(spread(POD, [...hosts].reverse()).map((host) => host.instanceId)).toEqual(order);
  });

  it('puts AZs that the pod has not at the end', () => {
    const hosts = [client('1', 'f'), client('2', 'e'), client('3', 'c')];
    expect(spread(POD, hosts).map((host) => host.instanceId)).toEqual([id('3'), id('2'), id('1')]);
  });
});

describe('the commands of a wave', () => {
  const shares = (number: number, maxErrorShare: number) =>
    commandShares(
      clients(number).map((host) => host.instanceId),
      maxErrorShare,
    );
  const numbers = (number: number, maxErrorShare: number) =>
    shares(number, maxErrorShare).map((share) => [share.instanceIds.length, share.maxConcurrency, share.maxErrors]);

  it.each([
    [1, 0.1, [[1, '1', '0']]],
    [9, 0.1, [[9, '3', '0']]],
    [10, 0.1, [[10, '3', '1']]],
    [50, 0.1, [[50, '10', '5']]],
    [
      51,
      0.1,
      [
        [25, '7', '2'],
        [26, '7', '3'],
      ],
    ],
    [
      100,
      0,
      [
        [50, '10', '0'],
        [50, '10', '0'],
      ],
    ],
    [
      120,
      0.02,
      [
        [40, '10', '0'],
        [40, '10', '1'],
        [40, '10', '1'],
      ],
    ],
  ])('of %i hosts, of which the share %d may fail', (number, maxErrorShare, expected) => {
    expect(numbers(number, maxErrorShare)).toEqual(expected);
  });

  it('hold every host once, and their error limits sum up to the wave’s', () => {
    for (const number of [1, 7, 49, 50, 51, 99, 101, 333]) {
      for (const share of [0, 0.05, 0.1, 0.5, 0.99]) {
        const made = shares(number, share);
        expect(made.flatMap(({ instanceIds }) => instanceIds)).toEqual(clients(number).map((host) => host.instanceId));
        const limits = made.map(({ maxErrors }) => Number(maxErrors));
        expect(limits.reduce((sum, limit) => sum + limit, 0)).toBe(errorLimit(number, share));
      }
    }
  });
});

describe('a wave of more than fifty', () => {
  it('is cut into commands, one roll-out', () => {
    const made = plan(staleClients(600));
    expect(
      made.cycles.map(({ instanceIds, maxConcurrency, maxErrors }) => [instanceIds.length, maxConcurrency, maxErrors]),
    ).toEqual([
      [30, '8', '3'],
      [30, '8', '3'],
    ]);
    expect(made.memory.rollOuts.client?.commands.map(({ instanceIds }) => instanceIds)).toEqual(
      made.cycles.map(({ instanceIds }) => instanceIds),
    );
  });
});

const LAST: RollOut = {
  tier: 'client',
  startedAtMs: NOW - 2 * MINUTE,
  records: RECORDS,
  mode: 'act',
  commands: [{ commandId: 'c-1', instanceIds: [nth(0), nth(1)] }],
  stopped: false,
  sentence: 'A wave.',
};
const STOPPED = { ...LAST, stopped: true, sentence: 'The roll-out of the client tier stopped.' };
const LOST = { ...LAST, commands: [{ commandId: null, instanceIds: [nth(0), nth(1)] }] };
const OLD = { startedAtMs: NOW - 15 * MINUTE };

const progress = (overrides: Partial<WaveProgress> = {}): WaveProgress => ({
  tier: 'client',
  ended: true,
  succeeded: 2,
  failed: 0,
  withinErrorLimit: true,
  ...overrides,
});

const UNDER_WAY = 'The last wave of the client tier (2 hosts, 2 min ago) has not ended.';
const STOPS =
  'The roll-out of the client tier stopped: 1 of 2 hosts of its last wave failed, the limit is 0. It is not repeated until DNS or the mode changes.';

/** The roll-out remembered, what SSM says of it, what else is given, and what comes of it: a sentence, or the next wave. */
const ROLL_OUTS: [
  string,
  RollOut,
  WaveProgress[],
  Partial<PlanInput>,
  string | 'next wave',
  Partial<Memory['rollOuts']>,
][] = [
  ['SSM says it runs', LAST, [progress({ ended: false })], {}, UNDER_WAY, { client: LAST }],
  ['SSM says nothing yet', LAST, [], {}, UNDER_WAY, { client: LAST }],
  ['SSM speaks of the other tier', LAST, [progress({ tier: 'boundary' })], {}, UNDER_WAY, { client: LAST }],
  ['it ended well', LAST, [progress()], {}, 'next wave', {}],
  [
    'it ended with a failure too many',
    LAST,
    [progress({ succeeded: 1, failed: 1 })],
    {},
    STOPS,
    { client: { ...LAST, stopped: true, sentence: STOPS } },
  ],
  [
    'a failure within the limit',
    LAST,
    [progress({ succeeded: 1, failed: 1 })],
    { pod: { ...POD, cycling: { ...POD.cycling, maxErrorShare: 0.5 } } },
    'next wave',
    {},
  ],
  [
    'SSM stopped one of its commands',
    LAST,
    [progress({ withinErrorLimit: false })],
    {},
    STOPS.replace('1 of 2', '0 of 2'),
    { client: { ...LAST, stopped: true, sentence: STOPS.replace('1 of 2', '0 of 2') } },
  ],
  ['it stopped before', STOPPED, [progress()], {}, STOPPED.sentence, { client: STOPPED }],
  ['it stopped before DNS changed', { ...STOPPED, records: 'az-a=10.0.1.99' }, [progress()], {}, 'next wave', {}],
  ['it stopped in another mode', { ...STOPPED, mode: 'hold' }, [progress()], {}, 'next wave', {}],
  ['its command has no id, and it may still run', LOST, [progress()], {}, UNDER_WAY, { client: LOST }],
  ['its command has no id, and it is over: by its hosts', { ...LOST, ...OLD }, [progress()], {}, 'next wave', {}],
  ['SSM says nothing for long: by its hosts', { ...LAST, ...OLD }, [], {}, 'next wave', {}],
  [
    'SSM says for long that it runs',
    { ...LAST, ...OLD },
    [progress({ ended: false })],
    {},
    UNDER_WAY.replace('2 min', '15 min'),
    { client: { ...LAST, ...OLD } },
  ],
];

describe('hosts that did nothing when they were asked', () => {
  const asked = (undone: string[], rollOut = LAST) =>
    staleClients(6, {
      memory: memory({
        rollOuts: { client: rollOut },
        cycles: Object.fromEntries(undone.map((one) => [one, [NOW - 3 * 60 * MINUTE, LAST.startedAtMs]])),
      }),
      progress: [progress({ undone })],
    });

  it('were not cycled: that wave is forgotten, earlier ones are not', () => {
    const made = plan(asked([nth(0)]));
    expect(made.memory.cycles).toEqual({ [nth(0)]: [NOW - 3 * 60 * MINUTE], [nth(1)]: [NOW] });
    expect(made.memory.undoneAtMs).toEqual({ [nth(0)]: LAST.startedAtMs });
  });

  it('are asked again at once, but after all others', () => {
    let given = staleClients(4);
    const order: string[] = [];
    for (let tick = 0; tick < 8; tick += 1) {
      const made = plan(given);
      const wave = made.cycles.flatMap(({ instanceIds }) => instanceIds);
      order.push(...wave);
      const rollOut = made.memory.rollOuts.client;
      const commands = rollOut?.commands.map((command) => ({ ...command, commandId: 'c' })) ?? [];
      given = {
        ...given,
        nowMs: given.nowMs + MINUTE,
        memory: { ...made.memory, rollOuts: rollOut ? { client: { ...rollOut, commands } } : {} },
        progress: [progress({ undone: wave })],
      };
    }
    const round = [nth(0), nth(1), nth(2), nth(3)];
    expect(order).toEqual([...round, ...round]);
  });

  it('are forgotten when they are stale no more, and remembered through a wave of others', () => {
    const given = asked([nth(0)]);
    const undoneAtMs = { [nth(1)]: NOW - 60 * MINUTE };
    const cured = given.judgements.map((one) => (one.host.instanceId === nth(0) ? judged(one.host) : one));
    const made = plan({ ...given, judgements: cured, memory: { ...given.memory, undoneAtMs } });
    expect(made.memory.undoneAtMs).toEqual(undoneAtMs);
  });

  it('of a roll-out that is not remembered are nobody', () => {
    const made = plan({ ...asked([nth(0)]), memory: memory({ cycles: { [nth(0)]: [NOW - MINUTE] } }) });
    expect(made.memory.undoneAtMs).toEqual({});
    expect(made.memory.cycles[nth(0)]).toEqual([NOW - MINUTE]);
  });
});

describe('after a wave', () => {
  it.each(ROLL_OUTS)('%s', (_, last, progresses, overrides, expected, rollOuts) => {
    const made = plan(
      staleClients(6, { memory: memory({ rollOuts: { client: last } }), progress: progresses, ...overrides }),
    );
    if (expected === 'next wave') {
      expect(made.cycles.map(({ instanceIds }) => instanceIds)).toEqual([[nth(0)]]);
      expect(made.memory.rollOuts.client?.startedAtMs).toBe(NOW);
      expect(made.stoppedRollOuts).toEqual([]);
    } else {
      expect(made.cycles).toEqual([]);
      expect(made.refusals.map(({ sentence }) => sentence)).toEqual([`${expected} This keeps 6 hosts.`]);
      expect(made.memory.rollOuts).toEqual(rollOuts);
      expect(made.stoppedRollOuts).toEqual(expected === UNDER_WAY || expected.includes('15 min') ? [] : ['client']);
    }
  });

  it.each([
    ['silent', silent(clients(1)[0] ?? A), 'stopped'],
    ['without a daemon', adrift(clients(1)[0] ?? A, { state: 'no-daemon' }), 'stopped'],
    ['unsynchronised', adrift(clients(1)[0] ?? A, { state: 'unsynchronised' }), 'stopped'],
    ['starting', adrift(clients(1)[0] ?? A, { state: 'starting' }), 'next wave'],
    ['gone', adrift({ ...(clients(1)[0] ?? A), state: 'terminated' }, { state: 'unknown' }), 'next wave'],
  ] as const)('that SSM does not tell of, a host that is %s: %s', (_, first, expected) => {
    const given = staleClients(6, { memory: memory({ rollOuts: { client: { ...LOST, ...OLD } } }) });
    const hosts = given.hosts.map((host) => (host.instanceId === nth(0) ? first.host : host));
    const judgements = given.judgements.map((one) => (one.host.instanceId === nth(0) ? first : one));
    const made = plan({ ...given, hosts, judgements });
    expect(made.stoppedRollOuts).toEqual(expected === 'stopped' ? ['client'] : []);
    expect(made.cycles).toHaveLength(expected === 'stopped' ? 0 : 1);
  });

  it('that stopped, it is told as long as it lasts, also when nobody is left to be cycled, and is no unfinished business', () => {
    const given = staleClients(0, { memory: memory({ rollOuts: { client: STOPPED } }) });
    const made = plan(given);
    expect(made.refusals).toEqual([{ subject: 'blue', rule: 'roll-out-stopped', sentence: STOPPED.sentence }]);
    expect(made.unfinished).toBe(false);
    expect(plan(staleClients(3, { memory: memory({ rollOuts: { client: STOPPED } }) })).unfinished).toBe(false);
  });

  it('that runs, there is unfinished business, in every mode', () => {
    for (const mode of ['act', 'hold', 'observe'] as const) {
      const made = plan(staleClients(0, { mode, memory: memory({ rollOuts: { client: LAST } }) }));
      expect(made.unfinished).toBe(true);
      expect(made.memory.rollOuts).toEqual({ client: LAST });
    }
  });

  it('the one of the boundary tier does not keep the clients waiting', () => {
    const rollOut = { ...LAST, tier: 'boundary' as const, commands: [{ commandId: 'c-2', instanceIds: [id('a')] }] };
    const made = plan(staleClients(1, { memory: memory({ rollOuts: { boundary: rollOut } }) }));
    expect(made.cycles.map(({ instanceIds }) => instanceIds)).toEqual([[nth(0)]]);
    expect(Object.keys(made.memory.rollOuts)).toEqual(['boundary', 'client']);
  });
});
