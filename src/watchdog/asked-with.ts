import { IDS_PER_COMMAND } from '../fleet/aws-limits.ts';
import type { Host } from '../fleet/fleet.ts';
import { byText } from '../fleet/ordering.ts';

/** Clients asked for what they see of a server: one command more. A server is contradicted by three, and a quarter of those that hear it. */
const WITNESSES_ASKED = IDS_PER_COMMAND;

/**
 * The running hosts that some of them cannot be judged without: whom they follow, and of servers who compares them. Alone a server that
 * lies says that all is well, and a client of one in holdover too.
 *
 * @param asked hosts asked for
 * @param running all of the pod
 * @returns hosts that were not asked for: all boundary servers; of a boundary server also clients, of each AZ as many
 */
export function askedWith(asked: readonly Host[], running: readonly Host[]): Host[] {
  if (asked.length === 0) return [];
  const ids = new Set(asked.map(({ instanceId }) => instanceId));
  const others = running.filter(({ instanceId }) => !ids.has(instanceId));
  const servers = others.filter(({ tier }) => tier === 'boundary');
  const clients = others.filter(({ tier }) => tier === 'client');
  const isServerAsked = asked.some(({ tier }) => tier === 'boundary');
  return [...servers, ...(isServerAsked ? spread(clients).slice(0, WITNESSES_ASKED) : [])];
}

/** One of each AZ, then the next of each. */
function spread(hosts: readonly Host[]): Host[] {
  const seen = new Map<string, number>();
  return hosts
    .toSorted((one, other) => byText(one.instanceId, other.instanceId))
    .map((host) => {
      const turn = seen.get(host.az) ?? 0;
      seen.set(host.az, turn + 1);
      return { host, turn };
    })
    .toSorted((one, other) => one.turn - other.turn)
    .map(({ host }) => host);
}
