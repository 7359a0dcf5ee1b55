import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../../src/diagnosis/judgement.ts';
import type { Host } from '../../../src/fleet/fleet.ts';
import type { HostAnswer, PlanInput, RollOut, WaveProgress } from '../../../src/plan/plan.ts';
import { lostRollOut, plan, rememberSent } from '../../../src/plan/plan.ts';
import { adrift, HOUR, id, judged, MINUTE, memory, NOW, SECOND, silent } from '../../builders/plan-input.ts';
import { clients, given, leftBehind, nth, policy, RECORDS, staleClients } from '../../builders/stale-clients.ts';

const LAST: RollOut = {
  tier: 'client',
  waveId: 'tick-0-client',
  startedAtMs: NOW - 2 * MINUTE,
  records: RECORDS,
  mode: 'act',
  commands: [{ commandId: 'c-1', instanceIds: [nth(0), nth(1)] }],
  failed: [],
  waves: 1,
  stopped: false,
  sentence: null,
};
const OVER = { ...LAST, commands: [] };
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

const answer = (instanceId: string, kind: HostAnswer['kind'], reason = ''): HostAnswer => ({
  instanceId,
  kind,
  reason,
});

const progress = (overrides: Partial<WaveProgress> = {}): WaveProgress => ({
  tier: 'client',
  ended: true,
  answers: [answer(nth(0), 'cycled'), answer(nth(1), 'cycled')],
  ...overrides,
});
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
      'The last wave of the client tier (0 hosts, 2 min ago) was perhaps sent: SSM did not say. It counts as running for 36 min more.',
    ],
  ];

