import type { Thresholds } from '../fleet/fleet.ts';
import type { Collected, DaemonKind } from '../host/collected.ts';
import { REACH_POLLS } from '../ntp/reach.ts';
import type { Source } from '../ntp/source.ts';
import { boundOf } from './bound.ts';
import { type Contact, contactOf } from './contact.ts';
import type { Measures } from './judgement.ts';
import {
  type Addresses,
  bySource,
  heardPolls,
  isAsked,
  isIdentified,
  isOutOfReach,
  isSource,
  isSystemPeer,
  isUsable,
  timeServiceSource,
} from './sources.ts';
import { VOTES_UNKNOWN } from './votes.ts';

/** What one host told, worked out once; the checks read it. null = it did not tell, or it could not be read. */
export interface Facts {
  collected: Collected;
  /** `ntpsec 1.2.2`, for sentences. */
  daemon: string;
  thresholds: Thresholds;
  /** The revision of the file podtime would serve this host's daemon; null = not known. */
  expectedRevision: string | null;
  /** In an order of their own, whatever the order of rows. */
  sources: readonly Source[];
  /** Of these, what time can come from. */
  real: readonly Source[];
  /** Of these, what the daemon asks. */
  polled: readonly Source[];
  /** Of these, the time service by an address that the host cannot reach: not heard, and no news. */
  outOfReach: readonly Source[];
  /** No row is missing: neither cut nor lost by the parser. Only then does the absence of a source mean anything. */
  sourcesComplete: boolean;
  leap: 'none' | 'add' | 'delete' | 'alarm' | null;
  /** null = none. `unknown`: none was seen, and rows are missing. */
  systemPeer: Source | 'unknown' | null;
  /** Whether the daemon still hears what its clock follows. */
  contact: Contact;
  /** How many sources are known to be usable: at least so many are. */
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
  liesLeft: null,
  lossesLeft: null,
  ageSeconds: null,
};

export function factsOf(
  collected: Collected,
  daemon: { kind: DaemonKind; version: string | null },
  addresses: Addresses,
  limits: { thresholds: Thresholds; expectedRevision: string | null; timeService: readonly string[] },
): Facts {
  const sources = collected.sources.toSorted(bySource);
  const sourcesComplete = areSourcesComplete(collected);
  const leap = collected.system?.leap ?? null;
  const systemPeer: Facts['systemPeer'] = sources.find(isSystemPeer) ?? (sourcesComplete ? null : 'unknown');
  const real: Source[] = [];
  const polled: Source[] = [];
  const outOfReach: Source[] = [];
  const usable: Source[] = [];
  let isUsableKnown = sourcesComplete;
  for (const source of sources) {
    if (source.reach === 0 && isOutOfReach(source, limits.timeService, addresses)) outOfReach.push(source);
    if (!isSource(source)) continue;
    real.push(source);
    if (isAsked(source)) polled.push(source);
    const isOfUse = isUsable(source);
    if (isOfUse === null) isUsableKnown = false;
    else if (isOfUse) usable.push(source);
  }
  const rows = { rows: sources, sources: real, areComplete: sourcesComplete };
  const facts = {
    collected,
    daemon: daemonNamed(daemon),
    thresholds: limits.thresholds,
    expectedRevision: limits.expectedRevision,
    sources,
    real,
    polled,
    outOfReach,
    sourcesComplete,
    leap,
    systemPeer,
    contact: contactOf(collected.system, rows, limits.timeService),
    usableAtLeast: usable.length,
    usable,
  };
  return { ...facts, measures: measuresOf(facts, daemon.kind, isUsableKnown, limits.timeService) };
}

/** `ntpsec 1.2.2`, or `ntpd` when it does not tell its version. */
export function daemonNamed({ kind, version }: { kind: DaemonKind; version: string | null }): string {
  return version === null ? kind : `${kind} ${version}`;
}

/** A row that was lost whole could have been any, the system peer's too. */
function areSourcesComplete({ truncated, faults }: Collected): boolean {
  return !truncated && !faults.some(({ field }) => field === null);
}

function measuresOf(
  facts: Omit<Facts, 'measures'>,
  kind: DaemonKind,
  isUsableKnown: boolean,
  timeService: readonly string[],
): Measures {
  const { collected, sources, real, polled, outOfReach, sourcesComplete, systemPeer, contact, thresholds } = facts;
  const system = collected.system;
  // Without a reference the daemons print zeros, a placeholder of one second, or the last value they had: a bound on the
  // clock's error holds that last value, but it is no offset of now.
  const synchronised = contact.isSet && systemPeer !== null && contact.isInTouch !== false;
  const asked = registersOf(polled.filter((source) => !outOfReach.includes(source)));
  const all = registersOf(real);
  const reference = timeServiceSource(sources, timeService);
  return {
    offsetMs: synchronised ? (system?.offsetMs ?? null) : null,
    timeServiceOffsetMs: reference?.offsetMs ?? null,
    ...boundOf(contact, kind, system, thresholds),
    jitterMs: synchronised ? (system?.jitterMs ?? null) : null,
    delayMs:
      synchronised && systemPeer !== 'unknown' && systemPeer !== null && systemPeer.reach !== 0
        ? systemPeer.delayMs
        : null,
    reachRatio: asked.known === 0 ? null : asked.heard / (REACH_POLLS * asked.known),
    reachableSources: sourcesComplete && all.known === real.length ? all.reachable : null,
    usableSources: isUsableKnown ? facts.usableAtLeast : null,
    // by what its boundary servers follow: the second pass knows
    ...VOTES_UNKNOWN,
    ageSeconds: collected.ageSeconds ?? system?.uptimeSeconds ?? null,
  };
}

/** What the reach registers of sources say: how many could be read, polls heard in all, sources heard at all. */
function registersOf(sources: readonly Source[]) {
  const registers = { known: 0, heard: 0, reachable: 0 };
  for (const source of sources) {
    const heard = heardPolls(source);
    if (heard === null) continue;
    registers.known += 1;
    registers.heard += heard;
    if (heard > 0) registers.reachable += 1;
  }
  return registers;
}

/** Whether every row's server is known, so that "it polls none of these" can be said. */
export function knowsAllServers({ sources, sourcesComplete }: Facts): boolean {
  return sourcesComplete && sources.every(isIdentified);
}
