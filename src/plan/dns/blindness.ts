import type { Host, Pod } from '../../fleet/fleet.ts';
import type { PublishedRecord } from '../../fleet/records.ts';
import { count } from '../../fleet/sentences.ts';
import { classifyRecords } from './ownership.ts';

/** What a pod is blind by. */
interface Sight {
  pod: Pod;
  hosts: readonly Host[];
  records: readonly PublishedRecord[];
}

/**
 * Why a pod is blind, null when it is not: EC2 names none of its instances, dead or alive, though DNS holds records of its
 * servers. An empty answer is no news of anybody. A pod without such records has nothing to lose: it is just empty.
 * Decision 0047.
 */
export function whyBlind({ pod, hosts, records }: Sight): string | null {
  if (hosts.length > 0) return null;
  const { own } = classifyRecords(pod, records);
  if (own.length === 0) return null;
  return (
    `Nothing is registered, withdrawn or cycled in pod ${pod.name}: EC2 names no instance of it, dead or alive, ` +
    `and DNS holds ${count(own.length, 'record')} of its servers. To empty the pod, invoke the watchdog with retire.`
  );
}
