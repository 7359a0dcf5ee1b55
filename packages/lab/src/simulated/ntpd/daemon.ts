import { canonicalAddress } from '../../../../../src/fleet/addresses.ts';
import { readConfig, type SourceLine } from '../config-file.ts';
import type { Daemon, DaemonEnvironment, DaemonState } from '../daemon.ts';
import { refidOf, type ServedState } from '../network.ts';
import { type Candidate, cluster, truechimers } from '../selection.ts';
import { Association, type AssociationKind, BURST_SPACING_MS } from './association.ts';
import { Discipline } from './discipline.ts';
import { MAX_DISPERSION_MS, MAX_DISTANCE_MS, PHI } from './filter.ts';
import { type AssociationTable, createNameFollower, type MobiliseOptions, type NameFollower } from './names.ts';
import { referenceClock } from './reference-clock.ts';

/** ntpd's own limits of the poll interval, 64 s to 1024 s. */
const DEFAULT_MINPOLL = 6;
const DEFAULT_MAXPOLL = 10;
/** The interval gets up to a sixteenth longer, so that hosts do not march in step. */
const POLL_FUZZ = 1 / 16;
/** A selection is made over silence only so many polls after the register is empty (seen: `*` stays for 400-780 s). */
const SILENT_POLLS = 4;

/** Half of ntpd's MINDISP: a server must be so much apart from the system peer to take over from it. */
const CLOCKHOP_MS = 0.5;

type Fit = Candidate & { association: Association };

function candidate(association: Association, nowMs: number): Fit {
  const { offsetMs, jitterMs, stratum, line } = association;
  return { association, offsetMs, jitterMs, stratum, prefer: line.prefer, distanceMs: association.distanceMs(nowMs) };
}

/** Classic ntpd 4.2.8 and ntpsec 1.2: one state machine, two ways with names. */
export class NtpDaemon implements Daemon, AssociationTable {
  readonly kind: 'ntpd' | 'ntpsec';
  readonly startedMs: number;
  readonly associations: Association[] = [];
  readonly system: Discipline;
  systemPeer: Association | null = null;
  /** How often it was asked for the time. */
  requests = 0;
  readonly #environment: DaemonEnvironment;
  readonly #names: NameFollower;
  /** While the file is read, first polls are one second apart; later ones come within a few seconds. */
  #initializing = true;

  constructor(kind: 'ntpd' | 'ntpsec', environment: DaemonEnvironment) {
    this.kind = kind;
    this.#environment = environment;
    this.startedMs = environment.nowMs();
    this.system = new Discipline(environment.clock, this.startedMs);
    this.#names = createNameFollower(this, environment);
    for (const line of environment.config.sources) this.#configure(line);
    this.#initializing = false;
  }

  addSource(line: string): void {
    for (const source of readConfig(this.kind, line).sources) this.#configure(source);
  }

  /** ntpd serves the system clock. */
  readonly servedAheadMs = 0;

  get serves(): boolean {
    return this.#environment.config.serves;
  }

  serve(_asker: unknown, atMs: number): ServedState {
    this.requests += 1;
    const { leap, stratum, refid, rootDelayMs } = this.system;
    return { leap, stratum, refid, rootDelayMs, rootDispersionMs: this.system.rootDispersionMs(atMs) };
  }

  state(): DaemonState {
    const peer = this.systemPeer;
    return {
      synchronised: this.system.leap !== 3,
      stratum: this.system.stratum,
      systemPeer: peer === null ? null : { remote: peer.address ?? peer.line.target, reach: peer.reach },
      offsetMs: this.system.offsetMs,
    };
  }

  stop(): void {
    for (const association of this.associations) association.cancelPoll();
  }

