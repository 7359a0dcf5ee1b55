import { TIERS, type Tier } from '../../fleet/fleet.ts';
import {
  BOOLEAN,
  described,
  list,
  NUMBER,
  nullable,
  type Of,
  object,
  oneOf,
  optional,
  record,
  recordOf,
  TEXT,
} from '../../fleet/json-schema.ts';
import { MODES } from '../mode.ts';
import { SEEN_SCHEMA } from './seen.ts';

export const WAVE_COMMAND_SCHEMA = object({
  commandId: nullable(TEXT),
  instanceIds: list(TEXT),
  maxConcurrency: described('Hosts at one time; absent: not known', optional(NUMBER)),
});

export const ROLL_OUT_SCHEMA = object({
  tier: oneOf(TIERS),
  waveId: described('Of its last wave', TEXT),
  startedAtMs: described('Epoch ms; when its last wave was planned', NUMBER),
  records: described(
    'The records it brings hosts to, as the `cycle` document takes them; another DNS state begins another roll-out',
    TEXT,
  ),
  mode: described('Another mode begins another roll-out', oneOf(MODES)),
  commands: described(
    'Of its last wave, until that is over; commandId null: planned, or perhaps sent',
    list(WAVE_COMMAND_SCHEMA),
  ),
  allBegunAtMs: described(
    'Epoch ms; when SSM was first seen to have begun with every host of its last wave',
    optional(NUMBER),
  ),
  atWorkUntilMs: described(
    'Epoch ms; until then hosts of its waves that said nothing, and failed for it, may be at work',
    optional(NUMBER),
  ),
  secondsPerHost: described(
    'Seconds that a host took in its fastest wave; absent: none was seen to end by itself',
    optional(NUMBER),
  ),
  failed: described('Hosts that failed, in any of its waves: they are not asked again', list(TEXT)),
  waves: described(
    'How many of its waves cycled somebody and lost nobody; until one has, a wave takes one host of each AZ',
    NUMBER,
  ),
  stopped: described('Too many hosts failed: not repeated until DNS or the mode changes', BOOLEAN),
  sentence: described('Why it stopped', nullable(TEXT)),
});

/** All the waves of a tier since DNS or the mode changed, and how the last of them was sent; kept from tick to tick. */
export type RollOut = Of<typeof ROLL_OUT_SCHEMA>;

/** Whether a roll-out's last wave has commands out, each of which SSM is known to have taken: short runs can follow it. */
export function isSentWave(
  rollOut: (Pick<RollOut, 'stopped'> & { commands: readonly { commandId: string | null }[] }) | undefined,
): boolean {
  if (rollOut === undefined || rollOut.stopped) return false;
  return rollOut.commands.length > 0 && rollOut.commands.every(({ commandId }) => commandId !== null);
}

/** A wave of which nobody knows any more whom it was sent to: a command of it has no hosts, and there may have been others. */
export function isForgotten({ commands }: Pick<RollOut, 'commands'>): boolean {
  return commands.some(({ instanceIds }) => instanceIds.length === 0);
}

/** What the plan of cycling must remember from tick to tick; split between state and memory for storing. */
export const CYCLING_MEMORY_SCHEMA = object({
  cycles: described('Instance id -> when (epoch ms) it was cycled in the last 24 hours', record(list(NUMBER))),
  rollOuts: described('Tier -> its roll-out', recordOf(TIERS, ROLL_OUT_SCHEMA)),
  // who was not asked yet goes first, who was asked longest ago next: one that is never ready keeps nobody waiting
  undone: described(
    'Host that decided against it when it was last asked: how often it did in this roll-out, when the last of these waves began (epoch ms), and the reason',
    record(object({ answers: NUMBER, atMs: NUMBER, reason: TEXT })),
  ),
  staleSinceMs: described('Instance id -> since when (epoch ms) it has been stale', record(NUMBER)),
  seen: described(
    'What the last tick saw, while a wave of its is under way that short runs follow; absent: only a tick sends the next',
    optional(SEEN_SCHEMA),
  ),
});

export type CyclingMemory = Of<typeof CYCLING_MEMORY_SCHEMA>;

/** Stands for a tier's roll-out that could not be read back: a wave of it may be at work, sent to nobody knows whom. */
export function lostRollOut(tier: Tier, startedAtMs: number): RollOut {
  return {
    tier,
    waveId: '',
    startedAtMs,
    records: '',
    mode: 'act',
    commands: [{ commandId: null, instanceIds: [] }],
    failed: [],
    waves: 0,
    stopped: false,
    sentence: null,
  };
}
