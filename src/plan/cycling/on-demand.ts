import { azLabel, findAz } from '../../fleet/az-names.ts';
import type { Tier } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import { count } from '../../fleet/sentences.ts';
import type { RecordsPlan } from '../dns/records.ts';
import type { PlanInput } from '../input.ts';
import type { Refusal } from '../refusal.ts';
import { type CyclingContext, cyclingContextOf } from './context.ts';
import { type CyclesPlan, candidatesOf, cyclesPlanOf, selectWaves } from './cycles.ts';
import type { Candidate } from './host-rule.ts';

/** Which hosts are to be cycled on demand, `sls invoke -f cycle`; null leaves the choice open. */
export interface CycleRequest {
  tier: Tier | null;
  az: string | null;
  instanceIds: string[] | null;
  force: boolean;
}

/** Cycles, of the hosts asked for, as many as one wave takes. */
export function planRequestedCycles(input: PlanInput, recordsPlan: RecordsPlan, request: CycleRequest): CyclesPlan {
  const context = cyclingContextOf(input, recordsPlan, request.force);
  const { targets, refusals } = selectTargets(context, request);
  const selection = selectWaves(context, targets);
  const refused =
    request.instanceIds === null
      ? countNotStale(selection.refusals, targets.length, input.pod.name)
      : selection.refusals;
  return { ...cyclesPlanOf(context, selection), refusals: [...refusals, ...refused], unfinished: true };
}

function selectTargets(context: CyclingContext, request: CycleRequest): { targets: Candidate[]; refusals: Refusal[] } {
  const { pod, hosts, unread } = context;
  const az = request.az === null ? null : findAz(pod, request.az);
  if (request.az !== null && az === null) {
    const known = pod.azs.map(azLabel).join(', ');
    const sentence = `Nothing is cycled: pod ${pod.name} has no AZ ${request.az}; it has ${known}.`;
    return { targets: [], refusals: [{ subject: pod.name, rule: 'unknown-az', sentence }] };
  }
  const isRequested = ({ host }: Candidate) =>
    (request.tier === null || host.tier === request.tier) && (az === null || host.az === az);
  const all = candidatesOf(context);
  if (request.instanceIds === null) {
    const targets = all.filter((candidate) => isRequested(candidate) && candidate.host.state === 'running');
    return { targets, refusals: targets.length === 0 ? [noHost(pod.name, request.tier, az)] : [] };
  }
  const ids = sortedUnique(request.instanceIds);
  const named = all.filter(({ host }) => ids.includes(host.instanceId));
  const unknown = ids
    .filter((id) => !hosts.has(id) && !unread.includes(id))
    .map((id) => ({
      subject: id,
      rule: 'unknown-instance',
      sentence: `${id} is not cycled: it is no host of pod ${pod.name}.`,
      cause: `instances are not cycled: they are no hosts of pod ${pod.name}`,
    }));
  const unseen = ids
    .filter((id) => !hosts.has(id) && unread.includes(id))
    .map((id) => ({
      subject: id,
      rule: 'unread-instance',
      sentence: `${id} is not cycled: EC2 did not describe it, and nobody knows how it stands.`,
      cause: 'hosts are not cycled: EC2 did not describe them, and nobody knows how they stand',
    }));
  const elsewhere = named
    .filter((candidate) => !isRequested(candidate))
    .map(({ host }) => {
      const requested = [request.tier, az].filter((part) => part !== null).join(', ');
      const sentence = `${host.instanceId} is not cycled: it is of the ${host.tier} tier in ${host.az}, asked for was ${requested}.`;
      const cause = `hosts are not cycled: asked for was ${requested}`;
      return { subject: host.instanceId, rule: 'not-asked-for', sentence, cause };
    });
  return { targets: named.filter(isRequested), refusals: [...unknown, ...unseen, ...elsewhere] };
}

function noHost(podName: string, tier: Tier | null, az: string | null): Refusal {
  const which = `${tier === null ? '' : ` of the ${tier} tier`}${az === null ? '' : ` in ${az}`}`;
  return {
    subject: podName,
    rule: 'no-host',
    sentence: `Nothing is cycled: no host of pod ${podName}${which} runs, as far as EC2 tells.`,
  };
}

/** A tier of a thousand healthy hosts is one sentence, not a thousand. */
function countNotStale(refusals: readonly Refusal[], requested: number, podName: string): readonly Refusal[] {
  const others = refusals.filter(({ rule }) => rule !== 'not-stale');
  const notStale = refusals.length - others.length;
  if (notStale === 0) return refusals;
  const sentence = `${notStale} of ${count(requested, 'host')} asked for ${notStale === 1 ? 'is' : 'are'} not cycled: DNS has not left them behind.`;
  return [...others, { subject: podName, rule: 'not-stale', sentence }];
}
