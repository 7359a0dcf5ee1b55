import { azLabel, findAz } from '../../fleet/az-names.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import { count } from '../../fleet/sentences.ts';
import { planRecords } from '../dns/records.ts';
import { inOrder, unjoinedOf } from '../plan.ts';
import { type CycleRequest, EMPTY_MEMORY, type Plan, type PlanInput, type Refusal } from '../types.ts';
import { asPlan, candidates, select } from './cycles.ts';
import { type Ground, readGround } from './ground.ts';
import type { Candidate } from './host-rules.ts';

/**
 * What cycling on demand starts: of the hosts asked for as many as one wave takes, by the same rules as a tick. `force`
 * lifts staleness and cool-down, and nothing else. DNS is not changed; when it is due to change nothing is cycled.
 *
 * Hosts asked for by id are each answered; of a tier or AZ the hosts that are not stale are told in one sentence. An id
 * that is no host of the pod, or an AZ that it does not have, is told and costs the others nothing. A dry run is the same
 * plan, not carried out.
 *
 * The memory is the tick's: what was cycled and the wave under way are added; how long servers have been ill is left as
 * it was, for the next tick to reckon on. That tick is due at once.
 */
export function planOnDemandCycle(input: PlanInput, request: CycleRequest): Plan {
  const ground = readGround(input, planRecords(input), request.force);
  const { targets, refusals } = readTargets(ground, request);
  const selection = select(ground, targets);
  if (request.instanceIds === null) gatherNotStale(selection.refusals, targets.length, input.pod.name);
  const cycles = asPlan(ground, selection);
  return {
    ...cycles,
    changes: [],
    refusals: inOrder([...refusals, ...selection.refusals]),
    unfinished: true,
    memory: { ...EMPTY_MEMORY, ...input.memory, ...cycles.memory, unjoined: unjoinedOf(input.judgements) },
  };
}

function readTargets(ground: Ground, request: CycleRequest): { targets: Candidate[]; refusals: Refusal[] } {
  const { pod, hosts } = ground;
  const az = request.az === null ? null : findAz(pod, request.az);
  if (request.az !== null && az === null) {
    const has = pod.azs.map(azLabel).join(', ');
    const sentence = `Nothing is cycled: pod ${pod.name} has no AZ ${request.az}; it has ${has}.`;
    return { targets: [], refusals: [{ subject: pod.name, rule: 'unknown-az', sentence }] };
  }
  const isAsked = ({ host }: Candidate) =>
    (request.tier === null || host.tier === request.tier) && (az === null || host.az === az);
  const all = candidates(ground);
  if (request.instanceIds === null) {
    return {
      targets: all.filter((candidate) => isAsked(candidate) && candidate.host.state === 'running'),
      refusals: [],
    };
  }
  const ids = sortedUnique(request.instanceIds);
  const named = all.filter(({ host }) => ids.includes(host.instanceId));
  const unknown = ids
    .filter((id) => !hosts.has(id))
    .map((id) => ({
      subject: id,
      rule: 'unknown-instance',
      sentence: `${id} is not cycled: it is no host of pod ${pod.name}.`,
    }));
  const elsewhere = named
    .filter((candidate) => !isAsked(candidate))
    .map(({ host: { instanceId, tier, az: at } }) => {
      const asked = [request.tier, az].filter((part) => part !== null).join(', ');
      const sentence = `${instanceId} is not cycled: it is of the ${tier} tier in ${at}, asked for was ${asked}.`;
      return { subject: instanceId, rule: 'not-asked-for', sentence };
    });
  return { targets: named.filter(isAsked), refusals: [...unknown, ...elsewhere] };
}

/** A tier of a thousand healthy hosts is one sentence, not a thousand. */
function gatherNotStale(refusals: Refusal[], asked: number, podName: string): void {
  const others = refusals.filter(({ rule }) => rule !== 'not-stale');
  const fresh = refusals.length - others.length;
  if (fresh === 0) return;
  const sentence = `${fresh} of ${count(asked, 'host')} asked for are not cycled: DNS has not left them behind.`;
  refusals.splice(0, refusals.length, ...others, { subject: podName, rule: 'not-stale', sentence });
}
