import { canonicalAddress } from '../../../../../src/fleet/addresses.ts';
import { readConfig, type SourceLine } from '../config-file.ts';
import type { Daemon, DaemonEnvironment, DaemonState } from '../daemon.ts';
import { refidOf, type ServedState } from '../network.ts';
import { truechimers } from '../selection.ts';
import { createAddressBook, type SourceTable } from './address-book.ts';
import { ChronySource } from './chrony-source.ts';
import { LocalClock } from './local-clock.ts';
import { Reference, type Told } from './reference.ts';

const DEFAULT_MINPOLL = 6;
const DEFAULT_MAXPOLL = 10;
const FIRST_POLL_MS = 200;
const BURST_SPACING_MS = 2000;
const IBURST = { good: 4, packets: 8 };
/** chrony.conf: maxdistance 3 s, combinelimit 3, stratumweight 1 ms, reselectdist 0.1 ms. */
const MAX_DISTANCE_MS = 3000;
const COMBINE_LIMIT = 3;
const STRATUM_WEIGHT_MS = 1;
const RESELECT_DISTANCE_MS = 0.1;
const SCORE_LIMIT = 10;
/** A pool takes up to four servers (chrony.conf, maxsources). */
const POOL_SOURCES = 4;
/** Intervals differ by a little so that hosts do not march in step. */
const POLL_FUZZ = 0.02;

/**
 * chronyd 4.3, or 4.6.1, which knows `refresh` and follows DNS by it. Both know `trust`, `maxunreach`, a source's family and all of `local`,
 * as later ones do.
 */
export class ChronyDaemon implements Daemon, SourceTable {
  readonly kind = 'chrony';
  readonly startedMs: number;
  readonly sources: ChronySource[] = [];
  readonly reference: Reference;
  selected: ChronySource | null = null;
  readonly #environment: DaemonEnvironment;
  readonly #local: LocalClock;
  readonly #book: ReturnType<typeof createAddressBook>;

  constructor(environment: DaemonEnvironment) {
    this.#environment = environment;
    this.startedMs = environment.nowMs();
    this.reference = new Reference(environment.clock, environment.config.makestep);
    this.#local = new LocalClock(environment.config.local, this.startedMs);
    this.#book = createAddressBook(this, environment);
    for (const line of environment.config.sources) this.#configure(line);
    this.#book.start();
  }

  addSource(text: string): void {
    for (const line of readConfig('chrony', text).sources) this.#configure(line);
    this.#book.start();
  }

  /** chronyd serves its own time. */
  get servedAheadMs(): number {
    return this.reference.correctionMs;
  }

  get serves(): boolean {
    return this.#environment.config.serves;
  }

  /** How often it was asked for the time. */
  requests = 0;

  serve(_asker: unknown, atMs: number): ServedState {
    this.requests += 1;
    const { leap, stratum, refid, rootDelayMs, rootDispersionMs } = this.told(atMs);
    return { leap, stratum: stratum === 0 ? 16 : stratum, refid, rootDelayMs, rootDispersionMs };
  }

  /** What it says of itself: of the source that it follows, or of its own clock. */
  told(atMs: number): Told {
    return this.reference.told(atMs, this.#local.stratum(this.reference, atMs));
  }

  state(): DaemonState {
    const { selected, reference } = this;
    const { leap, stratum } = this.told(this.#environment.nowMs());
    return {
      synchronised: leap !== 3,
      stratum,
      systemPeer:
        selected === null ? null : { remote: selected.address ?? selected.line.target, reach: selected.reach },
      offsetMs: reference.correctionMs,
    };
  }

  stop(): void {
    for (const source of this.sources) source.cancelPoll();
  }

  polls(address: string): boolean {
    return this.sources.some((source) => source.address === address);
  }

  /**
   * `chronyc refresh`: every name is looked up again. 4.3 takes an address other than the present one (seen: also from a working source),
   * 4.6.1 only where the present one is not among the answer's (seen).
   */
  refresh(): void {
    this.#book.refresh();
  }

  /** `chronyc burst GOOD/PACKETS`. */
  burst(good: number, packets: number): void {
    for (const source of this.sources) {
      if (source.address === null || source.burst !== null) continue;
      source.burst = { good, packets };
      this.schedule(source, FIRST_POLL_MS);
    }
  }

  #configure(line: SourceLine): void {
    if (line.keyword === 'refclock') {
      this.#add(line, null, `refclock ${line.target}`);
      return;
    }
    const address = canonicalAddress(line.target);
    if (address !== null && this.polls(address)) return;
    const slots = line.keyword === 'pool' ? (line.maxsources ?? POOL_SOURCES) : 1;
    for (let slot = 0; slot < slots; slot++) this.#add(line, address === null ? line.target : null, address);
  }

  #add(line: SourceLine, name: string | null, address: string | null): void {
    const source = new ChronySource({
      line,
      name,
      address,
      fromPool: line.keyword === 'pool',
      minpoll: line.minpoll ?? (line.keyword === 'refclock' ? 4 : DEFAULT_MINPOLL),
      maxpoll: line.maxpoll ?? (line.keyword === 'refclock' ? 4 : DEFAULT_MAXPOLL),
      nowMs: this.#environment.nowMs(),
    });
    this.sources.push(source);
    if (address !== null) this.begin(source);
  }

