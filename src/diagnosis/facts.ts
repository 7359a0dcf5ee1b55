import type { Thresholds, Tier } from '../fleet/fleet.ts';
import type { Collected, RunningDaemon } from '../host/collected.ts';
import { REACH_POLLS } from '../ntp/reach.ts';
import type { Source, SystemState } from '../ntp/source.ts';
import { type Agreement, selectionOf } from './agreement.ts';
import { boundOf, type LastBound } from './bound.ts';
import { type Contact, contactOf } from './contact.ts';
import { isForgotten } from './freshness.ts';
import type { Late, Limit, Measures } from './judgement.ts';
import type { NearLeap } from './smear-classes.ts';
import {
  type Addresses,
  bySource,
  heardPolls,
  isAsked,
  isHeardLately,
  isIdentified,
  isOutOfReach,
  isSource,
  isSystemPeer,
  isUsable,
  timeServiceSource,
} from './sources.ts';

/** What one host told, worked out once; the checks read it. null = it did not tell, or it could not be read. */
export interface Facts {
  collected: Collected;
  /** `ntpsec 1.2.2`, for sentences. */
  daemon: string;
  tier: Tier;
  thresholds: Thresholds;
  /** What it is to leave late, by the tick before. */
  overBefore: readonly Late[];
  /** Offsets that are told and not judged, a leap second being near. */
  unjudged: readonly Limit[];
  /** What else is not; null: no leap second is near. */
  nearLeap: NearLeap | null;
  /** The revision of the file podtime would serve this host's daemon; null = not known. */
  expectedRevision: string | null;
  /** A boundary server that podtime serves no file, on one that is not podtime's: a distribution's own serves nobody. */
  isServingUnknown: boolean;
  /** Of a boundary server of a pod that keeps one time: rows for others of its pod that run. `real` has none of them. */
  partners: readonly Source[];
  /** In an order of their own, whatever the order of rows. */
  sources: readonly Source[];
  /** Of these, what time can come from: no local clock, and to a boundary server no other one of its pod. */
  real: readonly Source[];
  /** Of these, what the daemon asks. */
  polled: readonly Source[];
  /** Of these, the time service by an address that the host cannot reach: not heard, and no news. */
  outOfReach: readonly Source[];
  /** No row is missing: neither cut nor lost by the parser. Only then does the absence of a source mean anything. */
  sourcesComplete: boolean;
  leap: 'none' | 'add' | 'delete' | 'alarm' | null;
  /** null = none. `unknown`: none was seen, and rows are missing. `untold`: the daemon names none; `agreement` tells what is known. */
  systemPeer: Source | 'unknown' | 'untold' | null;
  /** Of a daemon that does not tell which sources it selects: how they agree. */
  agreement: Agreement | null;
  /** Whether the daemon still hears what its clock follows. */
  contact: Contact;
  /** How many sources are known to be usable, one that is known by several addresses once: at least so many are. */
  usableAtLeast: number;
  /** Those. */
  usable: readonly Source[];
  measures: Measures;
}

/** Measures of a host that told nothing. */
export const NOTHING_MEASURED: Measures = {
  offsetMs: null,
  timeServiceOffsetMs: null,
  errorBoundMs: null,
  growthPpm: null,
  horizonSeconds: null,
  jitterMs: null,
  delayMs: null,
  reachRatio: null,
  reachableSources: null,
  usableSources: null,
  ageSeconds: null,
  frequencyPpm: null,
};