describe('hosts that did nothing when they were asked', () => {
  const NOT_YET = answer(nth(0), 'nothing', 'not-yet');
  const asked = (answers: HostAnswer[], rollOut = LAST) =>
    staleClients(6, {
      memory: memory({
        rollOuts: { client: rollOut },
        cycles: Object.fromEntries(answers.map(({ instanceId }) => [instanceId, [NOW - 3 * HOUR, LAST.startedAtMs]])),
      }),
      progress: [progress({ answers })],
    });

  it('were not cycled: that wave is forgotten, earlier ones are not', () => {
    const made = plan(asked([NOT_YET, answer(nth(1), 'cycled')]));
    expect(made.memory.cycles).toEqual({
      [nth(0)]: [NOW - 3 * HOUR],
      [nth(1)]: [NOW - 3 * HOUR, LAST.startedAtMs],
      // the first of its AZ that was not asked yet
      [nth(4)]: [NOW],
    });
    expect(made.memory.undone).toEqual({ [nth(0)]: { answers: 1, atMs: LAST.startedAtMs, reason: 'not-yet' } });
  });

  it('for they had run the same wave, were cycled by it', () => {
    const made = plan(asked([answer(nth(0), 'nothing', 'same-wave'), answer(nth(1), 'cycled')]));
    expect(made.memory.cycles[nth(0)]).toEqual([NOW - 3 * HOUR, LAST.startedAtMs]);
    expect(made.memory.undone).toEqual({});
  });

  it('are counted once for each wave, however often SSM is asked', () => {
    const first = plan(asked([NOT_YET]));
    expect(first.memory.rollOuts.client?.commands).toEqual(LAST.commands);
    const again = plan({ ...asked([{ ...NOT_YET, reason: 'busy' }]), memory: first.memory });
    expect(again.memory.undone).toEqual({ [nth(0)]: { answers: 1, atMs: LAST.startedAtMs, reason: 'busy' } });
    const later = { ...LAST, startedAtMs: NOW - MINUTE };
    const next = plan({ ...asked([NOT_YET]), memory: { ...again.memory, rollOuts: { client: later } } });
    expect(next.memory.undone).toEqual({ [nth(0)]: { answers: 2, atMs: NOW - MINUTE, reason: 'not-yet' } });
  });

  /** Ticks a minute apart; every host of a wave gives this answer. Answers the minutes at which host 0 was asked. */
  function minutesOfAnswer(hosts: number, minutes: number, verdict: Pick<HostAnswer, 'kind' | 'reason'>): number[] {
    const asked: number[] = [];
    const judgements = clients(hosts).map((host) =>
      leftBehind(host, { measures: { ...judged(host).measures, ageSeconds: 7 * 24 * 3600 } }),
    );
    let at = given(judgements, { memory: memory({ rollOuts: { client: OVER } }) });
    for (let minute = 0; minute < minutes; minute += 1) {
      const made = plan(at);
      const wave = made.cycles.flatMap(({ instanceIds }) => instanceIds);
      if (wave.includes(nth(0))) asked.push(minute);
      const sent =
        wave.length > 0 ? [{ tier: 'client' as const, commands: [{ commandId: 'c', instanceIds: wave }] }] : [];
      at = {
        ...at,
        nowMs: at.nowMs + MINUTE,
        memory: rememberSent(made.memory, made.cycles, sent),
        progress: [progress({ answers: wave.map((instanceId) => ({ instanceId, ...verdict })) })],
      };
    }
    return asked;
  }

  it('are asked again after a pause that grows, and after a number of answers no more', () => {
    expect(minutesOfAnswer(1, 24 * 60, { kind: 'nothing', reason: 'already-right' })).toEqual([0, 1, 3, 6, 11]);
    const notYet = minutesOfAnswer(1, 24 * 60, { kind: 'nothing', reason: 'not-yet' });
    expect(notYet).toEqual([0, 1, 3, 6, 11, 16, 21, 26, 31, 36, 41, 46]);
  });

  it('are asked after all others', () => {
    expect(minutesOfAnswer(4, 9, { kind: 'nothing', reason: 'already-right' })).toEqual([0, 4, 8]);
  });

  it('are kept in mind for an hour when they look stale no more, and through a wave of others', () => {
    const given = asked([NOT_YET, answer(nth(1), 'cycled')]);
    const undone = {
      [nth(1)]: { answers: 3, atMs: NOW - HOUR, reason: 'busy' },
      [nth(2)]: { answers: 3, atMs: NOW - HOUR + 1, reason: 'busy' },
      [nth(3)]: { answers: 3, atMs: NOW - 5 * HOUR, reason: 'busy' },
    };
    const cured = given.judgements.map((judgement) =>
      [nth(1), nth(2)].includes(judgement.host.instanceId)
        ? judged(judgement.host, { measures: { ...judgement.measures, ageSeconds: 9 * 3600 } })
        : { ...judgement, measures: { ...judgement.measures, ageSeconds: 9 * 3600 } },
    );
    const made = plan({ ...given, judgements: cured, memory: { ...given.memory, undone } });
    expect(Object.keys(made.memory.undone).sort()).toEqual([nth(0), nth(2), nth(3)]);
  });

  it('are kept in mind while EC2 does not describe their AZ, and so is since when they are stale', () => {
    const given = asked([NOT_YET]);
    const judgements = given.judgements.filter(({ host }) => host.instanceId !== nth(0));
    const hosts = given.hosts.filter(({ instanceId }) => instanceId !== nth(0));
    const remembered = {
      ...given.memory,
      undone: { [nth(0)]: { answers: 3, atMs: NOW - HOUR, reason: 'busy' } },
      staleSinceMs: { [nth(0)]: NOW - HOUR },
    };
    const seen = { ...given, hosts, judgements, progress: [], memory: remembered };
    const kept = plan({ ...seen, unread: [nth(0)] }).memory;
    expect([kept.undone, kept.staleSinceMs[nth(0)]]).toEqual([remembered.undone, NOW - HOUR]);
    const forgotten = plan({ ...seen, unread: [] }).memory;
    expect([forgotten.undone, forgotten.staleSinceMs[nth(0)]]).toEqual([{}, undefined]);
  });

  it('of a roll-out that is not remembered are nobody', () => {
    const made = plan({ ...asked([NOT_YET]), memory: memory({ cycles: { [nth(0)]: [NOW - MINUTE] } }) });
    expect(made.memory.undone).toEqual({});
    expect(made.memory.cycles[nth(0)]).toEqual([NOW - MINUTE]);
  });
});

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
