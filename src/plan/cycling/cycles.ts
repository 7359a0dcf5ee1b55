import { TIER_PLURALS, TIERS, type Tier } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import { count } from '../../fleet/sentences.ts';
import type { RecordsPlan } from '../dns/records.ts';
import type { PlanInput } from '../input.ts';
import type { Refusal } from '../refusal.ts';
import { needsPerson } from './asked-before.ts';
import { type CycleCommand, commandShares } from './commands.ts';
import { type CyclingContext, cyclingContextOf } from './context.ts';
import type { Candidate, HostRefusal } from './host-rule.ts';
import { HOST_RULES } from './host-rules.ts';
import type { CyclingMemory, RollOut } from './memory.ts';
import { TIER_RULES } from './tier-rules.ts';
import { rollOutTime, waveSentence } from './wave-time.ts';
import { cyclingOrder, failureLimit, mostAtOnce, selectWave } from './waves.ts';

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
export interface CyclesPlan {
  cycles: CycleCommand[];
  refusals: Refusal[];
  /** Every host that is stale, whether it is cycled, waits or is left alone; instance ids. */
  stale: string[];
  /** Those of them that only a person will heal: cycled as often as a day allows, failed, or held off by their own word for too long. */
  givenUp: string[];
  /** Unfinished: the schedule's next run does a whole tick. */
  unfinished: boolean;
  stoppedRollOuts: Tier[];
  memory: CyclingMemory;
}

/** Cycles, of the hosts that DNS has left behind, as many as the rules allow at this tick. */
export function planCycles(input: PlanInput, recordsPlan: RecordsPlan): CyclesPlan {
  const context = cyclingContextOf(input, recordsPlan, false);
  return cyclesPlanOf(context, selectWaves(context, staleCandidates(context)));
}

/** Every host of the pod, judged or not, in order. */
export function candidatesOf(context: CyclingContext): Candidate[] {
  return sortedUnique(context.hosts.keys()).flatMap((id) => {
    const host = context.hosts.get(id);
    return host ? [{ host, judgement: context.judgements.get(id) }] : [];
  });
}

function staleCandidates(context: CyclingContext): Candidate[] {
  return candidatesOf(context).filter(({ judgement }) => judgement?.stale);
}

/**
 * Asks the rules, host by host and tier by tier, and makes one wave of each tier that may go on. Every host among the
 * targets is cycled, refused with its own sentence, or counted in its tier's.
 */
export function selectWaves(context: CyclingContext, targets: readonly Candidate[]): Selection {
  const selection: Selection = { cycles: [], refusals: [], started: {}, unfinished: false };
  for (const tier of TIERS) {
    const tierRefusal = refusalOfTier(tier, context);
    const eligible: Candidate[] = [];
    let waits = false;
    for (const candidate of targets.filter(({ host }) => host.tier === tier)) {
      const refusal = refusalOfHost(candidate, context);
      if (!refusal) eligible.push(candidate);
      else {
        selection.refusals.push({
          subject: candidate.host.instanceId,
          rule: refusal.rule,
          sentence: refusal.sentence,
          cause: `${TIER_PLURALS[tier]} ${refusal.cause}`,
        });
        waits ||= refusal.waits;
      }
    }
    const rollOut = context.rollOuts[tier];
    // a stopped roll-out is said as long as it lasts, also when nobody is there to be cycled
    if (rollOut.state === 'stopped' && (eligible.length === 0 || tierRefusal?.rule !== 'roll-out-stopped')) {
      selection.refusals.push({ subject: context.pod.name, rule: 'roll-out-stopped', sentence: rollOut.sentence });
    }
    if (eligible.length > 0 && tierRefusal) {
      const sentence = `${tierRefusal.sentence} Held back: ${count(eligible.length, 'host')}.`;
      selection.refusals.push({ subject: context.pod.name, rule: tierRefusal.rule, sentence });
    } else if (eligible.length > 0) {
      startWave(tier, context, eligible, selection);
    }
    const mayGoOn = tierRefusal === null || tierRefusal.waits;
    selection.unfinished ||= rollOut.state === 'under-way' || (mayGoOn && (eligible.length > 0 || waits));
  }
  return selection;
}

