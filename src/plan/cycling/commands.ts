import { IDS_PER_COMMAND } from '../../fleet/aws-limits.ts';
import type { Tier } from '../../fleet/fleet.ts';

/** So many turns, one after the other, take all hosts of a command: each takes a minute at most when all is well. */
export const TURNS = 5;

/** Where SSM refused a host that it did not name the others are sent in parts, and a part may take one turn more. */
export const MOST_TURNS = TURNS + 1;

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
 * Cuts a wave into commands that SSM takes, all full but the last. MaxErrors and MaxConcurrency hold for one command, and all run
 * at once: so what the roll-out may still lose is dealt out over them, and so are the hosts that may restart at one time.
 *
 * @param atOnce at least a sixth of the wave, which `waveSize` sees to: each command then has at most `MOST_TURNS` turns.
 */
export function commandShares(wave: readonly string[], mayFail: number, atOnce: number): CommandShare[] {
  const shares: CommandShare[] = [];
  const most = Math.min(atOnce, wave.length);
  for (let start = 0; start < wave.length; start += IDS_PER_COMMAND) {
    const instanceIds = wave.slice(start, start + IDS_PER_COMMAND);
    const dealt = (all: number) => {
      const until = (end: number) => Math.floor((all * end) / wave.length);
      return until(start + instanceIds.length) - until(start);
    };
    shares.push({ instanceIds, maxConcurrency: dealt(most), maxErrors: dealt(mayFail) });
  }
  return shares;
}
