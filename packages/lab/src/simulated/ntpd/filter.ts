/** RFC 5905, A.1.1. Milliseconds. */
export const MAX_DISPERSION_MS = 16_000;
/** The oscillator's tolerance, 15 ppm: by how much every error grows. */
export const PHI = 15e-6;
/** 2^-24 s: what ntpd measures of the clock of an EC2 instance. */
export const PRECISION_MS = 1000 / 2 ** 24;
const STAGES = 8;
/** MAXDIST: samples further off are not used for the jitter. */
export const MAX_DISTANCE_MS = 1500;

interface Sample {
  offsetMs: number;
  delayMs: number;
  dispersionMs: number;
  atMs: number;
}

export interface Filtered {
  offsetMs: number;
  delayMs: number;
  dispersionMs: number;
  jitterMs: number;
  /** When the sample in use came; null: there is none fit for use. */
  usedAtMs: number | null;
}

/**
 * The clock filter (RFC 5905, 10): the last eight samples, of which the one with the least delay is used. A poll that
 * nothing answered puts in a sample of infinite dispersion.
 */
export class ClockFilter {
  #samples: Sample[] = [];
  #updatedMs: number;

  constructor(bornMs: number) {
    this.#updatedMs = bornMs;
  }

  /** When the last sample came in; dispersion grows from there. */
  get updatedMs(): number {
    return this.#updatedMs;
  }

  /**
   * `sample: null`: nothing was heard. `stable: false`: while the daemon still learns its clock's frequency, the newest
   * sample is used whatever its delay.
   */
  add(sample: { offsetMs: number; delayMs: number } | null, atMs: number, stable: boolean): Filtered {
    const agedMs = PHI * (atMs - this.#updatedMs);
    this.#updatedMs = atMs;
    for (const older of this.#samples) older.dispersionMs = Math.min(MAX_DISPERSION_MS, older.dispersionMs + agedMs);
    this.#samples.unshift(
      sample === null
        ? { offsetMs: 0, delayMs: 0, dispersionMs: MAX_DISPERSION_MS, atMs }
        : { ...sample, dispersionMs: 2 * PRECISION_MS + PHI * sample.delayMs, atMs },
    );
    this.#samples.length = Math.min(this.#samples.length, STAGES);
    return this.#mitigate(stable);
  }

  #mitigate(stable: boolean): Filtered {
    const empty: Sample = { offsetMs: 0, delayMs: 0, dispersionMs: MAX_DISPERSION_MS, atMs: 0 };
    const all = Array.from({ length: STAGES }, (_, stage) => this.#samples[stage] ?? empty);
    const rank = (sample: Sample) => (sample.dispersionMs >= MAX_DISPERSION_MS ? MAX_DISPERSION_MS : sample.delayMs);
    const ordered = stable ? all.toSorted((a, b) => rank(a) - rank(b)) : all;
    const dispersionMs = ordered.reduceRight((sum, sample) => (sum + sample.dispersionMs) / 2, 0);
    const usable = ordered.filter((sample) => rank(sample) < MAX_DISPERSION_MS);
    const best = usable[0];
    if (best === undefined) return { offsetMs: 0, delayMs: 0, dispersionMs, jitterMs: 0, usedAtMs: null };
    const near = usable.filter((sample, index) => index < 2 || rank(sample) < MAX_DISTANCE_MS);
    const squares = near.reduce((sum, sample) => sum + (sample.offsetMs - best.offsetMs) ** 2, 0);
    const jitterMs = Math.sqrt(squares / Math.max(1, near.length - 1));
    return { offsetMs: best.offsetMs, delayMs: best.delayMs, dispersionMs, jitterMs, usedAtMs: best.atMs };
  }
}
