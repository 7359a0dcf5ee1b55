import type { Tier } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import { count } from '../../fleet/sentences.ts';
import type { Refusal } from '../refusal.ts';
import { type CycleCommand, commandShares } from './commands.ts';
import type { CyclingMemory, RollOut } from './memory.ts';
import type { Eligible } from './seen.ts';
import type { TierContext } from './tier-rules.ts';
import { ASK_AGAIN, forcedWaveSentence, rollOutTime, waveSentence } from './wave-time.ts';
import { cyclingOrder, failureLimit, mostAtOnce, selectWave } from './waves.ts';

/** What a wave is made from. */
export interface WaveContext extends Pick<TierContext, 'pod' | 'nowMs' | 'mode' | 'rollOuts'> {
  tickId: string;
  tiers: Readonly<Record<Tier, { running: number }>>;
  /** What DNS says now, as the `cycle` document takes it. */
  records: string;
  force: boolean;
  undone: CyclingMemory['undone'];
  /** Cycles of the last 24 hours. */
  attempts?: CyclingMemory['cycles'];
}

export interface StartedWave {
  cycles: CycleCommand[];
  rollOut: RollOut;
  /** Those that wait for a later wave. */
  left: Eligible[];
  refusals: Refusal[];
}

/** The next wave of a tier's roll-out, or the first of a new one. */
export function startWave(tier: Tier, context: WaveContext, eligible: readonly Eligible[]): StartedWave {
  const { pod, tickId, nowMs, records, mode, force } = context;
  const { running } = context.tiers[tier];
  const ordered = cyclingOrder(pod, eligible, force ? lastAsked(context) : context.undone);
  const before = context.rollOuts[tier].state === 'clear' ? context.rollOuts[tier].rollOut : null;
  const failed = before?.failed ?? [];
  const waves = before?.waves ?? 0;
  const mayFail = failureLimit(pod, running) - failed.length;
  const limits = { running, isFirst: waves === 0, mayFail };
  const wave = selectWave(pod, tier, ordered, limits);
  const inWave = new Set(wave);
  const left = ordered.filter((host) => !inWave.has(host));
  const names = sortedUnique(wave.flatMap((host) => host.names));
  const shares = commandShares(
    wave.map(({ instanceId }) => instanceId),
    mayFail,
    mostAtOnce(pod, limits),
  );
  const waveId = `${tickId}-${tier}`;
  const cause = names.length > 0 ? `left behind by ${names.join(', ')}` : 'asked for';
  const reason = force ? `${cause}, forced` : cause;
  const { coolDownSeconds } = pod.cycling;
  const commands = shares.map(({ instanceIds }) => ({ commandId: null, instanceIds }));
  const { atWorkUntilMs, secondsPerHost } = before ?? {};
  const rollOut = { tier, waveId, startedAtMs: nowMs, records, mode, commands, failed, waves };
  const timeOf = (hosts: number) => rollOutTime(pod, limits, hosts, wave.length, secondsPerHost);
  const goesOn = force ? ` ${ASK_AGAIN}` : '';
  const clients = () =>
    force ? forcedWaveSentence(timeOf(wave.length), left.length) : waveSentence(timeOf(ordered.length));
  const waiting =
    tier === 'boundary'
      ? `Left for the next wave of the boundary tier: ${count(left.length, 'host')} (one at a time).${goesOn}`
      : clients();
  return {
    cycles: shares.map((share) => ({ tier, ...share, records, force, coolDownSeconds, waveId, reason })),
    rollOut: { ...rollOut, stopped: false, sentence: null, atWorkUntilMs, secondsPerHost },
    left,
    refusals: left.length > 0 ? [{ subject: pod.name, rule: 'wave', sentence: waiting }] : [],
  };
}

/** Force lifts the cool-down: whoever asks again is to get others than before. */
function lastAsked({ undone, attempts = {} }: WaveContext): Record<string, { atMs: number }> {
  const asked: Record<string, { atMs: number }> = { ...undone };
  for (const [id, times] of Object.entries(attempts)) {
    const atMs = Math.max(...times, asked[id]?.atMs ?? 0);
    asked[id] = { atMs };
  }
  return asked;
}
