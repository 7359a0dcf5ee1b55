import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordsParameter } from '../../../src/plan/cycling/records-parameter.ts';
import { lookAtWave, type NextWaveInput, type PlanInput, plan, planNextWave } from '../../../src/plan/plan.ts';
import { mostly } from '../../builders/arbitrary-memories.ts';
import { expectWithin } from '../../builders/expectations.ts';
import { input, MINUTE, memory, NOW, record, SECOND } from '../../builders/plan-input.ts';
import { hostOf, judgementOf, running } from '../../builders/plan-oracle.ts';
import { FLEETS, RUNS } from '../../builders/plan-properties.ts';
import { answer, LAST, OVER, progress, rollOut } from '../../builders/roll-outs.ts';
import { A, clients, leftBehind, nth, policy, staleClients } from '../../builders/stale-clients.ts';

const SEEN = staleClients(20);
/** A minute after the tick, by which the wave that it found has ended. */
const NEXT: NextWaveInput = {
  seen: SEEN,
  tickId: 'look-1',
  nowMs: NOW + MINUTE,
  mode: 'act',
  records: SEEN.records,
  memory: memory({ rollOuts: { client: { ...LAST, startedAtMs: NOW } }, cycles: { [nth(0)]: [NOW], [nth(1)]: [NOW] } }),
  progress: [progress()],
};
const ids = ({ cycles }: { cycles: { instanceIds: string[] }[] }) => cycles.flatMap(({ instanceIds }) => instanceIds);
const rules = (next: NextWaveInput) => planNextWave(next).refusals.map(({ rule }) => rule);

describe('between two ticks', () => {
  it('the next wave starts when the last is over, of hosts that were not asked since', () => {
    const made = planNextWave(NEXT);
    // round the AZs of those that are left
    expect(ids(made)).toEqual([nth(3), nth(4)]);
    expect(made.memory.rollOuts.client).toMatchObject({ waveId: 'look-1-client', startedAtMs: NOW + MINUTE, waves: 2 });
    expect(made.memory.cycles[nth(3)]).toEqual([NOW + MINUTE]);
  });

  it('a wave under way is remembered with when SSM had begun with all its hosts, and ends 90 s after that', () => {
    const some = { ...NEXT, progress: [progress({ ended: false, answers: [answer(nth(0), 'cycled')] })] };
    const first = planNextWave(some);
    expect(ids(first)).toEqual([]);
    expect(first.memory.rollOuts.client?.allBegunAtMs).toBe(NEXT.nowMs);
    const later = (seconds: number) =>
      planNextWave({ ...some, memory: first.memory, nowMs: NEXT.nowMs + seconds * SECOND });
    expect(ids(later(89))).toEqual([]);
    expect(later(90).memory.rollOuts.client?.failed).toEqual([nth(1)]);
    expect(ids(later(90))).toHaveLength(2);
  });

  it.each<[string, Partial<NextWaveInput>]>([
    ['seen-too-long-ago', { nowMs: NOW + 301 * SECOND }],
    ['seen-too-long-ago', { nowMs: NOW - SECOND }],
    ['dns-changed', { records: [record(A)] }],
    ['dns-changed', { records: SEEN.records.map((listed) => ({ ...listed, addresses: ['10.0.9.9'] })) }],
    ['nothing-to-go-on-with', { memory: memory() }],
    ['nothing-to-go-on-with', { mode: 'hold' }],
    ['nothing-to-go-on-with', { progress: [] }],
    ['blind', { seen: input({ ...SEEN, hosts: [] }) }],
  ])('waits for a tick: %s', (rule, overrides) => {
    const next = { ...NEXT, ...overrides };
    expect(rules(next)).toEqual([rule]);
    expect(planNextWave(next)).toMatchObject({ cycles: [], memory: next.memory });
  });

  it('waits for a tick where SSM does not say whether it took the last wave', () => {
    const unsure = [{ commandId: null, instanceIds: [nth(0), nth(1)] }];
    expect(rules({ ...NEXT, memory: memory({ rollOuts: { client: { ...LAST, commands: unsure } } }) })).toEqual([
      'nothing-to-go-on-with',
    ]);
  });

  it('keeps to the maintenance window of now', () => {
    const pod = { ...policy({}), maintenance: [{ days: [4], startMinute: 0, endMinute: 12 * 60 + 1 }] };
    const next = { ...NEXT, seen: { ...SEEN, pod } };
    expect(ids(planNextWave({ ...next, nowMs: NOW + 59 * SECOND }))).toHaveLength(2);
    expect(rules(next)).toEqual(['maintenance']);
  });

  it('a server that was asked to cycle since the tick is confident no more', () => {
    const cycles = { [A.instanceId]: [NOW] };
    expect(ids(planNextWave({ ...NEXT, memory: { ...NEXT.memory, cycles } }))).toHaveLength(2);
    const pod = policy({ floor: 2 });
    expect(rules({ ...NEXT, seen: { ...SEEN, pod }, memory: { ...NEXT.memory, cycles } })).toContain('floor');
  });

  it('asks nobody whom a wave had that was under way at the tick, and no boundary server', () => {
    const open = rollOut({ commands: [{ commandId: 'c-0', instanceIds: [nth(2), nth(3)] }] });
    const seen = { ...SEEN, memory: memory({ rollOuts: { client: open } }) };
    expect(ids(planNextWave({ ...NEXT, seen }))).toEqual([nth(6), nth(4)]);
    const judgements = SEEN.judgements.map((each) => (each.host.instanceId === A.instanceId ? leftBehind(A) : each));
    expect(planNextWave({ ...NEXT, seen: { ...SEEN, judgements } })).toEqual(planNextWave(NEXT));
  });
});