export function factsOf(
  collected: Collected,
  daemon: { kind: RunningDaemon; version: string | null },
  host: Addresses & { tier: Tier },
  limits: Pick<Facts, 'thresholds' | 'expectedRevision' | 'overBefore' | 'nearLeap'> & {
    timeService: readonly string[];
    /** Which clock stands behind a row (`ClockNames`). */
    clockOf: (source: Source) => string | null;
    /** What is remembered of its bound, by how long its daemon has run. */
    lastBound: (daemonAgeSeconds: number | null) => LastBound | null;
    /** Of servers that keep one time (`BoundGround`). */
    ofServers: readonly LastBound[] | null;
    isUncovered: boolean;
    /** Rows of a boundary server for others of its pod: they may follow it, so they are no source of its own, but mates (`contactOf`). Decision 0095. */
    isCrossSourced: (source: Source) => boolean;
    /** Rows of `Facts.partners`. */
    isPartner: (source: Source) => boolean;
    /** Whether podtime serves no file to its daemon. */
    isRefused: boolean;
    /** Since the host printed its answer, at the most. */
    ageSeconds: number;
  },
): Facts {
  const sourcesComplete = areSourcesComplete(collected);
  const rowsAsTold = { sources: collected.sources, areComplete: sourcesComplete };
  const selection = selectionOf(collected.system, rowsAsTold);
  const sources = selection.sources.toSorted(bySource);
  const leap = collected.system?.leap ?? null;
  const none = sourcesComplete ? null : 'unknown';
  const systemPeer: Facts['systemPeer'] = selection.agreement ? 'untold' : (sources.find(isSystemPeer) ?? none);
  const real: Source[] = [];
  const mates: Source[] = [];
  const polled: Source[] = [];
  const outOfReach: Source[] = [];
  const usable: Source[] = [];
  let isUsableKnown = sourcesComplete && selection.agreement?.isKnown !== false;
  for (const source of sources) {
    if (source.reach === 0 && isOutOfReach(source, limits.timeService, host)) outOfReach.push(source);
    if (!isSource(source)) continue;
    if (limits.isCrossSourced(source)) {
      mates.push(source);
      continue;
    }
    real.push(source);
    if (isAsked(source)) polled.push(source);
    const isOfUse = isUsable(source);
    if (isOfUse === null) isUsableKnown = false;
    else if (isOfUse) usable.push(source);
  }
  const areSelectionsKnown = sourcesComplete && selection.agreement?.isKnown !== false;
  const rows = { rows: sources, sources: real, mates, areComplete: areSelectionsKnown };
  const facts: Facts = {
    collected,
    daemon: daemonNamed(daemon),
    tier: host.tier,
    thresholds: limits.thresholds,
    overBefore: limits.overBefore,
    unjudged: limits.nearLeap?.unjudged ?? [],
    nearLeap: limits.nearLeap,
    expectedRevision: limits.expectedRevision,
    isServingUnknown: limits.isRefused && host.tier === 'boundary' && isForeignFile(collected),
    partners: sources.filter(limits.isPartner),
    sources,
    real,
    polled,
    outOfReach,
    sourcesComplete,
    leap,
    systemPeer,
    agreement: selection.agreement,
    contact: contactOf(collected.system, rows, limits.timeService),
    usableAtLeast: countClocks(usable, limits.clockOf),
    usable,
    measures: NOTHING_MEASURED,
  };
  // thousands of copies would cost more than they explain
  facts.measures = measuresOf(facts, { kind: daemon.kind, system: selection.system, isUsableKnown }, limits);
  return facts;
}

/** A row of which it is not known whose it is counts by itself. */
function countClocks(rows: readonly Source[], clockOf: (source: Source) => string | null): number {
  return new Set(rows.map((row) => clockOf(row) ?? row)).size;
}

/** `ntpsec 1.2.2`, or `ntpd` when it does not tell its version. */
export function daemonNamed({ kind, version }: { kind: RunningDaemon; version: string | null }): string {
  const name = NAMES[kind] ?? kind;
  return version === null ? name : `${name} ${version}`;
}

/** As people write them. */
const NAMES: Partial<Record<RunningDaemon, string>> = { openntpd: 'OpenNTPD', 'busybox-ntpd': 'busybox ntpd' };

