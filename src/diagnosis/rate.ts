import type { Check } from './finding.ts';

/** ntpd and chronyd write their drift files each hour at most: a younger daemon's is of the life before. */
const DRIFT_AFTER_SECONDS = 3600;

/** A clock that is steered wrong by so much gains 18 ms in an hour; what ordinary warming does to a crystal is less. */
const FREQUENCY_LIMIT_PPM = 5;

/** Where the daemon itself is less sure of its frequency than that, it is held to five times its own bound on the error. */
const FREQUENCY_LIMIT_SKEWS = 5;

/**
 * From here on a client must expect, three times in 500 looks, to miss three of its last eight polls, and with them its confidence:
 * 56 x 0.05^3 x 0.95^5 = 0.0054.
 */
const DROPPED_SHARE = 0.05;

/** Of fewer packets no share is told: one burst of a client that starts would be news. */
const DROPPED_OF_AT_LEAST = 1000;

/**
 * What kernels count time by where they have nothing better, by the kernel's own rating (struct clocksource, linux/clocksource.h):
 * `jiffies` 1, `refined-jiffies` 2 (1-99: unfit for real use), `pit` 110 (not desired), `acpi_pm` 200, `hpet` 250; `tsc` has 300.
 * With a TSC at hand an x86 kernel turns to the latter two when its watchdog marks it unstable.
 */
const POOR_CLOCK_SOURCES = ['jiffies', 'refined-jiffies', 'pit', 'acpi_pm', 'hpet'];

/** What tells of a clock before its offset does, or of a server before its clients do. Each is a remark: it changes no state. Decision 0086. */
export const RATE_CHECKS: readonly Check[] = [
  function frequencyOffDrift({
    measures: { frequencyPpm, ageSeconds },
    collected: { driftPpm, driftSkewPpm, system },
  }) {
    if (frequencyPpm === null || driftPpm === null || ageSeconds === null || ageSeconds <= DRIFT_AFTER_SECONDS)
      return null;
    const skewPpm = Math.max(system?.skewPpm ?? 0, driftSkewPpm ?? 0);
    const limitPpm = Math.max(FREQUENCY_LIMIT_PPM, FREQUENCY_LIMIT_SKEWS * skewPpm);
    const offPpm = Math.abs(frequencyPpm - driftPpm);
    if (offPpm <= limitPpm) return null;
    return {
      state: null,
      sentence: `its clock runs ${ppm(offPpm, limitPpm)} off what its drift file remembers (${ppm(frequencyPpm)} against ${ppm(driftPpm)}, limit ${ppm(limitPpm)}): its offset may follow.`,
    };
  },

  function poorClockSource({ collected: { clockSource } }) {
    if (clockSource === null || !POOR_CLOCK_SOURCES.includes(clockSource)) return null;
    return {
      state: null,
      sentence: `the kernel counts time by ${clockSource}, which it turns to where it has, or trusts, nothing better.`,
    };
  },

  function kernelNotTold({ collected: { kernelUnsynchronised }, leap, systemPeer, daemon }) {
    if (kernelUnsynchronised !== true || leap === null || leap === 'alarm' || systemPeer === null) return null;
    return {
      state: null,
      sentence: `the kernel takes its clock for unsynchronised, though ${daemon} is not: programs that ask the kernel are told so, and the daemon may not be allowed to steer it.`,
      settles: true,
    };
  },

  function manyPacketsDropped({ collected: { packetsReceived, packetsDropped } }) {
    if (packetsReceived === null || packetsDropped === null || packetsReceived < DROPPED_OF_AT_LEAST) return null;
    const share = packetsDropped / packetsReceived;
    if (share <= DROPPED_SHARE) return null;
    return {
      state: null,
      sentence: `dropped ${percent(share)} of ${packetsReceived.toLocaleString('en-US')} packets since it started, as they came too often (limit ${percent(DROPPED_SHARE)}).`,
    };
  },
];

/** `12.345 ppm`: the digits that daemons print, or as many as it takes to tell it from a limit that it is over. */
function ppm(value: number, limit?: number): string {
  const rounded = Math.round(value * 1000) / 1000;
  return `${rounded === limit ? value : rounded} ppm`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
