import type { Tier } from '../../fleet/fleet.ts';
import type { PublishedRecord } from '../../fleet/records.ts';
import { count, duration } from '../../fleet/sentences.ts';
import type { PlanInput } from '../input.ts';
import type { Memory } from '../memory.ts';
import type { Refusal } from '../refusal.ts';
import { forgetUndone } from './attempts.ts';
import type { CycleCommand } from './commands.ts';
import { type HostAnswer, haveAllBegun, SILENCE_SECONDS } from './progress.ts';
import { recordsParameter } from './records-parameter.ts';
import { assessRollOut, type RollOutState } from './roll-outs.ts';
import { digestOf, type Eligible, type Seen, waitingHosts } from './seen.ts';
import { startWave } from './start-wave.ts';
import { refusalOfTier, type TierContext } from './tier-rules.ts';
import { undoneIn } from './undone.ts';
import { failureLimit } from './waves.ts';
import { heldRefusal } from './without-held.ts';

/** Boundary servers wait for a tick: each must be seen confident again before the next is cycled, which takes minutes. */
const TIER: Tier = 'client';

/** All that the next wave of a roll-out is planned from between two ticks. What the last tick saw stands in the memory. */
export type NextWaveInput = Pick<PlanInput, 'pod' | 'tickId' | 'nowMs' | 'mode' | 'memory' | 'progress'> & {
  /** Read again now. */
  records: PublishedRecord[];
  /** Instance ids, read again now: an operator may have tagged them since the tick. */
  held: readonly string[];
  /** The last wave was seen under way a moment ago. */
  isEndSeen: boolean;
};

export interface NextWave {
  /** Empty: no wave starts now. */
  cycles: CycleCommand[];
  refusals: Refusal[];
  memory: Memory;
  /** The wave before has not ended: it is looked at again. */
  underWay: boolean;
}

interface NextWaveRule {
  rule: string;
  refuses: (input: NextWaveInput, seen: Seen) => string | null;
}

const seenLately: NextWaveRule = {
  rule: 'seen-too-long-ago',
  refuses: ({ pod, nowMs }, { atMs }) => {
    const seconds = (nowMs - atMs) / 1000;
    const limit = pod.intervalSeconds;
    if (seconds < 0) {
      return `The next wave waits for a tick: the last look at hosts lies ${duration(-seconds)} in the future.`;
    }
    if (seconds <= limit) return null;
    return `The next wave waits for a tick: hosts were last looked at ${duration(seconds)} ago, the limit is ${duration(limit)}.`;
  },
};

const dnsUnchanged: NextWaveRule = {
  rule: 'dns-changed',
  refuses: ({ records }, { dns }) =>
    digestOf(records) === dns
      ? null
      : "The next wave waits for a tick: the zone's records have changed since the last one.",
};

/** What the tick saw of the servers is not so any more while one restarts. */
const serversLeftAlone: NextWaveRule = {
  rule: 'server-asked',
  refuses: ({ memory }) =>
    (memory.rollOuts.boundary?.commands.length ?? 0) === 0
      ? null
      : 'The next wave waits for a tick: a boundary server is being cycled.',
};

/** Only a tick begins a roll-out, and only a tick concludes from what hosts show of a wave that SSM says nothing of. */
const goesOn: NextWaveRule = {
  rule: 'nothing-to-go-on-with',
  refuses: ({ memory, mode, progress }) => {
    const rollOut = memory.rollOuts[TIER];
    if (!rollOut || rollOut.mode !== mode) return 'The next wave waits for a tick: it would begin a roll-out.';
    const isKnown = rollOut.commands.every(({ commandId }) => commandId !== null);
    const hasProgress = rollOut.commands.length === 0 || progress.some(({ tier }) => tier === TIER);
    return isKnown && hasProgress ? null : 'The next wave waits for a tick: SSM does not say how the last one stands.';
  },
};

/** What must hold, beside `TIER_RULES`, for a wave that goes by what an earlier tick saw. */
const NEXT_WAVE_RULES: readonly NextWaveRule[] = [seenLately, dnsUnchanged, serversLeftAlone, goesOn];

