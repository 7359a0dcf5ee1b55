import type { Thresholds } from '../fleet/fleet.ts';
import type { RunningDaemon } from '../host/collected.ts';
import { withoutNoise } from '../ntp/numbers.ts';
import type { SystemState } from '../ntp/source.ts';
import type { Contact, HoldoverCause } from './contact.ts';
import type { Measures, RememberedBound } from './judgement.ts';

/** PHI, by which RFC 5905 (section 4) takes a disciplined clock to drift at the worst. No clock is taken to be better. */
export const PHI_PPM = 15;

/** chronyd's own bound on what its system clock adds (chrony.conf, `maxclockerror`, by default). */
const CHRONY_CLOCK_ERROR_PPM = 1;

/**
 * r: by so much, in ppm, the root dispersion that a daemon prints grows by itself while it hears nobody. null: not known.
 * ntpd and ntpsec: `adj_host_clock` adds PHI each second. chrony: `REF_GetReferenceParams`. Both seen: 15.0 ppm and
 * skew + |residual frequency| + 1 ppm over a quarter of an hour of silence. Decision 0080.
 */
const PRINTED_GROWTH_PPM: Readonly<Record<RunningDaemon, (system: SystemState) => number | null>> = {
  ntpd: () => PHI_PPM,
  ntpsec: () => PHI_PPM,
  chrony: ({ skewPpm, residualFrequencyPpm }) =>
    skewPpm === null || residualFrequencyPpm === null
      ? null
      : skewPpm + Math.abs(residualFrequencyPpm) + CHRONY_CLOCK_ERROR_PPM,
  // it stands still (seen on 1.4.0, all sources cut for five minutes)
  'ntpd-rs': () => 0,
  // added where its answer is read (src/ntp/timesync.ts)
  'systemd-timesyncd': () => PHI_PPM,
  openntpd: () => null,
  'busybox-ntpd': () => null,
};

export type Bound = Pick<Measures, 'errorBoundMs' | 'growthPpm' | 'horizonSeconds'>;

const UNSET: Bound = { errorBoundMs: null, growthPpm: null, horizonSeconds: null };

/** The clock error bound that a clock had when its daemon last told one, of a true clock. */
export interface LastBound extends Pick<RememberedBound, 'boundMs' | 'growthPpm'> {
  /** Since then. */
  ageSeconds: number;
}

/** What a bound is made of beside the daemon's word. */
export interface BoundGround {
  thresholds: Pick<Thresholds, 'errorBoundMs' | 'holdoverPpm'>;
  /** Its own. null: none is remembered. */
  last: LastBound | null;
  /** Those of servers that keep one time together, and it with them. None elsewhere. null: of one that was convicted no bound is known. */
  ofServers: readonly LastBound[] | null;
  /** Its clock may become that of its pod (`keepsTogether`), and nothing is remembered of it. */
  isUncovered: boolean;
  /** Since the host printed its word, at the most. */
  ageSeconds: number;
}

/**
 * How wrong a clock may be now, how fast that grows while nobody is heard, and for how long it stays within its limit.
 * None of the three where the clock is not set. Where r is not known there is no bound, and R is the least that it may be.
 *
 *     bound = |offset| + root dispersion + root delay / 2, as reported (RFC 5905's root distance, without the jitter)
 *             + (R - r) x silence + R x age      R = max(r, thresholds.holdoverPpm, PHI_PPM)
 *     horizon = max(0, (limit - bound) / R)
 *
 * The root dispersion grows by r by itself, so that silence is not counted twice. Silence is the least age of a row that sets the clock, of ntpd-rs with the poll that may be about to be asked. Where none
 * has one it is root dispersion / r: the dispersion is not negative when the clock is set and grows by r from then on, so that more
 * time cannot have passed. A clock that follows itself prints the dispersion of that self: there r is 0, and silence is what rows say.
 * Where r is 0 and silence is not known, the daemon's word gives no bound: in holdover it is then the last one that it gave, + R x the
 * time since; so it is of any clock that follows itself, where one is remembered. Where none is, there is no bound, and of a clock
 * that follows itself and never heard anybody no horizon either. Decision 0100.
 *
 * Servers that keep one time may each have followed another: of a chain that ends in the undisciplined clock of one the last bound is the
 * largest of all of theirs; where nothing is remembered of that one, it may stand anywhere. To the bound comes what a clock that follows
 * another reports, which is how far it is from that one. Decisions 0095 and 0104.
 * A last bound grows by the R of now, or by the largest of when any of them was told: chrony's `local` prints a skew of 0.
 */
export function boundOf(contact: Contact, kind: RunningDaemon, system: SystemState | null, ground: BoundGround): Bound {
  const { isSet, holdover, hasHeard } = contact;
  if (!isSet || system === null) return UNSET;
  const { thresholds, last, ageSeconds } = ground;
  const printedPpm = PRINTED_GROWTH_PPM[kind](system);
  const growthPpm = withoutNoise(Math.max(printedPpm ?? 0, thresholds.holdoverPpm, PHI_PPM));
  if (printedPpm === null) return { ...UNSET, growthPpm };
  const isOnItsOwn = holdover === 'local clock';
  if (isOnItsOwn && last === null && hasHeard === false) return { errorBoundMs: null, growthPpm, horizonSeconds: 0 };
  if (isUnknownOfServers(contact, ground)) return { ...UNSET, growthPpm };
  const printedMs = printedBoundMs(contact, system, growthPpm, isOnItsOwn ? 0 : printedPpm);
  const own = printedMs === null ? null : { boundMs: printedMs + grownMs(growthPpm, ageSeconds), growthPpm };
  const grown = boundBy(holdover, largestOf(lastBounds(contact, ground), growthPpm), own);
  return grown === null ? { ...UNSET, growthPpm } : within(grown, thresholds.errorBoundMs);
}

