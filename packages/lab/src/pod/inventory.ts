import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { azLetter } from '../../../../src/fleet/az-names.ts';
import type { Fleet, Pod, Tier } from '../../../../src/fleet/fleet.ts';
import type { DaemonKind } from '../simulated/host-spec.ts';

/** One host that the local pod brings up. */
export interface InventoryHost {
  /** `blue-boundary-b`, `blue-client-a1`. */
  name: string;
  instanceId: string;
  pod: string;
  tier: Tier;
  /** Full name, `us-west-2b`. */
  az: string;
  daemon: DaemonKind;
  ipv4: string;
  /** null where the pod's networks have no IPv6. */
  ipv6: string | null;
}

/** How many clients a pod gets, at the least; the fleet's first pod has the most. */
const CLIENTS_OF_FIRST_POD = 12;
const CLIENTS_OF_OTHER_PODS = 3;
const DAEMONS: readonly DaemonKind[] = ['ntpd', 'ntpsec', 'chrony'];

/** Boundary servers stand in the AZs from the second on (us-west-2b, us-west-2c …), clients in all. */
export function inventoryOf(fleet: Fleet): InventoryHost[] {
  return fleet.pods.flatMap((pod, index) => {
    const servers = Array.from({ length: pod.boundaryServers }, (_, n) => {
      const az = at(pod.azs, n + 1);
      return entry(pod, 'boundary', az, n, at(['ntpsec', 'chrony'] as const, n), '');
    });
    const wanted = index === 0 ? CLIENTS_OF_FIRST_POD : CLIENTS_OF_OTHER_PODS;
    const clients = Array.from({ length: wanted }, (_, n) => {
      const lap = Math.floor(n / pod.azs.length) + 1;
      return entry(pod, 'client', at(pod.azs, n), n, at(DAEMONS, n), String(lap));
    });
    return [...servers, ...clients];
  });
}

/** The same with daemons that are still packaged: of classic ntpd only ntpsec is. */
export function withRealDaemons(inventory: readonly InventoryHost[]): InventoryHost[] {
  return inventory.map((host) => ({ ...host, daemon: host.daemon === 'ntpd' ? 'ntpsec' : host.daemon }));
}

/** So many generations have addresses of their own; by then those of the first are long free. */
const GENERATIONS = 15;

/**
 * A server that takes another's place: the same AZ and daemon, a name, an id and addresses of its own.
 *
 * @param taken names that hosts have or had
 */
export function replacementOf(pod: Pod, replaced: InventoryHost, taken: ReadonlySet<string>): InventoryHost {
  for (let generation = 2; ; generation += 1) {
    const base = replaced.name.replace(/-v\d+$/, '');
    const name = `${base}-v${generation}`;
    if (taken.has(name)) continue;
    const number = replaced.tier === 'boundary' ? 0 : 1;
    const sixteens = ((generation - 1) % GENERATIONS) + 1;
    const next = entry(pod, replaced.tier, replaced.az, number + 16 * sixteens, replaced.daemon, '');
    return { ...next, name, instanceId: instanceIdOf(name) };
  }
}

function entry(pod: Pod, tier: Tier, az: string, number: number, daemon: DaemonKind, suffix: string): InventoryHost {
  const name = `${pod.name}-${tier}-${azLetter(az)}${suffix}`;
  const hostNumber = (tier === 'boundary' ? 10 : 100) + number;
  return {
    name,
    instanceId: instanceIdOf(name),
    pod: pod.name,
    tier,
    az,
    daemon,
    ipv4: addressIn(pod, 'ipv4', azLetter(az), hostNumber) ?? '',
    ipv6: addressIn(pod, 'ipv6', azLetter(az), hostNumber),
  };
}

/** An id as EC2 makes them, the same for the same name. */
function instanceIdOf(name: string): string {
  return `i-${createHash('sha256').update(name).digest('hex').slice(0, 17)}`;
}

/** The AZ's letter stands in the last but one byte, the host's number in the last. */
function addressIn(pod: Pod, kind: 'ipv4' | 'ipv6', letter: string, hostNumber: number): string | null {
  const network = pod.networks.map((cidr) => ipaddr.parseCIDR(cidr)).find(([address]) => address.kind() === kind);
  if (!network) return null;
  const bytes = network[0].toByteArray();
  bytes[bytes.length - 2] = letter.charCodeAt(0) - 'a'.charCodeAt(0) + 1;
  bytes[bytes.length - 1] = hostNumber;
  return ipaddr.fromByteArray(bytes).toString();
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new Error('the list is empty');
  return item;
}
