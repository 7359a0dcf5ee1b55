import { describe, expect, it } from '@jest/globals';
import { lostRollOut, type PlanInput, plan } from '../../../src/plan/plan.ts';
import { MINUTE, memory, NOW } from '../../builders/plan-input.ts';
import { RECORDS, refusalsOf, staleClients } from '../../builders/stale-clients.ts';

const LOST = { ...lostRollOut('client', NOW - 2 * MINUTE), records: RECORDS };
const planned = (clients: number, overrides: Partial<PlanInput> = {}) =>
  plan(staleClients(clients, { memory: memory({ rollOuts: { client: LOST } }), ...overrides }));
const SENTENCE =
  'wave-under-way: What the state remembered of waves of the client tier was lost: one may be at work, and counts as running for 36 min more.';

describe('a wave that was lost', () => {
  it('is said where nobody is left behind, and where another rule holds hosts back', () => {
    expect(refusalsOf(planned(0))).toEqual([SENTENCE]);
    expect(refusalsOf(planned(6, { mode: 'hold' }))).toEqual([
      'mode: Nothing of the client tier is cycled in mode hold. Held back: 6 hosts.',
      SENTENCE,
    ]);
  });

  it('is said once where it is itself what holds hosts back', () => {
    expect(refusalsOf(planned(6))).toEqual([`${SENTENCE} Held back: 6 hosts.`]);
  });

  it.each([0, 6])(
    'makes no tick due before its time: no look finds out how it stands (%i hosts left behind)',
    (number) => {
      expect(planned(number).unfinished).toBe(false);
    },
  );
});
