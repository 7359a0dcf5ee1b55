import type { Thresholds } from '../fleet/fleet.ts';
import { byText } from '../fleet/ordering.ts';
import { LOCAL_STRATUM } from '../fleet/together.ts';
import type { RunningDaemon } from '../host/collected.ts';
import { withoutNoise } from '../ntp/numbers.ts';
import type { Source } from '../ntp/source.ts';
import { grownMs, horizonOf, unservedMs } from './bound.ts';
import type { ClockNames } from './clock-names.ts';
import type { Facts } from './facts.ts';
import { intervalOf } from './intervals.ts';
import type { Judgement, Limit } from './judgement.ts';
import type { SetClock } from './skew.ts';
import { isOwnClockTold } from './sources.ts';

/** What the first pass keeps of a clock, so that it is held to the bounds of those that it follows. */
export interface Descent {
  isInHoldover: boolean;
  /**
   * Whether its time ends in an undisciplined clock: its `own`; by who it follows; or by who is known to be no boundary server of its pod
   * (`foreign`). null: in none.
   */
  localClock: 'own' | 'followed' | 'foreign' | null;
  /** All that it follows. */
  follows: readonly FollowedClock[];
  /** Of a clock in touch: so far, in ms, it may have run off without telling those that ask it. 0 too where it is not known. */
  unservedMs: number;
  /** Offsets that are told and not judged, a leap second being near. */
  unjudged: readonly Limit[];
}

export interface FollowedClock {
  /** Of a boundary server its instance id. '': not known. */
  name: string;
  /** By the row for it: it serves its own undisciplined clock, and that of no other. */
  isOnItsOwn: boolean;
  /** So far the clock may be from it, by its own row. null: not known, nor a bound of the clock. */
  apartMs: number | null;
}

/** As much of a first judgement as a bound is passed on by. */
export interface Heir extends Pick<Judgement, 'host' | 'measures'> {
  /** null: no daemon answered. */
  descent: Descent | null;
}

/** What a clock has from a server that it follows; only where that is more than its own. */
export interface Inherited {
  /** null: not known. */
  boundMs: number | null;
  growthPpm: number;
  /** The server (instance id). */
  from: string;
  /** Of one that runs on by itself: its bound. null: not known. */
  serverBoundMs: number | null;
  /** Of one in touch: what comes to the clock's own bound. null: the bound is the server's, and how far the clock is from it. */
  unservedMs: number | null;
}

/**
 * Of a daemon that tells no system peer all sources that agree: it may follow any. How far the clock is from one is the far end of the row's interval
 * (offset, delay / 2, jitter, 15 ppm of the time since), and where a number of it is missing no more than the clock's own bound.
 *
 * @param ageSeconds since the host printed its answer, at the most
 */
export function descentOf(
  { contact, collected, systemPeer, sources, unjudged, measures }: Facts,
  { daemon, ageSeconds }: { daemon: RunningDaemon; ageSeconds: number },
  clocks: ClockNames,
): Descent {
  const rows = systemPeer === 'untold' ? sources.filter(({ tally }) => tally === '+') : rowsOf(systemPeer);
  const follows = rows.map((row) => ({
    name: clocks.nameOf(row) ?? '',
    isOnItsOwn: row.stratum === LOCAL_STRATUM || isOwnClockTold(row),
    apartMs: apartMs(row, daemon, measures, ageSeconds),
  }));
  return {
    isInHoldover: contact.holdover !== null,
    localClock: localClockOf(contact, follows, clocks),
    follows,
    unservedMs: contact.isInTouch === true ? unservedMs(contact, daemon, collected.system, measures.growthPpm) : 0,
    unjudged,
  };
}

function localClockOf(
  { holdover }: Facts['contact'],
  follows: readonly FollowedClock[],
  { isServer }: ClockNames,
): Descent['localClock'] {
  if (holdover === 'local clock') return 'own';
  if (holdover !== 'followed local clock') return null;
  // a row whose address was cut has no name, and may be any server's
  const isForeign = follows.length > 0 && follows.every(({ name }) => name !== '' && !isServer(name));
  return isForeign ? 'foreign' : 'followed';
}

