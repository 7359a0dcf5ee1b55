import { canonicalAddress } from '../../../../src/fleet/addresses.ts';
import { TIME_SERVICE_ADDRESSES } from '../../../../src/fleet/fleet.ts';
import { createHostClock, type HostClock } from './host-clock.ts';
import type { Leap, Station } from './network.ts';

/** A server outside the pod, that nobody in the pod administers. */
export interface ServerSpec {
  /** The name it is resolved by. */
  name: string;
  /** IPv4 and IPv6. */
  addresses: string[];
  stratum: number;
  /** What it follows: an address, or at stratum 1 a name such as `GPS`. */
  refid: string;
  /** `internet`, or `metadata` for a service on every host's own machine. */
  place: 'internet' | 'metadata';
  roundTripMs: number;
  rootDelayMs: number;
  rootDispersionMs: number;
}

export interface ExternalServer extends Station {
  name: string;
  clock: HostClock;
  /** What it announces; settable, to see a leap second coming. */
  leap: Leap;
  /** false: it does not answer. */
  up: boolean;
}

/**
 * The Stratum 2 servers that a fleet names. A name gets addresses for documentation (RFC 5737, RFC 3849); a server that the fleet has by its
 * address is there.
 */
export function upstreamServers(hosts: readonly string[]): ServerSpec[] {
  return hosts.map((host, index) => ({
    name: host,
    addresses: canonicalAddress(host) === null ? [`192.0.2.${60 + index}`, `2001:db8:2::${60 + index}`] : [host],
    stratum: 2,
    refid: `198.51.100.${7 + index}`,
    place: 'internet',
    roundTripMs: 0.84 + 0.12 * index,
    rootDelayMs: 0.4,
    rootDispersionMs: 0.21,
  }));
}

/** Those of fleet.yml. */
export const UPSTREAMS: readonly ServerSpec[] = upstreamServers(
  ['b', 'c'].map((letter) => `us-west-2${letter}.stratum-2.invalid`),
);

/** The metadata time service: stratum 3 as EC2's user guide shows it, a hop below the upstreams, so boundary servers stay at 3. */
export const TIME_SERVICE: ServerSpec = {
  name: 'time-service',
  addresses: [...TIME_SERVICE_ADDRESSES],
  stratum: 3,
  refid: '10.189.0.3',
  place: 'metadata',
  roundTripMs: 0.11,
  rootDelayMs: 0.09,
  rootDispersionMs: 0.31,
};

/** @throws RangeError on an address that is none. */
export function createExternalServer(spec: ServerSpec, bornMs: number): ExternalServer {
  const clock = createHostClock(0, 0, bornMs);
  const server: ExternalServer = {
    id: spec.name,
    name: spec.name,
    addresses: spec.addresses.map((address) => {
      const canonical = canonicalAddress(address);
      if (canonical === null) throw new RangeError(`${spec.name}: ${address} is not an address`);
      return canonical;
    }),
    place: spec.place,
    pod: null,
    roundTripMs: spec.roundTripMs,
    clock,
    leap: 0,
    up: true,
    clockErrorMs: (atMs) => clock.errorMs(atMs),
    servedErrorMs: (atMs) => clock.errorMs(atMs),
    serve: () =>
      server.up
        ? {
            leap: server.leap,
            stratum: spec.stratum,
            refid: spec.refid,
            rootDelayMs: spec.rootDelayMs,
            rootDispersionMs: spec.rootDispersionMs,
          }
        : null,
  };
  return server;
}
