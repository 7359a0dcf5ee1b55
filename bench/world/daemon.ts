import type { DaemonKind } from '../../src/host/collected.ts';
import { Association, DISTANCE_MS, type Reply } from './association.ts';
import { type Lookup, nextPoolLookup, nextRetry } from './lookups.ts';
import { chanceOf } from './random.ts';
import { selectSources } from './selection.ts';

/** What a daemon's file says. */
export interface Configuration {
  servers: PolledServer[];
  /** Lines `server NAME` or `pool NAME`. */
  names: string[];
  association: 'server' | 'pool';
  /** Of the names. */
  poll: Polls;
}

/** A line `server ADDRESS`. */
export interface PolledServer {
  address: string;
  isNoselect: boolean;
  poll: Polls;
}

/** Exponents of two, seconds. */
export interface Polls {
  min: number;
  max: number;
}

/** What a daemon meets outside: its own host's resolver and network. */
export interface Surroundings {
  /** The host's id: what is random about a daemon hangs on it. */
  host: string;
  az: string;
  resolve(name: string, nowMs: number): string[];
  /** Whether the zone has the name, whatever the resolver keeps saying. */
  hasName(name: string): boolean;
  reply(address: string): Reply;
  azOf(address: string): string | null;
  /** Something that others see of this clock changed. */
  changed(): void;
  /** Grows with every change of the world. */
  version(): number;
}

/** Seconds from the start to the first answer: 2 s, 7 s, and with names that do not resolve 12 s were seen; chrony in a burst 8 s. */
const FIRST_ANSWER_SECONDS: Record<DaemonKind, number> = { ntpd: 2, ntpsec: 7, chrony: 8 };
const UNRESOLVED_EXTRA_SECONDS = 5;
/** ntpd's register moves once a poll, also in iburst; chrony counts each of the four samples. */
const FIRST_REACH: Record<DaemonKind, number> = { ntpd: 1, ntpsec: 1, chrony: 0b1111 };
/** Only classic's pool drops the dead address: after 530 s at polls of 64 s. */
const CLASSIC_DROPS_AFTER_POLLS = 8;
/** A clock that follows nobody may be wrong by so much more each second: RFC 5905's PHI. */
const PHI = 15e-6;
/** What measuring the source itself adds to the dispersion. */
const MEASURED_WITHIN_MS = 1;
/** chrony resolves again after eight missed polls, at most every 30 minutes. */
const CHRONY_MISSED_POLLS = 8;
const CHRONY_REPLACES_EVERY_MS = 1_800_000;
/** Offsets above this are stepped (STEPT, RFC 5905), and polls begin anew. */
const STEP_MS = 128;
/** Less of a change of its clock is nobody's business. */
const SHOWN_ERROR_MS = 0.1;
/** A source more is taken of a pool up to so many. */
const POOL_SOURCES = 4;

/** A time daemon from its start to its end. */
export class TimeDaemon {
  associations: Association[] = [];
  /** Names without an address, for which ntpsec shows a row. */
  unresolved: string[] = [];
  systemPeer: Association | null = null;
  /** When its clock was first set; null: leap alarm. */
  syncedSinceMs: number | null = null;
  /** How wrong its clock is. */
  errorMs: number;
  /** The error that others have last seen of it. */
  private shownErrorMs: number;
  /** What its system peer told last of itself, and when: as of when the clock was last set. */
  private reference: { distanceMs: number; heardMs: number; areAllTrue: boolean };
  /** Until it looks again it believes its resolver, which kept saying that a name is missing. */
  private misledUntilMs = 0;
  private lookups: Lookup[] = [];
  private replacesFromMs = 0;
  private livedUntilMs: number;
  /** The version of the world for which nothing is left to come. */
  private settledFor = -1;

  constructor(
    readonly kind: DaemonKind,
    readonly startedMs: number,
    readonly configuration: Configuration,
    private readonly outside: Surroundings,
    clock: { errorMs: number; driftPpm: number },
  ) {
    this.errorMs = clock.errorMs;
    this.shownErrorMs = clock.errorMs;
    this.driftPpm = clock.driftPpm;
    this.livedUntilMs = startedMs;
    this.reference = { distanceMs: DISTANCE_MS, heardMs: startedMs, areAllTrue: false };
    for (const server of configuration.servers) this.add(server, null, startedMs);
    for (const name of configuration.names) this.lookUp({ name, atMs: startedMs, tries: 0 });
  }

