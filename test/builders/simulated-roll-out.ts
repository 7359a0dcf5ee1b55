import { rollOutTime } from '../../src/plan/cycling/wave-time.ts';
import { failureLimit } from '../../src/plan/cycling/waves.ts';
import {
  LOOK_SECONDS,
  lookAtWave,
  type Memory,
  type PlanInput,
  plan,
  planNextWave,
  rememberSent,
  type WaveProgress,
} from '../../src/plan/plan.ts';
import { id, judged, memory, NOW } from './plan-input.ts';
import { type ModelHost, SsmModel } from './ssm-model.ts';
import { clients, given, leftBehind } from './stale-clients.ts';

/** How hosts answer that say nothing. `hung`: SSM ends their script after 300 s; `unreachable`: it gives up delivering after 30 s. */
const SILENT_SECONDS = { hung: 330, unreachable: 30 };

export interface SimulatedFleet {
  hosts: number;
  silentShare: number;
  silence: keyof typeof SILENT_SECONDS;
  seed: number;
  secondsPerHost: number;
}

export interface SimulatedRollOut {
  /** From the first plan until the last host that answers is through. */
  minutes: number;
  cycled: number;
  waves: number;
  /** The most hosts that were at work at one time, without those that failed. */
  mostAtOnce: number;
  failed: number;
  /** The most commands of a wave. */
  commands: number;
  /** What the plan says at the first wave, in minutes. */
  forecast: { quick: number; silent: number };
}

/** Hosts are waited for, since some never answer. A tick plans so long after it began. */
const LOOK_AT_HOSTS_SECONDS = 50;
/** One after the other. */
const SECONDS_PER_COMMAND = 0.2;
const INTERVAL_SECONDS = 300;

