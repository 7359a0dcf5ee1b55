import type { Judgement } from '../../diagnosis/judgement.ts';
import type { Tier } from '../../fleet/fleet.ts';
import type { PublishedRecord } from '../../fleet/records.ts';
import { duration } from '../../fleet/sentences.ts';
import type { RecordsPlan } from '../dns/records.ts';
import type { PlanInput } from '../input.ts';
import type { Memory } from '../memory.ts';
import type { Refusal } from '../refusal.ts';
import type { CycleCommand } from './commands.ts';
import { type CyclingContext, cyclingContextOf } from './context.ts';
import { candidatesOf, cyclesPlanOf, selectWaves } from './cycles.ts';
import type { RollOut } from './memory.ts';
import { haveAllBegun, SILENCE_SECONDS } from './progress.ts';

/** Boundary servers wait for a tick: each must be seen confident again before the next is cycled, which takes minutes. */
const TIER: Tier = 'client';

/** All that the next wave of a roll-out is planned from between two ticks. */
export interface NextWaveInput extends Pick<PlanInput, 'tickId' | 'nowMs' | 'mode' | 'memory' | 'progress'> {
  /** What the last tick planned from: hosts with their tags, judgements and records as it saw them at its `nowMs`. */
  seen: PlanInput;
  /** Read again now. */
  records: PublishedRecord[];
}

export interface NextWave {
  /** Empty: no wave starts now. */
  cycles: CycleCommand[];
  refusals: Refusal[];
  memory: Memory;
}

interface NextWaveRule {
  rule: string;
  refuses: (input: NextWaveInput) => string | null;
}

const seenLately: NextWaveRule = {
  rule: 'seen-too-long-ago',
  refuses: ({ seen, nowMs }) => {
    const seconds = (nowMs - seen.nowMs) / 1000;
    const limit = seen.pod.intervalSeconds;
    if (seconds >= 0 && seconds <= limit) return null;
    return `The next wave waits for a tick: hosts were last looked at ${duration(seconds)} ago, the limit is ${duration(limit)}.`;
  },
};

const dnsUnchanged: NextWaveRule = {
  rule: 'dns-changed',
  refuses: ({ seen, records }) =>
    identityOf(records) === identityOf(seen.records)
      ? null
      : 'The next wave waits for a tick: DNS has changed since the last one.',
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

/** What must hold, beside `TIER_RULES` and `HOST_RULES`, for a wave that goes by what an earlier tick saw. */
const NEXT_WAVE_RULES: readonly NextWaveRule[] = [seenLately, dnsUnchanged, goesOn];

/** What is planned from: as the tick saw it, at this moment. */
export function inputBetweenTicks({ seen, ...now }: NextWaveInput): PlanInput {
  const asked = askedSince(seen, now.memory);
  const seconds = (now.nowMs - seen.nowMs) / 1000;
  return { ...seen, ...now, judgements: seen.judgements.map((judgement) => aged(judgement, seconds, asked)) };
}

/** A host that was asked since has restarted, perhaps: confident it is no more. Ages grow with the time that has passed. */
function aged(judgement: Judgement, seconds: number, asked: ReadonlySet<string>): Judgement {
  const { host, confident, cycledSecondsAgo, measures } = judgement;
  return {
    ...judgement,
    confident: confident && !asked.has(host.instanceId),
    cycledSecondsAgo: cycledSecondsAgo === null ? null : cycledSecondsAgo + seconds,
    measures: { ...measures, ageSeconds: measures.ageSeconds === null ? null : measures.ageSeconds + seconds },
  };
}

/** Hosts of which the tick saw no more than how they were before they were asked: of waves that it found under way, and of later ones. */
function askedSince(seen: PlanInput, { cycles, undone }: Memory): ReadonlySet<string> {
  const openThen = Object.values(seen.memory.rollOuts).flatMap(({ commands }) =>
    commands.flatMap(({ instanceIds }) => instanceIds),
  );
  const later = Object.entries(cycles).flatMap(([id, times]) => (times.some((at) => at >= seen.nowMs) ? [id] : []));
  const told = Object.entries(undone).flatMap(([id, { atMs }]) => (atMs >= seen.nowMs ? [id] : []));
  return new Set([...openThen, ...later, ...told]);
}

/** `recordsPlan`: what the same input does to DNS, which a tick alone does. */
export function planWaveBetweenTicks(input: NextWaveInput, now: PlanInput, recordsPlan: RecordsPlan): NextWave {
  for (const { rule, refuses } of NEXT_WAVE_RULES) {
    const sentence = refuses(input);
    if (sentence !== null) {
      return { cycles: [], refusals: [{ subject: now.pod.name, rule, sentence }], memory: input.memory };
    }
  }
  const context = cyclingContextOf(now, recordsPlan, false);
  const asked = askedSince(input.seen, { ...input.memory, cycles: context.attempts, undone: context.undone });
  const targets = candidatesOf(context).filter(
    ({ host, judgement }) => host.tier === TIER && judgement?.stale && !asked.has(host.instanceId),
  );
  const { cycles, refusals, memory } = cyclesPlanOf(context, selectWaves(onlyGoingOn(context), targets));
  const rollOut = memory.rollOuts[TIER];
  return {
    cycles,
    refusals,
    memory: {
      ...input.memory,
      cycles: memory.cycles,
      undone: memory.undone,
      rollOuts: { ...input.memory.rollOuts, ...(rollOut ? { [TIER]: rollOut } : {}) },
    },
  };
}

/** Of the boundary tier a tick alone says how its roll-out stands. */
function onlyGoingOn(context: CyclingContext): CyclingContext {
  return { ...context, rollOuts: { ...context.rollOuts, boundary: { state: 'clear', rollOut: null } } };
}

function identityOf(records: readonly PublishedRecord[]): string {
  const each = records.map(({ name, type, setIdentifier, ttlSeconds, multivalue, addresses }) =>
    JSON.stringify([name, type, setIdentifier, ttlSeconds, multivalue, [...addresses].sort()]),
  );
  return each.sort().join();
}

/** Seconds between two looks at a wave: of so many it may end unseen, which is little beside the 25 s of a host. */
export const LOOK_SECONDS = 5;

/**
 * How a wave stands by SSM's counts alone: one call says of all its commands how many hosts are through, and what each of them answered
 * need be read only once it is over.
 *
 * @param completed of each command id: hosts that are through.
 */
export function lookAtWave(
  rollOut: RollOut,
  completed: ReadonlyMap<string, number>,
  nowMs: number,
): { rollOut: RollOut; isOver: boolean } {
  const through = new Set(
    rollOut.commands.flatMap(({ commandId, instanceIds }) =>
      instanceIds.slice(0, commandId === null ? 0 : (completed.get(commandId) ?? 0)),
    ),
  );
  const hasAnswered = (id: string) => through.has(id);
  const hasBegun = haveAllBegun(rollOut.commands, hasAnswered);
  const allBegunAtMs = rollOut.allBegunAtMs ?? (hasBegun ? nowMs : undefined);
  const isSilent = allBegunAtMs !== undefined && nowMs - allBegunAtMs >= SILENCE_SECONDS * 1000;
  const hasEnded = rollOut.commands.every(({ instanceIds }) => instanceIds.every(hasAnswered));
  return { rollOut: { ...rollOut, allBegunAtMs }, isOver: hasEnded || isSilent };
}