  begin(source: ChronySource): void {
    if (source.line.iburst) source.burst = { ...IBURST };
    this.schedule(source, FIRST_POLL_MS);
  }

  schedule(source: ChronySource, waitMs: number): void {
    source.cancelPoll();
    source.cancelPoll = this.#environment.after(waitMs, () => this.#poll(source));
  }

  #poll(source: ChronySource): void {
    const nowMs = this.#environment.nowMs();
    if (source.address === null) return;
    if (source.pending) {
      source.miss();
      if (source.reach === 0 && source.state !== '?') this.#select(nowMs);
      if (source.bad) this.#book.bad(source);
    }
    source.pending = true;
    if (source.burst !== null) source.burst.packets -= 1;
    const answer = source.line.keyword === 'refclock' ? this.#hardware(nowMs) : this.#environment.ask(source.address);
    if (answer !== null && answer.leap !== 3 && answer.stratum < 16) {
      // chronyd measures against its own time, not against the system clock that is still being slewed.
      source.hear({ ...answer, offsetMs: answer.offsetMs - this.reference.correctionMs }, nowMs);
      if (source.burst !== null) source.burst.good -= 1;
      if (source.line.keyword !== 'refclock') this.#book.heard();
      this.#select(nowMs, source);
    }
    if (source.burst !== null && (source.burst.good <= 0 || source.burst.packets <= 0)) source.burst = null;
    this.schedule(source, this.#nextPollMs(source));
  }

  #nextPollMs(source: ChronySource): number {
    if (source.burst !== null) return BURST_SPACING_MS;
    return 1000 * 2 ** source.poll * (1 + POLL_FUZZ * this.#environment.noise.next());
  }

