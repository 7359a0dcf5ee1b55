import type { Judgement, State } from '../../diagnosis/judgement.ts';
import type { Host, Tier } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import { count, duration } from '../../fleet/sentences.ts';
import type { Mode } from '../mode.ts';
import { forgetWave } from './attempts.ts';
import type { CycleCommand } from './commands.ts';
import { type CyclingMemory, isForgotten, type RollOut } from './memory.ts';
import {
  endOfTurnMs,
  type HostAnswer,
  hasOutlived,
  haveAllBegun,
  longestLifeSeconds,
  SILENCE_SECONDS,
  turnsOf,
  type WaveProgress,
} from './progress.ts';

/** Where a tier's roll-out stands. Only `clear` lets a wave start, which goes on with `rollOut`; null: a new one begins. */
export type RollOutState =
  | { state: 'clear'; rollOut: RollOut | null }
  | { state: 'under-way'; rollOut: RollOut; sentence: string }
  | { state: 'stopped'; rollOut: RollOut; sentence: string };

export interface RollOutContext {
  nowMs: number;
  mode: Mode;
  /** What DNS says now. */
  records: string;
  hosts: ReadonlyMap<string, Pick<Host, 'state'>>;
  judgements: ReadonlyMap<string, Pick<Judgement, 'state'>>;
  /** How many hosts of the tier may fail before its roll-out stops. */
  mostFailures: number;
  /** False: a wave that is over may have been so for long, and is no measure of a host's seconds. */
  isEndSeen?: boolean;
}

/** As many ids stand in a sentence. */
const IDS_NAMED = 5;

/**
 * Assesses a tier's roll-out and its last wave.
 *
 * | the last wave                                                    | then |
 * | ---------------------------------------------------------------- | ---- |
 * | none; or over, and DNS or the mode changed since                 | clear: a new roll-out |
 * | SSM says that it ended, and how on each of its hosts             | over |
 * | SSM began with its last host 90 s ago, its lists are not behind its counts, and DNS and mode are as they were | over: who said nothing failed |
 * | SSM says that it runs, or says nothing, or its lists are behind, or it may not have taken it | under way, until its longest life has passed; then over |
 * | over, failures of the whole roll-out within the limit            | clear: the next wave may start |
 * | over, more failures than the limit, also where the tier shrank since | stopped |
 * | stopped before; DNS and mode as they were                        | stopped still |
 * | over or stopped, DNS or the mode changed, and a host that said nothing may still be at work | under way: its host may be asked again |
 *
 * Silence is failure: a host fails that SSM took a command for and of which it brings no answer until the wave is over. Where SSM
 * itself says nothing, hosts are judged as they show themselves then: silent, without a daemon, unsynchronised or in holdover counts as failed.
 * Decision 0023, decision 0049, decision 0050, decision 0064.
 */
export function assessRollOut(
  context: RollOutContext,
  last: RollOut | undefined,
  progress: WaveProgress | undefined,
): RollOutState {
  if (!last) return { state: 'clear', rollOut: null };
  const isCurrent = last.records === context.records && last.mode === context.mode;
  if (last.stopped || last.commands.length === 0) return assessBetweenWaves(context, last, isCurrent);
  const answers = answersOf(progress);
  const ids = last.commands.flatMap(({ instanceIds }) => instanceIds);
  const isSent = last.commands.every(({ commandId }) => commandId !== null);
  const hasEnded = isSent && progress?.ended === true && ids.every((id) => answers.has(id));
  // of a host that SSM's lists do not show yet nobody knows that it said nothing
  const isListed = isSent && progress?.isWhole === true;
  const allBegunAtMs = isListed ? firstSeenBegun(context, last, answers) : last.allBegunAtMs;
  const isSilent =
    isCurrent && isListed && allBegunAtMs !== undefined && context.nowMs - allBegunAtMs >= SILENCE_SECONDS * 1000;
  if (!hasEnded && !isSilent && !hasOutlived(last, context.nowMs)) {
    const isBehind = progress?.isWhole === false;
    return underWay(context, { ...last, allBegunAtMs }, ids, answers, { isSent, isBehind });
  }
  const lost = failuresOf(context, last, progress, answers);
  const failed = sortedUnique([...last.failed, ...lost]);
  // one host's word that it was cycled is no proof where another of its wave failed
  const isClean = lost.length === 0 && [...answers.values()].some(({ kind }) => kind === 'cycled');
  const over: RollOut = { ...last, commands: [], failed, waves: last.waves + (isClean ? 1 : 0) };
  over.allBegunAtMs = undefined;
  if (isSilent && !hasEnded) {
    over.atWorkUntilMs = Math.max(over.atWorkUntilMs ?? 0, endOfTurnMs(allBegunAtMs));
  }
  const turns = turnsOf(last.commands);
  if (isClean && hasEnded && turns !== null && context.isEndSeen !== false) {
    const seconds = (context.nowMs - last.startedAtMs) / 1000 / turns;
    over.secondsPerHost = Math.min(over.secondsPerHost ?? Infinity, seconds);
  }
  return assessBetweenWaves(context, over, isCurrent);
}

