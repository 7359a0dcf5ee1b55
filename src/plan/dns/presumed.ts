import { isServer } from '../../fleet/published-servers.ts';
import type { PlanInput } from '../input.ts';
import { addressesOf, isContradicted } from './health.ts';
import type { DnsMemory } from './memory.ts';
import { classifyRecords } from './ownership.ts';

/**
 * Who counts as withdrawn for its health where that is forgotten: a running boundary server that no record names, until it is confident.
 * One that is contradicted now, or accused by witnesses that are too few, may have been withdrawn for that, whatever it says of itself: only they
 * acquit it. One that stands in DNS was not withdrawn, or proves itself unhealthy again. Asked of a pod that was seen whole. Decision 0076.
 */
export function presumedWithdrawn({
  pod,
  nowMs,
  hosts,
  records,
  judgements,
}: Pick<PlanInput, 'pod' | 'nowMs' | 'hosts' | 'records' | 'judgements'>): DnsMemory['withdrawn'] {
  const owners = new Set(classifyRecords(pod, records).own.map(({ setIdentifier }) => setIdentifier));
  const judged = new Map(judgements.map((each) => [each.host.instanceId, each]));
  const isAccused = (id: string) => isContradicted(judged.get(id)) || judged.get(id)?.accused === true;
  const isWell = (id: string) => judged.get(id)?.confident === true && !isAccused(id);
  const absent = hosts.filter(
    (host) =>
      host.state === 'running' && isServer(pod, host) && !owners.has(host.instanceId) && !isWell(host.instanceId),
  );
  const sentence = 'who was withdrawn is forgotten, and it had no record then.';
  return Object.fromEntries(
    absent.map((host) => {
      const entry = { sinceMs: nowMs, sentence, addresses: addressesOf(host) };
      return [host.instanceId, isAccused(host.instanceId) ? { ...entry, contradicted: true as const } : entry];
    }),
  );
}
