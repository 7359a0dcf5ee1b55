import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../../src/diagnosis/judgement.ts';
import type { Host } from '../../../src/fleet/fleet.ts';
import type { HostAnswer, PlanInput, RollOut, WaveProgress } from '../../../src/plan/plan.ts';
import { lostRollOut, plan } from '../../../src/plan/plan.ts';
import { adrift, id, MINUTE, memory, NOW, SECOND, silent } from '../../builders/plan-input.ts';
import { answer, LAST, OVER, progress } from '../../builders/roll-outs.ts';
import { clients, nth, policy, RECORDS, staleClients } from '../../builders/stale-clients.ts';

const STOPPED = { ...OVER, stopped: true, sentence: 'The roll-out of the client tier stopped.' };
const UNSURE = { ...LAST, commands: [{ commandId: null, instanceIds: [nth(0), nth(1)] }] };
const PARTLY = {
  ...LAST,
  commands: [
    { commandId: 'c-1', instanceIds: [nth(0)] },
    { commandId: null, instanceIds: [nth(1)] },
  ],
};
/** Two turns of 330 s, and 300 s to be sent in. */
const LIFE = { startedAtMs: NOW - 960 * SECOND };
const LAST_SECOND = { startedAtMs: NOW - 959 * SECOND };

const ended = (...answers: HostAnswer[]) => [progress({ answers })];

const UNDER_WAY = 'The last wave of the client tier (2 hosts, 2 min ago) has not ended.';
const PERHAPS =
  'The last wave of the client tier (2 hosts, 2 min ago) was perhaps sent: SSM did not say. It counts as running for 14 min more.';
const stops = (...ids: string[]) =>
  `The roll-out of the client tier stopped: 2 hosts failed (${ids.join(', ')}), the limit is 1. It is not repeated until DNS or the mode changes.`;
const FAILED = stops(nth(0), nth(1));
const CYCLED = answer(nth(0), 'cycled');

