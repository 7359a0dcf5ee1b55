import type { Fleet, Host, Pod, Tier } from '../fleet/fleet.ts';
import type { RunningDaemon } from '../host/collected.ts';
import { FILE_OF, isServed, render, type ServedDaemon, stepsOf, versionClass, whyNoFile } from './files.ts';
import { ntsUpstreams } from './nts.ts';
import { fileRefusal } from './refusal.ts';
import { type FileKey, keyText } from './trials/file-key.ts';
import { type FileState, type FileStates, stateOfFile } from './trials/file-states.ts';
import { servedRevision } from './trials/serving.ts';
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

/** A file that has not settled, as a host has it. */
export interface SeenFile {
  key: FileKey;
  /** The revision that the fleet file makes. */
  revision: string;
  /** The host, where it runs that one. */
  runner: string | undefined;
}

/** Whose file a host has: `runs` is the revision that stands in it, null where it is none of podtime's. */
type ServedTo = (
  host: Pick<Host, 'tier' | 'az'> & Partial<Pick<Host, 'instanceId'>>,
  daemon: RunningDaemon,
  version: string | null,
  runs?: string | null,
) => string | null;

/**
 * Tells the revision that is served to any host of a pod, by the version that its daemon tells; null where that decides and is not known, and
 * where there is no file for its daemon. `states`: which revisions have settled; none: the fleet file's is served to all. `seen` is told of each
 * host whose file has not settled. Ten thousand hosts share a few files: each is rendered once.
 */
export function revisionReader(
  fleet: Fleet,
  pod: Pod,
  states: FileStates = {},
  seen: (file: SeenFile) => void = () => {},
): ServedTo {
  const known = new Map<string, KnownFile | null>();
  const mayRefuse = ntsUpstreams(fleet).length > 0 || pod.together;
  return ({ tier, az, instanceId }, daemon, text, runs = null) => {
    if (!isServed(daemon)) return null;
    const file = FILE_OF[daemon];
    const version = text === null ? null : readVersion(text);
    if (version === null && stepsOf(file, pod).length > 0) return null;
    if (mayRefuse && fileRefusal(file, { fleet, pod, tier, az }, version ?? UNTOLD_VERSION) !== null) return null;
    const key = { tier, az, file, version: versionClass(file, pod, version ?? UNTOLD_VERSION) };
    const name = keyText(key);
    let found = known.get(name);
    if (found === undefined) {
      found = knownFile(fleet, pod, key, states);
      known.set(name, found);
    }
    if (found === null) return null;
    if (!found.isSettled)
      seen({ key, revision: found.revision, runner: runs === found.revision ? instanceId : undefined });
    if (pod.rollout === 'at-once') return found.revision;
    return servedRevision({ state: found.state, fleet: found.revision, has: runs });
  };
}

interface KnownFile {
  key: FileKey;
  revision: string;
  state: FileState | undefined;
  isSettled: boolean;
}

function knownFile(fleet: Fleet, pod: Pod, key: FileKey, states: FileStates): KnownFile | null {
  const revision = fleetRevision(fleet, pod, key);
  if (revision === null) return null;
  const state = stateOfFile(states, key);
  return { key, revision, state, isSettled: state?.settled === revision };
}

/** The revision that the fleet file makes; null: it makes none, as of an AZ that the pod has no more. */
export function fleetRevision(fleet: Fleet, pod: Pod, { tier, az, file, version }: FileKey): string | null {
  const target = { fleet, pod, tier, az };
  const isThere = pod.azs.includes(az) && whyNoFile(file, target) === null;
  if (!isThere || versionText(versionClass(file, pod, version)) !== versionText(version)) return null;
  return render(file, target, version).revision;
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
