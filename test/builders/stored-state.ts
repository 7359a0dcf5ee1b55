import { emptyState, type State } from '../../src/state/state.ts';

const MINUTE_MS = 60_000;

/** The state that a tick left which ended at that time (epoch ms) with nothing unfinished. */
export function endedState(pod: string, endedAtMs: number): State {
  const startedAtMs = endedAtMs - MINUTE_MS;
  return {
    ...emptyState(pod),
    last: { tickId: 'tick-0', startedAtMs, endedAtMs },
    dueAtMs: startedAtMs + 5 * MINUTE_MS,
  };
}
