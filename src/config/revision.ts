import type { Fleet, Host, Pod, Tier } from '../fleet/fleet.ts';
import type { DaemonKind, RunningDaemon } from '../host/collected.ts';
import { FILE_OF, isServed, render } from './files.ts';

/** The revision that stands in the file served now to a host of this pod, tier and AZ for its daemon. */
export function revisionOf(fleet: Fleet, pod: Pod, tier: Tier, az: string, daemon: DaemonKind): string {
  return render(FILE_OF[daemon], { fleet, pod, tier, az }).revision;
}

/** Tells the same of any host of a pod; null for a daemon that podtime has no file for. Ten thousand hosts share a few files: each is rendered once. */
export function revisionReader(
  fleet: Fleet,
  pod: Pod,
): (host: Pick<Host, 'tier' | 'az'>, daemon: RunningDaemon) => string | null {
  const known = new Map<string, string>();
  return ({ tier, az }, daemon) => {
    if (!isServed(daemon)) return null;
    const key = `${tier} ${az} ${daemon}`;
    const revision = known.get(key) ?? revisionOf(fleet, pod, tier, az, daemon);
    known.set(key, revision);
    return revision;
  };
}
