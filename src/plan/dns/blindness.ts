import { count } from '../../fleet/sentences.ts';
import type { PlanInput } from '../input.ts';
import { classifyRecords } from './ownership.ts';

/**
 * Why a pod is blind, null when it is not: EC2 names none of its instances, dead or alive, though DNS holds records of its
 * servers. An empty answer is no news of anybody. A pod without such records has nothing to lose: it is just empty.
 * Decision 0047.
 */
export function whyBlind({ pod, hosts, records }: Pick<PlanInput, 'pod' | 'hosts' | 'records'>): string | null {
  if (hosts.length > 0) return null;
  const { own } = classifyRecords(pod, records);
  if (own.length === 0) return null;
  return (
    `Nothing is registered, withdrawn or cycled in pod ${pod.name}: EC2 names no instance of it, dead or alive, ` +
    `and DNS holds ${count(own.length, 'record')} of its servers. To empty the pod, invoke the watchdog with retire.`
  );
}