  /** A refclock line, such as EC2's PTP hardware clock. */
  #hardware(nowMs: number) {
    const offsetMs = -this.#environment.clock.errorMs(nowMs);
    return {
      leap: 0 as const,
      stratum: 0,
      refid: 'PHC0',
      rootDelayMs: 0,
      rootDispersionMs: 0.005,
      delayMs: 0.01,
      offsetMs,
    };
  }

  #select(nowMs: number, updated: ChronySource | null = null): void {
    const near = this.sources.filter(
      (source) => source.selectable && source.distanceMs(nowMs) <= MAX_DISTANCE_MS && !this.#loops(source),
    );
    const heardSpanMs = Math.max(0, ...near.filter(({ reach }) => reach !== 0).map((source) => source.spanMs(nowMs)));
    const remembered = near.filter((source) => !source.isStale(nowMs, heardSpanMs));
    const candidates = this.#eligible(remembered).map((source) => ({
      source,
      offsetMs: source.offsetMs,
      distanceMs: source.distanceMs(nowMs),
      jitterMs: source.deviationMs,
      stratum: source.stratum,
      prefer: source.line.prefer,
    }));
    const trusted = candidates.filter(({ source }) => source.line.trust);
    const truthful = trusted.length === 0 ? truechimers(candidates) : within(truechimers(trusted), candidates);
    for (const source of this.sources) source.state = '?';
    for (const { source } of candidates) source.state = 'x';
    if (truthful.length === 0) {
      if (candidates.length > 0 && this.selected !== null) {
        this.reference.desynchronise();
        this.#local.lost(nowMs);
      }
      this.selected = null;
      return;
    }
    const lowest = Math.min(...truthful.map(({ stratum }) => stratum));
    const score = ({ distanceMs, stratum }: (typeof truthful)[number]) =>
      distanceMs + (stratum - lowest) * STRATUM_WEIGHT_MS;
    const ranked = truthful.toSorted((a, b) => Number(b.prefer) - Number(a.prefer) || score(a) - score(b));
    const first = ranked[0];
    if (first === undefined) return;
    // of those that are preferred only another is a match
    const present = ranked.find(({ source, prefer }) => source === this.selected && prefer === first.prefer);
    const best = present === undefined ? first : this.#challenge(present, ranked, score, updated);
    if (best.source !== this.selected) for (const { source } of ranked) source.score = 1;
    this.selected = best.source;
    const limitMs = COMBINE_LIMIT * (RESELECT_DISTANCE_MS + best.distanceMs);
    for (const { source, distanceMs, prefer } of truthful)
      source.state = distanceMs > limitMs || (best.prefer && !prefer) ? '-' : '+';
    best.source.state = '*';
    if (updated === null || updated === best.source) this.#follow(best.source, truthful, nowMs);
  }

  /**
   * Another source takes over only when it has been nearer for a while: with each of its answers its score is
   * multiplied by how much nearer it is, and it wins at ten (chrony's SCORE_LIMIT).
   */
  #challenge<T extends { source: ChronySource }>(
    present: T,
    ranked: readonly T[],
    distance: (candidate: T) => number,
    updated: ChronySource | null,
  ): T {
    for (const candidate of ranked) {
      const { source } = candidate;
      if (candidate === present || (source !== updated && present.source !== updated)) continue;
      const ratio = (distance(present) + RESELECT_DISTANCE_MS) / (distance(candidate) + RESELECT_DISTANCE_MS);
      source.score = Math.max(1, source.score * ratio);
    }
    const winner = ranked.find((candidate) => candidate !== present && candidate.source.score > SCORE_LIMIT);
    return winner ?? present;
  }

  #follow(
    source: ChronySource,
    truthful: readonly { source: ChronySource; offsetMs: number; distanceMs: number }[],
    nowMs: number,
  ): void {
    if (source.heardMs !== nowMs) return;
    const combined = truthful.filter(({ source: other }) => other.state !== '-');
    const weight = combined.reduce((sum, { distanceMs }) => sum + 1 / distanceMs, 0);
    const offsetMs = combined.reduce((sum, { offsetMs: own, distanceMs }) => sum + own / distanceMs, 0) / weight;
    const { stepped } = this.reference.update(source, offsetMs, nowMs);
    this.#local.followed(this.reference, nowMs);
    for (const other of this.sources) other.shiftSamples(offsetMs);
    if (stepped) this.#environment.report('stepped the clock');
  }

  /** Sources of true time; where there is none, of those of the local clocks the one that all follow. */
  #eligible(sources: readonly ChronySource[]): ChronySource[] {
    const orphans = sources.filter((source) => this.#local.isOrphan(source));
    const others = sources.filter((source) => !this.#local.isOrphan(source));
    if (others.length > 0) return others;
    const eldest = this.#local.eldest(orphans, this.#environment.addresses);
    return eldest === null ? [] : [eldest];
  }

  /** It follows this host. */
  #loops(source: ChronySource): boolean {
    return this.#environment.addresses.some((own) => refidOf(own) === source.refid);
  }
}

/** Trusted sources that agree, and of the others those whose interval lies within theirs. */
function within<T extends { source: ChronySource; offsetMs: number; distanceMs: number }>(
  agreed: T[],
  all: readonly T[],
): T[] {
  const lowMs = Math.min(...agreed.map(({ offsetMs, distanceMs }) => offsetMs - distanceMs));
  const highMs = Math.max(...agreed.map(({ offsetMs, distanceMs }) => offsetMs + distanceMs));
  const others = all.filter(
    ({ source, offsetMs, distanceMs }) =>
      !source.line.trust && offsetMs - distanceMs >= lowMs && offsetMs + distanceMs <= highMs,
  );
  return agreed.length === 0 ? [] : [...agreed, ...others];
}
