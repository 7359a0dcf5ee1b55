import type { Host } from '../fleet/fleet.ts';
import { byText } from '../fleet/ordering.ts';

/** A source of which it is not known which clock it is. */
export const UNKNOWN_CLOCK = '?';

/** Whom clocks follow, by the word of the pod's boundary servers. null: not known; undefined: nobody says that it follows another. */
export interface FollowedBy {
  /** Of a server its system peer, and of such a peer the clock that this follows in turn, as far as refids tell. */
  clock: (name: string) => string | null | undefined;
  /** The system peer itself; undefined: the name is no boundary server's of the pod. */
  peer: (server: string) => string | null | undefined;
}

/** What one boundary server says: the clock that its system peer follows in turn, or else the peer itself; and the peer. */
interface Word {
  follows: string | null;
  peer: string | null;
}

const NO_WORD: Word = { follows: null, peer: null };

/**
 * Of servers that were not looked at nobody knows. One peer is one clock, whoever names it: ntpd tells whom its peer follows, chrony does
 * not, and of two that tell it at different moments each may name another.
 */
export function followedBy(
  hosts: readonly Host[],
  looked: readonly { host: Host; evidence: { ballot: Word } }[],
): FollowedBy {
  const words = new Map<string, Word>();
  for (const { tier, instanceId } of hosts) if (tier === 'boundary') words.set(instanceId, NO_WORD);
  for (const { host, evidence } of looked) if (host.tier === 'boundary') words.set(host.instanceId, evidence.ballot);
  const behind = behindPeers(words);
  return {
    clock: (name) => {
      const word = words.get(name);
      return word === undefined ? behind.get(name) : (word.peer ?? word.follows);
    },
    peer: (server) => words.get(server)?.peer,
  };
}

/** Of each peer that is no server of the pod the clock at the end of those that it follows. */
function behindPeers(words: ReadonlyMap<string, Word>): Map<string, string> {
  const next = new Map<string, string>();
  for (const { follows, peer } of words.values()) {
    if (follows === null || peer === null || follows === peer || words.has(peer)) continue;
    const known = next.get(peer);
    // the same whatever the order of servers
    if (known === undefined || byText(follows, known) < 0) next.set(peer, follows);
  }
  const ends = new Map<string, string>();
  for (const peer of next.keys()) {
    const end = endOf(peer, next);
    if (end !== peer) ends.set(peer, end);
  }
  return ends;
}

/** Of a ring, in which nobody follows another clock, the first by name. */
function endOf(peer: string, next: ReadonlyMap<string, string>): string {
  const passed = new Set<string>();
  let clock = peer;
  for (let then = next.get(clock); then !== undefined && !passed.has(clock); then = next.get(clock)) {
    passed.add(clock);
    clock = then;
  }
  if (!next.has(clock)) return clock;
  const ring = [...passed].slice([...passed].indexOf(clock));
  return ring.sort(byText)[0] ?? clock;
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