/** The roll-out remembered, what SSM says of it, what else is given, and what comes of it: a sentence, or what the next wave goes on with. */
const ROLL_OUTS: [string, RollOut, WaveProgress[], Partial<PlanInput>, string | { failed: string[]; waves: number }][] =
  [
    ['SSM says it runs', LAST, [progress({ ended: false, answers: [CYCLED] })], {}, UNDER_WAY],
    ['SSM says nothing yet', LAST, [], {}, UNDER_WAY],
    ['SSM speaks of the other tier', LAST, [progress({ tier: 'boundary' })], {}, UNDER_WAY],
    ['it ended, and SSM does not list every host yet', LAST, ended(CYCLED), {}, UNDER_WAY],
    ['it ended well', LAST, [progress()], {}, { failed: [], waves: 2 }],
    ['a host failed', LAST, ended(CYCLED, answer(nth(1), 'failed')), {}, { failed: [nth(1)], waves: 1 }],
    ['a host gave no verdict', LAST, ended(CYCLED, answer(nth(1), 'no-verdict')), {}, { failed: [nth(1)], waves: 1 }],
    ['the turn of a host did not come', LAST, ended(CYCLED, answer(nth(1), 'not-begun')), {}, { failed: [], waves: 2 }],
    [
      'a host failed, and the command came to it again',
      LAST,
      ended(CYCLED, answer(nth(1), 'failed'), answer(nth(1), 'nothing', 'same-wave')),
      {},
      { failed: [nth(1)], waves: 1 },
    ],
    [
      'a host failed, and SSM lists first that the command came again',
      LAST,
      ended(CYCLED, answer(nth(1), 'nothing', 'same-wave'), answer(nth(1), 'failed')),
      {},
      { failed: [nth(1)], waves: 1 },
    ],
    [
      'nobody was cycled: it is the first wave still',
      { ...LAST, waves: 0 },
      ended(answer(nth(0), 'nothing', 'not-yet'), answer(nth(1), 'nothing', 'same-wave')),
      {},
      { failed: [], waves: 0 },
    ],
    ['a second host failed', { ...LAST, failed: [nth(0)] }, ended(CYCLED, answer(nth(1), 'failed')), {}, FAILED],
    ['two hosts failed', LAST, ended(answer(nth(0), 'failed'), answer(nth(1), 'no-verdict')), {}, FAILED],
    [
      'two failed, of a tier that may lose half',
      LAST,
      ended(answer(nth(0), 'failed'), answer(nth(1), 'failed')),
      { pod: policy({ maxErrorShare: 0.5 }) },
      { failed: [nth(0), nth(1)], waves: 1 },
    ],
    [
      'the same host failed twice',
      { ...LAST, failed: [nth(1)] },
      ended(CYCLED, answer(nth(1), 'failed')),
      {},
      { failed: [nth(1)], waves: 1 },
    ],
    ['it was over', { ...OVER, failed: [nth(3)], waves: 3 }, [], {}, { failed: [nth(3)], waves: 3 }],
    [
      'it was over, and the tier shrank to one that may not lose so many',
      { ...OVER, failed: [nth(0), nth(1)] },
      [],
      { pod: policy({ maxErrorShare: 0.02 }) },
      FAILED,
    ],
    [
      'it was over, and DNS changed',
      { ...OVER, failed: [nth(3)], records: 'az-a=10.0.1.99' },
      [],
      {},
      { failed: [], waves: 0 },
    ],
    [
      'it ended, and DNS changed',
      { ...LAST, records: 'az-a=10.0.1.99' },
      ended(CYCLED, answer(nth(1), 'failed')),
      {},
      { failed: [], waves: 0 },
    ],
    ['it stopped before', STOPPED, [], {}, STOPPED.sentence],
    ['it stopped before DNS changed', { ...STOPPED, records: 'az-a=10.0.1.99' }, [], {}, { failed: [], waves: 0 }],
    ['it stopped in another mode', { ...STOPPED, mode: 'hold' }, [], {}, { failed: [], waves: 0 }],
    ['it runs, and DNS changed', { ...LAST, records: 'az-a=10.0.1.99' }, [], {}, UNDER_WAY],
    ['it was perhaps sent', UNSURE, [], {}, PERHAPS],
    ['a part was perhaps sent, and the rest ended', PARTLY, ended(CYCLED), {}, PERHAPS.replace('14 min', '9 min')],
    [
      'it was perhaps sent, a second less than its longest life ago',
      { ...UNSURE, ...LAST_SECOND },
      [],
      {},
      PERHAPS.replace('2 min ago', '16 min ago').replace('14 min', '1 s'),
    ],
    ['it was perhaps sent, its longest life ago', { ...UNSURE, ...LIFE }, [], {}, { failed: [], waves: 1 }],
    ['SSM says nothing for its longest life', { ...LAST, ...LIFE }, [], {}, { failed: [], waves: 1 }],
    [
      'SSM says for nearly its longest life that it runs',
      { ...LAST, ...LAST_SECOND },
      [progress({ ended: false })],
      {},
      UNDER_WAY.replace('2 min ago', '16 min ago'),
    ],
    [
      'SSM says for longer that it runs: silence is failure',
      { ...LAST, ...LIFE },
      [progress({ ended: false, answers: [CYCLED] })],
      {},
      { failed: [nth(1)], waves: 1 },
    ],
    [
      'nobody knows whom it was sent to',
      { ...lostRollOut('client', NOW - 120 * SECOND), records: RECORDS },
      [],
      {},
      'What the state remembered of waves of the client tier was lost: one may be at work, and counts as running for 36 min more.',
    ],
    [
      'it was sent, and to whom was lost',
      { ...LAST, commands: [{ commandId: null, instanceIds: [] }] },
      [],
      {},
      'Whom the last wave of the client tier was sent to was lost with the memory: it counts as running for 36 min more.',
    ],
  ];

