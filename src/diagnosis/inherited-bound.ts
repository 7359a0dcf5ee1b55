import type { Thresholds } from '../fleet/fleet.ts';
import { byText } from '../fleet/ordering.ts';
import { withoutNoise } from '../ntp/numbers.ts';
import { horizonOf } from './bound.ts';
import type { Heir, Inherited } from './descent.ts';
import { atLeastHeld } from './held-bound.ts';
import type { SetClock } from './skew.ts';

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
  return (clock) => {
    if (isUncovered(clock)) return noBound(clock);
    return atLeastHeld(clock.held, clock.measures, heldBy(clock, looseOf) ?? grownBy(clock, unservedOf));
  };
}

function noBound({ descent, measures: { errorBoundMs, growthPpm } }: Heir): Inherited | null {
  if (descent === null || errorBoundMs === null) return null;
  const from = descent.follows[0]?.name || 'a clock that nobody knows';
  return { boundMs: null, growthPpm: growthPpm ?? 0, by: { kind: 'server', from, serverBoundMs: null } };
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

function looseByItself({ descent, held, measures }: Heir, isUncovered: boolean): Loose | null {
  if (held === undefined && !descent?.isInHoldover) return null;
  const { boundMs, growthPpm } = atLeastHeld(held, measures, null) ?? { ...measures, boundMs: measures.errorBoundMs };
  return { boundMs: isUncovered ? null : boundMs, growthPpm: growthPpm ?? 0 };
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
    least = { boundMs, growthPpm: fastestPpm, by: { kind: 'server', from: name, serverBoundMs: loose.boundMs } };
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
    by: { kind: 'unserved', from: most.from, ms: most.ms },
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
  const { boundMs, growthPpm, by } = inherited;
  if (by.kind === 'unserved')
    return { ...clock, rootDistanceMs: withoutNoise(clock.rootDistanceMs + by.ms), growthPpm };
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
