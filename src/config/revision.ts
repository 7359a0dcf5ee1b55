import type { Fleet, Host, Pod, Tier } from '../fleet/fleet.ts';
import type { RunningDaemon } from '../host/collected.ts';
import { FILE_OF, isServed, render, type ServedDaemon, stepsOf, versionClass, whyNoFile } from './files.ts';
import { ntsUpstreams } from './nts.ts';
import { fileRefusal } from './refusal.ts';
import { readVersion, UNTOLD_VERSION, type Version, versionText } from './versions.ts';

/** The revision that stands in the file served now to a host of this pod, tier and AZ for its daemon of this version. */
export function revisionOf(
  fleet: Fleet,
  pod: Pod,
  tier: Tier,
  az: string,
  daemon: ServedDaemon,
  version: Version = UNTOLD_VERSION,
): string {
  return render(FILE_OF[daemon], { fleet, pod, tier, az }, version).revision;
}

/**
 * Tells the same of any host of a pod, by the version that its daemon tells; null where that decides and is not known, and where there is
 * no file for its daemon. Ten thousand hosts share a few files: each is rendered once.
 */
export function revisionReader(
  fleet: Fleet,
  pod: Pod,
): (host: Pick<Host, 'tier' | 'az'>, daemon: RunningDaemon, version: string | null) => string | null {
  const known = new Map<string, string | null>();
  const mayRefuse = ntsUpstreams(fleet).length > 0 || pod.together;
  return ({ tier, az }, daemon, text) => {
    if (!isServed(daemon)) return null;
    const file = FILE_OF[daemon];
    const version = text === null ? null : readVersion(text);
    if (version === null && stepsOf(file, pod).length > 0) return null;
    if (mayRefuse && fileRefusal(file, { fleet, pod, tier, az }, version ?? UNTOLD_VERSION) !== null) return null;
    const least = versionClass(file, pod, version ?? UNTOLD_VERSION);
    const key = `${tier} ${az} ${daemon} ${versionText(least)}`;
    if (!known.has(key)) {
      const isServed = whyNoFile(file, { fleet, pod, tier, az }) === null;
      known.set(key, isServed ? revisionOf(fleet, pod, tier, az, daemon, least) : null);
    }
    return known.get(key) ?? null;
  };
}

/** Why a host of this pod is served no file for its daemon of this version, a sentence; null: it is, or podtime has none for any such daemon. */
export function noFileReader(
  fleet: Fleet,
  pod: Pod,
): (host: Pick<Host, 'tier' | 'az'>, daemon: RunningDaemon, version: string | null) => string | null {
  return ({ tier, az }, daemon, text) => {
    if (!isServed(daemon)) return null;
    const version = text === null ? null : readVersion(text);
    // whether one that could not be read is refused is not known
    if (version === null && pod.together) return whyNoFile(FILE_OF[daemon], { fleet, pod, tier, az });
    return (
      whyNoFile(FILE_OF[daemon], { fleet, pod, tier, az }) ??
      fileRefusal(FILE_OF[daemon], { fleet, pod, tier, az }, version ?? UNTOLD_VERSION)
    );
  };
}
