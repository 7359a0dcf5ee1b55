import type { Host } from '../fleet/fleet.ts';
import { byText } from '../fleet/ordering.ts';

/** A source of which it is not known which clock it is. */
export const UNKNOWN_CLOCK = '?';

/** Whom clocks follow, by the word of the pod's boundary servers. null: not known; undefined: nobody says that it follows another. */
export interface FollowedBy {
  /** Of a server its system peer, or the clock that this follows in turn, as far as refids tell; of any other what most servers say. */
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

/** Of servers that were not looked at nobody knows. */
export function followedBy(
  hosts: readonly Host[],
  looked: readonly { host: Host; evidence: { ballot: Word } }[],
): FollowedBy {
  const words = new Map<string, Word>();
  for (const { tier, instanceId } of hosts) if (tier === 'boundary') words.set(instanceId, NO_WORD);
  for (const { host, evidence } of looked) if (host.tier === 'boundary') words.set(host.instanceId, evidence.ballot);
  const clocks = sharedClocks(words);
  const behind = clocksBehindPeers([...words.values()]);
  return {
    clock: (name) => (words.has(name) ? (clocks.get(name) ?? null) : behind.get(name)),
    peer: (server) => words.get(server)?.peer,
  };
}

/**
 * One clock of each server. By its own word it has the time of two: its system peer, and whom that follows in turn (ntpd tells it, chrony does
 * not, and of two that tell it at different moments each may name another). Those that name one clock have one time, so each is given the one
 * that most name. Two are never given one that not both name: no server joins two others by what it says of their upstreams. Decision 0106.
 */
function sharedClocks(words: ReadonlyMap<string, Word>): Map<string, string> {
  const clocks = new Map<string, string>();
  let others = [...words];
  for (let clock = mostNamed([...words.values()]); clock !== null; clock = mostNamed(others.map(([, word]) => word))) {
    for (const [server, word] of others) if (names(word, clock)) clocks.set(server, clock);
    others = others.filter(([server]) => !clocks.has(server));
  }
  return clocks;
}

function names({ peer, follows }: Word, clock: string): boolean {
  return peer === clock || follows === clock;
}

/** Of as many names the one that ends more chains, then the first by text: the same whatever the order of servers. null: nobody names any. */
function mostNamed(words: readonly Word[]): string | null {
  const named = new Set(words.flatMap(({ peer, follows }) => [peer, follows]).filter((clock) => clock !== null));
  const ranked = [...named].map((clock) => ({
    clock,
    naming: words.filter((word) => names(word, clock)).length,
    ending: words.filter(({ follows }) => follows === clock).length,
  }));
  ranked.sort((a, b) => b.naming - a.naming || b.ending - a.ending || byText(a.clock, b.clock));
  return ranked[0]?.clock ?? null;
}

/**
 * The clock that a peer follows in turn, as more than half of all servers say: hosts that hear that peer themselves, or follow it and are not
 * told, have that one's time. Fewer may all lie.
 */
function clocksBehindPeers(words: readonly Word[]): Map<string, string> {
  const behind = new Map<string, string>();
  for (const { peer, follows } of words) {
    if (peer === null || follows === null || peer === follows) continue;
    const saying = words.filter((word) => word.peer === peer && word.follows === follows);
    if (2 * saying.length > words.length) behind.set(peer, follows);
  }
  return behind;
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
