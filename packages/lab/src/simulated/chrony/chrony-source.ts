import type { SourceLine } from '../config-file.ts';
import type { Answer, Leap } from '../network.ts';

/** chronyc's states: selected, combined, not combined, falseticker, unusable. */
export type SourceState = '*' | '+' | '-' | 'x' | '?';

/** chrony's MAX_SAMPLES; its regression drops some before that, as chance will (seen: 28 after 200 s of steady polls of 8 s). */
const KEPT_SAMPLES = 64;
/** chrony wants three samples before a source can be selected, and eight before the interval grows. */
export const MIN_SAMPLES = 3;
const TARGET_SAMPLES = 8;
/** chrony's maxjitter: samples that vary more make no source. So far apart they are from before and after a step. */
const MAX_JITTER_MS = 1000;
const LEAST_STRAY_MS = 0.5;
const STRAY_DEVIATIONS = 3;
/** How fast the interval grows: one step in so many samples, and in four missed answers; slower while it is followed. */
const GROWTH_PER_SAMPLE = 0.1;
const GROWTH_PER_MISS = 0.25;
const GROWTH_PER_MISS_FOLLOWED = 0.1;
/** MAXCLOCKERROR, 1 ppm, and what chrony allows for its own skew. */
const SKEW = 1.1e-6;
const REACH_BITS = 8;

interface Sample {
  offsetMs: number;
  delayMs: number;
  atMs: number;
}

/** One source of chronyd. Its reach register takes a step with every packet, bursts included, once the outcome is known. */
export class ChronySource {
  readonly line: SourceLine;
  /** null: configured by address. */
  readonly name: string | null;
  readonly fromPool: boolean;
  readonly minpoll: number;
  readonly maxpoll: number;
  /** null: not resolved yet; chronyc hides it. */
  address: string | null;
  state: SourceState = '?';
  reach = 0;
  /** Packets whose outcome is known, up to eight: eight misses make a bad source. */
  reachBits = 0;
  poll: number;
  stratum = 0;
  leap: Leap = 3;
  refid = '';
  rootDelayMs = 0;
  rootDispersionMs = 0;
  samples: Sample[] = [];
  /** The offset of the last answer as measured, before the clock was corrected. */
  measuredMs = 0;
  heardMs: number | null = null;
  /** When its name was last looked up on purpose, that is other than because it had no address yet; when it was configured at first. */
  lookedUpMs: number;
  /** Packets without an answer since its register is empty. */
  unreachablePolls = 0;
  /** The last packet has had no answer yet. */
  pending = false;
  burst: { good: number; packets: number } | null = null;
  /** How much nearer than the selected source it has been lately. */
  score = 1;
  cancelPoll: () => void = () => {};
  #pollScore = 0;

  constructor(options: {
    line: SourceLine;
    name: string | null;
    address: string | null;
    fromPool: boolean;
    minpoll: number;
    maxpoll: number;
    nowMs: number;
  }) {
    this.lookedUpMs = options.nowMs;
    this.line = options.line;
    this.name = options.name;
    this.address = options.address;
    this.fromPool = options.fromPool;
    this.minpoll = options.minpoll;
    this.maxpoll = Math.max(options.minpoll, options.maxpoll);
    this.poll = this.minpoll;
  }

  /** Another server in the same place: nothing of the old one is kept. */
  replaceWith(address: string): void {
    Object.assign(this, { address, state: '?', reach: 0, reachBits: 0, poll: this.minpoll, stratum: 0, leap: 3 });
    Object.assign(this, { rootDelayMs: 0, rootDispersionMs: 0, samples: [], measuredMs: 0, heardMs: null });
    Object.assign(this, { pending: false, burst: null, unreachablePolls: 0 });
    this.#pollScore = 0;
    this.score = 1;
  }

  /** The packet before got no answer. */
  miss(): void {
    this.reach = (this.reach << 1) & 0xff;
    this.reachBits = Math.min(REACH_BITS, this.reachBits + 1);
    this.unreachablePolls = this.reach === 0 ? this.unreachablePolls + 1 : 0;
    this.#adjust(this.state === '*' ? GROWTH_PER_MISS_FOLLOWED : GROWTH_PER_MISS);
  }

