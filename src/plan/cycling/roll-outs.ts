import type { Judgement } from '../../diagnosis/judgement.ts';
import type { Host, Pod, Tier } from '../../fleet/fleet.ts';
import { count, duration } from '../../fleet/sentences.ts';
import type { Mode } from '../mode.ts';
import { forgetWave } from './attempts.ts';
import type { CycleCommand } from './commands.ts';
import type { CyclingMemory, RollOut } from './memory.ts';
import { WAVE_SECONDS, type WaveProgress } from './progress.ts';
import { errorLimit } from './waves.ts';

/** Where a tier's roll-out stands. Only `clear` lets a wave start. */
export type RollOutState =
  | { state: 'clear' }
  | { state: 'under-way'; rollOut: RollOut; sentence: string }
  | { state: 'stopped'; rollOut: RollOut; sentence: string };

interface RollOutContext {
  pod: Pod;
  nowMs: number;
  mode: Mode;
  /** What DNS says now. */
  records: string;
  hosts: ReadonlyMap<string, Host>;
  judgements: ReadonlyMap<string, Judgement>;
}

/**
 * Assesses a tier's last wave.
 *
 * | the last wave                                            | then |
 * | -------------------------------------------------------- | ---- |
 * | none                                                     | clear |
 * | SSM says it has not ended, or does not say               | under way |
 * | ended, failures within the limit                         | clear: the next wave may start |
 * | ended, more failures than the limit                      | stopped |
 * | stopped before; DNS and mode as they were                | stopped still |
 * | stopped before; DNS or mode changed                      | clear |
 * | SSM cannot say for `WAVE_SECONDS`: a command has no id (the tick died while it sent), or there is no credible progress | as its hosts show now: silent, without a daemon or unsynchronised counts as failed |
 *
 * Decision 0023.
 */
export function assessRollOut(
  context: RollOutContext,
  last: RollOut | undefined,
  progress: WaveProgress | undefined,
): RollOutState {
  if (!last) return { state: 'clear' };
  if (last.stopped) {
    const isUnchanged = last.records === context.records && last.mode === context.mode;
    return isUnchanged ? { state: 'stopped', rollOut: last, sentence: last.sentence } : { state: 'clear' };
  }
  const ids = last.commands.flatMap((command) => command.instanceIds);
  const isLost = last.commands.some((command) => command.commandId === null && command.instanceIds.length > 0);
  const seconds = (context.nowMs - last.startedAtMs) / 1000;
  if (!isLost && progress?.ended) return assessEnded(context, last, ids.length, progress.failed);
  if ((isLost || !progress) && seconds >= WAVE_SECONDS)
    return assessEnded(context, last, ids.length, ids.filter((id) => looksFailed(context, id)).length);
  const sentence = `The last wave of the ${last.tier} tier (${count(ids.length, 'host')}, ${duration(seconds)} ago) has not ended.`;
  return { state: 'under-way', rollOut: last, sentence };
}

/** A host that is gone or not running any more fails nothing; one that is silent might have. */
function looksFailed({ hosts, judgements }: RollOutContext, id: string): boolean {
  if (hosts.get(id)?.state !== 'running') return false;
  return ['unknown', 'no-daemon', 'unsynchronised'].includes(judgements.get(id)?.state ?? 'unknown');
}

function assessEnded({ pod }: RollOutContext, last: RollOut, size: number, failed: number): RollOutState {
  const limit = errorLimit(size, pod.cycling.maxErrorShare);
  if (failed <= limit) return { state: 'clear' };
  const sentence =
    `The roll-out of the ${last.tier} tier stopped: ${failed} of ${count(size, 'host')} of its last wave failed, the limit is ${limit}. ` +
    'It is not repeated until DNS or the mode changes.';
  return { state: 'stopped', rollOut: { ...last, stopped: true, sentence }, sentence };
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
    const commands = sent.filter((wave) => wave.tier === tier).flatMap((wave) => wave.commands);
    const reached = new Set(commands.flatMap(({ instanceIds }) => instanceIds));
    const ids = planned.filter((command) => command.tier === tier).flatMap(({ instanceIds }) => instanceIds);
    cycles = forgetWave(
      cycles,
      rollOut.startedAtMs,
      ids.filter((id) => !reached.has(id)),
    );
    if (commands.length > 0) rollOuts[tier] = { ...rollOut, commands };
    else delete rollOuts[tier];
  }
  return { ...memory, cycles, rollOuts };
}
