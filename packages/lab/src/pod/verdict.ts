/** How a run of the `cycle` document on one host ended, for people. */
export interface CycleEnd {
  /** `cycled` only when the host's daemon really was; `refused`: nothing was done there. */
  verb: 'cycled' | 'refused' | 'failed';
  why: string;
}

/** What `verdict nothing …` stands for, by its first word; the rest of the line is handed in. */
const REASONS: Record<string, (rest: string) => string> = {
  'already-right': () => 'it polls what DNS says',
  'cool-down': (seconds) => `${seconds} s of its cool-down are left`,
  'not-yet': (name) => `its resolver does not see ${name} yet`,
  'no-daemon': () => 'no time daemon runs there',
  unmanaged: () => 'its configuration names no server of the pod',
  unreadable: () => 'its daemon does not say what it polls',
  'leap-second': () => 'a leap second is announced',
  busy: () => 'another run is cycling it',
};

/** Where SSM ended it before the host's turn came. */
const NOT_BEGUN: Record<string, string> = {
  Terminated: 'too many others failed',
  Cancelled: 'the command was cancelled',
};

/**
 * @param output what the host printed; its last line is the verdict.
 * @param statusDetails SSM's, which alone is left to tell when there is no verdict.
 */
export function endOfCycle(output: string, statusDetails: string): CycleEnd {
  const [kind, reason = '', ...rest] = verdictOf(output);
  const detail = rest.join(' ');
  if (kind === 'cycled') return { verb: 'cycled', why: ['cycled', reason, detail].join(' ').trim() };
  if (kind === 'failed') return { verb: 'failed', why: ['failed', reason, detail].join(' ').trim() };
  if (kind === 'nothing') {
    const meant = Object.hasOwn(REASONS, reason) ? REASONS[reason]?.(detail) : undefined;
    return {
      verb: 'refused',
      why: `nothing done, ${meant ?? ([reason, detail].join(' ').trim() || 'it gave no reason')}`,
    };
  }
  const before = Object.hasOwn(NOT_BEGUN, statusDetails) ? NOT_BEGUN[statusDetails] : undefined;
  if (before !== undefined) return { verb: 'refused', why: `nothing done, ${before} (${statusDetails})` };
  return { verb: 'failed', why: `${statusDetails}, without a verdict` };
}

function verdictOf(output: string): string[] {
  const [, verdict] = [...output.matchAll(/^verdict (.+)$/gm)].at(-1) ?? [];
  return verdict?.trim().split(/ +/) ?? [];
}
