import { describe, expect, it } from '@jest/globals';
import type { Memory, PlanInput, RollOut, WaveProgress } from '../../../src/plan/plan.ts';
import { plan } from '../../../src/plan/plan.ts';
import { adrift, id, judged, MINUTE, memory, NOW, POD, silent } from '../../builders/plan-input.ts';
import { A, clients, nth, RECORDS, staleClients } from '../../builders/stale-clients.ts';

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
  failed: 0,
  undone: [],
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
    [progress({ failed: 1 })],
    {},
    STOPS,
    { client: { ...LAST, stopped: true, sentence: STOPS } },
  ],
  [
    'a failure within the limit',
    LAST,
    [progress({ failed: 1 })],
    { pod: { ...POD, cycling: { ...POD.cycling, maxErrorShare: 0.5 } } },
    'next wave',
    {},
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
  [
    'SSM says for longer that it runs: by its hosts',
    { ...LAST, startedAtMs: OLD.startedAtMs - 1 },
    [progress({ ended: false })],
    {},
    'next wave',
    {},
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
      expect(made.refusals.map(({ sentence }) => sentence)).toEqual([`${expected} Held back: 6 hosts.`]);
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
