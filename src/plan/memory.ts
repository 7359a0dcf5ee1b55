import type { CyclingMemory } from './cycling/memory.ts';
import type { DnsMemory } from './dns/memory.ts';

/** What one tick must remember for the next. Part of the report. */
export interface Memory extends DnsMemory, CyclingMemory {
  /** instance id -> names of the zone it was not joined to. */
  unjoined: Record<string, string[]>;
}

export const EMPTY_MEMORY: Memory = {
  unhealthySinceMs: {},
  unhealthy: {},
  withdrawn: {},
  unknownToEc2: [],
  cycles: {},
  rollOuts: {},
  undoneAtMs: {},
  staleSinceMs: {},
  unjoined: {},
};
