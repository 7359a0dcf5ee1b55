import type { Host } from '../fleet/fleet.ts';
import type { LeapSign } from '../fleet/leap-seconds.ts';
import type { Collected } from '../host/collected.ts';
import type { Source } from '../ntp/source.ts';
import type { Received } from './load.ts';

/** What one host reported at one tick. `collected` is null when SSM has no answer, whatever the reason. */
export interface Sighting {
  host: Host;
  collected: Collected | null;
  /** Why there is no answer, as SSM's StatusDetails says it (`DeliveryTimedOut`, …), or `NOT_READ`; or `Success`. */
  status: string;
  /** Missing: at once, and at a time that is not told, so that no bound of before counts. */
  judgedAt?: JudgedAt;
}

/** When a host is judged. */
export interface JudgedAt {
  /** Epoch ms. */
  nowMs: number;
  /** Since the host printed its answer, at the most. */
  ageSeconds: number;
}

/** The clock error bound that a clock had when its daemon last told one; of a contradicted one of a pod that keeps one time what covers it. */
export interface RememberedBound {
  boundMs: number;
  /** Epoch ms. */
  atMs: number;
  /** R, as its daemon told it then. Missing: no more than the least. */
  growthPpm?: number | undefined;
}

/** A bound that a clock had by a server in holdover. */
export interface HeldBound extends Omit<RememberedBound, 'boundMs'> {
  /** null: it was not known. */
  boundMs: number | null;
  /** Epoch ms, since when it is known to follow none in holdover. Missing: it follows one, or nobody. */
  backMs?: number | undefined;
}

/** Nobody knows whether the host answered: the look's time was up before SSM's list was read so far. */
export const NOT_READ = 'NotRead';

/** In order of precedence: the first that fits is a host's state. */
export const STATES = [
  'unknown',
  'no-daemon',
  'starting',
  'unsynchronised',
  'contradicted',
  'adrift',
  'holdover',
  'uncertain',
  'degraded',
  'healthy',
] as const;

export type State = (typeof STATES)[number];

/** Limits that a clock may be over: of its offset, of its offset from the AWS time service, of its error bound. */
export const LIMITS = ['offset', 'time-service', 'bound'] as const;
export type Limit = (typeof LIMITS)[number];

/** What a clock leaves late that it entered: a limit; a boundary server, that its witnesses contradict it; that its system peer was heard in too few polls. */
export const LATE = [...LIMITS, 'disagreement', 'reach'] as const;
export type Late = (typeof LATE)[number];

/** The numbers a host is judged by; null where the host did not tell. Units in the names. */
export interface Measures {
  /** Signed, positive when the reference is ahead of this host. */
  offsetMs: number | null;
  /** Signed offset from the AWS time service's row. */
  timeServiceOffsetMs: number | null;
  /** How wrong the clock may be now: |offset| + root dispersion + root delay / 2, and what silence, and the age of its word, add (`boundOf`). */
  errorBoundMs: number | null;
  /** How fast that grows while nobody is heard; of a bound that is not known, at the least. */
  growthPpm: number | null;
  /** For how long it then stays within its limit; 0: it is over it, or the clock was never set by anybody. */
  horizonSeconds: number | null;
  jitterMs: number | null;
  /** The system peer's delay. */
  delayMs: number | null;
  /** Polls heard of the last eight, over all polled sources: 0..1. */
  reachRatio: number | null;
  /** Sources heard at least once in their last eight polls. */
  reachableSources: number | null;
  /** Sources that are fresh, heard in their last eight polls, selectable, of a stratum below that of local clocks. */
  usableSources: number | null;
  /** Age of the daemon. */
  ageSeconds: number | null;
  /** The correction that the daemon applies, signed: positive when the bare clock runs slow. */
  frequencyPpm: number | null;
}

/** How many of the clocks behind a host's usable sources may still fail it; null: not known. Hosts with the same sources have one. */
export interface VotesLeft {
  /** May lie without outvoting the others. */
  readonly liesLeft: number | null;
  /** May fall silent before too few are left for confidence. */
  readonly lossesLeft: number | null;
}

