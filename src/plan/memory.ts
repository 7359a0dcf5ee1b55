import { LATE } from '../diagnosis/judgement.ts';
import {
  described,
  list,
  NUMBER,
  nullable,
  type Of,
  object,
  oneOf,
  optional,
  record,
  TEXT,
} from '../fleet/json-schema.ts';
import { CYCLING_MEMORY_SCHEMA } from './cycling/memory.ts';
import { DNS_MEMORY_SCHEMA } from './dns/memory.ts';
import { LEAP_SCHEMA } from './leap.ts';

/** What one tick must remember for the next; `src/state` stores it. */
export const MEMORY_SCHEMA = object({
  ...DNS_MEMORY_SCHEMA.properties,
  ...CYCLING_MEMORY_SCHEMA.properties,
  unjoined: described(
    'Client (instance id) -> names of the zone of whose confident servers it polled none',
    record(list(TEXT)),
  ),
  over: described(
    'Instance id -> the limits that its clock is over, until it is well below them; of a boundary server that it is contradicted; that too few polls of its system peer were heard',
    optional(record(list(oneOf(LATE)))),
  ),
  received: described(
    'Boundary server (instance id) -> how many packets its daemon had received when it was so old; absent: none told',
    optional(record(object({ packets: NUMBER, ageSeconds: NUMBER }))),
  ),
  lastBounds: described(
    'Instance id -> the clock error bound (ms) of a clock that tells none in holdover, or none to the truth once its pod keeps a time of its own, when it last told one, when that was (epoch ms), and how fast it grew then (ppm; absent: no faster than any is taken to); of a server that is contradicted what covers it',
    optional(record(object({ boundMs: NUMBER, atMs: NUMBER, growthPpm: optional(NUMBER) }))),
  ),
  heldBounds: described(
    'Instance id -> the clock error bound (ms; null: not known) of a clock by a server in holdover, when that was and how fast it grew, as above, and since when (epoch ms) it follows none such',
    optional(
      record(
        object({ boundMs: nullable(NUMBER), atMs: NUMBER, growthPpm: optional(NUMBER), backMs: optional(NUMBER) }),
      ),
    ),
  ),
  leap: LEAP_SCHEMA,
});

export interface Memory extends Of<typeof MEMORY_SCHEMA> {
  /** Who is withdrawn is forgotten: that `withdrawn` names nobody proves nothing. */
  isWithdrawnForgotten?: boolean | undefined;
}

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
