import type { Fleet, Host, Pod } from '../fleet/fleet.ts';
import type { RunningDaemon } from '../host/collected.ts';
import { isAtLeast, readVersion, type Version } from './versions.ts';

/** chronyd dies of a line that it does not know; `refresh` came with this version (NEWS of chrony). */
export const KNOWS_REFRESH: Version = [4, 4];

/** How often a chrony asks DNS again for the names of its file, one source at a time. */
export interface Refresh {
  everySeconds: number;
  /** When all of them were asked for at the latest, while one of them answers: it asks only then. */
  allSeconds: number;
}

/**
 * A host follows DNS as soon as podtime stops calling an address that it no longer hears fresh (src/diagnosis/sources.ts), and as
 * soon as a server that fell ill is withdrawn (`withdrawAfterSeconds`).
 */
const ALL_NAMES_SECONDS = 900;

/** TTL of podtime's records: asked more often, a resolver answers what it did before. */
const LEAST_SECONDS = 30;

/** `maxsources` of a `pool` line that says none (chrony.conf(5)). */
const USUAL_MAX_SOURCES = 4;

/** Sources that chronyd keeps for one `pool` line, addresses or none: twice its `maxsources` (ntp_sources.c, NSR_AddSourceByName). */
function sourcesOfPool(maxSources: number): number {
  return 2 * maxSources;
}

/** Of a client's file: those names are the pod's own. Decision 0087. */
export function refreshOf({ azs, association }: Pick<Pod, 'azs' | 'association'>): Refresh {
  return refreshOfSources(azs.length * (association === 'pool' ? sourcesOfPool(USUAL_MAX_SOURCES) : 1));
}

/**
 * Of a boundary server's that keeps one time with others: their names beside those of the upstreams.
 *
 * @param maxSources of each of their `pool` lines
 */
export function togetherRefresh(
  { upstreams }: Pick<Fleet, 'upstreams'>,
  { azs }: Pick<Pod, 'azs'>,
  maxSources: number,
): Refresh {
  return refreshOfSources(upstreams.length + azs.length * sourcesOfPool(maxSources));
}

function refreshOfSources(sources: number): Refresh {
  const everySeconds = Math.max(LEAST_SECONDS, Math.floor(ALL_NAMES_SECONDS / sources));
  return { everySeconds, allSeconds: everySeconds * sources };
}

/**
 * In how many seconds a host that runs on the file served to it has asked DNS again for all its names, by itself; null where its daemon
 * keeps to what it found until it is cycled. In pods of pools every daemon looks again in ways of its own.
 */
export function ownLookupSeconds(
  pod: Pod,
): (host: Pick<Host, 'tier'>, daemon: RunningDaemon, version: string | null) => number | null {
  const { allSeconds } = refreshOf(pod);
  return ({ tier }, daemon, text) => {
    if (tier !== 'client' || daemon !== 'chrony' || pod.association === 'pool' || text === null) return null;
    return isAtLeast(readVersion(text) ?? [], KNOWS_REFRESH) ? allSeconds : null;
  };
}