  readonly driftPpm: number;

  ageSeconds(nowMs: number): number {
    return Math.floor((nowMs - this.startedMs) / 1000);
  }

  /** Its root distance: its reference's when that was heard, and what may have come since (RFC 5905, 11.2). */
  distanceMs(nowMs: number): number {
    const { distanceMs, heardMs } = this.latestReference();
    return distanceMs + MEASURED_WITHIN_MS + (nowMs - heardMs) * PHI;
  }

  /**
   * Whether all that it could follow when its clock was last set were true. A false one that stands apart from most is not followed; one
   * whose interval meets theirs may be, and no daemon can tell it from them.
   */
  isSoundlySet(): boolean {
    return this.latestReference().areAllTrue;
  }

  private latestReference(): TimeDaemon['reference'] {
    const { systemPeer, associations } = this;
    if (systemPeer === null) return this.reference;
    const areAllTrue = associations.every((each) => !isSurvivor(each) || each.isTrue());
    return { distanceMs: systemPeer.distanceMs, heardMs: systemPeer.lastHeardMs ?? 0, areAllTrue };
  }

  /** Before the world changes: whatever came until now came as it was until now. */
  catchUp(nowMs: number): void {
    for (const association of this.associations) association.advance(nowMs, this.outside.reply(association.address));
  }

  /** Lives on until now: polls, resolves what it resolves by itself, selects, sets its clock. */
  live(nowMs: number): void {
    if (this.isStill(nowMs)) return;
    for (let due = this.dueLookup(nowMs); due !== null; due = this.dueLookup(nowMs)) {
      this.lookups.splice(this.lookups.indexOf(due), 1);
      this.lookUp(due);
    }
    this.catchUp(nowMs);
    if (this.kind === 'chrony') this.replaceDead(nowMs);
    if (this.kind === 'ntpd' && this.configuration.association === 'pool') this.dropDead();
    this.select(nowMs);
    if (this.isSettled()) this.settledFor = this.outside.version();
    this.livedUntilMs = nowMs;
  }

  /** Whether it lacks a server that is in DNS, because its resolver still keeps the answer that there is none. */
  isMisled(nowMs: number): boolean {
    return nowMs < this.misledUntilMs;
  }

  /** Whether nothing of it changes until the world does. */
  isStill(nowMs: number): boolean {
    return this.settledFor === this.outside.version() && this.dueLookup(nowMs) === null;
  }

  private isSettled(): boolean {
    if (this.systemPeer === null) return false;
    for (const association of this.associations) {
      // to chrony a dead source is one to replace
      if (association.reach === 0 && this.kind === 'chrony') return false;
      if (!association.isSettled(this.outside.reply(association.address))) return false;
    }
    return true;
  }

  private dueLookup(nowMs: number): Lookup | null {
    for (const lookup of this.lookups) if (lookup.atMs <= nowMs) return lookup;
    return null;
  }

  /** `chronyc refresh` and `burst 4/4`: every name is resolved again, every source asked at once. */
  refresh(nowMs: number, answerMs: number): void {
    this.catchUp(nowMs);
    this.unresolved = [];
    this.lookups = [];
    const known = this.associations.filter(({ name }) => name === null);
    const named = this.associations.filter(({ name }) => name !== null);
    this.associations = known;
    for (const name of this.configuration.names) {
      const addresses = this.resolved(name, nowMs);
      const kept = named.filter((association) => association.name === name && addresses.includes(association.address));
      this.associations.push(...kept);
      if (kept.length === 0) this.lookUp({ name, atMs: nowMs, tries: 0 });
      else if (this.configuration.association === 'pool') this.lookups.push(nextPoolLookup('chrony', name, nowMs, 0));
    }
    for (const association of this.associations) {
      if (association.startedMs < nowMs) association.burst(answerMs, this.outside.reply(association.address), 0b1111);
    }
  }

