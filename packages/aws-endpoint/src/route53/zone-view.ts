import type { Clock } from '../clock.ts';
import { listedName } from './names.ts';
import type { RecordSet } from './record-set.ts';

/** A zone as its name servers hold it now: the records in sync. */
export interface ServedZone {
  /** Listed form, `pod.` */
  name: string;
  sets: RecordSet[];
}

/** What a question of DNS is answered. */
export interface DnsAnswer {
  status: 'answer' | 'nodata' | 'nxdomain';
  addresses: string[];
  /** For how long the answer may be kept; of nodata and nxdomain, the negative TTL (RFC 2308). */
  ttlSeconds: number;
}

export interface ZoneView {
  lookup(name: string, type: 'A' | 'AAAA'): DnsAnswer;
}

/** Route 53 developer guide, "Multivalue answer routing": up to eight records an answer. */
const MAX_MULTIVALUE_ANSWERS = 8;

/**
 * The zone's name servers: only changes in sync are served. Multivalue records come in rotating order, eight at most.
 * `served` is read anew at every question. CNAMEs and wildcards are not followed.
 */
export function createZoneView(zone: { name: string; served: ReadonlyMap<string, RecordSet> }): ZoneView {
  let turn = 0;
  return {
    lookup(given, type) {
      const name = listedName(given);
      const sets = [...zone.served.values()];
      const matching = sets.filter((set) => set.name === name && set.type === type);
      const addresses = matching.flatMap((set) => set.values);
      if (addresses.length === 0) {
        // A name above an existing one exists too (RFC 8020), without records of its own.
        const exists = sets.some((set) => set.name === name || set.name.endsWith(`.${name}`));
        return { status: exists ? 'nodata' : 'nxdomain', addresses: [], ttlSeconds: negativeTtlSeconds(sets) };
      }
      turn += 1;
      const first = turn % addresses.length;
      const rotated = [...addresses.slice(first), ...addresses.slice(0, first)];
      const multivalue = matching.some((set) => set.multivalue);
      return {
        status: 'answer',
        addresses: multivalue ? rotated.slice(0, MAX_MULTIVALUE_ANSWERS) : rotated,
        ttlSeconds: Math.min(...matching.map((set) => set.ttlSeconds)),
      };
    },
  };
}

/** RFC 2308, 5: the smaller of the SOA's TTL and its minimum field. */
export function negativeTtlSeconds(sets: readonly RecordSet[]): number {
  const soa = sets.find((set) => set.type === 'SOA');
  const minimum = Number(soa?.values[0]?.trim().split(/\s+/).at(-1));
  return soa === undefined || !Number.isFinite(minimum) ? 0 : Math.min(soa.ttlSeconds, minimum);
}

/**
 * The VPC's resolver (".2") before the zone: it keeps each answer for its TTL, "no such name" too, and tells the time that is
 * left. TTLs are simulated seconds.
 */
export function createCachingView(view: ZoneView, clock: Pick<Clock, 'nowMs'>): ZoneView {
  const kept = new Map<string, { answer: DnsAnswer; untilMs: number; turn: number }>();
  return {
    lookup(name, type) {
      const key = `${listedName(name)} ${type}`;
      const nowMs = clock.nowMs();
      const known = kept.get(key);
      if (known !== undefined && known.untilMs > nowMs) {
        known.turn += 1;
        const { addresses, status } = known.answer;
        const first = addresses.length === 0 ? 0 : known.turn % addresses.length;
        return {
          status,
          addresses: [...addresses.slice(first), ...addresses.slice(0, first)],
          ttlSeconds: Math.ceil((known.untilMs - nowMs) / 1000),
        };
      }
      const answer = view.lookup(name, type);
      if (answer.ttlSeconds > 0) kept.set(key, { answer, untilMs: nowMs + answer.ttlSeconds * 1000, turn: 0 });
      return answer;
    },
  };
}
