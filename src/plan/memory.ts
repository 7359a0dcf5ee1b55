import * as z from 'zod/mini';
import { described } from '../fleet/described.ts';
import { CYCLING_MEMORY_SCHEMA } from './cycling/memory.ts';
import { DNS_MEMORY_SCHEMA } from './dns/memory.ts';

/** What one tick must remember for the next; `src/state` stores it. */
export const MEMORY_SCHEMA = z.object({
  ...DNS_MEMORY_SCHEMA.shape,
  ...CYCLING_MEMORY_SCHEMA.shape,
  unjoined: described(
    'Client (instance id) -> names of the zone of whose confident servers it polled none',
    z.record(z.string(), z.array(z.string())),
  ),
});

export type Memory = z.infer<typeof MEMORY_SCHEMA>;

export const EMPTY_MEMORY: Memory = {
  unhealthySinceMs: {},
  unhealthy: {},
  withdrawn: {},
  unknownToEc2: {},
  starting: {},
  cycles: {},
  rollOuts: {},
  undone: {},
  staleSinceMs: {},
  unjoined: {},
};
