import type { Judgement } from '../../diagnosis/judgement.ts';
import type { Host } from '../../fleet/fleet.ts';
import type { CyclingContext } from './context.ts';

/** A rule that keeps one host from being cycled at this tick. */
export interface HostRule {
  rule: string;
  /** `force` lifts it. Of staleness and cool-down only. */
  liftedByForce: boolean;
  /** Whether what it waits for comes by itself, soon: the schedule then runs a whole tick at the next minute. */
  waits: boolean;
  /** Why not, null when the rule has nothing against it. */
  refuses: (candidate: Candidate, context: CyclingContext) => HostRefusal | null;
}

export interface HostRefusal {
  sentence: string;
  /** The same of several hosts, after their number and tier: `wait: no name of the zone has a confident server published`. */
  cause: string;
}

export interface Candidate {
  host: Host;
  judgement: Judgement | undefined;
}

/** `i-… waits: WHY.`, where nothing of why is the host's own. */
export function waits({ host }: Candidate, why: string): HostRefusal {
  return { sentence: `${host.instanceId} waits: ${why}.`, cause: `wait: ${why}` };
}

/** Also of a host that was held after the tick that looked at it. */
export function holds({ instanceId }: Pick<Host, 'instanceId'>): HostRefusal {
  const sentence = `${instanceId} is not cycled: its tag ntp-hold says look, never touch.`;
  return { sentence, cause: 'are not cycled: their tag ntp-hold says look, never touch' };
}
