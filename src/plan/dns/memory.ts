import * as z from 'zod/mini';
import { described } from '../../fleet/described.ts';

/** What the plan of DNS must remember from tick to tick; read back from the last report. */
export const DNS_MEMORY_SCHEMA = z.object({
  unhealthySinceMs: described(
    'For people: boundary server (instance id) -> since when (epoch ms) sightings say that it is unhealthy',
    z.record(z.string(), z.number()),
  ),
  unhealthy: described(
    'Boundary server -> for how long (ms) sightings have proved that it is unhealthy, and when the last of them did (epoch ms; null: it is silent since)',
    z.record(z.string(), z.object({ provenMs: z.number(), seenMs: z.nullable(z.number()) })),
  ),
  withdrawn: described(
    'Boundary server -> since when (epoch ms) it is withdrawn for its health, why, and its addresses. Also read by `register`',
    z.record(z.string(), z.object({ sinceMs: z.number(), sentence: z.string(), addresses: z.array(z.string()) })),
  ),
  unknownToEc2: described(
    'Set identifiers of records whose instance EC2 did not know at the last read',
    z.array(z.string()),
  ),
});

export type DnsMemory = z.infer<typeof DNS_MEMORY_SCHEMA>;
