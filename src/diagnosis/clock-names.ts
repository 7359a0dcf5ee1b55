import { type Host, TIME_SERVICE_ADDRESSES } from '../fleet/fleet.ts';
import { PUBLIC_SERVERS } from '../fleet/public-servers.ts';
import { refidOf } from '../ntp/refid.ts';
import type { Source } from '../ntp/source.ts';
import { isLocalClock, isPlaceholder } from './sources.ts';

/** The time service as a clock, by whichever of its addresses; as sentences name it. */
export const TIME_SERVICE_CLOCK = 'the AWS time service';

/** Which clock stands behind a row: one may have several addresses. Decision 0097. */
export interface ClockNames {
  /**
   * Of a boundary server of the pod its instance id, of the time service `TIME_SERVICE_CLOCK`, of a public server that is known by both
   * families its IPv4 address, of any other source its address, of a reference clock what the daemon calls it. null: the row stands for no clock (a name, a pool, the undisciplined clock), or its
   * address was cut, so that it could be any.
   */
  nameOf(source: Source): string | null;
  /**
   * Of the clock that a server of stratum 2 or more follows, by the refid that it tells (`refidOf`). A clock that has no name here is known
   * by its refid.
   */
  nameByRefid(refid: string): string;
  /** Whether the name is a boundary server's of the pod. */
  isServer(name: string): boolean;
  /** Whether that server runs, by EC2. */
  isRunningServer(name: string): boolean;
}

/** `hosts`: the pod's, in any state; a server that ended may still be polled by those that DNS left behind. */
export function clockNames(hosts: readonly Host[]): ClockNames {
  const servers = hosts.filter(({ tier }) => tier === 'boundary');
  const ids = new Set(servers.map(({ instanceId }) => instanceId));
  const running = new Set(servers.filter(({ state }) => state === 'running').map(({ instanceId }) => instanceId));
  const byAddress = new Map(TIME_SERVICE_ADDRESSES.map((address) => [address, TIME_SERVICE_CLOCK]));
  for (const { addresses } of PUBLIC_SERVERS) {
    for (const address of addresses) byAddress.set(address, addresses[0] ?? address);
  }
  for (const { instanceId, ipv4, ipv6 } of servers) {
    for (const address of ipv4 === null ? ipv6 : [ipv4, ...ipv6]) byAddress.set(address, instanceId);
  }
  const byRefid = new Map([...byAddress].map(([address, name]) => [refidOf(address), name]));
  return {
    nameByRefid: (refid) => byRefid.get(refid) ?? refid,
    nameOf(source) {
      if (isPlaceholder(source)) return null;
      const { address } = source;
      const known = address === null ? undefined : byAddress.get(address);
      if (known !== undefined) return known;
      if (isLocalClock(source)) return null;
      if (address !== null) return address;
      return source.type === 'l' ? `reference clock ${source.remote}` : null;
    },
    isServer: (name) => ids.has(name),
    isRunningServer: (name) => running.has(name),
  };
}
