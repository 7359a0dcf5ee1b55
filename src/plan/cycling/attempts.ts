import type { Judgement } from '../../diagnosis/judgement.ts';
import type { CyclingMemory } from './memory.ts';
import { WAVE_SECONDS, type WaveProgress } from './progress.ts';

/** Attempts are counted over this long. */
const DAY_MS = 24 * 3600 * 1000;

/** A host's stamp may lie so far before the time at which podtime asked: its clock may have been stepped since. */
const SLACK_MS = 60_000;

/**
 * The cycles of each host in the last 24 hours: those remembered as asked for, corrected by what the host itself says.
 * The host is the truth, the memory advice.
 *
 * | remembered | the host says (it answered)                         | kept |
 * | ---------- | --------------------------------------------------- | ---- |
 * | yes        | a cycle since                                       | as one |
 * | no         | a cycle                                             | the host's |
 * | yes        | none since, its daemon is older, the wave is over   | none: the host decided against it |
 * | yes        | silence, or the wave may still run                  | the remembered |
 *
 * Decision 0024.
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
  for (const { host, state, measures, cycledSecondsAgo } of judgements) {
    if (state === 'unknown') continue;
    const id = host.instanceId;
    const stampMs = cycledSecondsAgo === null ? null : nowMs - cycledSecondsAgo * 1000;
    const startedMs = measures.ageSeconds === null ? null : nowMs - measures.ageSeconds * 1000;
    let times = (cycles[id] ?? []).filter((atMs) => {
      const isOver = nowMs - atMs >= WAVE_SECONDS * 1000;
      const stampIsOlder = stampMs === null || stampMs < atMs - SLACK_MS;
      const daemonIsOlder = startedMs !== null && startedMs < atMs - SLACK_MS;
      return !(isOver && stampIsOlder && daemonIsOlder);
    });
    if (stampMs !== null && isRecent(stampMs)) {
      const askedMs = times.filter((atMs) => atMs <= stampMs + SLACK_MS).at(-1);
      if (askedMs === undefined || stampMs - askedMs > WAVE_SECONDS * 1000)
        times = [...times, Math.min(stampMs, nowMs)].sort((a, b) => a - b);
    }
    if (times.length > 0) cycles[id] = times;
    else delete cycles[id];
  }
  return cycles;
}

/** Hosts that a wave did not cycle: what is remembered of that wave is forgotten, earlier cycles stay. */
export function forgetWave(
  cycles: CyclingMemory['cycles'],
  startedAtMs: number,
  instanceIds: readonly string[],
): CyclingMemory['cycles'] {
  const kept = instanceIds.map((id) => [id, (cycles[id] ?? []).filter((atMs) => atMs < startedAtMs)] as const);
  return { ...cycles, ...Object.fromEntries(kept) };
}

/**
 * A host that answered its wave with "nothing done" was not cycled: it is asked again at the next tick and not after the
 * cool-down.
 */
export function forgetUndone(
  { cycles, rollOuts }: CyclingMemory,
  progress: readonly WaveProgress[],
): CyclingMemory['cycles'] {
  let kept = cycles;
  for (const { tier, undone } of progress) {
    const rollOut = rollOuts[tier];
    if (rollOut) kept = forgetWave(kept, rollOut.startedAtMs, undone);
  }
  return kept;
}

/** Of the hosts that are still stale: which of them decided against it when last asked, and when that was. */
export function lastUndone(
  { undoneAtMs, rollOuts }: CyclingMemory,
  progress: readonly WaveProgress[],
  judgements: readonly Judgement[],
): CyclingMemory['undoneAtMs'] {
  const latest = { ...undoneAtMs };
  for (const { tier, undone } of progress) {
    const rollOut = rollOuts[tier];
    if (rollOut) for (const id of undone) latest[id] = rollOut.startedAtMs;
  }
  const entries = judgements.flatMap(({ host: { instanceId }, stale }) => {
    const atMs = latest[instanceId];
    return stale && atMs !== undefined ? [[instanceId, atMs] as const] : [];
  });
  return Object.fromEntries(entries);
}