function rowsOf(systemPeer: Source | string | null): Source[] {
  return systemPeer === null || typeof systemPeer === 'string' ? [] : [systemPeer];
}

function apartMs(
  row: Source,
  daemon: RunningDaemon,
  { errorBoundMs, growthPpm }: Heir['measures'],
  ageSeconds: number,
): number | null {
  const interval = intervalOf(row, daemon);
  if (interval === null) return errorBoundMs;
  return Math.max(Math.abs(interval.low), Math.abs(interval.high)) + grownMs(growthPpm ?? 0, ageSeconds);
}

/** Of a server that runs on by itself, or follows one that does. */
type Loose = Pick<Inherited, 'boundMs' | 'growthPpm'>;

/** What a server may have run off and does not serve, with what it has from others. */
interface Unserved {
  ms: number;
  growthPpm: number;
}

const SERVES_ALL: Unserved = { ms: 0, growthPpm: 0 };

/**
 * A clock's error is its server's and what lies between the two, so its bound is no less than the server's and that. By itself a client knows
 * only what its server serves. In holdover that need not hold the server's error: ntpd-rs serves the root dispersion and stratum of
 * before (seen on 1.4.0, 150 s after the cut), chrony's grows more slowly than a clock may run off, and a local clock serves none. So
 * the whole bound passes on from servers in holdover, and from those that follow one. Of several that a clock may
 * follow each gives a bound, and the least counts. Decision 0102.
 *
 * In touch what is served holds the server's error, but for what its clock may run off and it does not tell: of ntpd-rs and chrony, from one of its
 * own answers to the next (`Descent.unservedMs`). That comes to the clock's own bound, the most of all that it may follow. Decision 0103.
 *
 * In a ring a server that is reached again counts by its own word, the first by name first.
 *
 * @param clocks of the first pass
 * @param isUncovered of `uncoveredChains`: such a clock has no bound, whatever its own word
 */
export function inheritance<C extends Heir>(
  clocks: readonly C[],
  isUncovered: (clock: C) => boolean,
): (clock: C) => Inherited | null {
  const servers = new Map(
    clocks.filter(({ host }) => host.tier === 'boundary').map((clock) => [clock.host.instanceId, clock]),
  );
  const ownOf = (server: C) => looseByItself(server, isUncovered(server));
  const looseOf = passedBy(servers, null, ownOf, (server, known) =>
    isUncovered(server) ? ownOf(server) : (heldBy(server, known) ?? ownOf(server)),
  );
  const unservedOf = passedBy(servers, SERVES_ALL, unservedByItself, unservedWithOthers);
  return (clock) => (isUncovered(clock) ? noBound(clock) : (heldBy(clock, looseOf) ?? grownBy(clock, unservedOf)));
}

function noBound({ descent, measures: { errorBoundMs, growthPpm } }: Heir): Inherited | null {
  if (descent === null || errorBoundMs === null) return null;
  const from = descent.follows[0]?.name || 'a clock that nobody knows';
  return { boundMs: null, growthPpm: growthPpm ?? 0, from, serverBoundMs: null, unservedMs: null };
}

/** What each server passes on: by itself, and with what it has from those that it follows. */
function passedBy<Server extends Heir, Passed>(
  servers: ReadonlyMap<string, Server>,
  ofNobody: Passed,
  byItself: (server: Server) => Passed,
  withOthers: (server: Server, known: (name: string) => Passed) => Passed,
): (name: string) => Passed {
  const passed = new Map<string, Passed>();
  const passedOf = (name: string): Passed => {
    const before = passed.get(name);
    if (before !== undefined) return before;
    const server = servers.get(name);
    if (server === undefined) return ofNobody;
    passed.set(name, byItself(server));
    const whole = withOthers(server, passedOf);
    passed.set(name, whole);
    return whole;
  };
  for (const name of [...servers.keys()].sort(byText)) passedOf(name);
  return passedOf;
}

