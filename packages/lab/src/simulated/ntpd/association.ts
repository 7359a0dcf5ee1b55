import type { SourceLine } from '../config-file.ts';
import type { Answer, Leap } from '../network.ts';
import { ClockFilter, type Filtered, MAX_DISPERSION_MS, PHI, PRECISION_MS } from './filter.ts';

/** ntpq's tally codes as ntpd 4.2.8 and ntpsec set them. */
export type Tally = ' ' | 'x' | '-' | '+' | '*' | 'o';

export type AssociationKind = 'client' | 'symmetric' | 'pool' | 'reference clock' | 'name';

/** RFC 5905 and ntpd: a burst at start is six packets, two seconds apart. */
export const IBURST_PACKETS = 6;
export const BURST_SPACING_MS = 2000;
/** ntpd's NTP_RETRY: how often an unreachable source is asked at its shortest interval in the hope of a burst. */
const RETRIES = 3;
/** ntpd's NTP_UNREACH: unheard so often, the interval grows. */
const UNREACHED_POLLS = 10;

/** One association of ntpd: what one row of `ntpq -p` shows, and when it polls next. */
export class Association {
  /** Canonical; null while a name has no address yet, and for a pool. */
  address: string | null;
  kind: AssociationKind;
  readonly line: SourceLine;
  /** The name it was configured by; null for a literal address. */
  readonly name: string | null;
  /** Mobilised from a pool's answer, not from the file. */
  readonly fromPool: boolean;
  readonly minpoll: number;
  readonly maxpoll: number;
  tally: Tally = ' ';
  reach = 0;
  hostPoll: number;
  /** Packets of the burst still to come; a retry that an answer turns into a burst. */
  burst = 0;
  retry = 0;
  unreached = 0;
  leap: Leap = 3;
  stratum = 16;
  refid: string;
  rootDelayMs = 0;
  rootDispersionMs = 0;
  offsetMs = 0;
  delayMs = 0;
  dispersionMs = MAX_DISPERSION_MS;
  jitterMs = PRECISION_MS;
  heardMs: number | null = null;
  /** Of the sample in use. */
  epochMs: number;
  polledMs: number;
  cancelPoll: () => void = () => {};
  #filter: ClockFilter;

  constructor(options: {
    line: SourceLine;
    kind: AssociationKind;
    address: string | null;
    name: string | null;
    fromPool: boolean;
    nowMs: number;
    refid: string;
    minpoll: number;
    maxpoll: number;
  }) {
    this.line = options.line;
    this.kind = options.kind;
    this.address = options.address;
    this.name = options.name;
    this.fromPool = options.fromPool;
    this.minpoll = options.minpoll;
    this.maxpoll = Math.max(options.minpoll, options.maxpoll);
    this.hostPoll = this.minpoll;
    this.refid = options.refid;
    this.epochMs = options.nowMs - 1;
    this.polledMs = options.nowMs;
    this.#filter = new ClockFilter(options.nowMs);
  }

  /** Forgets all that was heard: after a step of the clock, `refid` then says `STEP`. */
  clear(refid: string, nowMs: number): void {
    Object.assign(this, { tally: ' ', reach: 0, burst: 0, retry: 0, unreached: 0, leap: 3, stratum: 16, refid });
    Object.assign(this, { rootDelayMs: 0, rootDispersionMs: 0, offsetMs: 0, delayMs: 0, heardMs: null });
    Object.assign(this, { dispersionMs: MAX_DISPERSION_MS, jitterMs: PRECISION_MS, hostPoll: this.minpoll });
    this.epochMs = nowMs - 1;
    this.polledMs = nowMs;
    this.#filter = new ClockFilter(nowMs);
  }

  /** The interval that ntpq's `poll` shows. */
  get pollSeconds(): number {
    return 2 ** this.hostPoll;
  }

  /** How wrong the source can be by now (RFC 5905, 11.2: root distance). */
  distanceMs(nowMs: number): number {
    return Math.max(
      1,
      (this.delayMs + this.rootDelayMs) / 2 +
        this.dispersionMs +
        PHI * (nowMs - this.#filter.updatedMs) +
        this.rootDispersionMs +
        this.jitterMs,
    );
  }

  /** How much the dispersion has grown since the last sample. */
  agedMs(nowMs: number): number {
    return PHI * (nowMs - this.#filter.updatedMs);
  }

  /**
   * The reach register takes one step, unless a burst is under way: the whole burst is one poll.
   * @returns whether the filter was told of silence, which may change the selection.
   */
  shift(nowMs: number, systemPoll: number, stable: boolean): boolean {
    if (this.burst > 0) {
      this.burst -= 1;
      if (this.retry > 0) this.retry -= 1;
      return false;
    }
    this.polledMs = nowMs;
    this.unreached += 1;
    this.reach = (this.reach << 1) & 0xff;
    const silent = this.reach === 0;
    let poll = this.hostPoll;
    if (silent) {
      this.#take(this.#filter.add(null, nowMs, stable));
      if (this.line.iburst && this.retry === 0) this.retry = RETRIES;
    } else {
      poll = systemPoll;
      this.unreached = 0;
    }
    if (this.unreached >= UNREACHED_POLLS) poll += 1;
    this.hostPoll = Math.min(this.maxpoll, Math.max(this.minpoll, poll));
    if (this.retry > 0) this.retry -= 1;
    return silent;
  }

  /** Takes an answer. @returns whether it gave a newer sample to use: only then is the selection run. */
  hear(answer: Answer, nowMs: number, stable: boolean): boolean {
    const { leap, stratum, refid, rootDelayMs, rootDispersionMs } = answer;
    Object.assign(this, { leap, stratum, refid, rootDelayMs, rootDispersionMs, heardMs: nowMs });
    // ntpd: an answer to a retry arms the burst; the first one of an unreachable source is six packets.
    if (this.retry > 0) {
      this.retry = 0;
      if (this.reach === 0) this.burst = IBURST_PACKETS - 1;
    }
    this.reach |= 1;
    return this.#take(this.#filter.add(answer, nowMs, stable));
  }

  #take(filtered: Filtered): boolean {
    this.dispersionMs = filtered.dispersionMs;
    if (this.heardMs !== null) this.jitterMs = filtered.jitterMs;
    if (filtered.usedAtMs === null) {
      this.offsetMs = 0;
      this.delayMs = 0;
      return false;
    }
    this.offsetMs = filtered.offsetMs;
    this.delayMs = filtered.delayMs;
    if (filtered.usedAtMs <= this.epochMs) return false;
    this.epochMs = filtered.usedAtMs;
    return true;
  }
}