  #configure(line: SourceLine): void {
    const address = canonicalAddress(line.target);
    if (line.keyword === 'pool' || address === null) {
      this.#names.follow(line);
      return;
    }
    if (this.find(address) !== undefined) return;
    const clockRow = address.startsWith('127.127.');
    this.mobilise(line, clockRow ? 'reference clock' : line.keyword === 'peer' ? 'symmetric' : 'client', { address });
  }

  find(address: string): Association | undefined {
    return this.associations.find((association) => association.address === address);
  }

  mobilise(line: SourceLine, kind: AssociationKind, options: MobiliseOptions): Association {
    const nowMs = this.#environment.nowMs();
    const association = new Association({
      line,
      kind,
      address: options.address ?? null,
      name: options.name ?? null,
      fromPool: options.fromPool ?? false,
      nowMs,
      refid: options.refid ?? 'INIT',
      minpoll: line.minpoll ?? DEFAULT_MINPOLL,
      maxpoll: line.maxpoll ?? DEFAULT_MAXPOLL,
    });
    this.associations.push(association);
    if (association.address !== null) this.schedule(association, this.firstPollMs(association));
    return association;
  }

  demobilise(association: Association): void {
    association.cancelPoll();
    this.associations.splice(this.associations.indexOf(association), 1);
    if (this.systemPeer === association) this.systemPeer = null;
  }

  /** ntpd 4.2.8 draws the first poll from so many seconds as the poll *exponent*; a pool's server waits three. */
  firstPollMs(association: Association): number {
    if (this.#initializing) return this.associations.length * 1000;
    if (association.fromPool) return 3000;
    return this.#environment.noise.below(association.minpoll) * 1000;
  }

  schedule(association: Association, waitMs: number): void {
    association.cancelPoll();
    association.cancelPoll = this.#environment.after(waitMs, () => this.#poll(association));
  }

  #poll(association: Association): void {
    const nowMs = this.#environment.nowMs();
    const { address } = association;
    if (address === null) return;
    const planned = association.cancelPoll;
    const silent = association.shift(nowMs, this.system.poll, this.system.stable);
    if (silent && association.fromPool && association.heardMs !== null && this.kind === 'ntpd') {
      this.demobilise(association); // seen: only classic's pool drops the dead address.
      return;
    }
    if (silent && association.unreached >= SILENT_POLLS) this.#select(nowMs);
    const answer =
      association.kind === 'reference clock'
        ? referenceClock(association, this.#environment.clock.errorMs(nowMs))
        : this.#environment.ask(address);
    // RFC 5905, A.5.1: an answer from an unsynchronised server counts for nothing.
    if (answer !== null && answer.leap !== 3 && answer.stratum < 16) this.#hear(association, answer, nowMs);
    // A step of the clock has planned all polls anew.
    if (association.cancelPoll === planned) this.schedule(association, this.#nextPollMs(association, nowMs));
  }

  #nextPollMs(association: Association, nowMs: number): number {
    if (association.burst > 0) return BURST_SPACING_MS;
    const exponent = association.retry > 0 ? association.minpoll : association.hostPoll;
    const intervalMs = 1000 * 2 ** exponent * (1 + POLL_FUZZ * this.#environment.noise.next());
    return Math.max(BURST_SPACING_MS, association.polledMs + Math.floor(intervalMs / 1000) * 1000 - nowMs);
  }

  #hear(association: Association, answer: Parameters<Association['hear']>[0], nowMs: number): void {
    const sane = answer.rootDelayMs / 2 + answer.rootDispersionMs < MAX_DISPERSION_MS;
    if (!sane) return;
    const fresh = association.hear(answer, nowMs, this.system.stable);
    if (fresh && (association.burst === 0 || this.system.leap === 3)) this.#select(nowMs);
  }

  /** Whether the source cannot be followed (RFC 5905, A.5.5.3). */
  #unfit(association: Association, nowMs: number): boolean {
    const { leap, stratum, refid, reach, kind, line, hostPoll } = association;
    if (reach === 0 || line.noselect || leap === 3 || stratum >= 16) return true;
    if (kind === 'reference clock') return false;
    if (stratum > 1 && this.#environment.addresses.some((own) => refidOf(own) === refid)) return true;
    return association.distanceMs(nowMs) >= MAX_DISTANCE_MS + PHI * 1000 * 2 ** hostPoll;
  }

  #select(nowMs: number): void {
    const tallies = new Map<Association, Association['tally']>();
    const fit: Fit[] = this.associations
      .filter((association) => !this.#unfit(association, nowMs))
      .map((association) => candidate(association, nowMs));
    // The undisciplined local clock is a last resort, never one of many.
    const local = fit.filter(({ association }) => association.address?.startsWith('127.127.1.') === true);
    const others = fit.filter((candidate) => !local.includes(candidate));
    for (const { association } of others) tallies.set(association, 'x');
    let truthful = truechimers(others);
    if (truthful.length === 0) truthful = local.slice(0, 1);
    if (truthful.length === 0) truthful = this.#lastResort(nowMs);
    for (const { association } of truthful) tallies.set(association, '-');
    const chosen = cluster(truthful);
    if (chosen === null) {
      if (this.systemPeer !== null) this.system.noPeer();
      this.systemPeer = null;
      this.#show(tallies);
      return;
    }
    for (const { association } of chosen.survivors) tallies.set(association, '+');
    const best = this.#hopOrStay(chosen.best.association, chosen.survivors);
    tallies.set(best, '*');
    if (best.epochMs <= this.system.epochMs) return;
    this.#show(tallies);
    this.systemPeer = best;
    if (this.system.update(best, chosen, nowMs) === 'stepped') this.#stepped(nowMs);
  }

  /** The system peer stays while it survives and no other is clearly better (ntpd's clockhop). */
  #hopOrStay(best: Association, survivors: readonly Fit[]): Association {
    const present = survivors.find(({ association }) => association === this.systemPeer);
    if (present === undefined || present.stratum > best.stratum) return best;
    return Math.abs(best.offsetMs - present.offsetMs) < CLOCKHOP_MS ? present.association : best;
  }

  /** Classic takes the first server that answers when it has never been synchronised (seen: `*` after about 2 s). */
  #lastResort(nowMs: number): Fit[] {
    if (this.kind !== 'ntpd' || this.system.referenceMs !== null) return [];
    return this.associations
      .filter(
        ({ reach, leap, line, kind }) => reach !== 0 && leap !== 3 && !line.noselect && kind !== 'reference clock',
      )
      .map((association) => candidate(association, nowMs))
      .sort((a, b) => a.distanceMs - b.distanceMs)
      .slice(0, 1);
  }

  #show(tallies: ReadonlyMap<Association, Association['tally']>): void {
    for (const association of this.associations) association.tally = tallies.get(association) ?? ' ';
  }

  #stepped(nowMs: number): void {
    this.#environment.report('stepped the clock');
    this.systemPeer = null;
    for (const association of this.associations) {
      if (association.kind === 'pool' || association.address === null) continue;
      association.clear('STEP', nowMs);
      this.schedule(association, this.firstPollMs(association));
    }
  }
}
