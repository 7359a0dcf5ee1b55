import type { Judgement } from '../../diagnosis/judgement.ts';
import type { CyclingMemory, RollOut } from './memory.ts';
import { hasOutlived, isUndone, type WaveProgress } from './progress.ts';

/** Attempts are counted over this long. */
const DAY_MS = 24 * 3600 * 1000;

/** A host's stamp may lie so far before the time at which podtime asked: its clock may have been stepped since. */
export const SLACK_MS = 60_000;

/**
 * A stamp so long after podtime asked is that cycle's: most waves are through by then. One of a wave that took longer counts twice,
 * which is one attempt too many rather than one too few.
 */
const STAMP_MS = 900_000;

/**
 * The cycles of each host in the last 24 hours: those that podtime asked for, and those that only the host tells of. What a host says
 * may add to them and never takes away: else a host that says "never cycled" would be cycled for ever. Decision 0024.
 *
 * | remembered | the host says (it answered) | kept |
 * | ---------- | --------------------------- | ---- |
 * | yes        | a cycle since               | as one |
 * | no         | a cycle                     | the host's |
 * | yes        | anything else, or nothing   | the remembered |
 */
export function reconcileAttempts(
  nowMs: number,
  judgements: readonly Judgement[],
  remembered: CyclingMemory['cycles'],
): CyclingMemory['cycles'] {
  const cycles: CyclingMemory['cycles'] = {};
  const isRecent = (atMs: number) => atMs > nowMs - DAY_MS;
  for (const [id, times] of Object.entries(remembered)) {
    const recent = times.filter(isRecent).sort((a, b) => a - b);
    if (recent.length > 0) cycles[id] = recent;
  }
  for (const { host, state, cycledSecondsAgo } of judgements) {
    if (state === 'unknown' || cycledSecondsAgo === null) continue;
    const stampMs = nowMs - cycledSecondsAgo * 1000;
    if (!isRecent(stampMs)) continue;
    const times = cycles[host.instanceId] ?? [];
    const askedMs = times.filter((atMs) => atMs <= stampMs + SLACK_MS).at(-1);
    if (askedMs === undefined || stampMs - askedMs > STAMP_MS)
      cycles[host.instanceId] = [...times, Math.min(stampMs, nowMs)].sort((a, b) => a - b);
  }
  return cycles;
}

/** Hosts that a wave did not cycle: what is remembered of that wave is forgotten, earlier cycles stay. */
export function forgetWave(
  cycles: CyclingMemory['cycles'],
  startedAtMs: number,
  instanceIds: readonly string[],
): CyclingMemory['cycles'] {
  if (instanceIds.length === 0) return cycles;
  const kept = instanceIds.map((id) => [id, (cycles[id] ?? []).filter((atMs) => atMs < startedAtMs)] as const);
  return { ...cycles, ...Object.fromEntries(kept) };
}

/**
 * The cycles asked for, without those that were none:
 *
 * | of a wave's host                                      | its cycle |
 * | ----------------------------------------------------- | --------- |
 * | SSM brings "nothing done", or ended before its turn   | forgotten: it is asked again, and not after the cool-down |
 * | SSM brings any other answer, "already run" among them | counts, whatever the host says later |
 * | SSM never said whether it took the command, the wave is over, and the host shows an older daemon and no stamp since | forgotten, but for a daemon older than the host: it counts |
 * | else                                                  | counts |
 *
 * Decision 0108.
 */
export function forgetUndone(
  { cycles, rollOuts }: CyclingMemory,
  progress: readonly WaveProgress[],
  judgements: ReadonlyMap<string, Judgement>,
  nowMs: number,
): CyclingMemory['cycles'] {
  let kept = cycles;
  for (const rollOut of Object.values(rollOuts)) {
    const answers = progress.find(({ tier }) => tier === rollOut.tier)?.answers ?? [];
    const undone = answers.filter((answer) => isUndone(answer) || answer.kind === 'not-begun');
    const ids = undone.map(({ instanceId }) => instanceId);
    if (hasOutlived(rollOut, nowMs)) {
      const answered = new Set(answers.map(({ instanceId }) => instanceId));
      ids.push(...neverReached(rollOut, judgements, nowMs).filter((id) => !answered.has(id)));
    }
    kept = forgetWave(kept, rollOut.startedAtMs, ids);
  }
  return kept;
}

/** Of the hosts to which commands were perhaps sent: those that show no trace of them. */
function neverReached(rollOut: RollOut, judgements: ReadonlyMap<string, Judgement>, nowMs: number): string[] {
  const before = rollOut.startedAtMs - SLACK_MS;
  const unsure = rollOut.commands.filter(({ commandId }) => commandId === null);
  return unsure
    .flatMap(({ instanceIds }) => instanceIds)
    .filter((id) => {
      const judgement = judgements.get(id);
      if (!judgement || judgement.state === 'unknown' || judgement.measures.ageSeconds === null) return false;
      const stampMs = judgement.cycledSecondsAgo === null ? null : nowMs - judgement.cycledSecondsAgo * 1000;
      const startedMs = nowMs - judgement.measures.ageSeconds * 1000;
      // no daemon is older than its host: who says so takes nothing away
      if (startedMs < judgement.host.launchedAtMs - SLACK_MS) return false;
      return startedMs < before && (stampMs === null || stampMs < before);
    });
}
