import { FILE_STATES_SCHEMA } from '../config/trials/file-states.ts';
import { TIERS } from '../fleet/fleet.ts';
import {
  BOOLEAN,
  described,
  exactly,
  list,
  NUMBER,
  nullable,
  type Of,
  object,
  optional,
  recordOf,
  TEXT,
} from '../fleet/json-schema.ts';
import { MEMORY_SCHEMA, ROLL_OUT_SCHEMA, WAVE_COMMAND_SCHEMA } from '../plan/plan.ts';
import { DAY_MEMORY_SCHEMA } from './day.ts';
import { VERDICT_SCHEMA } from './verdict.ts';

/** Raised by a change of state or memory that older code would misread. Decision 0058. */
export const STATE_VERSION = 1;

const KNOWN_HOST = object({ instanceId: TEXT, az: TEXT });

const CLAIM = object({
  tickId: described('The tick that has the turn', TEXT),
  startedAtMs: described('Epoch ms', NUMBER),
  untilMs: described('Epoch ms; by then the tick has ended, or it is dead', NUMBER),
});

const LAST_TICK = object({
  tickId: TEXT,
  startedAtMs: described('Epoch ms', NUMBER),
  endedAtMs: described('Epoch ms', NUMBER),
});

const {
  unhealthySinceMs,
  unhealthy,
  withdrawn,
  unknownToEc2,
  starting,
  unbound,
  // it stands in two parts, below
  rollOuts: _rollOuts,
  ...ofHosts
} = MEMORY_SCHEMA.properties;

export const SERVERS_SCHEMA = object({
  unhealthySinceMs,
  unhealthy,
  withdrawn: described(
    'As the memory has it; null: forgotten, so that no server is registered until a tick has seen the whole pod',
    nullable(withdrawn),
  ),
  unknownToEc2,
  starting: described('As the memory of hosts has it, of boundary servers', starting),
  unbound,
  known: described('Boundary servers: by these ids EC2 is asked when it cannot list by tag', list(KNOWN_HOST)),
});

const { commands: _commands, failed: _failed, ...rollOut } = ROLL_OUT_SCHEMA.properties;
const { instanceIds: _instanceIds, ...command } = WAVE_COMMAND_SCHEMA.properties;

/** A tier's roll-out, in which host ids are counted: who they are stands in the memory. */
const WAVES = object({
  ...rollOut,
  commands: described(
    'Of its last wave, until that is over; commandId null: planned, or perhaps sent',
    list(object({ ...command, hosts: described('How many it was sent to', NUMBER) })),
  ),
  failed: described('How many hosts failed, in any of its waves', NUMBER),
});

/**
 * What a pod's next run must know before it does anything: a few KB, which grow with boundary servers alone. Written only over the
 * version that was read. docs/state.schema.json is made of it. Decision 0058.
 */
export const STATE_SCHEMA = object({
  version: described('Of this schema. Code that finds a higher one changes nothing', exactly(STATE_VERSION)),
  pod: TEXT,
  claim: described('Who has the turn; null: nobody', nullable(CLAIM)),
  last: described('The last tick that ended; null: none has', nullable(LAST_TICK)),
  dueAtMs: described('Epoch ms; when the next tick is due', NUMBER),
  again: described('News came while the turn was taken: the next tick is due as soon as this one ends', BOOLEAN),
  servers: described('What is remembered of boundary servers and of records', SERVERS_SCHEMA),
  waves: described('Tier -> its roll-out', recordOf(TIERS, WAVES)),
  memory: described('Key of the object that holds what is remembered of hosts; null: nothing is', nullable(TEXT)),
  recordedMs: described(
    'Epoch ms; when the tick began up to which the history of hosts is whole. Missing: it is the last, or none has ended',
    optional(NUMBER),
  ),
});

export type State = Of<typeof STATE_SCHEMA>;
export type Claim = Of<typeof CLAIM>;
export type Waves = Of<typeof WAVES>;
export type KnownHost = Of<typeof KNOWN_HOST>;

const WAVE_IDS = object({
  waveId: TEXT,
  commands: described('The hosts of each command, in the order of the state', list(list(TEXT))),
  failed: list(TEXT),
});

/** What is remembered of hosts: `POD/memory/KEY.json.gz`, never written again. The state says which one counts. Decision 0058. */
export const HOST_MEMORY_SCHEMA = object({
  version: exactly(STATE_VERSION),
  pod: TEXT,
  tickId: TEXT,
  ...ofHosts,
  verdicts: described(
    'What hosts of waves said that short runs concluded since the last tick: its report tells',
    optional(list(VERDICT_SCHEMA)),
  ),
  starting,
  waves: described('Tier -> the hosts of its roll-out, counted in the state', recordOf(TIERS, WAVE_IDS)),
  known: described('Clients: by these ids EC2 is asked when it cannot list by tag', list(KNOWN_HOST)),
  day: described("The pod's last 24 hours, for its report. Missing: none are known", optional(DAY_MEMORY_SCHEMA)),
  files: described('As in `POD/files.json`. Missing: not known', optional(FILE_STATES_SCHEMA)),
});

export type HostMemory = Of<typeof HOST_MEMORY_SCHEMA>;

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