  private select(nowMs: number): void {
    this.systemPeer = selectSources(this.associations, this.systemPeer, this.outside);
    const isStepped = this.systemPeer !== null && Math.abs(this.systemPeer.errorMs - this.errorMs) > STEP_MS;
    const isDisagreed = this.systemPeer === null && this.associations.some(({ tally }) => tally === 'x');
    if (isStepped || isDisagreed) for (const association of this.associations) association.unsettle(nowMs);
    if (this.systemPeer !== null) {
      this.errorMs = this.systemPeer.errorMs;
      this.reference = this.latestReference();
      if (this.syncedSinceMs === null) {
        this.syncedSinceMs = this.systemPeer.firstHeardMs ?? nowMs;
        this.outside.changed();
      }
    } else {
      this.errorMs += ((nowMs - this.livedUntilMs) / 1000) * this.driftPpm * 1e-3;
    }
    if (Math.abs(this.errorMs - this.shownErrorMs) > SHOWN_ERROR_MS) {
      this.shownErrorMs = this.errorMs;
      this.outside.changed();
    }
  }

  /** The addresses of one family, AAAA where there is one, in the order in which this host always takes them (RFC 6724). */
  private resolved(name: string, nowMs: number): string[] {
    const addresses = this.outside.resolve(name, nowMs);
    if (addresses.length < 2) return addresses;
    const ipv6 = addresses.filter((address) => address.includes(':'));
    const preference = (address: string) => chanceOf(this.outside.host, address);
    return (ipv6.length > 0 ? ipv6 : addresses).toSorted((a, b) => preference(a) - preference(b));
  }

  private lookUp({ name, atMs, tries }: Lookup): void {
    const isPool = this.configuration.association === 'pool';
    const addresses = this.resolved(name, atMs);
    const taken = new Set(this.associations.map(({ address }) => address));
    const wanted = isPool ? addresses.slice(0, POOL_SOURCES) : addresses.slice(0, 1);
    const fresh = wanted.filter((address) => !taken.has(address));
    for (const address of fresh) this.add(this.found(address), name, atMs);
    const isJoined = fresh.length > 0 || this.associations.some((association) => association.name === name);
    this.unresolved = this.unresolved.filter((other) => other !== name);
    if (!isJoined) this.unresolved.push(name);
    const next = isPool
      ? nextPoolLookup(this.kind, name, atMs, tries)
      : isJoined || this.kind === 'ntpsec'
        ? null
        : nextRetry(this.kind, name, atMs, tries);
    if (next === null) return;
    this.lookups.push(next);
    const isMisled = addresses.length === 0 && this.outside.hasName(name);
    if (isMisled) this.misledUntilMs = Math.max(this.misledUntilMs, next.atMs);
  }

  /** A server that a name led to. */
  private found(address: string): PolledServer {
    return { address, isNoselect: false, poll: this.configuration.poll };
  }

  private add({ address, isNoselect, poll }: PolledServer, name: string | null, nowMs: number): void {
    const seconds = FIRST_ANSWER_SECONDS[this.kind] + (this.unresolved.length > 1 ? UNRESOLVED_EXTRA_SECONDS : 0);
    this.associations.push(
      new Association(address, name, isNoselect, nowMs, {
        firstAnswerMs: nowMs + seconds * 1000,
        firstReach: FIRST_REACH[this.kind],
        poll,
        client: this.outside.host,
      }),
    );
  }

  private replaceDead(nowMs: number): void {
    if (nowMs < this.replacesFromMs) return;
    const dead = this.associations.find(({ name, missed }) => name !== null && missed >= CHRONY_MISSED_POLLS);
    if (dead === undefined) return;
    this.replacesFromMs = nowMs + CHRONY_REPLACES_EVERY_MS;
    const taken = new Set(this.associations.map(({ address }) => address));
    const address = this.resolved(dead.name ?? '', nowMs).find((candidate) => !taken.has(candidate));
    if (address === undefined) return;
    this.associations.splice(this.associations.indexOf(dead), 1);
    this.add(this.found(address), dead.name, nowMs);
  }

  private dropDead(): void {
    this.associations = this.associations.filter(
      ({ name, missed }) => name === null || missed < CLASSIC_DROPS_AFTER_POLLS,
    );
  }
}

function isSurvivor({ tally }: Association): boolean {
  return tally === '*' || tally === '+';
}