function looseByItself({ descent, measures: { errorBoundMs, growthPpm } }: Heir, isUncovered: boolean): Loose | null {
  return descent?.isInHoldover ? { boundMs: isUncovered ? null : errorBoundMs, growthPpm: growthPpm ?? 0 } : null;
}

function unservedByItself({ descent, measures }: Heir): Unserved {
  return descent === null ? SERVES_ALL : { ms: descent.unservedMs, growthPpm: measures.growthPpm ?? 0 };
}

function unservedWithOthers(server: Heir, unservedOf: (name: string) => Unserved): Unserved {
  const own = unservedByItself(server);
  const most = mostUnserved(server, unservedOf);
  return most === null ? own : { ms: own.ms + most.ms, growthPpm: Math.max(own.growthPpm, most.growthPpm) };
}

/** By servers that run on by themselves. null: nothing, or no more than it has. Of a clock without a bound nothing makes one. */
function heldBy({ descent, measures }: Heir, looseOf: (name: string) => Loose | null): Inherited | null {
  const { errorBoundMs, growthPpm } = measures;
  if (descent === null || errorBoundMs === null) return null;
  let least: Inherited | null = null;
  for (const { name, apartMs } of descent.follows) {
    const loose = looseOf(name);
    if (loose === null) return null;
    const boundMs = loose.boundMs === null || apartMs === null ? null : withoutNoise(loose.boundMs + apartMs);
    if (least !== null && (least.boundMs ?? Infinity) <= (boundMs ?? Infinity)) continue;
    const fastestPpm = Math.max(loose.growthPpm, growthPpm ?? 0);
    least = { boundMs, growthPpm: fastestPpm, from: name, serverBoundMs: loose.boundMs, unservedMs: null };
  }
  return least?.boundMs != null && least.boundMs <= errorBoundMs ? null : least;
}

/** By servers in touch. null: nothing. */
function grownBy(clock: Heir, unservedOf: (name: string) => Unserved): Inherited | null {
  const { errorBoundMs, growthPpm } = clock.measures;
  const most = mostUnserved(clock, unservedOf);
  if (most === null || errorBoundMs === null) return null;
  return {
    boundMs: withoutNoise(errorBoundMs + most.ms),
    growthPpm: Math.max(most.growthPpm, growthPpm ?? 0),
    from: most.from,
    serverBoundMs: null,
    unservedMs: most.ms,
  };
}

/** null: of nobody anything. */
function mostUnserved({ descent }: Heir, unservedOf: (name: string) => Unserved): (Unserved & { from: string }) | null {
  if (descent === null) return null;
  let most: (Unserved & { from: string }) | null = null;
  for (const { name } of descent.follows) {
    const unserved = unservedOf(name);
    if (unserved.ms > (most?.ms ?? 0)) most = { from: name, ...unserved };
  }
  return most;
}

/** A bound of its server's stands around the clock itself: where the server's stands nobody says. null: its clock is not known. */
export function setClockBy(clock: SetClock | null, inherited: Inherited | null): SetClock | null {
  if (clock === null || inherited === null) return clock;
  const { boundMs, growthPpm, unservedMs } = inherited;
  if (unservedMs !== null)
    return { ...clock, rootDistanceMs: withoutNoise(clock.rootDistanceMs + unservedMs), growthPpm };
  return boundMs === null ? null : { offsetMs: 0, rootDistanceMs: boundMs, growthPpm };
}

/** Bound, growth and horizon with what is inherited. */
export function measuresBy(
  measures: Heir['measures'],
  { boundMs, growthPpm }: Inherited,
  { errorBoundMs: limitMs }: Pick<Thresholds, 'errorBoundMs'>,
): Heir['measures'] {
  const horizonSeconds = boundMs === null ? null : horizonOf(boundMs, growthPpm, limitMs);
  return { ...measures, errorBoundMs: boundMs, growthPpm, horizonSeconds };
}
