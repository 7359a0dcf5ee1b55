import type { Fleet, Host, Pod, Tier } from '../fleet/fleet.ts';
import type { DaemonKind, RunningDaemon } from '../host/collected.ts';
import { FILE_OF, isServed, render, stepsOf, versionClass } from './files.ts';
import { readVersion, UNTOLD_VERSION, type Version, versionText } from './versions.ts';

/** The revision that stands in the file served now to a host of this pod, tier and AZ for its daemon of this version. */
export function revisionOf(
  fleet: Fleet,
  pod: Pod,
  tier: Tier,
  az: string,
  daemon: DaemonKind,
  version: Version = UNTOLD_VERSION,
): string {
  return render(FILE_OF[daemon], { fleet, pod, tier, az }, version).revision;
}

/**
 * Tells the same of any host of a pod, by the version that its daemon tells; null where that decides and is not known. Ten thousand
 * hosts share a few files: each is rendered once.
 */
export function revisionReader(
  fleet: Fleet,
  pod: Pod,
): (host: Pick<Host, 'tier' | 'az'>, daemon: RunningDaemon, version: string | null) => string | null {
  const known = new Map<string, string>();
  return ({ tier, az }, daemon, text) => {
    if (!isServed(daemon)) return null;
    const file = FILE_OF[daemon];
    const version = text === null ? null : readVersion(text);
    if (version === null && stepsOf(file).length > 0) return null;
    const least = versionClass(file, version ?? UNTOLD_VERSION);
    const key = `${tier} ${az} ${daemon} ${versionText(least)}`;
    const revision = known.get(key) ?? revisionOf(fleet, pod, tier, az, daemon, least);
    known.set(key, revision);
    return revision;
  };
}
