import type { Host } from '../fleet/fleet.ts';

/** A source of which it is not known which clock it is. */
export const UNKNOWN_CLOCK = '?';

/** Whom boundary servers follow, by their own word. null: not known; undefined: the name is no boundary server's of the pod. */
export interface FollowedBy {
  /** The clock that a server's system peer follows in turn, as far as its refid tells; else the peer itself. */
  clock: (server: string) => string | null | undefined;
  /** The system peer itself. */
  peer: (server: string) => string | null | undefined;
}

/** Of servers that were not looked at nobody knows. */
export function followedBy(
  hosts: readonly Host[],
  looked: readonly { host: Host; evidence: { ballot: { follows: string | null; peer: string | null } } }[],
): FollowedBy {
  const words = new Map<string, { follows: string | null; peer: string | null }>();
  for (const { tier, instanceId } of hosts) {
    if (tier === 'boundary') words.set(instanceId, { follows: null, peer: null });
  }
  for (const { host, evidence } of looked) if (host.tier === 'boundary') words.set(host.instanceId, evidence.ballot);
  return { clock: (server) => words.get(server)?.follows, peer: (server) => words.get(server)?.peer };
}

/** Boundary servers may follow each other, and in a ring; the clock at the end is what counts. */
const LONGEST_CHAIN = 16;

/** Servers that follow one system peer, or the time service, are one clock with it; `UNKNOWN_CLOCK`: nobody knows whom it follows. */
export function clockBehind(name: string, followedByServer: FollowedBy['clock']): string {
  let clock = name;
  for (let step = 0; step < LONGEST_CHAIN; step += 1) {
    const followed = followedByServer(clock);
    if (followed === undefined) return clock;
    if (followed === null) return UNKNOWN_CLOCK;
    clock = followed;
  }
  return UNKNOWN_CLOCK;
}
