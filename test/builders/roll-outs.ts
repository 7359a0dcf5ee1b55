import type { HostAnswer, RollOut, WaveProgress } from '../../src/plan/plan.ts';
import { MINUTE, NOW } from './plan-input.ts';
import { nth, RECORDS } from './stale-clients.ts';

/** A roll-out that is past its first wave, and whose second has a command out. */
export const LAST: RollOut = {
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

/** The same when nothing of it runs. */
export const OVER: RollOut = { ...LAST, commands: [] };

export const rollOut = (overrides: Partial<RollOut>): RollOut => ({ ...OVER, ...overrides });

/** What a host answered a wave. */
export const answer = (instanceId: string, kind: HostAnswer['kind'], reason = ''): HostAnswer => ({
  instanceId,
  kind,
  reason,
});

/** A wave that ended, and cycled both its hosts. */
export const progress = (overrides: Partial<WaveProgress> = {}): WaveProgress => ({
  tier: 'client',
  ended: true,
  isWhole: true,
  answers: [answer(nth(0), 'cycled'), answer(nth(1), 'cycled')],
  ...overrides,
});
