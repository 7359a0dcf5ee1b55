import type { Judgement } from '../diagnosis/judgement.ts';
import type { PodClocks } from '../diagnosis/pod-clocks.ts';
import { isInstanceId, type Pod } from '../fleet/fleet.ts';
import { serversInDns } from '../fleet/published-servers.ts';
import { hostMetrics, tickMetrics } from '../metrics/hosts.ts';
import { metricFaults, packMetricData } from '../metrics/pack.ts';
import type { Plan } from '../plan/plan.ts';
import { KEPT_BACK_MS, leftFor, PUBLISH_MS } from './budget.ts';
import { type Observation, orFault, type Run } from './observe.ts';
import type { Metrics } from './ports.ts';

/** What of a tick is published. */
export interface Published {
  observed: Observation;
  /** null: the hosts were not seen, and nothing is published of them. */
  judgements: readonly Judgement[] | null;
  /** What their clocks say together; null likewise. */
  clocks: PodClocks | null;
  decided: Plan;
  /** What was left undone for lack of time, each a sentence. */
  undone: readonly string[];
  /** AWS refused a record change, or a command as a whole. */
  refused: boolean;
}

/**
 * Publishes what the tick saw, and how it went itself; of hosts that could not be read nothing. It comes after all repairs and
 * has an end of its own: what CloudWatch has not taken by then is told.
 */
export async function publish(
  run: Run & { ports: { metrics: Metrics } },
  { observed, judgements, clocks, decided, undone, refused }: Published,
  faults: string[],
): Promise<void> {
  const { pod, deadline } = run;
  const nowMs = run.nowMs();
  const facts = {
    takenOver: observed.dead !== null,
    budgetSpent: undone.length > 0,
    blind: decided.blind || decided.memory.isWithdrawnForgotten === true,
    refused,
    clocks,
  };
  const inDns = namedServers(pod, observed);
  const ofHosts = judgements === null ? [] : hostMetrics(pod, judgements, { ...decided, inDns }, nowMs);
  const data = [...tickMetrics(pod, facts, nowMs), ...ofHosts];
  faults.push(...metricFaults(data));
  const requests = packMetricData(data);
  const endsAtLeftMs = Math.max(KEPT_BACK_MS.afterPublishing, deadline.leftMs() - PUBLISH_MS);
  for (const [index, request] of requests.entries()) {
    if (leftFor(deadline, endsAtLeftMs) === 0) {
      const left = requests.length - index;
      faults.push(`${left} of ${requests.length} requests of metrics were not sent: there was no more time for them.`);
      return;
    }
    await orFault(run.ports.metrics.put(request), faults);
  }
}

/**
 * Whom DNS names. A pod in `observe` without a record of podtime's, as at its first deployment, has nobody there by intent: then all servers count,
 * those that it would register. null: the zone was not read.
 */
function namedServers(pod: Pod, { hosts, records, mode }: Observation): ReadonlySet<string> | null {
  if (records === null) return null;
  const isAnyRegistered = records.some(({ setIdentifier }) => setIdentifier !== null && isInstanceId(setIdentifier));
  if (mode !== 'observe' || isAnyRegistered) return serversInDns(pod, hosts, records);
  return new Set(hosts.filter(({ tier }) => tier === 'boundary').map(({ instanceId }) => instanceId));
}
