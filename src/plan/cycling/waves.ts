import type { Host, Pod, Tier } from '../../fleet/fleet.ts';
import { byText } from '../../fleet/ordering.ts';
import { TURNS } from './commands.ts';

/** What the order of a wave depends on. */
type Placed = Pick<Host, 'instanceId' | 'az'>;

/** A first wave takes no more of a tier than this: what harms hosts shows before most of them are harmed. */
const FIRST_WAVE_SHARE = 0.25;

/** What the size of a wave depends on, beside the policy. */
export interface WaveLimits {
  /** Running hosts of the tier. */
  running: number;
  /** Nobody has been cycled in this roll-out yet. */
  isFirst: boolean;
  /** How many hosts the roll-out may still lose. */
  mayFail: number;
}

/** The last waves may be so much larger than the others where that saves one: 903 hosts are nine waves, and none of three. */
const ROUNDED_UP = 1.1;
const EVEN_WAVES = 2;

/** A failure may come while so many times the hosts restart that it takes to stop the roll-out; fewer near its end would only make it long. */
const RESTARTING_PER_FAILURE = 2;

/**
 * How many hosts of a tier may restart at one time: the policy's share, at least one, and no more than it takes to stop a roll-out,
 * nor than twice what it still takes. So when all fail, with L allowed, at most 2 L + 1 are lost. Decision 0050, decision 0064.
 */
export function mostAtOnce(pod: Pod, { running, mayFail }: Pick<WaveLimits, 'running' | 'mayFail'>): number {
  const share = Math.floor(running * pod.cycling.maxConcurrencyShare);
  return Math.max(1, Math.min(share, failureLimit(pod, running) + 1, RESTARTING_PER_FAILURE * (mayFail + 1)));
}

/**
 * How many of `eligible` hosts of the client tier the next wave takes.
 *
 * | wave                    | takes |
 * | ----------------------- | ----- |
 * | the first of a roll-out | one host of each AZ (`azs`: of so many), at most a quarter of the tier, at least one |
 * | each later one          | the policy's share of the tier, at least one, and at most five turns of as many hosts as may restart at one time |
 * | the last one or two     | all that is left, in even waves, where none is more than a tenth larger |
 *
 * Decision 0050, decision 0064.
 */
export function waveSize(pod: Pod, limits: WaveLimits, eligible: number, azs: number): number {
  const share = limits.isFirst ? FIRST_WAVE_SHARE : pod.cycling.waveShare;
  const size = Math.min(Math.max(1, Math.floor(limits.running * share)), TURNS * mostAtOnce(pod, limits));
  if (limits.isFirst) return Math.min(azs, size);
  const waves = Math.ceil(eligible / Math.round(size * ROUNDED_UP));
  // a tenth more is a turn more: worth it for the remnant, not in each wave
  return waves > EVEN_WAVES ? size : Math.ceil(eligible / Math.max(1, waves));
}

/** Which of these hosts the next wave takes; they stand in the order in which they are to be cycled. Boundary servers go one by one. */
export function selectWave<H extends Placed>(pod: Pod, tier: Tier, ordered: readonly H[], limits: WaveLimits): H[] {
  if (tier === 'boundary') return ordered.slice(0, 1);
  const candidates = limits.isFirst ? firstOfEachAz(ordered) : ordered;
  return candidates.slice(0, waveSize(pod, limits, ordered.length, candidates.length));
}

function firstOfEachAz<H extends Placed>(ordered: readonly H[]): H[] {
  const seen = new Set<string>();
  return ordered.filter(({ az }) => !seen.has(az) && seen.add(az));
}

/**
 * How many hosts of a tier may fail in one roll-out before it stops: the policy's share of the running hosts, and always one, so that
 * no single host stops the others. Decision 0050.
 */
export function failureLimit(pod: Pod, running: number): number {
  return Math.max(1, Math.floor(running * pod.cycling.maxErrorShare));
}

/**
 * In the order in which they are cycled: round the AZs, in each by id, so that no wave takes an AZ's hosts together.
 * The same hosts always come in the same order.
 *
 * Hosts that were asked before (`asked`: when) come after all others, those asked longest ago first: a host that did nothing, as it
 * cannot see the new name yet, is asked at every tick only when nobody else is waiting.
 */
export function cyclingOrder<H extends Placed>(
  pod: Pod,
  hosts: readonly H[],
  asked: Readonly<Record<string, { atMs: number }>> = {},
): H[] {
  const byAz = new Map<string, H[]>();
  for (const host of hosts) {
    const members = byAz.get(host.az);
    if (members) members.push(host);
    else byAz.set(host.az, [host]);
  }
  const azIndex = (az: string) => (pod.azs.includes(az) ? pod.azs.indexOf(az) : pod.azs.length);
  // the last sort is stable: in one round the AZs keep their order
  return [...byAz]
    .sort(([a], [b]) => azIndex(a) - azIndex(b) || byText(a, b))
    .flatMap(([, members]) =>
      members
        .sort((a, b) => byText(a.instanceId, b.instanceId))
        .map((host, round) => ({
          host,
          round,
          askedAtMs: asked[host.instanceId]?.atMs ?? Number.NEGATIVE_INFINITY,
        })),
    )
    .sort((a, b) => (a.askedAtMs === b.askedAtMs ? a.round - b.round : a.askedAtMs - b.askedAtMs))
    .map(({ host }) => host);
}
