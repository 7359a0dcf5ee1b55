import type { Judgement } from '../../diagnosis/judgement.ts';
import { DEAD_STATES, type Host, type Tier } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import { classifyRecords } from '../dns/ownership.ts';
import type { RecordsPlan } from '../dns/records.ts';
import { findPublishedServers, type PublishedServers } from '../dns/servers.ts';
import type { PlanInput } from '../input.ts';
import type { Memory } from '../memory.ts';
import { forgetUndone, reconcileAttempts } from './attempts.ts';
import type { CyclingMemory } from './memory.ts';
import { recordsParameter } from './records-parameter.ts';
import { assessRollOut } from './roll-outs.ts';
import { leapNewsOf } from './seen.ts';
import type { TierContext } from './tier-rules.ts';
import { countUndone } from './undone.ts';
import { failureLimit } from './waves.ts';

/** All that the rules of cycling look at, read once. */
export interface CyclingContext extends TierContext {
  tickId: string;
  /** Lifts staleness and cool-down, and nothing else. */
  force: boolean;
  /** Every host of the pod, by id. */
  hosts: ReadonlyMap<string, Host>;
  /** As in `PlanInput`. */
  unread: readonly string[];
  judgements: ReadonlyMap<string, Judgement>;
  servers: PublishedServers;
  /** Ids that EC2 does not show and that may be boundary servers that live: owners of records, and hosts that could not be read. */
  unseenServers: string[];
  /** Withdrawn for their health, as of this tick. */
  withdrawn: Memory['withdrawn'];
  /** Cycles of the last 24 hours, as of this tick. */
  attempts: CyclingMemory['cycles'];
  /** Hosts that did nothing when they were last asked. */
  undone: CyclingMemory['undone'];
  /** Since when hosts have been stale. */
  staleSinceMs: CyclingMemory['staleSinceMs'];
  /** What DNS says now, as the `cycle` document takes it. */
  records: string;
}

/** `recordsPlan`: what the same input does to DNS. */
export function cyclingContextOf(input: PlanInput, recordsPlan: RecordsPlan, force: boolean): CyclingContext {
  const { pod, tickId, nowMs, mode, memory } = input;
  const judgements = new Map(input.judgements.map((judgement) => [judgement.host.instanceId, judgement]));
  const hosts = new Map(input.hosts.filter((host) => host.pod === pod.name).map((host) => [host.instanceId, host]));
  const records = recordsParameter(pod, input.records);
  const tierOf = (tier: Tier) => {
    const running = [...hosts.values()].filter((host) => host.tier === tier && host.state === 'running');
    return {
      // a tier is as large as it was while EC2 does not describe a part of it
      running: running.length + input.unreadByTier[tier],
      sampled: running.filter((host) => hasAnswered(judgements.get(host.instanceId))).length,
    };
  };
  const tiers = { boundary: tierOf('boundary'), client: tierOf('client') };
  const rollOutOf = (tier: Tier) => {
    const ofTier = input.progress.find((wave) => wave.tier === tier);
    const mostFailures = failureLimit(pod, tiers[tier].running);
    return assessRollOut({ nowMs, mode, records, hosts, judgements, mostFailures }, memory.rollOuts[tier], ofTier);
  };
  const servers = findPublishedServers(pod, hosts, input.records, judgements);
  return {
    pod,
    tickId,
    nowMs,
    mode,
    limit: input.limit,
    force,
    hosts,
    judgements,
    tiers,
    leap: leapNewsOf(judgements.values()),
    servers,
    confidentServers: servers.confidentPublished.size,
    unseenServers: unseenServersOf(input, hosts),
    dnsChanges: recordsPlan.changes.length,
    withdrawn: recordsPlan.memory.withdrawn,
    attempts: reconcileAttempts(nowMs, input.judgements, forgetUndone(memory, input.progress, judgements, nowMs)),
    unread: input.unread,
    undone: countUndone({ nowMs, mode, records, hosts, unread: input.unread, judgements }, memory, input.progress),
    staleSinceMs: staleSince(input),
    records,
    rollOuts: { boundary: rollOutOf('boundary'), client: rollOutOf('client') },
  };
}

function unseenServersOf({ pod, records, unread, ownerStates }: PlanInput, hosts: CyclingContext['hosts']): string[] {
  const owners = classifyRecords(pod, records).own.map(({ setIdentifier }) => setIdentifier);
  const isDead = (id: string) => DEAD_STATES.includes(ownerStates[id] ?? '');
  return sortedUnique([...owners, ...unread].filter((id) => !hosts.has(id) && !isDead(id)));
}

/** Silence, of SSM or of the host, is `unknown`. */
function hasAnswered(judgement: Judgement | undefined): boolean {
  return judgement !== undefined && judgement.state !== 'unknown';
}

function staleSince({ judgements, unread, nowMs, memory }: PlanInput): CyclingMemory['staleSinceMs'] {
  const since: CyclingMemory['staleSinceMs'] = {};
  for (const { host, stale, state } of judgements) {
    const before = memory.staleSinceMs[host.instanceId];
    if (stale) since[host.instanceId] = before ?? nowMs;
    else if (state === 'unknown' && before !== undefined) since[host.instanceId] = before;
  }
  // as silent: EC2 does not describe their AZ
  for (const id of unread) {
    const before = memory.staleSinceMs[id];
    if (before !== undefined) since[id] ??= before;
  }
  return since;
}
