import type { Host, Pod, Tier } from '../../fleet/fleet.ts';
import { byText } from '../../fleet/ordering.ts';

/**
 * How many hosts of a tier one wave takes: the policy's share of the running hosts, at least one; of boundary servers one.
 */
export function waveSize(pod: Pod, tier: Tier, running: number): number {
  return tier === 'boundary' ? 1 : Math.max(1, Math.floor(running * pod.cycling.waveShare));
}

/** How many hosts of a wave may fail. Decision 0023. */
export function errorLimit(size: number, maxErrorShare: number): number {
  return Math.floor(size * maxErrorShare);
}

/**
 * In the order in which they are cycled: round the AZs, in each by id, so that no wave takes an AZ's hosts together.
 * The same hosts always come in the same order.
 *
 * Hosts that did nothing when they were asked (`undoneAtMs`: when) come after all others, those asked longest ago first:
 * a host that cannot see the new name yet is asked at every tick only when nobody else is waiting.
 */
export function cyclingOrder(
  pod: Pod,
  hosts: readonly Host[],
  undoneAtMs: Readonly<Record<string, number>> = {},
): Host[] {
  const byAz = new Map<string, Host[]>();
  for (const host of hosts) {
    const members = byAz.get(host.az);
    if (members) members.push(host);
    else byAz.set(host.az, [host]);
  }
  const azIndex = (az: string) => (pod.azs.includes(az) ? pod.azs.indexOf(az) : pod.azs.length);
  return [...byAz]
    .sort(([a], [b]) => azIndex(a) - azIndex(b) || byText(a, b))
    .flatMap(([, members], az) =>
      members
        .sort((a, b) => byText(a.instanceId, b.instanceId))
        .map((host, round) => ({
          host,
          round,
          az,
          askedAtMs: undoneAtMs[host.instanceId] ?? Number.NEGATIVE_INFINITY,
        })),
    )
    .sort((a, b) => (a.askedAtMs === b.askedAtMs ? a.round - b.round || a.az - b.az : a.askedAtMs - b.askedAtMs))
    .map(({ host }) => host);
}
