import type { Thresholds } from '../fleet/fleet.ts';
import { byText } from '../fleet/ordering.ts';
import type { RunningDaemon } from '../host/collected.ts';
import { withoutNoise } from '../ntp/numbers.ts';
import type { Source } from '../ntp/source.ts';
import { grownMs, horizonOf } from './bound.ts';
import type { ClockNames } from './clock-names.ts';
import type { Facts } from './facts.ts';
import { intervalOf } from './intervals.ts';
import type { Judgement, Limit } from './judgement.ts';
import type { SetClock } from './skew.ts';

/** What the first pass keeps of a clock, so that it is held to the bounds of those that it follows. */
export interface Descent {
  isInHoldover: boolean;
  /** All that it follows, where all of these are boundary servers of its pod; else none, as where it is not known. */
  follows: readonly FollowedServer[];
  /** Offsets that are told and not judged, a leap second being near. */
  unjudged: readonly Limit[];
}

interface FollowedServer {
  instanceId: string;
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
  /** The server (instance id), and its bound. */
  from: string;
  serverBoundMs: number | null;
}

/**
 * Of a daemon that tells no system peer all sources that agree: it may follow any. How far the clock is from one is the far end of the row's interval
 * (offset, delay / 2, jitter, 15 ppm of the time since), and where a number of it is missing no more than the clock's own bound.
 *
 * @param ageSeconds since the host printed its answer, at the most
 */
export function descentOf(
  { contact, systemPeer, sources, unjudged, measures }: Facts,
  { daemon, ageSeconds }: { daemon: RunningDaemon; ageSeconds: number },
  clocks: ClockNames,
): Descent {
  const rows = systemPeer === 'untold' ? sources.filter(({ tally }) => tally === '+') : rowsOf(systemPeer);
  const follows = rows.map((row) => ({
    instanceId: clocks.nameOf(row) ?? '',
    apartMs: apartMs(row, daemon, measures, ageSeconds),
  }));
  const areServers = follows.every(({ instanceId }) => clocks.isServer(instanceId));
  return { isInHoldover: contact.holdover !== null, follows: areServers ? follows : [], unjudged };
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

/**
 * A clock's error is its server's and what lies between the two, so its bound is no less than the server's and that. By itself a client knows
 * only what its server serves. In touch that holds the server's error; in holdover it need not: ntpd-rs serves the root dispersion and stratum of
 * before (seen on 1.4.0, 150 s after the cut), chrony's grows more slowly than a clock may run off, and a local clock serves none. So
 * a bound passes on from servers in holdover alone, and from those that follow one; nothing is counted twice. Of several that a clock may
 * follow each gives a bound, and the least counts. In a ring a server that is reached again counts by its own word, the first by name first. Decision 0102.
 *
 * @param clocks of the first pass
 */
export function inheritance(clocks: readonly Heir[]): (clock: Heir) => Inherited | null {
  const servers = new Map(
    clocks.filter(({ host }) => host.tier === 'boundary').map((clock) => [clock.host.instanceId, clock]),
  );
  const known = new Map<string, Loose | null>();
  const looseOf = (instanceId: string): Loose | null => {
    const before = known.get(instanceId);
    if (before !== undefined) return before;
    const server = servers.get(instanceId);
    if (!server?.descent) return null;
    const { errorBoundMs, growthPpm } = server.measures;
    const own = server.descent.isInHoldover ? { boundMs: errorBoundMs, growthPpm: growthPpm ?? 0 } : null;
    known.set(instanceId, own);
    const loose = inheritedBy(server, looseOf) ?? own;
    known.set(instanceId, loose);
    return loose;
  };
  for (const instanceId of [...servers.keys()].sort(byText)) looseOf(instanceId);
  return (clock) => inheritedBy(clock, looseOf);
}

/** null: nothing, or no more than it has. Of a clock without a bound nothing makes one. */
function inheritedBy({ descent, measures }: Heir, looseOf: (instanceId: string) => Loose | null): Inherited | null {
  const { errorBoundMs, growthPpm } = measures;
  if (descent === null || errorBoundMs === null) return null;
  let least: Inherited | null = null;
  for (const { instanceId, apartMs } of descent.follows) {
    const loose = looseOf(instanceId);
    if (loose === null) return null;
    const boundMs = loose.boundMs === null || apartMs === null ? null : withoutNoise(loose.boundMs + apartMs);
    if (least !== null && (least.boundMs ?? Infinity) <= (boundMs ?? Infinity)) continue;
    const fastestPpm = Math.max(loose.growthPpm, growthPpm ?? 0);
    least = { boundMs, growthPpm: fastestPpm, from: instanceId, serverBoundMs: loose.boundMs };
  }
  return least?.boundMs != null && least.boundMs <= errorBoundMs ? null : least;
}

/** Its bound stands around the clock itself: where the server's stands nobody says. null: its clock is not known. */
export function setClockBy(clock: SetClock | null, inherited: Inherited | null): SetClock | null {
  if (clock === null || inherited === null) return clock;
  const { boundMs, growthPpm } = inherited;
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
