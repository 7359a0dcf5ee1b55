import * as z from 'zod/mini';
import { described } from '../../fleet/described.ts';

/** What the plan of DNS must remember from tick to tick; part of the state. */
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
    'Set identifier of a record -> when (epoch ms) EC2 first said, asked by that one id, that there is no such instance',
    z.record(z.string(), z.number()),
  ),
  starting: described(
    'Host -> for how long (ms) sightings have shown a daemon that is just starting, with no better one since, and when the last of them did (epoch ms; null: none since a silence)',
    z.record(z.string(), z.object({ provenMs: z.number(), seenMs: z.nullable(z.number()) })),
  ),
});

export type DnsMemory = z.infer<typeof DNS_MEMORY_SCHEMA>;