/** Whether the file that it runs on was found, and bears no revision of podtime's; false where that could not be read. */
function isForeignFile({ configRevision, found, faults }: Collected): boolean {
  const isRead = / file=\//.test(found) && !faults.some(({ field }) => field === 'configRevision');
  return isRead && configRevision === null;
}

/** A row that was lost whole could have been any, the system peer's too. */
function areSourcesComplete({ truncated, faults }: Collected): boolean {
  return !truncated && !faults.some(({ field }) => field === null);
}

function measuresOf(
  facts: Omit<Facts, 'measures'>,
  { kind, system, isUsableKnown }: { kind: RunningDaemon; system: SystemState | null; isUsableKnown: boolean },
  limits: Pick<Parameters<typeof factsOf>[3], 'timeService' | 'lastBound' | 'ofServers' | 'isUncovered' | 'ageSeconds'>,
): Measures {
  const { collected, sources, real, polled, outOfReach, sourcesComplete, systemPeer, contact, thresholds } = facts;
  // Without a reference the daemons print zeros, a placeholder of one second, or the last value they had: a bound on the
  // clock's error holds that last value, but it is no offset of now.
  const synchronised = contact.isSet && systemPeer !== null && contact.isInTouch !== false;
  const asked = registersOf(polled.filter((source) => !outOfReach.includes(source)));
  const reference = timeServiceSource(sources, limits.timeService);
  const daemonAgeSeconds = collected.ageSeconds ?? system?.uptimeSeconds ?? null;
  const last = limits.lastBound(daemonAgeSeconds);
  const { ofServers, isUncovered, ageSeconds } = limits;
  const ground = { thresholds, last, ofServers, isUncovered, ageSeconds };
  const { errorBoundMs, growthPpm, horizonSeconds } = boundOf(contact, kind, system, ground);
  return {
    offsetMs: synchronised ? (system?.offsetMs ?? null) : null,
    timeServiceOffsetMs: reference?.offsetMs ?? null,
    errorBoundMs,
    growthPpm,
    horizonSeconds,
    jitterMs: synchronised ? (system?.jitterMs ?? null) : null,
    delayMs: synchronised && typeof systemPeer === 'object' && systemPeer.reach !== 0 ? systemPeer.delayMs : null,
    reachRatio: asked.known === 0 ? null : asked.heard / (REACH_POLLS * asked.known),
    reachableSources: sourcesComplete ? reachableOf(real) : null,
    usableSources: isUsableKnown ? facts.usableAtLeast : null,
    ageSeconds: daemonAgeSeconds,
    // of a clock that was never set it is what the daemon started with
    frequencyPpm: facts.leap === 'alarm' ? null : (system?.frequencyPpm ?? null),
  };
}

/** Of a daemon without reach registers: whether a source that it asks, and can reach, left eight polls or more unanswered. */
export function missesSource({ polled, outOfReach }: Pick<Facts, 'polled' | 'outOfReach'>): boolean {
  return polled.some((source) => isForgotten(source) && !outOfReach.includes(source));
}

/** What the reach registers of sources say: how many could be read, and the polls heard in all. */
function registersOf(sources: readonly Source[]) {
  const registers = { known: 0, heard: 0 };
  for (const source of sources) {
    // without a register an empty one alone would be known
    const heard = source.unansweredPolls === null ? heardPolls(source) : null;
    if (heard === null) continue;
    registers.known += 1;
    registers.heard += heard;
  }
  return registers;
}

/** Sources heard at all in their last eight polls; null: of one it is not known. */
function reachableOf(sources: readonly Source[]): number | null {
  const heard = sources.map(isHeardLately);
  return heard.includes(null) ? null : heard.filter((isHeard) => isHeard).length;
}

/** Whether every row's server is known, so that "it polls none of these" can be said. */
export function knowsAllServers({ sources, sourcesComplete }: Facts): boolean {
  return sourcesComplete && sources.every(isIdentified);
}
