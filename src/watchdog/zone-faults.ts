import type { Pod } from '../fleet/fleet.ts';
import type { ZoneReading } from './ports.ts';

/** The negative TTL above which a name new in DNS is seen too late. */
const NEGATIVE_TTL_LIMIT_SECONDS = 60;

/** What is wrong with a zone as an operator made it, each a sentence: podtime changes nothing of it. */
export function zoneFaults({ zone: { name } }: Pod, { negativeTtlSeconds, wildcards }: ZoneReading): string[] {
  const faults = wildcards.map(
    (wildcard) =>
      `Zone ${name} has a wildcard record ${wildcard}: it answers for ${coverOf(wildcard, name)} while that has no record. ` +
      'Hosts then see an address that podtime did not publish, and refuse to be cycled. Remove it.',
  );
  if ((negativeTtlSeconds ?? 0) > NEGATIVE_TTL_LIMIT_SECONDS) {
    faults.push(
      `Zone ${name} lets a missing name be cached for ${negativeTtlSeconds} s (limit ${NEGATIVE_TTL_LIMIT_SECONDS} s): ` +
        'a name new in DNS is seen that late. Lower the TTL and the last field of its SOA record.',
    );
  }
  return faults;
}

/** `*.az-b.pod` -> `ntp.az-b.pod`. */
function coverOf(wildcard: string, zoneName: string): string {
  return wildcard === `*.${zoneName}` ? `every name ntp.az-*.${zoneName}` : wildcard.replace('*', 'ntp');
}
