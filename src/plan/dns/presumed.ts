import { isServer } from '../../fleet/published-servers.ts';
import type { PlanInput } from '../input.ts';
import { addressesOf } from './health.ts';
import type { DnsMemory } from './memory.ts';
import { classifyRecords } from './ownership.ts';

/**
 * Who counts as withdrawn for its health where that is forgotten: a running boundary server that no record names, until it is confident.
 * One that stands in DNS was not withdrawn, or proves itself unhealthy again. Asked of a pod that was seen whole. Decision 0076.
 */
export function presumedWithdrawn({
  pod,
  nowMs,
  hosts,
  records,
  judgements,
}: Pick<PlanInput, 'pod' | 'nowMs' | 'hosts' | 'records' | 'judgements'>): DnsMemory['withdrawn'] {
  const owners = new Set(classifyRecords(pod, records).own.map(({ setIdentifier }) => setIdentifier));
  const confident = new Set(judgements.filter((each) => each.confident).map(({ host }) => host.instanceId));
  const absent = hosts.filter(
    (host) =>
      host.state === 'running' &&
      isServer(pod, host) &&
      !owners.has(host.instanceId) &&
      !confident.has(host.instanceId),
  );
  const sentence = 'who was withdrawn is forgotten, and it had no record then.';
  return Object.fromEntries(
    absent.map((host) => [host.instanceId, { sinceMs: nowMs, sentence, addresses: addressesOf(host) }]),
  );
}
