import type { Judgement } from '../diagnosis/judgement.ts';
import type { Memory, WaveProgress } from './types.ts';

/** Attempts are counted over this long. */
const DAY_MS = 24 * 3600 * 1000;

/** No wave takes longer: its commands' delivery (10 min at most) and 60 s a host, a few one after the other. */
export const WAVE_SECONDS = 900;

/** How far a cycle as a host tells it may lie before the time podtime asked for it, for a clock that was then stepped. */
const SLACK_MS = 60_000;

/**
 * The cycles of each host in the last 24 hours: those remembered as asked for, put right by what the host itself tells.
 * The host is the truth, the memory advice.
 *
 * | remembered | host tells (it answered)                            | kept |
 * | ---------- | --------------------------------------------------- | ---- |
 * | yes        | a cycle since                                       | as one |
 * | no         | a cycle                                             | the host's |
 * | yes        | none since, its daemon is older, the wave is over   | none: the host decided against it |
 * | yes        | silence, or the wave may still run                  | the remembered |
 */
export function reckonAttempts(
  nowMs: number,
  judgements: readonly Judgement[],
  remembered: Memory['cycles'],
): Memory['cycles'] {
  const cycles: Memory['cycles'] = {};
  const isRecent = (atMs: number) => atMs > nowMs - DAY_MS;
  for (const [id, times] of Object.entries(remembered)) {
    const recent = times.filter(isRecent).sort((a, b) => a - b);
    if (recent.length > 0) cycles[id] = recent;
  }
  for (const { host, state, measures, cycledSecondsAgo } of judgements) {
    if (state === 'unknown') continue;
    const id = host.instanceId;
    const toldMs = cycledSecondsAgo === null ? null : nowMs - cycledSecondsAgo * 1000;
    const startedMs = measures.ageSeconds === null ? null : nowMs - measures.ageSeconds * 1000;
    let times = (cycles[id] ?? []).filter((atMs) => {
      const over = nowMs - atMs >= WAVE_SECONDS * 1000;
      const stampIsOlder = toldMs === null || toldMs < atMs - SLACK_MS;
      const daemonIsOlder = startedMs !== null && startedMs < atMs - SLACK_MS;
      return !(over && stampIsOlder && daemonIsOlder);
    });
    if (toldMs !== null && isRecent(toldMs)) {
      const asked = times.filter((atMs) => atMs <= toldMs + SLACK_MS).at(-1);
      if (asked === undefined || toldMs - asked > WAVE_SECONDS * 1000)
        times = [...times, Math.min(toldMs, nowMs)].sort((a, b) => a - b);
    }
    if (times.length > 0) cycles[id] = times;
    else delete cycles[id];
  }
  return cycles;
}

/**
 * A host that answered its wave with "nothing done" was not cycled: what was remembered of that wave is forgotten, so that
 * it is asked again at the next tick and not after the cool-down. Earlier cycles stay.
 */
export function withoutUndone(
  remembered: Memory['cycles'],
  rollOuts: Memory['rollOuts'],
  progress: readonly WaveProgress[],
): Memory['cycles'] {
  const cycles = { ...remembered };
  for (const { tier, undone = [] } of progress) {
    const startedAtMs = rollOuts[tier]?.startedAtMs;
    if (startedAtMs === undefined) continue;
    for (const id of undone) cycles[id] = (cycles[id] ?? []).filter((atMs) => atMs < startedAtMs);
  }
  return cycles;
}
