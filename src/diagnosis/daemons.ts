import type { Tier } from '../fleet/fleet.ts';
import { byText } from '../fleet/ordering.ts';
import type { RunningDaemon } from '../host/collected.ts';
import type { ClockJudgement } from './judge.ts';
import type { Judgement } from './judgement.ts';

/** Hosts of a tier on one daemon. */
export interface DaemonCount {
  tier: Tier;
  daemon: RunningDaemon;
  /** They poll no server of podtime's: what they follow is not what it serves. */
  unmanaged: boolean;
  hosts: number;
}

/** Which daemons a pod's hosts run, of those that answered; `judgements` in the order of `clocks`. The most frequent first. */
export function countDaemons(
  clocks: readonly Pick<ClockJudgement, 'host' | 'daemon'>[],
  judgements: readonly Pick<Judgement, 'unmanaged'>[],
): DaemonCount[] {
  const counts = new Map<string, DaemonCount>();
  for (const [place, { host, daemon }] of clocks.entries()) {
    if (daemon === null) continue;
    const unmanaged = judgements[place]?.unmanaged === true;
    const key = `${host.tier} ${daemon} ${unmanaged}`;
    const known = counts.get(key);
    if (known) known.hosts += 1;
    else counts.set(key, { tier: host.tier, daemon, unmanaged, hosts: 1 });
  }
  return [...counts.values()].sort((a, b) => byTier(a, b) || b.hosts - a.hosts || byText(a.daemon, b.daemon));
}

function byTier(a: DaemonCount, b: DaemonCount): number {
  return byText(a.tier, b.tier);
}
