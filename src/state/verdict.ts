import * as z from 'zod/mini';
import { described } from '../fleet/described.ts';
import { TIERS } from '../fleet/fleet.ts';

/** What hosts of a wave said that it did not cycle, gathered by cause. */
export const VERDICT_SCHEMA = z.object({
  hosts: described('How many hosts', z.int()),
  instanceIds: described('Some of them', z.array(z.string())),
  tier: z.enum(TIERS),
  kind: described(
    '`nothing`: the host decided against it. `failed`: it could not. `not-begun`: SSM ended the command before. `no-verdict`: it ended, and the host says nothing',
    z.enum(['nothing', 'failed', 'not-begun', 'no-verdict']),
  ),
  reason: described('The first word of the verdict (`not-yet`), or the status that SSM gives', z.string()),
  sentence: z.string(),
});

export type HostVerdict = z.infer<typeof VERDICT_SCHEMA>;
