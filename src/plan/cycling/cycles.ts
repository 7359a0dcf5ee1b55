import { TIER_PLURALS, TIERS, type Tier } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import { count } from '../../fleet/sentences.ts';
import type { RecordsPlan } from '../dns/records.ts';
import type { PlanInput } from '../input.ts';
import type { Refusal } from '../refusal.ts';
import { needsPerson } from './asked-before.ts';
import type { CycleCommand } from './commands.ts';
import { type CyclingContext, cyclingContextOf } from './context.ts';
import type { Candidate, HostRefusal } from './host-rule.ts';
import { HOST_RULES } from './host-rules.ts';
import { type CyclingMemory, isForgotten, isSentWave, type RollOut } from './memory.ts';
import { digestOf, type Eligible, groupWaiting, type Seen } from './seen.ts';
import { startWave } from './start-wave.ts';
import { refusalOfTier } from './tier-rules.ts';

/** What is to be cycled now, and what is not. */
export interface Selection {
  cycles: CycleCommand[];
  refusals: Refusal[];
  /** The waves that start now. */
  started: Partial<Record<Tier, RollOut>>;
  /** Clients that no rule of hosts refuses, and that are in no wave now. */
  waiting: Eligible[];
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
  const selection = selectWaves(context, staleCandidates(context));
  const made = cyclesPlanOf(context, selection);
  return { ...made, memory: { ...made.memory, seen: seenOf(context, selection, input) } };
}

/** What the next wave of clients is planned from, where short runs follow this one. Beside a boundary server's wave nothing is left to them. */
function seenOf(context: CyclingContext, selection: Selection, { records }: PlanInput): Seen | undefined {
  const { client, boundary } = context.rollOuts;
  const isBoundaryQuiet = selection.started.boundary === undefined && boundary.state !== 'under-way';
  if (!isBoundaryQuiet || !isFollowed('client', context, selection)) return undefined;
  const inWave = new Set((client.rollOut?.commands ?? []).flatMap(({ instanceIds }) => instanceIds));
  const { nowMs, tiers, confidentServers, dnsChanges, leap, hosts, judgements } = context;
  return {
    atMs: nowMs,
    dns: digestOf(records),
    ...tiers.client,
    confidentServers,
    dnsChanges,
    leap,
    gone: [...inWave].filter((id) => (hosts.get(id)?.state ?? 'running') !== 'running'),
    // one that announces a leap second itself waits for a tick
    waiting: groupWaiting(
      selection.waiting.filter(
        ({ instanceId }) => !inWave.has(instanceId) && !judgements.get(instanceId)?.leapAnnounced,
      ),
    ),
  };
}

/** Whether a wave of clients is under way by which short runs go on, which they do in the operator's own mode alone; else a tick looks again at the next minute. */
function isFollowed(tier: Tier, { rollOuts, records, mode, limit }: CyclingContext, { started }: Selection): boolean {
  if (tier !== 'client' || limit !== undefined) return false;
  const rollOut = rollOuts[tier];
  if (rollOut.state !== 'under-way') return started[tier] !== undefined;
  return isSentWave(rollOut.rollOut) && rollOut.rollOut.records === records && rollOut.rollOut.mode === mode;
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
  const selection: Selection = { cycles: [], refusals: [], started: {}, waiting: [], unfinished: false };
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
    // of a wave that was forgotten no look can find out how it stands, nor may another start before its time: no tick is needed for it
    const isLost = rollOut.state === 'under-way' && isForgotten(rollOut.rollOut);
    if (isLost && (eligible.length === 0 || tierRefusal?.rule !== 'wave-under-way')) {
      selection.refusals.push({ subject: context.pod.name, rule: 'wave-under-way', sentence: rollOut.sentence });
    }
    if (eligible.length > 0 && tierRefusal) {
      const sentence = `${tierRefusal.sentence} Held back: ${count(eligible.length, 'host')}.`;
      selection.refusals.push({ subject: context.pod.name, rule: tierRefusal.rule, sentence });
    }
    const ready = eligible.map(eligibleOf);
    const wave = tierRefusal === null && ready.length > 0 ? startWave(tier, context, ready) : null;
    if (wave) {
      selection.cycles.push(...wave.cycles);
      selection.refusals.push(...wave.refusals);
      selection.started[tier] = wave.rollOut;
    }
    if (tier === 'client') selection.waiting = wave ? wave.left : ready;
    const mayGoOn = tierRefusal === null || tierRefusal.waits;
    const isTickNeeded = rollOut.state === 'under-way' || (mayGoOn && (eligible.length > 0 || waits));
    selection.unfinished ||= isTickNeeded && !isLost && !isFollowed(tier, context, selection);
  }
  return selection;
}

function eligibleOf({ host: { instanceId, az }, judgement }: Candidate): Eligible {
  return { instanceId, az, names: judgement?.stale?.names ?? [] };
}

function refusalOfHost(
  candidate: Candidate,
  context: CyclingContext,
): ({ rule: string; waits: boolean } & HostRefusal) | null {
  for (const { rule, waits, liftedByForce, refuses } of HOST_RULES) {
    const refusal = context.force && liftedByForce ? null : refuses(candidate, context);
    if (refusal !== null) return { rule, waits, ...refusal };
  }
  return null;
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
