import * as z from 'zod/mini';
import { described } from '../../fleet/described.ts';
import { TIERS, type Tier } from '../../fleet/fleet.ts';
import { MODES } from '../mode.ts';
import { SEEN_SCHEMA } from './seen.ts';

export const ROLL_OUT_SCHEMA = z.object({
  tier: z.enum(TIERS),
  waveId: described('Of its last wave', z.string()),
  startedAtMs: described('Epoch ms; when its last wave was planned', z.number()),
  records: described(
    'The records it brings hosts to, as the `cycle` document takes them; another DNS state begins another roll-out',
    z.string(),
  ),
  mode: described('Another mode begins another roll-out', z.enum(MODES)),
  commands: described(
    'Of its last wave, until that is over; commandId null: planned, or perhaps sent',
    z.array(
      z.object({
        commandId: z.nullable(z.string()),
        instanceIds: z.array(z.string()),
        maxConcurrency: described('Hosts at one time; absent: not known', z.optional(z.number())),
      }),
    ),
  ),
  allBegunAtMs: described(
    'Epoch ms; when SSM was first seen to have begun with every host of its last wave',
    z.optional(z.number()),
  ),
  atWorkUntilMs: described(
    'Epoch ms; until then hosts of its waves that said nothing, and failed for it, may be at work',
    z.optional(z.number()),
  ),
  secondsPerHost: described(
    'Seconds that a host took in its fastest wave; absent: none was seen to end by itself',
    z.optional(z.number()),
  ),
  failed: described('Hosts that failed, in any of its waves: they are not asked again', z.array(z.string())),
  waves: described(
    'How many of its waves cycled somebody and lost nobody; until one has, a wave takes one host of each AZ',
    z.number(),
  ),
  stopped: described('Too many hosts failed: not repeated until DNS or the mode changes', z.boolean()),
  sentence: described('Why it stopped', z.nullable(z.string())),
});

/** All the waves of a tier since DNS or the mode changed, and how the last of them was sent; kept from tick to tick. */
export type RollOut = z.infer<typeof ROLL_OUT_SCHEMA>;

/** Whether its last wave has commands out, each of which SSM is known to have taken: short runs can follow it. */
export function isSentWave({
  commands,
  stopped,
}: Pick<RollOut, 'stopped'> & { commands: readonly { commandId: string | null }[] }): boolean {
  return !stopped && commands.length > 0 && commands.every(({ commandId }) => commandId !== null);
}

/** What the plan of cycling must remember from tick to tick; split between state and memory for storing. */
export const CYCLING_MEMORY_SCHEMA = z.object({
  cycles: described(
    'Instance id -> when (epoch ms) it was cycled in the last 24 hours',
    z.record(z.string(), z.array(z.number())),
  ),
  rollOuts: described('Tier -> its roll-out', z.partialRecord(z.enum(TIERS), ROLL_OUT_SCHEMA)),
  // who was not asked yet goes first, who was asked longest ago next: one that is never ready keeps nobody waiting
  undone: described(
    'Host that decided against it when it was last asked: how often it did in this roll-out, when the last of these waves began (epoch ms), and the reason',
    z.record(z.string(), z.object({ answers: z.number(), atMs: z.number(), reason: z.string() })),
  ),
  staleSinceMs: described('Instance id -> since when (epoch ms) it has been stale', z.record(z.string(), z.number())),
  seen: described(
    'What the last tick saw, while a wave of its is under way that short runs follow; absent: only a tick sends the next',
    z.optional(SEEN_SCHEMA),
  ),
});

export type CyclingMemory = z.infer<typeof CYCLING_MEMORY_SCHEMA>;

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