  get bad(): boolean {
    return this.reach === 0 && this.reachBits >= REACH_BITS;
  }

  hear(answer: Answer, nowMs: number): void {
    const { leap, stratum, refid, rootDelayMs, rootDispersionMs, offsetMs, delayMs } = answer;
    Object.assign(this, { leap, stratum, refid, rootDelayMs, rootDispersionMs, heardMs: nowMs, pending: false });
    this.unreachablePolls = 0;
    this.reach = ((this.reach << 1) & 0xff) | 1;
    this.reachBits = Math.min(REACH_BITS, this.reachBits + 1);
    // The regression drops the past when it does not fit what is measured now.
    const strays = Math.abs(offsetMs - this.offsetMs) > Math.max(LEAST_STRAY_MS, STRAY_DEVIATIONS * this.deviationMs);
    const kept = strays || this.deviationMs > MAX_JITTER_MS ? MIN_SAMPLES : KEPT_SAMPLES;
    this.samples = [...this.samples, { offsetMs, delayMs, atMs: nowMs }].slice(-kept);
    this.measuredMs = offsetMs;
    if (this.samples.length >= TARGET_SAMPLES) this.#adjust(GROWTH_PER_SAMPLE);
  }

  /** The clock was moved by `byMs`: what was measured before is seen from the new time. */
  shiftSamples(byMs: number): void {
    for (const sample of this.samples) sample.offsetMs -= byMs;
  }

  /** The estimate from all samples, newest counting most, as the regression of `sourcestats` would weigh them. */
  get offsetMs(): number {
    let weight = 0;
    let sum = 0;
    for (const [index, sample] of this.samples.entries()) {
      weight += index + 1;
      sum += (index + 1) * sample.offsetMs;
    }
    return weight === 0 ? 0 : sum / weight;
  }

  get lastOffsetMs(): number {
    return this.samples.at(-1)?.offsetMs ?? 0;
  }

  get leastDelayMs(): number {
    return this.samples.length === 0 ? 0 : Math.min(...this.samples.map(({ delayMs }) => delayMs));
  }

  get deviationMs(): number {
    const mean = this.offsetMs;
    const squares = this.samples.reduce((total, sample) => total + (sample.offsetMs - mean) ** 2, 0);
    return Math.sqrt(squares / Math.max(1, this.samples.length - 1));
  }

  get skewPpm(): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
    return (this.deviationMs / (last.atMs - first.atMs)) * 1e6;
  }

  /** Root distance: how wrong the source can be by now. */
  distanceMs(nowMs: number): number {
    const ageMs = this.heardMs === null ? 0 : nowMs - this.heardMs;
    return (this.leastDelayMs + this.rootDelayMs) / 2 + this.rootDispersionMs + this.deviationMs + SKEW * ageMs;
  }

  /** Since the oldest sample that is kept. */
  spanMs(nowMs: number): number {
    return nowMs - (this.samples[0]?.atMs ?? nowMs);
  }

  /**
   * Not heard, and all that is known of it is older than what a heard source remembers, `heardSpanMs` (chrony's SRC_STALE), or it
   * was not heard for longer than `maxunreach`:
   * until then a dead source stays selectable, and even followed.
   */
  isStale(nowMs: number, heardSpanMs: number): boolean {
    if (this.reach !== 0) return false;
    const mostPolls = this.line.maxunreach ?? Number.POSITIVE_INFINITY;
    return this.unreachablePolls > mostPolls || nowMs - (this.samples.at(-1)?.atMs ?? 0) > heardSpanMs;
  }

  /** Whether it may be selected at all. */
  get selectable(): boolean {
    return (
      this.address !== null &&
      this.samples.length >= MIN_SAMPLES &&
      !this.line.noselect &&
      this.leap !== 3 &&
      this.stratum < 16
    );
  }

  #adjust(by: number): void {
    this.#pollScore += by;
    if (this.#pollScore < 1 - 1e-9) return;
    this.#pollScore = 0;
    this.poll = Math.min(this.maxpoll, this.poll + 1);
  }
}
