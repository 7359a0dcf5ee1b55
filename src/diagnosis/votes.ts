import { canonicalAddress } from '../fleet/addresses.ts';
import { votesOf } from '../fleet/worst-votes.ts';
import { refidOf } from '../ntp/refid.ts';
import type { Source } from '../ntp/source.ts';
import { type ClockNames, TIME_SERVICE_CLOCK } from './clock-names.ts';
import { clockBehind, type FollowedBy, UNKNOWN_CLOCK } from './followed.ts';
import type { VotesLeft } from './judgement.ts';

export const VOTES_UNKNOWN: VotesLeft = { liesLeft: null, lossesLeft: null };

/** What a host's rows say of whose time it has: the first pass's part. */
export interface Ballot {
  /**
   * The clock behind each usable source: a boundary server by its id, to be followed further; any other by what it follows itself, as far
   * as its refid tells. null: rows, or fields that decide, are missing.
   */
  usable: readonly string[] | null;
  /** The clock that the host follows, named likewise; null: none, or not known. */
  follows: string | null;
  /** The host's system peer itself, named likewise; null: none, or not known. */
  peer: string | null;
}

export const NO_BALLOT: Ballot = { usable: null, follows: null, peer: null };

/** What votes are counted of. */
export interface VotingRows {
  usable: readonly Source[];
  /** No row is missing, and of each it is known whether it is usable. */
  isUsableKnown: boolean;
  systemPeer: Source | null;
}

export function ballotOf(
  { usable, isUsableKnown, systemPeer }: VotingRows,
  clocks: ClockNames,
  shared: (list: string[]) => readonly string[],
): Ballot {
  const follows = systemPeer === null ? UNKNOWN_CLOCK : clockFollowed(systemPeer, clocks);
  const all = isUsableKnown ? usable.map((source) => clockFollowed(source, clocks)) : null;
  return {
    usable: all && shared(all.filter((clock, index) => all.indexOf(clock) === index)),
    follows: follows === UNKNOWN_CLOCK ? null : follows,
    peer: systemPeer && peerNamed(systemPeer, clocks),
  };
}

/** A refid names what a server of stratum 2 or more follows: its address, or a hash that looks like one (RFC 5905, 7.3). */
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;
/** The local clock, a daemon that follows nothing. */
const OWN_CLOCK = /^(?:127|0)\./;

/** What time a source has: two that follow one clock err with it alike. `name`: of `clocks`, where it is known. */
export function clockFollowed(source: Source, clocks: ClockNames, name = clocks.nameOf(source)): string {
  if (name === null) return UNKNOWN_CLOCK;
  if (clocks.isServer(name) || name === TIME_SERVICE_CLOCK) return name;
  const { refid, stratum } = source;
  const tellsWhom = refid !== null && ADDRESS.test(refid) && !OWN_CLOCK.test(refid) && stratum !== null && stratum > 1;
  return tellsWhom ? clocks.nameByRefid(refid) : asFollowed(name);
}

/** One clock has one name, whether a host hears it or hears of it: of an IPv6 address others tell the refid alone. */
function asFollowed(name: string): string {
  return canonicalAddress(name) === null ? name : refidOf(name);
}

function peerNamed(systemPeer: Source, clocks: ClockNames): string | null {
  const name = clocks.nameOf(systemPeer);
  return name === null ? null : asFollowed(name);
}

/**
 * The second pass: how many clocks stand behind a host's usable sources. Boundary servers that follow one system peer, or the time
 * service, are one clock with it; a source that follows nobody knows whom joins the largest of them, so it adds none. Decision 0083.
 */
export function votesLeft({ usable }: Ballot, followedBy: FollowedBy['clock'], confidentSources: number): VotesLeft {
  if (usable === null) return VOTES_UNKNOWN;
  const clocks = new Set(usable.map((name) => clockBehind(name, followedBy)));
  const unknown = clocks.delete(UNKNOWN_CLOCK);
  const distinct = Math.max(clocks.size, unknown ? 1 : 0);
  const { liesLeft, lossesLeft } = votesOf(distinct, confidentSources);
  return { liesLeft, lossesLeft };
}
