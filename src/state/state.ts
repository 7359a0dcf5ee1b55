import * as z from 'zod/mini';
import { described } from '../fleet/described.ts';
import { TIERS } from '../fleet/fleet.ts';
import { MEMORY_SCHEMA, ROLL_OUT_SCHEMA } from '../plan/plan.ts';
import { VERDICT_SCHEMA } from './verdict.ts';

/** Raised by a change of state or memory that older code would misread. Decision 0058. */
export const STATE_VERSION = 1;

const KNOWN_HOST = z.object({ instanceId: z.string(), az: z.string() });

const CLAIM = z.object({
  tickId: described('The tick that has the turn', z.string()),
  startedAtMs: described('Epoch ms', z.number()),
  untilMs: described('Epoch ms; by then the tick has ended, or it is dead', z.number()),
});

const LAST_TICK = z.object({
  tickId: z.string(),
  startedAtMs: described('Epoch ms', z.number()),
  endedAtMs: described('Epoch ms', z.number()),
});

const { unhealthySinceMs, unhealthy, withdrawn, unknownToEc2, starting, cycles, undone, staleSinceMs, unjoined, seen } =
  MEMORY_SCHEMA.shape;

export const SERVERS_SCHEMA = z.object({
  unhealthySinceMs,
  unhealthy,
  withdrawn,
  unknownToEc2,
  starting: described('As the memory of hosts has it, of boundary servers', starting),
  known: described('Boundary servers: by these ids EC2 is asked when it cannot list by tag', z.array(KNOWN_HOST)),
});

/** A tier's roll-out, in which host ids are counted: who they are stands in the memory. */
const WAVES = z.extend(z.omit(ROLL_OUT_SCHEMA, { commands: true, failed: true }), {
  commands: described(
    'Of its last wave, until that is over; commandId null: planned, or perhaps sent',
    z.array(
      z.extend(z.omit(ROLL_OUT_SCHEMA.shape.commands.def.element, { instanceIds: true }), {
        hosts: described('How many it was sent to', z.number()),
      }),
    ),
  ),
  failed: described('How many hosts failed, in any of its waves', z.number()),
});

/**
 * What a pod's next run must know before it does anything: a few KB, which grow with boundary servers alone. Written only over the
 * version that was read. docs/state.schema.json is made of it. Decision 0058.
 */
export const STATE_SCHEMA = z.object({
  version: described('Of this schema. Code that finds a higher one changes nothing', z.literal(STATE_VERSION)),
  pod: z.string(),
  claim: described('Who has the turn; null: nobody', z.nullable(CLAIM)),
  last: described('The last tick that ended; null: none has', z.nullable(LAST_TICK)),
  dueAtMs: described('Epoch ms; when the next tick is due', z.number()),
  again: described('News came while the turn was taken: the next tick is due as soon as this one ends', z.boolean()),
  servers: described('What is remembered of boundary servers and of records', SERVERS_SCHEMA),
  waves: described('Tier -> its roll-out', z.partialRecord(z.enum(TIERS), WAVES)),
  memory: described(
    'Key of the object that holds what is remembered of hosts; null: nothing is',
    z.nullable(z.string()),
  ),
});

export type State = z.infer<typeof STATE_SCHEMA>;
export type Claim = z.infer<typeof CLAIM>;
export type Waves = z.infer<typeof WAVES>;
export type KnownHost = z.infer<typeof KNOWN_HOST>;

const WAVE_IDS = z.object({
  waveId: z.string(),
  commands: described('The hosts of each command, in the order of the state', z.array(z.array(z.string()))),
  failed: z.array(z.string()),
});

/** What is remembered of hosts: `POD/memory/KEY.json.gz`, never written again. The state says which one counts. Decision 0058. */
export const HOST_MEMORY_SCHEMA = z.object({
  version: z.literal(STATE_VERSION),
  pod: z.string(),
  tickId: z.string(),
  cycles,
  undone,
  staleSinceMs,
  unjoined,
  seen,
  verdicts: described(
    'What hosts of waves said that short runs concluded since the last tick: its report tells',
    z.optional(z.array(VERDICT_SCHEMA)),
  ),
  starting,
  waves: described('Tier -> the hosts of its roll-out, counted in the state', z.partialRecord(z.enum(TIERS), WAVE_IDS)),
  known: described('Clients: by these ids EC2 is asked when it cannot list by tag', z.array(KNOWN_HOST)),
});

export type HostMemory = z.infer<typeof HOST_MEMORY_SCHEMA>;

/** Of a pod in which no tick has begun yet. */
export function emptyState(pod: string): State {
  return {
    version: STATE_VERSION,
    pod,
    claim: null,
    last: null,
    dueAtMs: 0,
    again: false,
    servers: { unhealthySinceMs: {}, unhealthy: {}, withdrawn: {}, unknownToEc2: {}, starting: {}, known: [] },
    waves: {},
    memory: null,
  };
}

export function emptyHostMemory(pod: string, tickId = ''): HostMemory {
  return {
    version: STATE_VERSION,
    pod,
    tickId,
    cycles: {},
    undone: {},
    staleSinceMs: {},
    unjoined: {},
    starting: {},
    waves: {},
    known: [],
  };
}
