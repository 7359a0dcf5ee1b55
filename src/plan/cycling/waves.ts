import type { Host, Pod, Tier } from '../../fleet/fleet.ts';
import { byText } from '../../fleet/ordering.ts';

/** InstanceIds of one SendCommand (SSM's limit). */
export const COMMAND_IDS = 50;

/** However large a command: no more daemons than this restart at one time. */
const MOST_AT_ONCE = 10;

/**
 * How many hosts of a tier one wave takes: the policy's share of the running hosts, at least one; of boundary servers one.
 */
export function waveSize(pod: Pod, tier: Tier, running: number): number {
  return tier === 'boundary' ? 1 : Math.max(1, Math.floor(running * pod.cycling.waveShare));
}

/** How many hosts of a wave may fail. */
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
export function spread(pod: Pod, hosts: readonly Host[], undoneAtMs: Readonly<Record<string, number>> = {}): Host[] {
  const azs = new Map<string, Host[]>();
  for (const host of hosts) {
    const az = azs.get(host.az);
    if (az) az.push(host);
    else azs.set(host.az, [host]);
  }
  const place = (az: string) => (pod.azs.includes(az) ? pod.azs.indexOf(az) : pod.azs.length);
  return [...azs]
    .sort(([a], [b]) => place(a) - place(b) || byText(a, b))
    .flatMap(([, members], az) =>
      members.sort((a, b) => byText(a.instanceId, b.instanceId)).map((host, turn) => ({ host, turn, az })),
    )
    .map((one) => ({ ...one, asked: undoneAtMs[one.host.instanceId] ?? Number.NEGATIVE_INFINITY }))
    .sort((a, b) => (a.asked === b.asked ? a.turn - b.turn || a.az - b.az : a.asked - b.asked))
    .map(({ host }) => host);
}

export interface Share {
  instanceIds: string[];
  maxConcurrency: string;
  maxErrors: string;
}

/**
 * Cuts a wave into commands that SSM takes. MaxErrors and MaxConcurrency hold for one command, so the wave's error limit
 * is dealt out over its commands and sums up to it: when all commands stay within theirs, the wave is within its own.
 * SSM sends to no further host when a command has *more* errors than MaxErrors. A quarter of a command runs at once, at
 * most ten: with the default document a host takes a minute, so a wave ends in about four.
 */
export function commandShares(wave: readonly string[], maxErrorShare: number): Share[] {
  const commands = Math.ceil(wave.length / COMMAND_IDS);
  const limit = errorLimit(wave.length, maxErrorShare);
  const portion = (total: number, index: number) =>
    Math.floor((total * (index + 1)) / commands) - Math.floor((total * index) / commands);
  let start = 0;
  return Array.from({ length: commands }, (_, index) => {
    const instanceIds = wave.slice(start, start + portion(wave.length, index));
    start += instanceIds.length;
    return {
      instanceIds,
      maxConcurrency: String(Math.min(MOST_AT_ONCE, Math.ceil(instanceIds.length / 4))),
      maxErrors: String(portion(limit, index)),
    };
  });
}
