import { describe, expect, it } from '@jest/globals';
import { type Plan, plan, rememberSent, withoutHeld } from '../../../src/plan/plan.ts';
import { HOUR, memory, NOW } from '../../builders/plan-input.ts';
import { OVER } from '../../builders/roll-outs.ts';
import { A, cycled, leftBehind, nth, policy, refusalsOf, staleClients } from '../../builders/stale-clients.ts';

const sentenceOf = (id: string) => `held: ${id} is not cycled: its tag ntp-hold says look, never touch.`;

/** A wave of 120 hosts in three commands, 24 at one time. */
const WAVE = plan(
  staleClients(240, {
    pod: policy({ waveShare: 0.5, maxConcurrencyShare: 0.1, maxErrorShare: 0.2 }),
    memory: memory({
      rollOuts: { client: { ...OVER, startedAtMs: NOW - HOUR } },
      cycles: { [nth(0)]: [NOW - 2 * HOUR] },
    }),
  }),
);
const concurrencyOf = ({ cycles }: Plan) => cycles.map(({ maxConcurrency }) => maxConcurrency);
const [FIRST, SECOND, THIRD] = WAVE.cycles.map(({ instanceIds }) => instanceIds) as [string[], string[], string[]];

describe('a wave whose hosts were held since they were looked at', () => {
  it('is the same where none of it is', () => {
    expect([FIRST.length, SECOND.length, THIRD.length]).toEqual([50, 50, 20]);
    expect(withoutHeld(WAVE, [])).toBe(WAVE);
    expect(withoutHeld(WAVE, [A.instanceId, 'i-elsewhere'])).toBe(WAVE);
  });

  it('is without them, and each is said', () => {
    const held = [FIRST[0] as string, THIRD[3] as string];
    const left = withoutHeld(WAVE, held);
    expect(cycled(left)).toEqual(cycled(WAVE).filter((id) => !held.includes(id)));
    expect(refusalsOf(left).filter((refusal) => refusal.startsWith('held'))).toEqual(held.toSorted().map(sentenceOf));
    expect(left.refusals).toContainEqual(
      expect.objectContaining({
        subject: held[0],
        cause: 'clients are not cycled: their tag ntp-hold says look, never touch',
      }),
    );
    // by subject, as all of a plan are
    expect(left.refusals.map(({ subject }) => subject)).toEqual(left.refusals.map(({ subject }) => subject).toSorted());
  });

  it('remembers no cycle of them, and the earlier ones', () => {
    const held = [nth(0), THIRD[3] as string];
    expect(cycled(WAVE)).toContain(nth(0));
    const { cycles, rollOuts } = withoutHeld(WAVE, held).memory;
    expect([cycles[nth(0)], cycles[held[1] as string]]).toEqual([[NOW - 2 * HOUR], []]);
    expect(Object.keys(cycles).filter((id) => cycles[id]?.includes(NOW))).toHaveLength(118);
    expect(rollOuts.client).toEqual({
      ...WAVE.memory.rollOuts.client,
      commands: [FIRST, SECOND, THIRD].map((ids) => ({
        commandId: null,
        instanceIds: ids.filter((id) => !held.includes(id)),
      })),
    });
  });

  it('has no command without a host, and no more hosts at one time', () => {
    expect(concurrencyOf(WAVE)).toEqual([10, 10, 4]);
    const left = withoutHeld(WAVE, [...SECOND, ...THIRD.slice(2)]);
    expect(left.cycles.map(({ instanceIds }) => instanceIds)).toEqual([FIRST, THIRD.slice(0, 2)]);
    expect(concurrencyOf(left)).toEqual([10, 2]);
    expect(left.memory.rollOuts.client?.commands).toHaveLength(2);
    // short runs follow what is left
    expect([WAVE.unfinished, left.unfinished]).toEqual([false, false]);
  });

  it('is without those of whom EC2 does not say whether they are held, which is said too', () => {
    const [first, second] = FIRST as [string, string];
    const left = withoutHeld(WAVE, [first], [second, 'i-elsewhere']);
    expect(cycled(left)).toEqual(cycled(WAVE).filter((id) => id !== first && id !== second));
    expect(left.refusals.filter(({ rule }) => rule === 'held')).toEqual([
      expect.objectContaining({ subject: first, cause: expect.stringContaining('their tag ntp-hold') }),
      {
        subject: second,
        rule: 'held',
        sentence: `${second} is not cycled: EC2 does not say whether it is held.`,
        cause: 'clients are not cycled: EC2 does not say whether they are held',
      },
    ]);
  });

  it('of which none is left is as one that was never sent, and a tick follows', () => {
    const left = withoutHeld(WAVE, cycled(WAVE));
    expect([left.cycles, left.unfinished]).toEqual([[], true]);
    // of a wave nothing is announced
    const announces = ({ refusals }: Plan) => refusals.some(({ rule }) => rule === 'wave');
    expect([WAVE, withoutHeld(WAVE, FIRST), left].map(announces)).toEqual([true, true, false]);
    const other = { subject: 'blue', rule: 'given-up', sentence: 'One is left alone.' };
    expect(withoutHeld({ ...WAVE, refusals: [other, ...WAVE.refusals] }, cycled(WAVE)).refusals).toContainEqual(other);
    expect(left.memory).toEqual(rememberSent(WAVE.memory, WAVE.cycles, []));
  });

  it('leaves the other tier as it is', () => {
    const both = plan(
      staleClients(4, { judgements: [leftBehind(A), ...staleClients(4).judgements.slice(1)], memory: memory() }),
    );
    const tiersOf = ({ cycles }: Plan) => cycles.map(({ tier }) => tier);
    expect(tiersOf(both).toSorted()).toEqual(['boundary', 'client']);
    const left = withoutHeld(both, [A.instanceId]);
    expect([tiersOf(left), left.unfinished]).toEqual([['client'], true]);
    expect(left.memory.rollOuts.client).toEqual(both.memory.rollOuts.client);
    expect(left.memory.rollOuts.boundary?.commands).toEqual([]);
    expect(left.refusals).toContainEqual(
      expect.objectContaining({ cause: 'boundary servers are not cycled: their tag ntp-hold says look, never touch' }),
    );
  });
});