describe('SSM’s counts', () => {
  const wave = rollOut({
    startedAtMs: NOW,
    commands: [
      { commandId: 'c-1', instanceIds: clients(10).map((host) => host.instanceId), maxConcurrency: 2 },
      { commandId: 'c-2', instanceIds: [nth(10)], maxConcurrency: 1 },
    ],
  });
  const look = (first: number, second: number, seconds: number, of = wave) =>
    lookAtWave(
      of,
      new Map([
        ['c-1', first],
        ['c-2', second],
      ]),
      NOW + seconds * SECOND,
    );

  it.each([
    [7, 0, null, false],
    [8, 0, 60, false],
    [9, 1, 60, false],
    [10, 1, 60, true],
  ])('of %i and %i hosts through: begun with all at %s', (first, second, begunSeconds, isOver) => {
    const { rollOut: after, isOver: over } = look(first, second, 60);
    expect(over).toBe(isOver);
    expect(after.allBegunAtMs).toBe(begunSeconds === null ? undefined : NOW + begunSeconds * SECOND);
  });

  it('end a wave 90 s after its last start', () => {
    const { rollOut: begun } = look(9, 1, 60);
    expect(look(9, 1, 149, begun).isOver).toBe(false);
    expect(look(9, 1, 150, begun).isOver).toBe(true);
  });

  it('say nothing of a wave that was perhaps sent', () => {
    const unsure = { ...OVER, commands: [{ commandId: null, instanceIds: [nth(0), nth(1)] }] };
    expect(look(10, 1, 60, unsure).isOver).toBe(false);
  });
});

/** What may have happened since the tick; the fleet is arbitrary. */
const SINCE = fc.record({
  seconds: mostly(60, -1, 0, 5, 299, 300, 301),
  mode: mostly<PlanInput['mode']>('act', 'hold', 'observe'),
  dnsChanged: mostly(false, true),
});

describe('whatever came since the tick', () => {
  const everyNextWave = (
    property: (next: NextWaveInput, made: ReturnType<typeof planNextWave>) => void,
    parameters: object = RUNS,
  ) =>
    fc.assert(
      fc.property(FLEETS, SINCE, (seen, { seconds, mode, dnsChanged }) => {
        const made = plan(seen);
        const records = recordsParameter(seen.pod, seen.records);
        const last = made.memory.rollOuts.client ?? rollOut({ records, mode: seen.mode });
        const ended = last.commands.map((command, index) => ({ ...command, commandId: `c-${index}` }));
        const answers = ended.flatMap(({ instanceIds }) => instanceIds.map((id) => answer(id, 'cycled')));
        const next: NextWaveInput = {
          seen,
          tickId: 'look-1',
          nowMs: seen.nowMs + seconds * SECOND,
          mode,
          records: dnsChanged ? seen.records.slice(1) : seen.records,
          memory: {
            ...made.memory,
            rollOuts: { ...made.memory.rollOuts, client: { ...last, commands: ended } },
          },
          progress: [{ tier: 'client', ended: true, answers }],
        };
        property(next, planNextWave(next));
      }),
      parameters,
    );

  it('a wave is sent in mode act, by a tick no older than the interval, while DNS is as it was', () => {
    everyNextWave((next, made) => {
      if (made.cycles.length === 0) return;
      expect(next.mode).toBe('act');
      expectWithin(next.nowMs - next.seen.nowMs, 0, 300_000);
      expect(next.records).toEqual(next.seen.records);
    });
  });

  it('no host is cycled that is held, gone, unknown, not stale, a server, or was asked since', () => {
    everyNextWave(({ seen, memory: remembered }, made) => {
      for (const id of ids(made)) {
        expect(hostOf(seen, id)).toMatchObject({ state: 'running', held: false, pod: 'blue', tier: 'client' });
        expect(judgementOf(seen, id)?.stale).toBeTruthy();
        expect(judgementOf(seen, id)?.state).not.toBe('unknown');
        expect((remembered.cycles[id] ?? []).filter((atMs) => atMs >= seen.nowMs)).toEqual([]);
      }
    });
  });

  it('no wave is larger, restarts more at one time, or may lose more than a tick’s', () => {
    everyNextWave(({ seen }, made) => {
      const { cycling } = seen.pod;
      const tier = running(seen, 'client').length;
      const limit = Math.max(1, Math.floor(tier * cycling.maxErrorShare));
      const sum = (key: 'maxErrors' | 'maxConcurrency') => made.cycles.reduce((all, command) => all + command[key], 0);
      const share = made.memory.rollOuts.client?.waves === 0 ? 0.25 : cycling.waveShare;
      if (made.cycles.length === 0) return;
      expectWithin(ids(made).length, 1, Math.max(1, Math.floor(tier * share)) * 1.1 + 0.5);
      expectWithin(
        sum('maxConcurrency'),
        1,
        Math.min(limit + 1, Math.max(1, Math.floor(tier * cycling.maxConcurrencyShare))),
      );
      expectWithin(sum('maxErrors'), 0, limit - (made.memory.rollOuts.client?.failed.length ?? 0));
    });
  });

  it('what is remembered of DNS and of the boundary tier stays', () => {
    everyNextWave(({ memory: before }, { memory: after }) => {
      const { cycles: _, undone: __, rollOuts, ...rest } = after;
      const { cycles: ___, undone: ____, rollOuts: rollOutsBefore, ...restBefore } = before;
      expect(rest).toEqual(restBefore);
      expect(rollOuts.boundary).toEqual(rollOutsBefore.boundary);
    });
  });

  it('and waves do start', () => {
    let waves = 0;
    everyNextWave(
      (_, made) => {
        waves += made.cycles.length;
      },
      { ...RUNS, seed: 1 },
    );
    expect(waves).toBeGreaterThan(5);
  });
});
