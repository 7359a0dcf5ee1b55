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
  /** The sentence why not, null when the rule has nothing against it. */
  refuses: (candidate: Candidate, context: CyclingContext) => string | null;
}

export interface Candidate {
  host: Host;
  judgement: Judgement | undefined;
}
