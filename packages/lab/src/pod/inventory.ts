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
/** Of a pod's boundary servers: more add nothing to see, and numbers of hosts end. */
const MOST_SERVERS = 6;
/** For servers that take another's place. */
const SPARE_ADDRESSES = 4;
const DAEMONS: readonly DaemonKind[] = ['ntpd', 'ntpsec', 'chrony'];

/** Boundary servers stand in the AZs from the second on (us-west-2b, us-west-2c …), clients in all. */
export function inventoryOf(fleet: Fleet): InventoryHost[] {
  return fleet.pods.flatMap((pod, index) => {
    const count = Math.min(pod.boundaryServers, MOST_SERVERS);
    const servers = Array.from({ length: count }, (_, n) => {
      const lap = Math.floor(n / pod.azs.length) + 1;
      return entry(
        pod,
        'boundary',
        at(pod.azs, n + 1),
        n,
        at(['ntpsec', 'chrony'] as const, n),
        lap > 1 ? `${lap}` : '',
      );
    });
    const room = Math.max(0, roomIn(pod) - count - SPARE_ADDRESSES);
    const wanted = Math.min(room, index === 0 ? CLIENTS_OF_FIRST_POD : CLIENTS_OF_OTHER_PODS);
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
  return {
    name,
    instanceId: instanceIdOf(name),
    pod: pod.name,
    tier,
    az,
    daemon,
    ipv4: addressIn(pod, 'ipv4', { tier, az, number }) ?? '',
    ipv6: addressIn(pod, 'ipv6', { tier, az, number }),
  };
}

const FIRST_NUMBER: Record<Tier, number> = { boundary: 10, client: 100 };

/** An id as EC2 makes them, the same for the same name. */
function instanceIdOf(name: string): string {
  return `i-${createHash('sha256').update(name).digest('hex').slice(0, 17)}`;
}

/** AWS keeps the first four addresses of a subnet and the last. */
const KEPT = { first: 4, last: 1 } as const;
/** What an AZ's letter and a host's number take, one byte each. */
const BYTES_FOR_HOSTS = 2;

/** How many hosts the pod's first network of a family has addresses for; of the smallest of them. */
function roomIn(pod: Pod): number {
  const bits = (['ipv4', 'ipv6'] as const).flatMap((kind) => {
    const network = networkOf(pod, kind);
    return network ? [network[0].toByteArray().length * 8 - network[1]] : [];
  });
  return 2 ** Math.min(...bits, 30) - KEPT.first - KEPT.last;
}

function networkOf(pod: Pod, kind: 'ipv4' | 'ipv6') {
  return pod.networks.map((cidr) => ipaddr.parseCIDR(cidr)).find(([address]) => address.kind() === kind);
}

/**
 * In the last byte stands the host's number, and its AZ's letter is added to the one before: `10.20.2.10` is in az-b. A network too small for
 * that is filled in the order of the numbers: servers from below, and clients from above, where those that take their place never come.
 */
function addressIn(
  pod: Pod,
  kind: 'ipv4' | 'ipv6',
  { tier, az, number }: { tier: Tier; az: string; number: number },
): string | null {
  const network = networkOf(pod, kind);
  if (!network) return null;
  const [base, prefix] = network;
  const bytes = base.toByteArray();
  const bits = bytes.length * 8 - prefix;
  const azNumber = azLetter(az).charCodeAt(0) - 'a'.charCodeAt(0) + 1;
  const byLetter = azNumber * 256 + FIRST_NUMBER[tier] + number;
  const offset = byLetter < 2 ** bits - 1 ? byLetter : compactOffset(pod, tier, 2 ** bits, number);
  for (let left = offset, n = 1; n <= BYTES_FOR_HOSTS; n += 1, left = Math.floor(left / 256))
    bytes[bytes.length - n] = (bytes[bytes.length - n] as number) + (left % 256);
  return ipaddr.fromByteArray(bytes).toString();
}

function compactOffset(pod: Pod, tier: Tier, size: number, number: number): number {
  const servers = Math.min(pod.boundaryServers, MOST_SERVERS) + SPARE_ADDRESSES;
  return tier === 'boundary' ? KEPT.first + (number % servers) : size - 1 - KEPT.last - number;
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new Error('the list is empty');
  return item;
}