/** A client that DNS has left behind. */
export interface Stale {
  /** `left-behind`: polls an address that no record holds; `unjoined`: polls none of a name's addresses, now and in the report before. */
  rule: 'left-behind' | 'unjoined';
  /** The names of the zone that made it stale, `ntp.az-b.pod`. */
  names: string[];
  /** The addresses it should not be on (left-behind); canonical. */
  addresses: string[];
  sentence: string;
}

/** One source as a host's daemon sees it, for people. */
export type SeenSource = Pick<Source, 'remote' | 'tally' | 'reach' | 'stratum' | 'offsetMs'>;

export interface Judgement {
  host: Host;
  state: State;
  /** All states that what was found puts it in, each once, in order of precedence; none of a healthy host. Gauges count these. */
  findings: State[];
  /** What a tired operator reads: the number and the limit in it. Empty for a healthy host of a brief look. */
  sentence: string;
  /** What it has in common with others in that state, told of several at once; null where it is healthy. */
  cause: string | null;
  /** Further things wrong, each a sentence: a source not heard, two daemons, an old file, a falseticker named, output cut. */
  remarks: string[];
  confident: boolean;
  /** Why it is, or is not, confident. Empty for a confident host of a brief look. */
  confidence: string;
  measures: Measures;
  /** By the clocks behind its usable sources. */
  votes: VotesLeft;
  /** Of a boundary server: three clients or more compare it with other sources, and no more than half of them accuse it. Missing: not so. */
  acquitted?: true;
  /** Of a boundary server: most that compare it accuse it, but they are too few to contradict it. Missing: not so. */
  accused?: true;
  /** A source that it asks left eight polls or more unanswered, by a daemon without reach registers, of which there is no `reachRatio`. Missing: none did. */
  missesSource?: true;
  /** The limits that it is over, by which it is judged, and what else it leaves late. Missing: none, or its daemon is still starting. */
  over?: Late[];
  /** Of a boundary server: what the next sighting's load is counted from. Missing: not known. */
  received?: Received;
  /** Of a boundary server: packets a second that its daemon receives (`load.ts`). Missing: not known. */
  packetsPerSecond?: number;
  /** Of a clock that tells no bound of its own in holdover, or may serve as its pod's one time: the last that it told. Missing: it told none, or needs none. */
  lastBound?: RememberedBound;
  /** The bound that it has, or had and nobody better has told it since, by a server in holdover. Missing: none. */
  heldBound?: HeldBound;
  /** Only for clients whose own config names `ntp.az-*`. */
  stale: Stale | null;
  /** Names `ntp.az-*` of the pod's zone whose confident servers it polls none of, now: the next report's "report before". */
  unjoinedNames: string[];
  /** Polls no server of podtime's: counted, never touched. */
  unmanaged: boolean;
  /** The leap second that the leap indicator announces. */
  leapAnnounced: LeapSign | false;
  /** Polled addresses, canonical. */
  polled: string[];
  /** What it polls, as its daemon sees it: of a boundary server, and of a host that is not healthy. Missing: of others, and where none is known. */
  sources?: SeenSource[];
  /** Of the host's own telling, for cool-down. */
  cycledSecondsAgo: number | null;
  /** In so many seconds it has looked all its names up again by itself; missing: it never does. */
  ownLookupSeconds?: number;
  /** Whom its daemon follows. Hosts that follow one alike have one. Missing: nobody, or it is not known. */
  peer?: Peer;
  /** Epoch ms; when its answer was read. Missing: it has none. */
  sampledAtMs?: number;
}

/** A system peer, as a host's daemon tells of it. */
export interface Peer {
  /** Canonical, or what the daemon calls a clock without an address. */
  readonly address: string;
  /** Its reach register, 0..255, the newest poll in the low bit; null: not known. */
  readonly reach: number | null;
}