/** A pod whose clients are all stale, its plans and SSM, in simulated time: ticks at their interval, looks at the wave between. */
export function simulateRollOut({ hosts: number, silentShare, silence, seed, secondsPerHost }: SimulatedFleet) {
  const hosts = clients(number);
  const silent = someOf(number, Math.round(number * silentShare), seed);
  const models = hosts.map(({ instanceId }, index): [string, ModelHost] => [
    instanceId,
    silent.has(index)
      ? { does: 'silent', seconds: SILENT_SECONDS[silence] }
      : { does: 'cycle', seconds: secondsPerHost },
  ]);
  const ssm = new SsmModel(new Map(models));
  const failedAtMs = new Map<string, number>();
  const judgements = new Map(hosts.map((host) => [host.instanceId, leftBehind(host, OLD)]));
  const healthy = new Map(hosts.map((host) => [host.instanceId, judged(host, OLD)]));
  let written: Memory = memory();
  let nowMs = NOW;
  let waves = 0;
  let commands = 0;
  let forecast: SimulatedRollOut['forecast'] | null = null;
  let seen: PlanInput | null = null;

  const progressNow = (): WaveProgress[] => {
    const ids = (written.rollOuts.client?.commands ?? []).flatMap(({ commandId }) => commandId ?? []);
    return ids.length === 0 ? [] : [{ tier: 'client', ...ssm.progress(ids, nowMs, 0) }];
  };
  const inputNow = (tickId: string): PlanInput => {
    for (const { instanceId, endsMs } of ssm.restarts.splice(0)) {
      if (endsMs <= nowMs) judgements.set(instanceId, healthy.get(instanceId) ?? leftBehind());
      else ssm.restarts.push({ instanceId, waveId: '', atMs: nowMs, endsMs });
    }
    return given([...judgements.values()], { tickId, nowMs, memory: written, progress: progressNow() });
  };
  const send = (made: Pick<ReturnType<typeof plan>, 'cycles' | 'memory'>) => {
    for (const failed of made.memory.rollOuts.client?.failed ?? []) {
      if (!failedAtMs.has(failed)) failedAtMs.set(failed, nowMs);
    }
    const sent = made.cycles.map((command, index) => {
      nowMs += SECONDS_PER_COMMAND * 1000;
      const commandId = `${command.waveId}-${index}`;
      ssm.send({ ...command, commandId }, nowMs);
      return { tier: command.tier, commands: [{ commandId, instanceIds: command.instanceIds }] };
    });
    written = rememberSent(made.memory, made.cycles, sent);
    if (made.cycles.length > 0) waves += 1;
    commands = Math.max(commands, made.cycles.length);
  };

  let dueMs = NOW;
  const isOver = () => {
    const last = written.rollOuts.client;
    const asked = new Set([...ssm.turns.values()].flat().map(({ instanceId }) => instanceId));
    return asked.size === number && last !== undefined && ssm.atWork(nowMs).every((host) => silent.has(indexOf(host)));
  };
  while (!isOver() && nowMs < NOW + 4 * 3600_000) {
    if (nowMs >= dueMs) {
      dueMs += INTERVAL_SECONDS * 1000;
      if (seen !== null) nowMs += LOOK_AT_HOSTS_SECONDS * 1000;
      seen = inputNow(`tick-${nowMs}`);
      const made = plan(seen);
      forecast ??= forecastOf(
        seen,
        number,
        made.cycles.flatMap(({ instanceIds }) => instanceIds).length,
        secondsPerHost,
      );
      send(made);
      continue;
    }
    nowMs += LOOK_SECONDS * 1000;
    const rollOut = written.rollOuts.client;
    if (!rollOut || !seen) continue;
    const completed = new Map(
      rollOut.commands.map(({ commandId }) => [
        commandId ?? '',
        ssm.progress([commandId ?? ''], nowMs, 0).answers.length,
      ]),
    );
    const look = lookAtWave(rollOut, completed, nowMs);
    written = { ...written, rollOuts: { ...written.rollOuts, client: look.rollOut } };
    if (!look.isOver) continue;
    const { pod, mode, records } = seen;
    const at = { tickId: `look-${nowMs}`, nowMs, mode, records, progress: progressNow() };
    send(planNextWave({ pod, memory: written, ...at }));
  }
  const turns = [...ssm.turns.values()].flat();
  const cycled = turns.filter(({ answer }) => answer.kind === 'cycled');
  const lastMs = Math.max(...cycled.map(({ endsMs }) => endsMs));
  return {
    minutes: (lastMs - NOW) / 60_000,
    cycled: cycled.length,
    waves,
    commands,
    mostAtOnce: mostAtOnce(
      turns.map(({ instanceId, beginsMs, endsMs }) => ({
        beginsMs,
        endsMs: Math.min(endsMs, failedAtMs.get(instanceId) ?? Infinity),
      })),
    ),
    failed: written.rollOuts.client?.failed.length ?? 0,
    forecast: forecast ?? { quick: 0, silent: 0 },
  } satisfies SimulatedRollOut;
}

/** Daemons that nobody touched for a month. */
const OLD = { measures: { ...judged(clients(1)[0] as never).measures, ageSeconds: 30 * 24 * 3600 } };

const FIRST_ID = 0x100;
const indexOf = (instanceId: string) => Number.parseInt(instanceId.slice(2), 16) - FIRST_ID;
if (indexOf(id('100')) !== 0) throw new Error('clients are counted from 100');

function forecastOf({ pod }: PlanInput, hosts: number, first: number, secondsPerHost: number) {
  const limits = { running: hosts, isFirst: true, mayFail: failureLimit(pod, hosts) };
  const { seconds, silentSeconds } = rollOutTime(pod, limits, hosts, first, secondsPerHost);
  return { quick: seconds / 60, silent: silentSeconds / 60 };
}

/** So many different numbers below `all`, the same for the same seed (Park and Miller's generator). */
function someOf(all: number, many: number, seed: number): Set<number> {
  const chosen = new Set<number>();
  for (let state = seed; chosen.size < many; ) {
    state = (state * 48_271) % 2_147_483_647;
    chosen.add(state % all);
  }
  return chosen;
}

function mostAtOnce(turns: readonly { beginsMs: number; endsMs: number }[]): number {
  const steps = turns
    .filter(({ beginsMs, endsMs }) => endsMs > beginsMs)
    .flatMap(({ beginsMs, endsMs }) => [
      { atMs: beginsMs, by: 1 },
      { atMs: endsMs, by: -1 },
    ]);
  steps.sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of steps) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
