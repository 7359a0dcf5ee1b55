import { TIERS, type Tier } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import { count } from '../../fleet/sentences.ts';
import type { RecordsPlan } from '../dns/records.ts';
import type { CycleCommand, Memory, Plan, PlanInput, Refusal, RollOut } from '../types.ts';
import { type Ground, readGround } from './ground.ts';
import { type Candidate, HOST_RULES, isGivenUp } from './host-rules.ts';
import { TIER_RULES } from './tier-rules.ts';
import { commandShares, spread, waveSize } from './waves.ts';

/** What is to be cycled now, and what is not. */
export interface Selection {
  cycles: CycleCommand[];
  refusals: Refusal[];
  /** The waves that start now. */
  started: Partial<Record<Tier, RollOut>>;
  /** Hosts wait for what comes by itself, or for the next wave. */
  unfinished: boolean;
}

/** The part of a plan that is about cycling. */
export type CyclesPlan = Omit<Plan, 'changes' | 'memory'> & {
  memory: Pick<Memory, 'cycles' | 'rollOuts' | 'undoneAtMs' | 'staleSinceMs'>;
};

/** Cycles, of the hosts that DNS has left behind, as many as the rules allow at this tick. */
export function planCycles(input: PlanInput, records: RecordsPlan): CyclesPlan {
  const ground = readGround(input, records, false);
  const stale = candidates(ground).filter(({ judgement }) => judgement?.stale);
  return asPlan(ground, select(ground, stale));
}

/** Every host of the pod, judged or not, in order. */
export function candidates(ground: Ground): Candidate[] {
  return sortedUnique(ground.hosts.keys()).flatMap((id) => {
    const host = ground.hosts.get(id);
    return host ? [{ host, judgement: ground.judgements.get(id) }] : [];
  });
}

/**
 * Asks the rules, host by host and tier by tier, and makes one wave of each tier that may go on. Every host among the
 * targets is cycled, refused with its own sentence, or counted in its tier's.
 */
export function select(ground: Ground, targets: readonly Candidate[]): Selection {
  const selection: Selection = { cycles: [], refusals: [], started: {}, unfinished: false };
  for (const tier of TIERS) {
    const own = targets.filter(({ host }) => host.tier === tier);
    const tierObjection = tierRefusal(tier, ground);
    const eligible: Candidate[] = [];
    let waits = false;
    for (const candidate of own) {
      const objection = hostRefusal(candidate, ground);
      if (!objection) eligible.push(candidate);
      else {
        selection.refusals.push({
          subject: candidate.host.instanceId,
          rule: objection.rule,
          sentence: objection.sentence,
        });
        waits ||= objection.waits;
      }
    }
    const wave = ground.waves[tier];
    // a stopped roll-out is told as long as it lasts, also when nobody is there to be cycled
    if (wave.state === 'stopped' && (eligible.length === 0 || tierObjection?.rule !== 'roll-out-stopped')) {
      selection.refusals.push({ subject: ground.pod.name, rule: 'roll-out-stopped', sentence: wave.sentence });
    }
    if (eligible.length > 0 && tierObjection) {
      const sentence = `${tierObjection.sentence} This keeps ${count(eligible.length, 'host')}.`;
      selection.refusals.push({ subject: ground.pod.name, rule: tierObjection.rule, sentence });
    } else if (eligible.length > 0) {
      startWave(tier, ground, eligible, selection);
    }
    const mayGoOn = tierObjection === null || tierObjection.waits;
    selection.unfinished ||= wave.state === 'under-way' || (mayGoOn && (eligible.length > 0 || waits));
  }
  return selection;
}

interface Objection {
  rule: string;
  sentence: string;
  waits: boolean;
}

function tierRefusal(tier: Tier, ground: Ground): Objection | null {
  for (const { rule, waits, refuses } of TIER_RULES) {
    const sentence = refuses(tier, ground);
    if (sentence !== null) return { rule, sentence, waits };
  }
  return null;
}

function hostRefusal(candidate: Candidate, ground: Ground): Objection | null {
  for (const { rule, waits, lifted, refuses } of HOST_RULES) {
    const sentence = ground.force && lifted ? null : refuses(candidate, ground);
    if (sentence !== null) return { rule, sentence, waits };
  }
  return null;
}

function startWave(tier: Tier, ground: Ground, eligible: readonly Candidate[], selection: Selection): void {
  const { pod, nowMs, records, mode, force } = ground;
  const running = ground.tiers[tier].running.length;
  const hosts = eligible.map(({ host }) => host);
  const ordered = spread(pod, hosts, ground.undoneAtMs).map((host) => host.instanceId);
  const wave = ordered.slice(0, waveSize(pod, tier, running));
  const names = sortedUnique(wave.flatMap((id) => ground.judgements.get(id)?.stale?.names ?? []));
  const sentence = `A wave of ${wave.length} of the ${count(ordered.length, 'host')} to be cycled, of ${running} in the ${tier} tier, was started.`;
  const shares = commandShares(wave, pod.cycling.maxErrorShare);
  const cause = names.length > 0 ? `left behind by ${names.join(', ')}` : 'asked for';
  for (const share of shares) {
    const { coolDownSeconds } = pod.cycling;
    selection.cycles.push({
      tier,
      ...share,
      records,
      force,
      coolDownSeconds,
      reason: force ? `${cause}, forced` : cause,
    });
  }
  const commands = shares.map(({ instanceIds }) => ({ commandId: null, instanceIds }));
  selection.started[tier] = { tier, startedAtMs: nowMs, records, mode, commands, stopped: false, sentence };
  if (wave.length < ordered.length) {
    const share =
      tier === 'boundary' ? 'one at a time' : `${wave.length} of ${running}, the share is ${pod.cycling.waveShare}`;
    const rest = `Left for the next wave of the ${tier} tier: ${count(ordered.length - wave.length, 'host')} (${share}).`;
    selection.refusals.push({ subject: pod.name, rule: 'wave', sentence: rest });
  }
}

/** The selection with what the next tick must know. */
export function asPlan(ground: Ground, selection: Selection): CyclesPlan {
  const stale = candidates(ground).filter(({ judgement }) => judgement?.stale);
  const rollOuts: Memory['rollOuts'] = {};
  const stopped: Tier[] = [];
  const cycles = { ...ground.attempts };
  for (const tier of TIERS) {
    const wave = ground.waves[tier];
    const started = selection.started[tier];
    if (started) rollOuts[tier] = started;
    else if (wave.state !== 'clear') rollOuts[tier] = wave.rollOut;
    if (wave.state === 'stopped') stopped.push(tier);
    for (const id of started?.commands.flatMap((command) => command.instanceIds) ?? []) {
      cycles[id] = [...(cycles[id] ?? []), ground.nowMs];
    }
  }
  return {
    cycles: selection.cycles,
    refusals: selection.refusals,
    stale: stale.map(({ host }) => host.instanceId),
    givenUp: stale.filter((candidate) => isGivenUp(candidate, ground)).map(({ host }) => host.instanceId),
    unfinished: selection.unfinished,
    stoppedRollOuts: stopped,
    memory: {
      cycles,
      rollOuts,
      undoneAtMs: ground.undoneAtMs,
      ...(ground.pod.association === 'pool' ? { staleSinceMs: ground.staleSinceMs } : {}),
    },
  };
}
