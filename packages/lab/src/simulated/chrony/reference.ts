import type { HostClock } from '../host-clock.ts';
import { type Leap, refidOf } from '../network.ts';
import type { ChronySource } from './chrony-source.ts';

/** chronyd's corrections move the clock so fast that of a small one the next sample sees nothing. */
const CORRECTED_SHARE = 0.95;
/** maxslewrate, 83,333 ppm: an hour takes half a day. */
const MOST_SLEW = 0.083333;
/** 1 ppm of own clock error. */
const MAX_CLOCK_ERROR = 1e-6;

/** What chronyd says of its reference. */
export type Told = Pick<Reference, 'leap' | 'stratum' | 'refid' | 'rootDelayMs' | 'source'> & {
  rootDispersionMs: number;
};

/** Of chronyd's own clock. */
const LOCAL_REFID = '127.127.1.1';

/** chronyd's reference: what `chronyc tracking` shows and clients are served. */
export class Reference {
  source: { address: string; label: string } | null = null;
  leap: Leap = 3;
  stratum = 0;
  referenceMs: number | null = null;
  lastOffsetMs = 0;
  rmsOffsetMs = 0;
  /** How far chronyd's own time is ahead of the system clock: what is still to be slewed. */
  correctionMs = 0;
  rootDelayMs = 0;
  skewPpm = 0;
  updateIntervalMs = 0;
  #rootDispersionMs = 0;
  #updates = 0;
  readonly #clock: HostClock;
  readonly #makestep: { thresholdMs: number; updates: number } | null;

  constructor(clock: HostClock, makestep: { thresholdMs: number; updates: number } | null) {
    this.#clock = clock;
    this.#makestep = makestep;
  }

  get refid(): string {
    return this.source === null ? '' : refidOf(this.source.address);
  }

  rootDispersionMs(nowMs: number): number {
    if (this.referenceMs === null) return 1000;
    return this.#rootDispersionMs + (MAX_CLOCK_ERROR + this.skewPpm * 1e-6) * (nowMs - this.referenceMs);
  }

  /** @param localStratum at which it serves its own clock; null: it does not */
  told(nowMs: number, localStratum: number | null): Told {
    const { leap, stratum, refid, rootDelayMs, source } = this;
    return localStratum === null
      ? { leap, stratum, refid, rootDelayMs, source, rootDispersionMs: this.rootDispersionMs(nowMs) }
      : { leap: 0, stratum: localStratum, refid: LOCAL_REFID, rootDelayMs: 0, source: null, rootDispersionMs: 0 };
  }

  /**
   * Takes the selected source's estimate, measured against chronyd's own time. That time takes it over at once; the
   * system clock follows, as far as it obeys. @returns whether the clock was stepped.
   */
  update(source: ChronySource, offsetMs: number, nowMs: number): { stepped: boolean } {
    this.#updates += 1;
    this.updateIntervalMs = this.referenceMs === null ? 0 : nowMs - this.referenceMs;
    this.source = { address: source.address ?? '', label: source.name ?? source.address ?? '' };
    this.leap = source.leap === 3 ? 0 : source.leap;
    this.stratum = Math.min(16, source.stratum + 1);
    this.referenceMs = nowMs;
    this.lastOffsetMs = offsetMs;
    this.rmsOffsetMs =
      this.#updates <= 1 ? Math.abs(offsetMs) : Math.sqrt(0.9 * this.rmsOffsetMs ** 2 + 0.1 * offsetMs ** 2);
    this.rootDelayMs = source.leastDelayMs + source.rootDelayMs;
    this.skewPpm = source.skewPpm;
    this.#rootDispersionMs = source.rootDispersionMs + source.deviationMs;
    const step = this.#makestep;
    const mayStep = step !== null && (step.updates < 0 || this.#updates <= step.updates);
    const stepped = mayStep && Math.abs(offsetMs) > step.thresholdMs;
    const wantedMs = this.correctionMs + offsetMs;
    const beforeMs = this.#clock.errorMs(nowMs);
    this.#clock.correct(nowMs, stepped ? wantedMs : this.#slewOf(wantedMs));
    this.correctionMs = wantedMs - (this.#clock.errorMs(nowMs) - beforeMs);
    return { stepped };
  }

  /** How much of a correction the time since the last update has allowed; the first is small, or stepped. */
  #slewOf(wantedMs: number): number {
    const share = wantedMs * CORRECTED_SHARE;
    if (this.updateIntervalMs === 0) return share;
    return Math.sign(share) * Math.min(Math.abs(share), this.updateIntervalMs * MOST_SLEW);
  }

  /** No majority: chronyd calls itself unsynchronised. Losing all sources alone does not make it so. */
  desynchronise(): void {
    Object.assign(this, { source: null, leap: 3, stratum: 0, referenceMs: null, rootDelayMs: 0, skewPpm: 0 });
  }
}
