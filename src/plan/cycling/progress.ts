import type { Tier } from '../../fleet/fleet.ts';
import type { CyclingMemory } from './memory.ts';

/** No wave takes longer: its commands' delivery (10 min at most) and 60 s a host, a few one after the other. */
export const WAVE_SECONDS = 900;

/** How the last wave's commands stand together, read from SSM at this tick. */
export interface WaveProgress {
  tier: Tier;
  ended: boolean;
  failed: number;
  /** Hosts that decided against it (`verdict nothing …`: not yet resolvable, already right): nothing was done there. */
  undone: string[];
}

/** What SSM says of the waves that are remembered, without those of which it says for too long that they run. */
export function credibleProgress(
  rollOuts: CyclingMemory['rollOuts'],
  progress: readonly WaveProgress[],
  nowMs: number,
): WaveProgress[] {
  return progress.filter(({ tier, ended }) => {
    const startedAtMs = rollOuts[tier]?.startedAtMs;
    return startedAtMs !== undefined && (ended || nowMs - startedAtMs <= WAVE_SECONDS * 1000);
  });
}
