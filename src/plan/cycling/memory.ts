import type { Tier } from '../../fleet/fleet.ts';
import type { Mode } from '../mode.ts';

/** A roll-out's last wave, kept from report to report. */
export interface RollOut {
  tier: Tier;
  /** Epoch ms. */
  startedAtMs: number;
  /** The records it brings hosts to; another DNS state ends a stopped roll-out. */
  records: string;
  mode: Mode;
  /** `commandId` null: planned, or perhaps sent. */
  commands: { commandId: string | null; instanceIds: string[] }[];
  /** Stopped because a wave went over its error limit: not repeated until DNS or mode change. */
  stopped: boolean;
  sentence: string;
}

/** What the plan of cycling must remember from tick to tick. */
export interface CyclingMemory {
  /** instance id -> epoch ms of its cycles in the last 24 hours. */
  cycles: Record<string, number[]>;
  rollOuts: Partial<Record<Tier, RollOut>>;
  /**
   * Stale hosts that decided against it when they were last asked: instance id -> when that wave began (epoch ms). Who was
   * not asked yet goes first, who was asked longest ago next, so that one that is never ready keeps nobody waiting.
   */
  undoneAtMs: Record<string, number>;
  /** Pods of association `pool` only: instance id -> since when (epoch ms) it has been stale. */
  staleSinceMs: Record<string, number>;
}
