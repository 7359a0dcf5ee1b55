import type { Judgement } from '../../diagnosis/judgement.ts';
import type { Host, Pod, Tier } from '../../fleet/fleet.ts';
import { byText } from '../../fleet/ordering.ts';
import type { RecordsPlan } from '../dns/records.ts';
import { readServers, type Servers } from '../dns/servers.ts';
import { EMPTY_MEMORY, type Memory, type Mode, type PlanInput } from '../types.ts';
import { reckonAttempts, reckonUndone, withoutUndone } from './attempts.ts';
import { recordsParameter } from './parameter.ts';
import { reckonRollOut, type WaveState } from './rollouts.ts';

/** All that the rules of cycling look at, read once. */
export interface Ground {
  pod: Pod;
  nowMs: number;
  mode: Mode;
  /** Lifts staleness and cool-down, and nothing else. */
  force: boolean;
  /** Every host of the pod, by id. */
  hosts: ReadonlyMap<string, Host>;
  judgements: ReadonlyMap<string, Judgement>;
  /** Running hosts of each tier, and how many of them answered. */
  tiers: Readonly<Record<Tier, { running: Host[]; sampled: number }>>;
  servers: Servers;
  /** Changes to DNS that this very plan makes. */
  changing: number;
  /** Withdrawn for their health, after this tick's reckoning. */
  withdrawn: Memory['withdrawn'];
  /** Cycles of the last 24 hours, after this tick's reckoning. */
  attempts: Memory['cycles'];
  /** Stale hosts that did nothing when last asked, and when that was. */
  undoneAtMs: NonNullable<Memory['undoneAtMs']>;
  /** Since when hosts have been stale; in pods of association `pool` only. */
  staleSinceMs: NonNullable<Memory['staleSinceMs']>;
  /** What DNS says now, as the `cycle` document takes it. */
  records: string;
  waves: Readonly<Record<Tier, WaveState>>;
}

/** Reads the ground. `plan` is what the same input does to DNS. */
export function readGround(input: PlanInput, plan: RecordsPlan, force: boolean): Ground {
  const { pod, nowMs, mode } = input;
  const memory: Memory = { ...EMPTY_MEMORY, ...input.memory };
  const judgements = new Map(input.judgements.map((judgement) => [judgement.host.instanceId, judgement]));
  const hosts = new Map(input.hosts.filter((host) => host.pod === pod.name).map((host) => [host.instanceId, host]));
  const records = recordsParameter(pod, input.records);
  const tierOf = (tier: Tier) => {
    const running = [...hosts.values()].filter((host) => host.tier === tier && host.state === 'running');
    running.sort((a, b) => byText(a.instanceId, b.instanceId));
    return { running, sampled: running.filter((host) => isSighted(judgements.get(host.instanceId))).length };
  };
  const waveOf = (tier: Tier) => {
    const progress = input.progress.find((one) => one.tier === tier);
    return reckonRollOut({ pod, nowMs, mode, records, hosts, judgements }, memory.rollOuts[tier], progress);
  };
  return {
    pod,
    nowMs,
    mode,
    force,
    hosts,
    judgements,
    tiers: { boundary: tierOf('boundary'), client: tierOf('client') },
    servers: readServers(pod, input.hosts, input.records, judgements),
    changing: plan.changes.length,
    withdrawn: plan.memory.withdrawn,
    attempts: reckonAttempts(nowMs, input.judgements, withoutUndone(memory, input.progress)),
    undoneAtMs: reckonUndone(memory, input.progress, input.judgements),
    staleSinceMs: pod.association === 'pool' ? staleSince(input, memory) : {},
    records,
    waves: { boundary: waveOf('boundary'), client: waveOf('client') },
  };
}

/** Whether a host answered; silence, of SSM or of the host, is `unknown`. */
export function isSighted(judgement: Judgement | undefined): judgement is Judgement {
  return judgement !== undefined && judgement.state !== 'unknown';
}

function staleSince({ judgements, nowMs }: PlanInput, memory: Memory): Record<string, number> {
  const since: Record<string, number> = {};
  for (const { host, stale, state } of judgements) {
    const before = memory.staleSinceMs?.[host.instanceId];
    if (stale) since[host.instanceId] = before ?? nowMs;
    else if (state === 'unknown' && before !== undefined) since[host.instanceId] = before;
  }
  return since;
}
