import { createHash } from 'node:crypto';
import { canonicalAddress } from '../../../../src/fleet/addresses.ts';
import type { Noise } from './noise.ts';

/** RFC 5905's leap indicator: 3 is the alarm, "not synchronised". */
export type Leap = 0 | 1 | 2 | 3;

/** What a server says of itself in an answer. */
export interface ServedState {
  leap: Leap;
  stratum: number;
  /** An IPv4 address (for an IPv6 reference the hash that looks like one), or at stratum 1 a name such as `GPS`. */
  refid: string;
  rootDelayMs: number;
  rootDispersionMs: number;
}

/** An answer as the asking daemon measures it. */
export interface Answer extends ServedState {
  /** Positive when the server's clock is ahead of the asker's. */
  offsetMs: number;
  delayMs: number;
}

/** Something with addresses and a clock. */
export interface Station {
  id: string;
  /** Canonical. */
  addresses: readonly string[];
  /** `blue/us-west-2a`, `internet`, or `metadata`: on every host's own machine. */
  place: string;
  /** null: outside all pods. */
  pod: string | null;
  /** Round trip from anywhere; null: by the places of the two ends. */
  roundTripMs: number | null;
  /** null: it does not answer this asker. */
  serve(asker: Station, atMs: number): ServedState | null;
  /** Of the clock it measures with. */
  clockErrorMs(atMs: number): number;
  /** Of the time it serves. */
  servedErrorMs(atMs: number): number;
}

/** Round trips seen between EC2 instances: one zone about 0.2 ms, two zones of a region 0.5 to 1 ms. */
const SAME_PLACE_MS = 0.18;
const OTHER_PLACE_MS = 0.62;
/** Queueing, each way: a share of the round trip, and now and then a burst of it. */
const JITTER_SHARE = 0.06;
const SPIKE_CHANCE = 0.01;
const SPIKE_TIMES = 8;

/** The wires of the pod: who reaches whom, how long it takes, and what is cut. */
export interface Network {
  add(station: Station): void;
  remove(id: string): void;
  /** Cuts a station or a place off from all others; within a place the stations still reach each other. */
  cut(target: string): void;
  /** Mends what was cut; all of it without a target. */
  mend(target?: string): void;
  isCut(target: string): boolean;
  /** One question and its answer; null when none comes. */
  exchange(asker: Station, address: string, atMs: number, noise: Noise): Answer | null;
}

export function createNetwork(): Network {
  const stations = new Map<string, Station>();
  const byAddress = new Map<string, Station>();
  const cuts = new Set<string>();

  const reaches = (asker: Station, server: Station, address: string) => {
    if (address.includes(':') && !asker.addresses.some((own) => own.includes(':'))) return false;
    if (cuts.has(server.id)) return false;
    // The metadata time service is on the asker's own machine: no cable of the pod leads there.
    if (server.place === 'metadata') return true;
    if (cuts.has(asker.id)) return false;
    return asker.place === server.place || !(cuts.has(asker.place) || cuts.has(server.place));
  };

  return {
    add(station) {
      stations.set(station.id, station);
      for (const address of station.addresses) byAddress.set(address, station);
    },
    remove(id) {
      const station = stations.get(id);
      stations.delete(id);
      cuts.delete(id);
      for (const address of station?.addresses ?? []) {
        if (byAddress.get(address) === station) byAddress.delete(address);
      }
    },
    cut: (target) => void cuts.add(target),
    mend(target) {
      if (target === undefined) cuts.clear();
      else cuts.delete(target);
    },
    isCut: (target) => cuts.has(target),
    exchange(asker, address, atMs, noise) {
      const server = byAddress.get(address);
      if (server === undefined || server === asker || !reaches(asker, server, address)) return null;
      const state = server.serve(asker, atMs);
      if (state === null) return null;
      const base = server.roundTripMs ?? (asker.place === server.place ? SAME_PLACE_MS : OTHER_PLACE_MS);
      const spike = noise.next() < SPIKE_CHANCE ? SPIKE_TIMES : 1;
      const thereMs = base / 2 + noise.exponential(base * JITTER_SHARE * spike);
      const backMs = base / 2 + noise.exponential(base * JITTER_SHARE);
      return {
        ...state,
        delayMs: thereMs + backMs,
        // RFC 5905, 8: theta = ((T2 - T1) + (T3 - T4)) / 2.
        offsetMs: server.servedErrorMs(atMs) - asker.clockErrorMs(atMs) + (thereMs - backMs) / 2,
      };
    },
  };
}

/** How a daemon names the server it follows: an IPv4 address itself, for IPv6 the first four octets of its MD5 (RFC 5905, 7.3). */
export function refidOf(address: string): string {
  if (!address.includes(':')) return address;
  const refid = ipv6Refids.get(address) ?? digestOf(address);
  ipv6Refids.set(address, refid);
  return refid;
}

/** By address: daemons compare these at every poll. */
const ipv6Refids = new Map<string, string>();

function digestOf(address: string): string {
  const digest = createHash('md5').update(ipv6Octets(address)).digest();
  return [...digest.subarray(0, 4)].join('.');
}

function ipv6Octets(address: string): Buffer {
  const [head = '', tail] = (canonicalAddress(address) ?? address).split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const left = groups(head);
  const right = groups(tail);
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return Buffer.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}