/**
 * The next wave of the clients' roll-out, between two ticks: when the last is over, of the hosts that the last tick left for it and that
 * were not asked since. Every rule about hosts was asked by that tick; those of the tier are asked again, and four more: what it saw is
 * no older than the interval, DNS is as it was then, no boundary server was asked, and the roll-out goes on. The mode is read anew, and who
 * is held.
 *
 * A wave still under way is remembered with when SSM was first seen to have begun with all its hosts. DNS, and what is remembered of it, stay.
 * Decision 0064, decision 0069.
 */
export function planNextWave(input: NextWaveInput): NextWave {
  const { pod, nowMs, memory } = input;
  const { seen } = memory;
  const refused = (rule: string, sentence: string): NextWave => {
    return { cycles: [], refusals: [{ subject: pod.name, rule, sentence }], memory, underWay: false };
  };
  if (!seen) return refused('nothing-to-go-on-with', 'The next wave waits for a tick: the last left no host for it.');
  for (const { rule, refuses } of NEXT_WAVE_RULES) {
    const sentence = refuses(input, seen);
    if (sentence !== null) return refused(rule, sentence);
  }
  const records = recordsParameter(pod, input.records);
  const rollOut = rollOutState(input, seen, records);
  const answered = withAnswers(input, records);
  const context = tierContext(input, seen, rollOut);
  const refusal = refusalOfTier(TIER, context);
  const kept = rollOut.rollOut ? { ...answered.rollOuts, [TIER]: rollOut.rollOut } : answered.rollOuts;
  const after: Memory = { ...answered, rollOuts: kept };
  const { eligible, heldBack } = eligibleNow(input, seen, after);
  if (eligible.length === 0 && rollOut.state === 'clear') {
    const made = refused('nobody-left', 'The last wave is over, and no other host is left for one.');
    return { ...made, refusals: [...made.refusals, ...heldBack], memory: after };
  }
  if (refusal) {
    const sentence = `${refusal.sentence} Held back: ${count(eligible.length, 'host')}.`;
    const underWay = rollOut.state === 'under-way';
    return { cycles: [], refusals: [{ subject: pod.name, rule: refusal.rule, sentence }], memory: after, underWay };
  }
  const startContext = { ...context, tickId: input.tickId, records, force: false, undone: after.undone };
  const wave = startWave(TIER, startContext, eligible);
  const asked = wave.rollOut.commands.flatMap(({ instanceIds }) => instanceIds);
  const cycles = { ...after.cycles };
  for (const id of asked) cycles[id] = [...(cycles[id] ?? []), nowMs];
  const { cycles: commands, refusals } = wave;
  const rollOuts = { ...after.rollOuts, [TIER]: wave.rollOut };
  const remembered = { ...after, cycles, rollOuts };
  return { cycles: commands, refusals: [...refusals, ...heldBack], memory: remembered, underWay: false };
}

function rollOutState(input: NextWaveInput, seen: Seen, records: string): RollOutState {
  const { pod, nowMs, mode, memory, progress, isEndSeen } = input;
  const hosts = new Map(seen.gone.map((id) => [id, { state: 'terminated' as const }]));
  const mostFailures = failureLimit(pod, seen.running);
  // nothing is concluded from what hosts show
  const context = { nowMs, mode, records, hosts, judgements: new Map(), mostFailures, isEndSeen };
  return assessRollOut(context, memory.rollOuts[TIER], answersOfTier(progress));
}

/** What hosts of the wave did not do is remembered as a tick does. */
function withAnswers({ memory, progress, nowMs }: NextWaveInput, records: string): Memory {
  const rollOut = memory.rollOuts[TIER];
  const answers: readonly HostAnswer[] = answersOfTier(progress)?.answers ?? [];
  const isCurrent = rollOut?.records === records;
  const undone = isCurrent ? undoneIn(memory.undone, answers, rollOut.startedAtMs) : [];
  return {
    ...memory,
    cycles: forgetUndone(memory, progress, new Map(), nowMs),
    undone: { ...memory.undone, ...Object.fromEntries(undone) },
  };
}

