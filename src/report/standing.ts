import type { HostReport } from './report.ts';

/** As far as a row says how its host stands. */
export type Standing = Pick<HostReport, 'tier' | 'state' | 'confident'> & { stale?: unknown };

/** Of these hosts the clock is known to be wrong, or set by nobody. */
export const WRONG_STATES: readonly HostReport['state'][] = ['contradicted', 'adrift', 'unsynchronised', 'no-daemon'];

export function isWrong({ state }: Pick<Standing, 'state'>): boolean {
  return WRONG_STATES.includes(state);
}

/** Of a host that only starts nothing is wrong yet. */
export function needsSomebody({ state, confident, stale }: Omit<Standing, 'tier'>): boolean {
  if (stale !== undefined && stale !== null) return true;
  return state !== 'starting' && (state !== 'healthy' || !confident);
}
