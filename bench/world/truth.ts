import type { TimeDaemon } from './daemon.ts';
import type { World } from './world.ts';

/** What is so of a host's clock at the moment when it was looked at, whatever it says. */
export interface Truth {
  /** How wrong its clock is. */
  errorMs: number;
  /** null: no clock of it is set. */
  isSoundlySet: boolean | null;
  /** What it answers is not what is so. */
  isLying: boolean;
  ageSeconds: number;
  /** The clocks that it has heard of late, each with how far the worst of its rows is off. */
  heard: ReadonlyMap<string, { errorMs: number; whenSeconds: number }>;
  /** Sources that it could follow. */
  candidates: number;
}

/** A source last heard before that is old: well within what podtime calls so at the longest polls. */
const OLD_SECONDS = 2100;

export function truthsOf(world: World, ids: Iterable<string>): Map<string, Truth> {
  const truths = new Map<string, Truth>();
  for (const id of ids) {
    const instance = world.instances.get(id);
    if (!instance?.daemon) continue;
    const { daemon, lie } = instance;
    truths.set(id, {
      errorMs: daemon.errorMs,
      isSoundlySet: daemon.syncedSinceMs === null ? null : daemon.isSoundlySet(),
      isLying: lie !== null,
      ageSeconds: daemon.ageSeconds(world.nowMs),
      heard: heardBy(daemon, world),
      candidates: daemon.associations.filter(({ tally }) => tally === '*' || tally === '+').length,
    });
  }
  return truths;
}

function heardBy({ associations }: TimeDaemon, world: World): Truth['heard'] {
  const heard = new Map<string, { errorMs: number; whenSeconds: number }>();
  for (const { address, errorMs, lastHeardMs, stratum } of associations) {
    if (lastHeardMs === null || stratum >= 16) continue;
    const whenSeconds = (world.nowMs - lastHeardMs) / 1000;
    if (whenSeconds > OLD_SECONDS) continue;
    const clock = world.serverAt(address)?.id ?? address;
    const known = heard.get(clock);
    heard.set(clock, {
      errorMs: Math.max(Math.abs(errorMs), known?.errorMs ?? 0),
      whenSeconds: Math.max(whenSeconds, known?.whenSeconds ?? 0),
    });
  }
  return heard;
}