interface RuleRefusal {
  rule: string;
  sentence: string;
  waits: boolean;
}

function refusalOfTier(tier: Tier, context: CyclingContext): RuleRefusal | null {
  for (const { rule, waits, refuses } of TIER_RULES) {
    const sentence = refuses(tier, context);
    if (sentence !== null) return { rule, sentence, waits };
  }
  return null;
}

function refusalOfHost(candidate: Candidate, context: CyclingContext): (RuleRefusal & HostRefusal) | null {
  for (const { rule, waits, liftedByForce, refuses } of HOST_RULES) {
    const refusal = context.force && liftedByForce ? null : refuses(candidate, context);
    if (refusal !== null) return { rule, waits, ...refusal };
  }
  return null;
}

function startWave(tier: Tier, context: CyclingContext, eligible: readonly Candidate[], selection: Selection): void {
  const { pod, tickId, nowMs, records, mode, force } = context;
  const running = context.tiers[tier].running.length;
  const hosts = eligible.map(({ host }) => host);
  const ordered = cyclingOrder(pod, hosts, context.undone);
  const before = context.rollOuts[tier].state === 'clear' ? context.rollOuts[tier].rollOut : null;
  const failed = before?.failed ?? [];
  const waves = before?.waves ?? 0;
  const mayFail = failureLimit(pod, running) - failed.length;
  const isFirst = waves === 0;
  const limits = { running, isFirst, mayFail };
  const wave = selectWave(pod, tier, ordered, limits).map((host) => host.instanceId);
  const names = sortedUnique(wave.flatMap((id) => context.judgements.get(id)?.stale?.names ?? []));
  const shares = commandShares(wave, mayFail, mostAtOnce(pod, limits));
  const waveId = `${tickId}-${tier}`;
  const cause = names.length > 0 ? `left behind by ${names.join(', ')}` : 'asked for';
  for (const share of shares) {
    const { coolDownSeconds } = pod.cycling;
    selection.cycles.push({
      tier,
      ...share,
      records,
      force,
      coolDownSeconds,
      waveId,
      reason: force ? `${cause}, forced` : cause,
    });
  }
  const commands = shares.map(({ instanceIds }) => ({ commandId: null, instanceIds }));
  const rollOut = { tier, waveId, startedAtMs: nowMs, records, mode, commands, failed, waves };
  const { atWorkUntilMs, secondsPerHost } = before ?? {};
  selection.started[tier] = { ...rollOut, stopped: false, sentence: null, atWorkUntilMs, secondsPerHost };
  if (wave.length < ordered.length) {
    const sentence =
      tier === 'boundary'
        ? `Left for the next wave of the boundary tier: ${count(ordered.length - wave.length, 'host')} (one at a time).`
        : waveSentence(rollOutTime(pod, limits, ordered.length, wave.length, secondsPerHost), force);
    selection.refusals.push({ subject: pod.name, rule: 'wave', sentence });
  }
}

/** The selection with what the next tick must know. */
export function cyclesPlanOf(context: CyclingContext, selection: Selection): CyclesPlan {
  const stale = staleCandidates(context);
  const rollOuts: CyclingMemory['rollOuts'] = {};
  const stopped: Tier[] = [];
  const cycles = { ...context.attempts };
  for (const tier of TIERS) {
    const rollOut = context.rollOuts[tier];
    const started = selection.started[tier];
    if (started) rollOuts[tier] = started;
    else if (rollOut.rollOut) rollOuts[tier] = rollOut.rollOut;
    if (rollOut.state === 'stopped') stopped.push(tier);
    for (const id of started?.commands.flatMap((command) => command.instanceIds) ?? []) {
      cycles[id] = [...(cycles[id] ?? []), context.nowMs];
    }
  }
  return {
    cycles: selection.cycles,
    refusals: selection.refusals,
    stale: stale.map(({ host }) => host.instanceId),
    givenUp: stale.filter((candidate) => needsPerson(candidate, context)).map(({ host }) => host.instanceId),
    unfinished: selection.unfinished,
    stoppedRollOuts: stopped,
    memory: { cycles, rollOuts, undone: context.undone, staleSinceMs: context.staleSinceMs },
  };
}
