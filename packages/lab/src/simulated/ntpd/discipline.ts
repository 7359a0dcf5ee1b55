import type { HostClock } from '../host-clock.ts';
import { type Leap, refidOf } from '../network.ts';
import type { Association } from './association.ts';
import { PHI, PRECISION_MS } from './filter.ts';

/** ntpd's CLOCK_MAX: beyond it the clock is stepped, not slewed. */
const STEP_THRESHOLD_MS = 128;
/** ntpd 4.2.8's CLOCK_MINSTEP: a large offset must last so long before a running clock is stepped, and learning the frequency takes as long. */
const STEPOUT_MS = 300_000;
/** MINDISP. */
const MIN_DISPERSION_MS = 1;
/** ntpd's CLOCK_LIMIT and CLOCK_PGATE: when the poll interval moves. */
const POLL_LIMIT = 30;
const POLL_GATE = 4;
/** The loop's time constant in poll intervals: about eight. */
const TIME_CONSTANT_POLLS = 8;

/** RFC 5905's system variables, and the clock discipline in as far as it shows. */
export class Discipline {
  leap: Leap = 3;
  stratum = 16;
  refid = 'INIT';
  poll = 3;
  offsetMs = 0;
  jitterMs = 0;
  clockJitterMs = 0;
  rootDelayMs = 0;
  referenceMs: number | null = null;
  /** Of the sample that the last update used. */
  epochMs = 0;
  /** ntpd's word for its last event: `restart`, `freq_mode`, `clock_sync`, `no_sys_peer`. */
  event: 'restart' | 'freq_mode' | 'clock_sync' | 'no_sys_peer' = 'restart';
  #rootDispersionMs = 0;
  #updatedMs: number;
  #firstUpdateMs: number | null = null;
  #strayingSinceMs: number | null = null;
  #jiggle = 0;
  readonly #clock: HostClock;

  constructor(clock: HostClock, nowMs: number) {
    this.#clock = clock;
    this.#updatedMs = nowMs;
  }

  /** The frequency is known: the first 300 s after the first update are over. */
  get stable(): boolean {
    return this.event === 'clock_sync';
  }

  rootDispersionMs(nowMs: number): number {
    return this.referenceMs === null ? 0 : this.#rootDispersionMs + PHI * (nowMs - this.#updatedMs);
  }

  /** @returns `stepped` when all associations must start afresh. */
  update(peer: Association, combined: { offsetMs: number; jitterMs: number }, nowMs: number): 'slewed' | 'stepped' {
    const sinceMs = nowMs - this.#updatedMs;
    const beforeMs = this.offsetMs;
    this.epochMs = peer.epochMs;
    this.offsetMs = combined.offsetMs;
    this.jitterMs = Math.max(PRECISION_MS, combined.jitterMs);
    this.poll = Math.min(peer.maxpoll, Math.max(peer.minpoll, this.poll));
    this.stratum = Math.min(16, peer.stratum + 1);
    this.refid = peer.stratum === 0 || peer.address === null ? peer.refid : refidOf(peer.address);
    this.#rootDispersionMs = Math.max(
      MIN_DISPERSION_MS,
      peer.rootDispersionMs + peer.dispersionMs + this.jitterMs + peer.agedMs(nowMs) + Math.abs(this.offsetMs),
    );
    this.#updatedMs = nowMs;
    this.rootDelayMs = peer.delayMs + peer.rootDelayMs;
    this.referenceMs = peer.heardMs ?? nowMs;
    if (Math.abs(this.offsetMs) > STEP_THRESHOLD_MS) return this.#stray(nowMs);
    this.#strayingSinceMs = null;
    this.#slew(peer, sinceMs, beforeMs, nowMs);
    return 'slewed';
  }

  noPeer(): void {
    this.event = 'no_sys_peer';
  }

  /** `ntpd -g` steps at once when it has just started, else only when the offset lasts. */
  #stray(nowMs: number): 'slewed' | 'stepped' {
    this.#strayingSinceMs ??= nowMs;
    if (this.#firstUpdateMs !== null && nowMs - this.#strayingSinceMs < STEPOUT_MS) return 'slewed';
    this.#clock.correct(nowMs, this.offsetMs);
    this.#firstUpdateMs = nowMs;
    this.#strayingSinceMs = null;
    Object.assign(this, {
      leap: 3,
      stratum: 16,
      refid: 'STEP',
      rootDelayMs: 0,
      referenceMs: null,
      offsetMs: 0,
      epochMs: 0,
    });
    this.#rootDispersionMs = 0;
    return 'stepped';
  }

  #slew(peer: Association, sinceMs: number, beforeMs: number, nowMs: number): void {
    this.leap = peer.leap === 3 ? 0 : peer.leap;
    this.#firstUpdateMs ??= nowMs;
    const learning = nowMs - this.#firstUpdateMs < STEPOUT_MS;
    this.event = learning ? 'freq_mode' : 'clock_sync';
    const timeConstantMs = TIME_CONSTANT_POLLS * 2 ** this.poll * 1000;
    this.#clock.correct(nowMs, this.offsetMs * (1 - Math.exp(-sinceMs / timeConstantMs)));
    const change = Math.abs(this.offsetMs - beforeMs);
    this.clockJitterMs = Math.sqrt((3 * this.clockJitterMs ** 2 + change ** 2) / 4);
    if (learning) return;
    this.#jiggle += Math.abs(this.offsetMs) < POLL_GATE * this.clockJitterMs ? this.poll : -2 * this.poll;
    if (Math.abs(this.#jiggle) < POLL_LIMIT) return;
    this.poll = Math.min(peer.maxpoll, Math.max(peer.minpoll, this.poll + Math.sign(this.#jiggle)));
    this.#jiggle = 0;
  }
}