describe('after a wave', () => {
  it.each(ROLL_OUTS)('%s', (_, last, progresses, overrides, expected) => {
    const made = plan(
      staleClients(6, { memory: memory({ rollOuts: { client: last } }), progress: progresses, ...overrides }),
    );
    const next = made.memory.rollOuts.client;
    if (typeof expected !== 'string') {
      expect(made.cycles).toHaveLength(1);
      expect(next).toMatchObject({ ...expected, waveId: 'tick-1-client', startedAtMs: NOW });
      expect(made.stoppedRollOuts).toEqual([]);
      return;
    }
    const hasStopped = expected.includes('stopped');
    expect(made.cycles).toEqual([]);
    expect(made.refusals.map(({ rule, sentence }) => `${rule}: ${sentence}`)).toContain(
      `${hasStopped ? 'roll-out-stopped' : 'wave-under-way'}: ${expected} Held back: ${6 - (next?.failed.length ?? 0)} hosts.`,
    );
    expect(next).toMatchObject(hasStopped ? { commands: [], stopped: true, sentence: expected } : { ...last });
    expect(made.stoppedRollOuts).toEqual(hasStopped ? ['client'] : []);
  });

  const [FIRST] = clients(1) as [Host];
  it.each([
    ['silent', silent(FIRST), [nth(0)]],
    ['without a daemon', adrift(FIRST, { state: 'no-daemon' }), [nth(0)]],
    ['unsynchronised', adrift(FIRST, { state: 'unsynchronised' }), [nth(0)]],
    ['in holdover', adrift(FIRST, { state: 'holdover' }), [nth(0)]],
    ['uncertain', adrift(FIRST, { state: 'uncertain' }), []],
    ['contradicted', adrift(FIRST, { state: 'contradicted' }), []],
    ['starting', adrift(FIRST, { state: 'starting' }), []],
    ['gone', adrift({ ...FIRST, state: 'terminated' }, { state: 'unknown' }), []],
  ] as const)('that SSM does not tell of, a host that is %s', (_, first, failed) => {
    const given = staleClients(6, { memory: memory({ rollOuts: { client: { ...UNSURE, ...LIFE } } }) });
    const hosts = given.hosts.map((host) => (host.instanceId === nth(0) ? first.host : host));
    const judgements = given.judgements.map((one) => (one.host.instanceId === nth(0) ? first : one));
    const made = plan({ ...given, hosts, judgements });
    expect(made.memory.rollOuts.client?.failed).toEqual(failed);
    expect(made.cycles).toHaveLength(1);
  });

  it('a host that is gone owes no verdict', () => {
    const given = staleClients(6, { memory: memory({ rollOuts: { client: LAST } }) });
    const hosts = given.hosts.map((host) =>
      host.instanceId === nth(1) ? { ...host, state: 'terminated' as const } : host,
    );
    const made = plan({ ...given, hosts, progress: ended(CYCLED, answer(nth(1), 'no-verdict')) });
    expect(made.memory.rollOuts.client?.failed).toEqual([]);
  });

  it('a host that failed is left out, named and told of, while the others go on', () => {
    const given = staleClients(6, { memory: memory({ rollOuts: { client: LAST } }) });
    const made = plan({ ...given, progress: ended(answer(nth(0), 'failed'), answer(nth(1), 'cycled')) });
    expect(made.cycles.flatMap(({ instanceIds }) => instanceIds)).toEqual([nth(3)]);
    expect(made.refusals.map(({ rule, subject }) => `${rule} ${subject}`)).toContain(`failed ${nth(0)}`);
    expect(made.givenUp).toEqual([nth(0)]);
  });

  it('that was perhaps sent, a host that shows no trace of it was not cycled; any other was', () => {
    const traces: [Partial<Judgement>, number | null][] = [
      [{}, 3600],
      [{ cycledSecondsAgo: 7200 }, 3600],
      [{ cycledSecondsAgo: 800 }, 3600],
      [{}, 800],
      [{}, null],
    ];
    const wave = traces.map((_, index) => nth(index));
    const last = { ...UNSURE, startedAtMs: NOW - 40 * MINUTE, commands: [{ commandId: null, instanceIds: wave }] };
    const cycles = Object.fromEntries(wave.map((id) => [id, [last.startedAtMs]]));
    const given = staleClients(6, { memory: memory({ rollOuts: { client: last }, cycles }) });
    const judgements = given.judgements.map((judgement) => {
      const [shown, ageSeconds] = traces[wave.indexOf(judgement.host.instanceId)] ?? [{}, 3600];
      return { ...judgement, ...shown, measures: { ...judgement.measures, ageSeconds } };
    });
    const { cycles: kept } = plan({ ...given, judgements, nowMs: NOW }).memory;
    expect(wave.map((id) => kept[id]?.includes(last.startedAtMs) ?? false)).toEqual([false, false, true, true, true]);
  });

  it('that stopped, it is told as long as it lasts, also when nobody is left to be cycled, and is no unfinished business', () => {
    const given = staleClients(0, { memory: memory({ rollOuts: { client: STOPPED } }) });
    const made = plan(given);
    expect(made.refusals).toEqual([{ subject: 'blue', rule: 'roll-out-stopped', sentence: STOPPED.sentence }]);
    expect(made.unfinished).toBe(false);
    expect(plan(staleClients(3, { memory: memory({ rollOuts: { client: STOPPED } }) })).unfinished).toBe(false);
  });

  it('that runs, there is unfinished business, but where short runs follow it', () => {
    for (const [mode, commandId] of [
      ['act', null],
      ['hold', 'c-1'],
      ['observe', 'c-1'],
      ['act', 'c-1'],
    ] as const) {
      const client = { ...LAST, commands: [{ ...LAST.commands[0], commandId, instanceIds: [nth(0), nth(1)] }] };
      const made = plan(staleClients(0, { mode, memory: memory({ rollOuts: { client } }) }));
      expect(made.unfinished).toBe(!(mode === 'act' && commandId !== null));
      expect(made.memory.rollOuts).toEqual({ client });
    }
  });

  it('the one of the boundary tier does not keep the clients waiting', () => {
    const rollOut = { ...LAST, tier: 'boundary' as const, commands: [{ commandId: 'c-2', instanceIds: [id('a')] }] };
    const made = plan(staleClients(1, { memory: memory({ rollOuts: { boundary: rollOut } }) }));
    expect(made.cycles.map(({ instanceIds }) => instanceIds)).toEqual([[nth(0)]]);
    expect(Object.keys(made.memory.rollOuts)).toEqual(['boundary', 'client']);
  });
});
