import type { Judgement } from '../../diagnosis/judgement.ts';
import type { Memory, WaveProgress } from '../types.ts';

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

/** What the waves remembered came to on the hosts that did nothing: instance id -> when its wave began (epoch ms). */
function undoneNow(rollOuts: Memory['rollOuts'], progress: readonly WaveProgress[]): Record<string, number> {
  const undone: Record<string, number> = {};
  for (const { tier, undone: ids = [] } of progress) {
    const startedAtMs = rollOuts[tier]?.startedAtMs;
    if (startedAtMs !== undefined) for (const id of ids) undone[id] = startedAtMs;
  }
  return undone;
}

/**
 * A host that answered its wave with "nothing done" was not cycled: what was remembered of that wave is forgotten, so that
 * it is asked again at the next tick and not after the cool-down. Earlier cycles stay.
 */
export function withoutUndone({ cycles, rollOuts }: Memory, progress: readonly WaveProgress[]): Memory['cycles'] {
  const kept = { ...cycles };
  for (const [id, startedAtMs] of Object.entries(undoneNow(rollOuts, progress))) {
    kept[id] = (kept[id] ?? []).filter((atMs) => atMs < startedAtMs);
  }
  return kept;
}

/** Of the hosts that are still stale: which of them decided against it when last asked, and when that was. */
export function reckonUndone(
  { undoneAtMs = {}, rollOuts }: Memory,
  progress: readonly WaveProgress[],
  judgements: readonly Judgement[],
): NonNullable<Memory['undoneAtMs']> {
  const now = undoneNow(rollOuts, progress);
  const entries = judgements.flatMap(({ host: { instanceId }, stale }) => {
    const atMs = now[instanceId] ?? undoneAtMs[instanceId];
    return stale && atMs !== undefined ? [[instanceId, atMs] as const] : [];
  });
  return Object.fromEntries(entries);
}
