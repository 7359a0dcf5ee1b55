import type { Thresholds } from '../fleet/fleet.ts';
import type { RunningDaemon } from '../host/collected.ts';
import { withoutNoise } from '../ntp/numbers.ts';
import type { SystemState } from '../ntp/source.ts';
import type { Contact } from './contact.ts';
import type { Measures } from './judgement.ts';

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
  // of what could not be read at least nothing
  chrony: ({ skewPpm, residualFrequencyPpm }) =>
    (skewPpm ?? 0) + Math.abs(residualFrequencyPpm ?? 0) + CHRONY_CLOCK_ERROR_PPM,
  // it stands still (seen on 1.4.0, all sources cut for five minutes)
  'ntpd-rs': () => 0,
  // added where its answer is read (src/ntp/timesync.ts)
  'systemd-timesyncd': () => PHI_PPM,
  openntpd: () => null,
  'busybox-ntpd': () => null,
};

export type Bound = Pick<Measures, 'errorBoundMs' | 'growthPpm' | 'horizonSeconds'>;

const UNSET: Bound = { errorBoundMs: null, growthPpm: null, horizonSeconds: null };

/**
 * How wrong a clock may be now, how fast that grows while nobody is heard, and for how long it stays within its limit.
 * None of the three where the clock is not set.
 *
 *     bound = |offset| + root dispersion + root delay / 2, as reported (RFC 5905's root distance, without the jitter)
 *             + (R - r) x silence                R = max(r, thresholds.holdoverPpm, PHI_PPM)
 *     horizon = max(0, (limit - bound) / R)
 *
 * The root dispersion grows by r by itself, so that silence is not counted twice. Silence is the least age of a selectable row. Where none
 * has one it is root dispersion / r: the dispersion is not negative when the clock is set and grows by r from then on, so that more
 * time cannot have passed. Where r is 0 too, there is no bound. A clock that follows itself prints the dispersion of that self: there r is 0,
 * silence is what rows say, and where it never heard anybody there is no bound and no horizon.
 */
export function boundOf(
  { isSet, silenceSeconds, sinceSetSeconds, holdover, hasHeard }: Contact,
  kind: RunningDaemon,
  system: SystemState | null,
  { errorBoundMs: limitMs, holdoverPpm }: Thresholds,
): Bound {
  if (!isSet || system === null) return UNSET;
  const isOnItsOwn = holdover === 'local clock';
  const printedPpm = PRINTED_GROWTH_PPM[kind](system);
  const growthPpm = withoutNoise(Math.max(printedPpm ?? 0, holdoverPpm, PHI_PPM));
  if (isOnItsOwn && hasHeard === false) return { errorBoundMs: null, growthPpm, horizonSeconds: 0 };
  const { offsetMs, rootDispersionMs, rootDelayMs } = system;
  if (offsetMs === null || rootDispersionMs === null || rootDelayMs === null) return { ...UNSET, growthPpm };
  const reportedMs = Math.abs(offsetMs) + rootDispersionMs + rootDelayMs / 2;
  const countedPpm = isOnItsOwn ? 0 : (printedPpm ?? growthPpm);
  const addedPpm = Math.max(0, growthPpm - countedPpm);
  const seconds = isOnItsOwn ? silenceSeconds : (sinceSetSeconds ?? longestSeconds(rootDispersionMs, countedPpm));
  if (addedPpm > 0 && seconds === null) return { ...UNSET, growthPpm };
  const errorBoundMs = withoutNoise(reportedMs + (addedPpm * (seconds ?? 0)) / 1000);
  const horizonSeconds = withoutNoise(Math.max(0, ((limitMs - errorBoundMs) / growthPpm) * 1000));
  return { errorBoundMs, growthPpm, horizonSeconds };
}

/** In so long a dispersion grows from nothing to what it is. null: it does not grow. */
function longestSeconds(dispersionMs: number, growsByPpm: number): number | null {
  return growsByPpm === 0 ? null : (dispersionMs / growsByPpm) * 1000;
}
