import {
  described,
  exactly,
  list,
  NUMBER,
  nullable,
  type Of,
  object,
  optional,
  record,
  TEXT,
} from '../../fleet/json-schema.ts';

/** What the plan of DNS must remember from tick to tick; part of the state. */
export const DNS_MEMORY_SCHEMA = object({
  unhealthySinceMs: described(
    'For people: boundary server (instance id) -> since when (epoch ms) sightings say that it is unhealthy',
    record(NUMBER),
  ),
  unhealthy: described(
    'Boundary server -> for how long (ms) sightings have proved that it is unhealthy, and when the last of them did (epoch ms; null: it is silent since); `contradicted`: its witnesses were among them, and only they acquit it; `keptMs`: when (epoch ms) the floor last kept it in DNS',
    record(
      object({
        provenMs: NUMBER,
        seenMs: nullable(NUMBER),
        contradicted: optional(exactly(true)),
        keptMs: optional(NUMBER),
      }),
    ),
  ),
  withdrawn: described(
    'Boundary server -> since when (epoch ms) it is withdrawn for its health, why, and its addresses; `contradicted`: by its witnesses, and only they acquit it. Also read by `register`',
    record(object({ sinceMs: NUMBER, sentence: TEXT, addresses: list(TEXT), contradicted: optional(exactly(true)) })),
  ),
  unknownToEc2: described(
    'Set identifier of a record -> when (epoch ms) EC2 first said, asked by that one id, that there is no such instance',
    record(NUMBER),
  ),
  starting: described(
    'Host -> for how long (ms) sightings have shown a daemon that is just starting, with no better one since, and when the last of them did (epoch ms; null: none since a silence)',
    record(object({ provenMs: NUMBER, seenMs: nullable(NUMBER) })),
  ),
  unbound: described(
    'Boundary server -> for how long (ms) sightings have shown holdover with an error bound that is not known, with no better one since, and when the last of them did (epoch ms; null: none since a silence)',
    optional(record(object({ provenMs: NUMBER, seenMs: nullable(NUMBER) }))),
  ),
});

export type DnsMemory = Of<typeof DNS_MEMORY_SCHEMA>;

/** Those withdrawn that only their witnesses acquit. */
export function contradictedOf(withdrawn: DnsMemory['withdrawn']): Set<string> {
  return new Set(Object.keys(withdrawn).filter((id) => withdrawn[id]?.contradicted));
}