function firstSeenBegun(
  { nowMs }: RollOutContext,
  { commands, allBegunAtMs }: RollOut,
  answers: ReadonlyMap<string, HostAnswer>,
): number | undefined {
  const counted = commands.map(({ instanceIds, maxConcurrency }) => ({
    hosts: instanceIds.length,
    through: instanceIds.filter((id) => answers.has(id)).length,
    maxConcurrency,
  }));
  return allBegunAtMs ?? (haveAllBegun(counted) ? nowMs : undefined);
}

/** SSM may have taken a command twice: what the second says of itself is no answer to the first. */
function answersOf(progress: WaveProgress | undefined): Map<string, HostAnswer> {
  const answers = new Map<string, HostAnswer>();
  for (const answer of progress?.answers ?? []) {
    if (answer.reason !== 'same-wave' || !answers.has(answer.instanceId)) answers.set(answer.instanceId, answer);
  }
  return answers;
}

/** The limit counts anew each time: a tier may have shrunk since its hosts failed. */
function assessBetweenWaves(
  { mostFailures, nowMs }: RollOutContext,
  rollOut: RollOut,
  isCurrent: boolean,
): RollOutState {
  const { tier, failed, stopped } = rollOut;
  if (!isCurrent) {
    const leftMs = (rollOut.atWorkUntilMs ?? nowMs) - nowMs;
    if (leftMs <= 0) return { state: 'clear', rollOut: null };
    const sentence = `Hosts of the last wave of the ${tier} tier that said nothing may be at work for ${duration(leftMs / 1000)} more.`;
    return { state: 'under-way', rollOut, sentence };
  }
  if (!stopped && failed.length <= mostFailures) return { state: 'clear', rollOut };
  const why =
    `The roll-out of the ${tier} tier stopped: ${count(failed.length, 'host')} failed (${named(failed)}), ` +
    `the limit is ${mostFailures}. It is not repeated until DNS or the mode changes.`;
  const sentence = stopped ? (rollOut.sentence ?? `The roll-out of the ${tier} tier stopped.`) : why;
  return { state: 'stopped', rollOut: { ...rollOut, stopped: true, sentence }, sentence };
}

function underWay(
  { nowMs }: RollOutContext,
  last: RollOut,
  ids: readonly string[],
  answers: ReadonlyMap<string, HostAnswer>,
  { isSent, isBehind }: { isSent: boolean; isBehind: boolean },
): RollOutState {
  const failed = sortedUnique([...last.failed, ...ids.filter((id) => answers.get(id)?.kind === 'failed')]);
  if (isForgotten(last))
    return { state: 'under-way', rollOut: { ...last, failed }, sentence: forgottenSentence(last, nowMs) };
  const seconds = (nowMs - last.startedAtMs) / 1000;
  const wave = `The last wave of the ${last.tier} tier (${count(ids.length, 'host')}, ${duration(seconds)} ago)`;
  const left = duration(longestLifeSeconds(last.commands) - seconds);
  const counts = `It counts as running for ${left} more.`;
  const listed = isBehind
    ? `${wave} has not ended: SSM's lists are behind its counts. ${counts}`
    : `${wave} has not ended.`;
  const sentence = isSent ? listed : `${wave} was perhaps sent: SSM did not say. ${counts}`;
  return { state: 'under-way', rollOut: { ...last, failed }, sentence };
}

