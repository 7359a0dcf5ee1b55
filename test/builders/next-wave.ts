import { type NextWaveInput, plan } from '../../src/plan/plan.ts';
import { MINUTE, memory, NOW } from './plan-input.ts';
import { LAST, progress } from './roll-outs.ts';
import { nth, staleClients } from './stale-clients.ts';

/** What a tick saw, of whose clients the first two were in a wave. */
export const SEEN = staleClients(20);

/** A minute after the tick, by which the wave that it found has ended. */
export const NEXT: NextWaveInput = {
  pod: SEEN.pod,
  tickId: 'look-1',
  nowMs: NOW + MINUTE,
  mode: 'act',
  records: SEEN.records,
  held: [],
  isEndSeen: true,
  memory: memory({
    rollOuts: { client: { ...LAST, startedAtMs: NOW } },
    cycles: { [nth(0)]: [NOW], [nth(1)]: [NOW] },
    seen: plan(SEEN).memory.seen,
  }),
  progress: [progress()],
};
