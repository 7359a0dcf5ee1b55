import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordsParameter } from '../../../src/plan/cycling/records-parameter.ts';
import { type NextWaveInput, type PlanInput, plan, planNextWave } from '../../../src/plan/plan.ts';
import { mostly } from '../../builders/arbitrary-memories.ts';
import { expectWithin } from '../../builders/expectations.ts';
import { SECOND } from '../../builders/plan-input.ts';
import { hostOf, judgementOf, running } from '../../builders/plan-oracle.ts';
import { FLEETS, RUNS } from '../../builders/plan-properties.ts';
import { answer, rollOut } from '../../builders/roll-outs.ts';

const ids = ({ cycles }: { cycles: { instanceIds: string[] }[] }) => cycles.flatMap(({ instanceIds }) => instanceIds);

/** What may have happened since the tick; the fleet is arbitrary. */
const SINCE = fc.record({
  seconds: mostly(60, -1, 0, 5, 299, 300, 301),
  mode: mostly<PlanInput['mode']>('act', 'hold', 'observe'),
  dnsChanged: mostly(false, true),
  /** Of the hosts each so many-th is held since. */
  heldSince: mostly(1000, 2, 1),
});

describe('whatever came since the tick', () => {
  const everyNextWave = (
    property: (next: NextWaveInput, made: ReturnType<typeof planNextWave>, seen: PlanInput) => void,
    parameters: object = RUNS,
  ) =>
    fc.assert(
      fc.property(FLEETS, SINCE, (seen, { seconds, mode, dnsChanged, heldSince }) => {
        const made = plan(seen);
        const held = seen.hosts.filter((_, index) => index % heldSince === 0).map(({ instanceId }) => instanceId);
        const records = recordsParameter(seen.pod, seen.records);
        const last = made.memory.rollOuts.client ?? rollOut({ records, mode: seen.mode });
        const ended = last.commands.map((command, index) => ({ ...command, commandId: `c-${index}` }));
        const answers = ended.flatMap(({ instanceIds }) => instanceIds.map((id) => answer(id, 'cycled')));
        const next: NextWaveInput = {
          pod: seen.pod,
          tickId: 'look-1',
          nowMs: seen.nowMs + seconds * SECOND,
          mode,
          records: dnsChanged ? seen.records.slice(1) : seen.records,
          held,
          isEndSeen: true,
          memory: {
            ...made.memory,
            rollOuts: { ...made.memory.rollOuts, client: { ...last, commands: ended } },
          },
          progress: [{ tier: 'client', ended: true, isWhole: true, answers }],
        };
        property(next, planNextWave(next), seen);
      }),
      parameters,
    );

  it('a wave is sent in mode act, by a tick no older than the interval, while DNS is as it was', () => {
    everyNextWave((next, made, seen) => {
      if (made.cycles.length === 0) return;
      expect(next.mode).toBe('act');
      expectWithin(next.nowMs - seen.nowMs, 0, 300_000);
      expect(next.records).toEqual(seen.records);
    });
  });

  it('no host is cycled that is held, gone, unknown, not stale, a server, or was asked since', () => {
    everyNextWave(({ memory: remembered, held }, made, seen) => {
      for (const id of ids(made)) {
        expect(held).not.toContain(id);
        expect(hostOf(seen, id)).toMatchObject({ state: 'running', held: false, pod: 'blue', tier: 'client' });
        expect(judgementOf(seen, id)?.stale).toBeTruthy();
        expect(judgementOf(seen, id)?.state).not.toBe('unknown');
        expect((remembered.cycles[id] ?? []).filter((atMs) => atMs >= seen.nowMs)).toEqual([]);
      }
    });
  });

  it('no wave is larger, restarts more at one time, or may lose more than a tick’s', () => {
    everyNextWave((_, made, seen) => {
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
      // a sample of its own: as many whatever FUZZ is
      { numRuns: 150, seed: 1 },
    );
    expect(waves).toBeGreaterThan(5);
  });
});