/** A bound of now, and how fast it grows. */
type Grown = Pick<RememberedBound, 'boundMs'> & { growthPpm: number };

function within({ boundMs, growthPpm }: Grown, limitMs: number): Bound {
  const errorBoundMs = withoutNoise(boundMs);
  return { errorBoundMs, growthPpm, horizonSeconds: horizonOf(errorBoundMs, growthPpm, limitMs) };
}

/** In seconds. */
export function horizonOf(boundMs: number, growthPpm: number, limitMs: number): number {
  return withoutNoise(Math.max(0, ((limitMs - boundMs) / growthPpm) * 1000));
}

/** null: neither what is remembered nor the daemon's word suffices for one. */
function boundBy(holdover: HoldoverCause | null, last: Grown | null, own: Grown | null): Grown | null {
  if (holdover === 'local clock') return last ?? own;
  if (holdover !== 'followed local clock') return own ?? last;
  // its own rate is in the last one's
  return last === null || own === null ? null : { ...last, boundMs: last.boundMs + own.boundMs };
}

/**
 * A chain that ends in a local clock may end in the one of which no bound is known: another's, or the own, which those of others do not cover. Who
 * follows another has none without theirs (`boundBy`). Decision 0104.
 */
function isUnknownOfServers({ holdover }: Contact, { ofServers, isUncovered }: BoundGround): boolean {
  return holdover === 'local clock' && (ofServers === null || isUncovered);
}

/** Those that count. */
function lastBounds({ holdover }: Contact, { last, ofServers }: BoundGround): readonly LastBound[] {
  if (holdover === null) return [];
  if (holdover === 'followed local clock') return ofServers ?? [];
  const own = last === null ? [] : [last];
  return holdover === 'local clock' ? [...own, ...(ofServers ?? [])] : own;
}

/** Grown by now, by one rate, as each may have followed any. null: none is known. */
function largestOf(bounds: readonly LastBound[], leastPpm: number): Grown | null {
  if (bounds.length === 0) return null;
  const growthPpm = Math.max(leastPpm, ...bounds.map((bound) => bound.growthPpm ?? leastPpm));
  return {
    growthPpm,
    boundMs: Math.max(...bounds.map(({ boundMs, ageSeconds }) => boundMs + grownMs(growthPpm, ageSeconds))),
  };
}

/** By the daemon's word, when it was printed: of how far it is from the truth, or from the clock that it follows. null: it does not suffice for one. */
function printedBoundMs(
  { longestSilenceSeconds, sinceSetSeconds, holdover }: Contact,
  { offsetMs, rootDispersionMs, rootDelayMs }: SystemState,
  growthPpm: number,
  countedPpm: number,
): number | null {
  if (offsetMs === null || rootDispersionMs === null || rootDelayMs === null) return null;
  const reportedMs = Math.abs(offsetMs) + rootDispersionMs + rootDelayMs / 2;
  const addedPpm = growthPpm - countedPpm;
  if (addedPpm <= 0 || holdover === 'followed local clock') return reportedMs;
  const isOnItsOwn = holdover === 'local clock';
  const seconds = isOnItsOwn
    ? longestSilenceSeconds
    : (sinceSetSeconds ?? longestSeconds(rootDispersionMs, countedPpm));
  return seconds === null ? null : reportedMs + grownMs(addedPpm, seconds);
}

/** By so many ms a clock may run off in so many seconds. */
export function grownMs(growthPpm: number, seconds: number): number {
  return (growthPpm * seconds) / 1000;
}

/** Whether a daemon's word gives a bound in holdover too: what it prints grows by itself. */
export function growsByItself(kind: RunningDaemon, system: SystemState): boolean {
  return (PRINTED_GROWTH_PPM[kind](system) ?? 0) > 0;
}

/**
 * By so much at the least, in ppm, what a daemon serves grows from one of its answers to the next; how fast it did then nobody tells. ntpd-rs:
 * not at all. What others serve podtime does not read.
 */
const LEAST_SERVED_GROWTH_PPM: Partial<Record<RunningDaemon, number>> = {
  ntpd: PHI_PPM,
  ntpsec: PHI_PPM,
  chrony: CHRONY_CLOCK_ERROR_PPM,
};

/**
 * By so much, in ms, a clock in touch may have run off when another asked it, without saying so: by R - what it serves, in ppm, since it last heard
 * what sets it, or, where that was after it was asked, from its answer before to that one. 0 too where neither is known. Decision 0103.
 */
export function unservedMs(
  { sinceSetSeconds, betweenAnswersSeconds }: Contact,
  kind: RunningDaemon,
  { holdoverPpm }: Pick<Thresholds, 'holdoverPpm'>,
): number {
  const unservedPpm = Math.max(PHI_PPM, holdoverPpm) - (LEAST_SERVED_GROWTH_PPM[kind] ?? 0);
  return grownMs(unservedPpm, Math.max(sinceSetSeconds ?? 0, betweenAnswersSeconds ?? 0));
}

/** In so long a dispersion grows from nothing to what it is. null: it does not grow. */
function longestSeconds(dispersionMs: number, growsByPpm: number): number | null {
  return growsByPpm === 0 ? null : (dispersionMs / growsByPpm) * 1000;
}