function forgottenSentence({ tier, waveId, startedAtMs, commands }: RollOut, nowMs: number): string {
  const left = duration(longestLifeSeconds(commands) - (nowMs - startedAtMs) / 1000);
  return waveId === ''
    ? `What the state remembered of waves of the ${tier} tier was lost: one may be at work, and counts as running for ${left} more.`
    : `Whom the last wave of the ${tier} tier was sent to was lost with the memory: it counts as running for ${left} more.`;
}

/** What a daemon shows that a cycle left without anybody to follow. */
const NOT_CURED: readonly State[] = ['unknown', 'no-daemon', 'unsynchronised', 'holdover'];

/** Of a wave that is over. A host that EC2 says does not run any more owes no answer. */
function failuresOf(
  { hosts, judgements }: RollOutContext,
  { commands }: RollOut,
  progress: WaveProgress | undefined,
  answers: ReadonlyMap<string, HostAnswer>,
): string[] {
  const isSilent = (commandId: string | null, id: string) => {
    const answer = answers.get(id);
    if (answer) return answer.kind === 'no-verdict';
    if (commandId !== null && progress) return true;
    return NOT_CURED.includes(judgements.get(id)?.state ?? 'unknown');
  };
  return commands.flatMap(({ commandId, instanceIds }) =>
    instanceIds.filter((id) => {
      if (answers.get(id)?.kind === 'failed') return true;
      return (hosts.get(id)?.state ?? 'running') === 'running' && isSilent(commandId, id);
    }),
  );
}

function named(ids: readonly string[]): string {
  const more = ids.length - IDS_NAMED;
  return `${ids.slice(0, IDS_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What became of one planned command: the commands that SSM took it as, and hosts that it may have taken. */
export interface SentWave {
  tier: Tier;
  commands: RollOut['commands'];
}

/**
 * What was sent is remembered with SSM's ids, by which the next tick asks how it ended; what may have been sent, without. What
 * was planned and not sent (the mode changed, SSM refused) is forgotten: it holds up no next wave, and is nobody's cool-down.
 */
export function rememberSent<M extends CyclingMemory>(
  memory: M,
  planned: readonly CycleCommand[],
  sent: readonly SentWave[],
): M {
  const rollOuts = { ...memory.rollOuts };
  let { cycles } = memory;
  for (const tier of new Set(planned.map((command) => command.tier))) {
    const rollOut = memory.rollOuts[tier];
    if (!rollOut) continue;
    const shares = planned.filter((command) => command.tier === tier);
    const commands = sent.filter((wave) => wave.tier === tier).flatMap((wave) => wave.commands.map(withLimit(shares)));
    const reached = new Set(commands.flatMap(({ instanceIds }) => instanceIds));
    const ids = shares.flatMap(({ instanceIds }) => instanceIds);
    cycles = forgetWave(
      cycles,
      rollOut.startedAtMs,
      ids.filter((id) => !reached.has(id)),
    );
    rollOuts[tier] = { ...rollOut, commands };
  }
  return { ...memory, cycles, rollOuts };
}

/** A command that took all the hosts of a planned one has its limit; of one that took a part nobody knows. */
function withLimit(planned: readonly CycleCommand[]) {
  return (command: RollOut['commands'][number]): RollOut['commands'][number] => {
    const ids = new Set(command.instanceIds);
    const whole = planned.find(({ instanceIds }) => instanceIds.every((id) => ids.has(id)));
    return whole ? { ...command, maxConcurrency: whole.maxConcurrency } : command;
  };
}
