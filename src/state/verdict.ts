import { TIERS } from '../fleet/fleet.ts';
import { described, INTEGER, list, type Of, object, oneOf, TEXT } from '../fleet/json-schema.ts';

/** What hosts of a wave said that it did not cycle, gathered by cause. */
export const VERDICT_SCHEMA = object({
  hosts: described('How many hosts', INTEGER),
  instanceIds: described('Some of them', list(TEXT)),
  tier: oneOf(TIERS),
  kind: described(
    '`nothing`: the host decided against it. `failed`: it could not. `not-begun`: SSM ended the command before. `no-verdict`: it ended, and the host says nothing',
    oneOf(['nothing', 'failed', 'not-begun', 'no-verdict']),
  ),
  reason: described('The first word of the verdict (`not-yet`), or the status that SSM gives', TEXT),
  sentence: TEXT,
});

export type HostVerdict = Of<typeof VERDICT_SCHEMA>;