/** As the tick saw the tier, at this moment. Of the boundary tier a tick alone says how its roll-out stands. */
function tierContext({ pod, nowMs, mode }: NextWaveInput, seen: Seen, rollOut: RollOutState): TierContext {
  const { running, sampled, leap, confidentServers, dnsChanges } = seen;
  const rollOuts = { client: rollOut, boundary: { state: 'clear', rollOut: null } } as const;
  const tiers = { client: { running, sampled }, boundary: { running: 0, sampled: 0 } };
  return { pod, nowMs, mode, tiers, leap, confidentServers, dnsChanges, rollOuts };
}

/** Who waits, and who is held of them. */
function eligibleNow({ held }: NextWaveInput, seen: Seen, memory: Memory) {
  const isHeld = new Set(held);
  const waiting = notAskedSince(seen, memory);
  const heldBack = waiting
    .filter(({ instanceId }) => isHeld.has(instanceId))
    .map(({ instanceId }) => heldRefusal(TIER, instanceId));
  return { eligible: waiting.filter(({ instanceId }) => !isHeld.has(instanceId)), heldBack };
}

function notAskedSince(seen: Seen, { cycles, undone, rollOuts }: Memory): Eligible[] {
  const failed = new Set(rollOuts[TIER]?.failed);
  return waitingHosts(seen).filter(({ instanceId }) => {
    const isAsked = (cycles[instanceId] ?? []).some((atMs) => atMs >= seen.atMs);
    return !isAsked && !failed.has(instanceId) && (undone[instanceId]?.atMs ?? -Infinity) < seen.atMs;
  });
}

function answersOfTier(progress: NextWaveInput['progress']) {
  return progress.find(({ tier }) => tier === TIER);
}

/** Seconds between two looks at a wave: of so many it may end unseen, which is little beside the 25 s of a host. */
export const LOOK_SECONDS = 5;

/** A wave in counts alone, as the state has it. */
export interface CountedWave {
  commands: readonly { commandId: string | null; hosts: number; maxConcurrency?: number | undefined }[];
  /** Epoch ms; as `RollOut` has it. */
  allBegunAtMs?: number | undefined;
}

/** How a wave stands by SSM's counts. */
export interface WaveLook {
  hosts: number;
  through: number;
  /** Epoch ms; undefined: SSM has not begun with all of its hosts yet. */
  allBegunAtMs: number | undefined;
  /** False: SSM does not list some of the wave's commands (yet). */
  isListed: boolean;
  /** All are through, or those that are not have been silent for long; where not all are listed nobody knows who is silent. */
  isOver: boolean;
}

/**
 * How a wave stands by SSM's counts alone: one call says of all its commands how many hosts are through, and what each of them answered
 * need be read only once it is over.
 *
 * @param through of each command id that SSM lists: hosts that are through.
 */
export function lookAtWave(wave: CountedWave, through: ReadonlyMap<string, number>, nowMs: number): WaveLook {
  const commands = wave.commands.map(({ commandId, hosts, maxConcurrency }) => {
    const counted = commandId === null ? 0 : (through.get(commandId) ?? 0);
    return { hosts, maxConcurrency, through: Math.min(hosts, counted) };
  });
  const sum = (counts: readonly number[]) => counts.reduce((all, each) => all + each, 0);
  const hosts = sum(commands.map((command) => command.hosts));
  const ended = sum(commands.map((command) => command.through));
  const isListed = wave.commands.every(({ commandId }) => commandId !== null && through.has(commandId));
  const allBegunAtMs = wave.allBegunAtMs ?? (isListed && haveAllBegun(commands) ? nowMs : undefined);
  const isSilent = isListed && allBegunAtMs !== undefined && nowMs - allBegunAtMs >= SILENCE_SECONDS * 1000;
  return { hosts, through: ended, allBegunAtMs, isListed, isOver: ended === hosts || isSilent };
}
