import { type Host, isInstanceId } from './fleet.ts';

/** One record as Route 53 lists it, of a name `ntp.az-*.ZONE`. */
export interface PublishedRecord {
  /** `ntp.az-e.pod`, lower case, no dot at the end. */
  name: string;
  type: 'A' | 'AAAA' | string;
  /** null: a simple record, not podtime's. */
  setIdentifier: string | null;
  multivalue: boolean;
  ttlSeconds: number | null;
  /** Values in canonical form. */
  addresses: string[];
  /** Exactly as listed, needed for DELETE; opaque to the plan. */
  raw: unknown;
}

/** Ids of instances that own records and that the read by tag did not show. */
export function unlistedOwners(hosts: readonly Host[], records: readonly PublishedRecord[]): string[] {
  const known = new Set(hosts.map((host) => host.instanceId));
  const owners = new Set(records.map((record) => record.setIdentifier).filter((id) => id !== null));
  return [...owners].filter((id) => isInstanceId(id) && !known.has(id));
}
