import { AZ_NAME_PREFIX_CHARACTERS } from './az-names.ts';
import { ASSOCIATION, BOUNDARY_SERVERS } from './defaults.ts';
import { isBelow, settingsOf } from './finding.ts';

/**
 * Whether what `collect` prints on a host has room for all its sources. SSM's agent keeps 2,400 bytes of a listed answer; beyond
 * them `collect` shortens, and at last leaves sources out, of which nothing can be said then. Decision 0055.
 */

/** As src/host/shorten.sh has it. */
export const ANSWER_BYTES = 2380;
/** Beside names and sources: what was found, the system's state, the system peer and the time service in full. */
const FIXED_BYTES = 800;
/** A shortened row at its longest: `+255.255.255.255 - 16 u 2048 1024 377`, `+255.255.255.255 .INIT. 16 u - 1024 0`. */
const ROW_BYTES = { ipv4: 38, ipv6: 62 } as const;
/** shorten.sh lists no more bytes of names that are not the pod's. */
const LISTED_NAMES_BYTES = 700;

/** Of a pod what decides how much its clients print; what is wrong by itself is missing. */
interface SizedPod {
  azs?: readonly (string | undefined)[] | undefined;
  networks?: readonly (string | undefined)[] | undefined;
  zone?: { name?: string | undefined } | undefined;
  boundaryServers?: number | undefined;
  association?: 'server' | 'pool' | undefined;
  together?: boolean | undefined;
}

interface RoomFinding {
  path: PropertyKey[];
  sentence: string;
}

/** Faults of a pod's clients. */
export function clientRoomFindings(name: string, pod: SizedPod): RoomFinding[] {
  const { azs = [], networks = [], zone } = pod;
  const byDefault = { boundaryServers: BOUNDARY_SERVERS, association: ASSOCIATION };
  const { boundaryServers, association } = settingsOf(byDefault, pod);
  if (association === undefined) return [];
  const families = [false, true].filter((ipv6) => networks.some((cidr) => cidr?.includes(':') === ipv6));
  const rowBytes = families.map((ipv6) => (ipv6 ? ROW_BYTES.ipv6 : ROW_BYTES.ipv4));
  const nameBytes = AZ_NAME_PREFIX_CHARACTERS + 2;
  const room = ANSWER_BYTES - FIXED_BYTES - (zone?.name?.length ?? 0) - azs.length * nameBytes;
  if (association === 'pool') {
    const most = Math.floor(room / rowBytes.reduce((sum, bytes) => sum + bytes, 0));
    if (!isBelow(most, boundaryServers) || families.length === 0) return [];
    const sentence = `pod ${name}: ${boundaryServers} boundary servers are more sources than a client of a pool can tell of within SSM's 2,400 bytes; here ${Math.max(most, 0)} fit`;
    return [{ path: ['pods', name, 'boundaryServers'], sentence }];
  }
  // of a name with both families a daemon takes one address
  const most = Math.floor((room + azs.length * nameBytes) / (Math.max(...rowBytes, 0) + nameBytes));
  if (azs.length <= most) return [];
  const sentence = `pod ${name}: ${azs.length} AZs are more sources than a client can tell of within SSM's 2,400 bytes; here ${most} fit`;
  return [{ path: ['pods', name, 'azs'], sentence }];
}

/** Faults of the boundary servers, which poll every upstream. */
export function upstreamRoomFindings(upstreams: readonly (string | undefined)[]): RoomFinding[] {
  const characters = upstreams.reduce((sum, upstream) => sum + (upstream?.length ?? 0) + 1, 0);
  const room = ANSWER_BYTES - FIXED_BYTES - Math.min(characters, LISTED_NAMES_BYTES);
  const most = Math.floor(room / ROW_BYTES.ipv6);
  if (upstreams.length <= most) return [];
  const sentence = `upstreams lists ${upstreams.length} servers, more than a boundary server can tell of within SSM's 2,400 bytes; here ${most} fit`;
  return [{ path: ['upstreams'], sentence }];
}

/** Faults of boundary servers that poll each other as well, each by one address. */
export function togetherRoomFindings(
  name: string,
  pod: SizedPod,
  upstreams: readonly (string | undefined)[],
): RoomFinding[] {
  const { azs = [], zone, together } = pod;
  const { boundaryServers } = settingsOf({ boundaryServers: BOUNDARY_SERVERS }, pod);
  if (together !== true) return [];
  const characters = upstreams.reduce((sum, upstream) => sum + (upstream?.length ?? 0) + 1, 0);
  const names = (zone?.name?.length ?? 0) + azs.length * (AZ_NAME_PREFIX_CHARACTERS + 2);
  const room = ANSWER_BYTES - FIXED_BYTES - Math.min(characters, LISTED_NAMES_BYTES) - names;
  const most = Math.floor(room / ROW_BYTES.ipv6) - upstreams.length;
  if (!isBelow(most, boundaryServers)) return [];
  const sentence = `pod ${name}: together: ${boundaryServers} boundary servers and the upstreams are more sources than each of them can tell of within SSM's 2,400 bytes; here ${Math.max(most, 0)} fit`;
  return [{ path: ['pods', name, 'boundaryServers'], sentence }];
}
