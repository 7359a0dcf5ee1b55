import type { Judgement } from '../../diagnosis/judgement.ts';
import type { Host, Pod } from '../../fleet/fleet.ts';
import { count, duration } from '../../fleet/sentences.ts';
import type { Mode, RollOut, WaveProgress } from '../types.ts';
import { WAVE_SECONDS } from './attempts.ts';
import { errorLimit } from './waves.ts';

/** Where a tier's roll-out stands. Only `clear` lets a wave start. */
export type WaveState =
  | { state: 'clear' }
  | { state: 'under-way'; rollOut: RollOut; sentence: string }
  | { state: 'stopped'; rollOut: RollOut; sentence: string };

interface Scene {
  pod: Pod;
  nowMs: number;
  mode: Mode;
  /** What DNS says now. */
  records: string;
  hosts: ReadonlyMap<string, Host>;
  judgements: ReadonlyMap<string, Judgement>;
}

/**
 * Judges a tier's last wave.
 *
 * | the last wave                                            | then |
 * | -------------------------------------------------------- | ---- |
 * | none                                                     | clear |
 * | SSM says it has not ended, or does not say               | under way |
 * | ended, failures within the limit                         | clear: the next wave may start |
 * | ended, more failures than the limit                      | stopped |
 * | stopped before; DNS and mode as they were                | stopped still |
 * | stopped before; DNS or mode changed                      | clear |
 * | SSM cannot say for `WAVE_SECONDS`: a command has no id (the tick died while it sent), or there is no progress | as its hosts show now: silent, without a daemon or unsynchronised counts as failed |
 */
export function reckonRollOut(scene: Scene, last: RollOut | undefined, progress: WaveProgress | undefined): WaveState {
  if (!last) return { state: 'clear' };
  if (last.stopped) {
    const asItWas = last.records === scene.records && last.mode === scene.mode;
    return asItWas ? { state: 'stopped', rollOut: last, sentence: last.sentence } : { state: 'clear' };
  }
  const ids = last.commands.flatMap((command) => command.instanceIds);
  const lost = last.commands.some((command) => command.commandId === null && command.instanceIds.length > 0);
  const seconds = (scene.nowMs - last.startedAtMs) / 1000;
  if (!lost && progress?.ended) return ended(scene, last, ids.length, progress.failed, progress.withinErrorLimit);
  if ((lost || !progress) && seconds >= WAVE_SECONDS)
    return ended(scene, last, ids.length, ids.filter((id) => looksFailed(scene, id)).length, true);
  const sentence = `The last wave of the ${last.tier} tier (${count(ids.length, 'host')}, ${duration(seconds)} ago) has not ended.`;
  return { state: 'under-way', rollOut: last, sentence };
}

/** A host that is gone or not running any more fails nothing; one that is silent might have. */
function looksFailed({ hosts, judgements }: Scene, id: string): boolean {
  if (hosts.get(id)?.state !== 'running') return false;
  return ['unknown', 'no-daemon', 'unsynchronised'].includes(judgements.get(id)?.state ?? 'unknown');
}

function ended({ pod }: Scene, last: RollOut, size: number, failed: number, withinErrorLimit: boolean): WaveState {
  const limit = errorLimit(size, pod.cycling.maxErrorShare);
  if (failed <= limit && withinErrorLimit) return { state: 'clear' };
  const sentence =
    `The roll-out of the ${last.tier} tier stopped: ${failed} of ${count(size, 'host')} of its last wave failed, the limit is ${limit}. ` +
    'It is not repeated until DNS or the mode changes.';
  return { state: 'stopped', rollOut: { ...last, stopped: true, sentence }, sentence };
}
