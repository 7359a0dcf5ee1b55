import * as z from 'zod/mini';
import { described } from '../../fleet/described.ts';
import { TIERS } from '../../fleet/fleet.ts';
import { MODES } from '../mode.ts';

const ROLL_OUT_SCHEMA = z.object({
  tier: z.enum(TIERS),
  startedAtMs: described('Epoch ms', z.number()),
  records: described(
    'The records it brings hosts to, as the `cycle` document takes them; another DNS state ends a stopped roll-out',
    z.string(),
  ),
  mode: z.enum(MODES),
  commands: described(
    'commandId null: planned, or perhaps sent',
    z.array(z.object({ commandId: z.nullable(z.string()), instanceIds: z.array(z.string()) })),
  ),
  stopped: described('A wave went over its error limit: not repeated until DNS or the mode changes', z.boolean()),
  sentence: z.string(),
});

/** A roll-out's last wave, kept from report to report. */
export type RollOut = z.infer<typeof ROLL_OUT_SCHEMA>;

/** What the plan of cycling must remember from tick to tick; read back from the last report. */
export const CYCLING_MEMORY_SCHEMA = z.object({
  cycles: described(
    'Instance id -> when (epoch ms) it was cycled in the last 24 hours',
    z.record(z.string(), z.array(z.number())),
  ),
  rollOuts: described("Tier -> its roll-out's last wave", z.partialRecord(z.enum(TIERS), ROLL_OUT_SCHEMA)),
  // who was not asked yet goes first, who was asked longest ago next: one that is never ready keeps nobody waiting
  undoneAtMs: described(
    'Stale host that decided against it when it was last asked -> when that wave began (epoch ms)',
    z.record(z.string(), z.number()),
  ),
  staleSinceMs: described(
    'In a pod of association `pool`: instance id -> since when (epoch ms) it has been stale',
    z.record(z.string(), z.number()),
  ),
});

export type CyclingMemory = z.infer<typeof CYCLING_MEMORY_SCHEMA>;
