import { IDS_PER_COMMAND } from '../../fleet/aws-limits.ts';
import type { Tier } from '../../fleet/fleet.ts';
import { errorLimit } from './waves.ts';

/** However large a command: no more daemons than this restart at one time. */
const CONCURRENCY_LIMIT = 10;

/** Which of a wave's hosts one command takes, and how SSM goes through them. */
export interface CommandShare {
  /** At most `IDS_PER_COMMAND`. */
  instanceIds: string[];
  /** So many hosts at one time. */
  maxConcurrency: number;
  /** SSM sends to no further host when *more* than so many failed. */
  maxErrors: number;
}

/** One run of the `cycle` document. */
export interface CycleCommand extends CommandShare {
  tier: Tier;
  /** What DNS says, as the document takes it: `az-b=10.0.1.5|fd00::5 az-c=…`. */
  records: string;
  force: boolean;
  coolDownSeconds: number;
  /** `TICK-TIER`: a host runs one wave once, forced or not. */
  waveId: string;
  reason: string;
}

/**
 * Cuts a wave into commands that SSM takes. MaxErrors and MaxConcurrency hold for one command, so the wave's error limit
 * is dealt out over its commands and sums up to it: when all commands stay within theirs, the wave is within its own. A
 * quarter of a command runs at once, at most ten: with the default document a host takes a minute, so a wave ends in about
 * four.
 */
export function commandShares(wave: readonly string[], maxErrorShare: number): CommandShare[] {
  const commands = Math.ceil(wave.length / IDS_PER_COMMAND);
  const limit = errorLimit(wave.length, maxErrorShare);
  const portion = (total: number, index: number) =>
    Math.floor((total * (index + 1)) / commands) - Math.floor((total * index) / commands);
  let start = 0;
  return Array.from({ length: commands }, (_, index) => {
    const instanceIds = wave.slice(start, start + portion(wave.length, index));
    start += instanceIds.length;
    return {
      instanceIds,
      maxConcurrency: Math.min(CONCURRENCY_LIMIT, Math.ceil(instanceIds.length / 4)),
      maxErrors: portion(limit, index),
    };
  });
}
