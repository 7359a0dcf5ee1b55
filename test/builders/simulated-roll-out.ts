import type { Fleet } from '../../src/fleet/fleet.ts';
import { rollOutTime } from '../../src/plan/cycling/wave-time.ts';
import { failureLimit } from '../../src/plan/cycling/waves.ts';
import {
  type Memory,
  type PlanInput,
  plan,
  rememberSent,
  type SentWave,
  type WaveProgress,
} from '../../src/plan/plan.ts';
import { nextDueMs, tickDue } from '../../src/state/due.ts';
import type { Commands, LastState } from '../../src/watchdog/ports.ts';
import { type ShortRun, shortRun } from '../../src/watchdog/short-run.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { id, judged, NOW } from './plan-input.ts';
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
  /** A tick begins so long after its minute, with those of other pods in between; missing: at once. */
  delaySeconds?: number;
  /** A tick plans so long after it began: hosts are waited for, since some never answer. Missing: 50. */
  lookSeconds?: number;
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
  ticks: number;
  /** What the plan says at the first wave, in minutes. */
  forecast: { quick: number; silent: number };
}

/** One after the other. */
const SECONDS_PER_COMMAND = 0.2;
/** What each of a wave's commands takes to be read, how it stands and what its hosts said: two reads at ten a second. */
const SECONDS_PER_COMMAND_READ = 0.2;
const MINUTE_MS = 60_000;
/** Of the watchdog of 10,000 hosts, without what is kept back for its answer. */
const FUNCTION_MS = 177_000;

/**
 * A pod whose clients are all stale, and SSM, in simulated time: a run each minute, which is a tick where one is due (its plan, over the state
 * as it is stored), else a short run as it is deployed. One that comes while a tick has the turn goes on when that has ended.
 */
export async function simulateRollOut(fleet: SimulatedFleet): Promise<SimulatedRollOut> {
  const { hosts: number, silentShare, silence, seed, secondsPerHost, delaySeconds = 0, lookSeconds = 50 } = fleet;
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
  const { pod, records } = given([]);
  let nowMs = NOW;
  const ticks: number[] = [];
  let forecast: SimulatedRollOut['forecast'] | null = null;
  const bucket = new MemoryBucket(pod.name);

  const noteFailed = ({ rollOuts }: Memory) => {
    for (const failed of rollOuts.client?.failed ?? []) if (!failedAtMs.has(failed)) failedAtMs.set(failed, nowMs);
  };
  // a host that said nothing has failed when the next wave is planned, which is written before that is sent
  const cycle: Commands['cycle'] = async (_, command) => {
    noteFailed(bucket.remembered().memory);
    nowMs += SECONDS_PER_COMMAND * 1000;
    const commandId = `${command.waveId}.${command.instanceIds[0]}`;
    ssm.send({ ...command, commandId }, nowMs);
    return { commands: [{ commandId, instanceIds: command.instanceIds }], refused: [], unsure: [] };
  };
  const progress: Commands['progress'] = async (_, ids) => {
    nowMs += ids.length * SECONDS_PER_COMMAND_READ * 1000;
    const { ended, isWhole, answers } = ssm.progress(ids, nowMs, 0);
    return { ended, isWhole, failed: 0, outcomes: answers.map((answer) => ({ ...answer, why: answer.reason })) };
  };
  const findWave: Commands['findWave'] = async (_, waveId) =>
    ssm.commandsOf(waveId).map(({ commandId, instanceIds }) => {
      return { commandId, instanceIds, through: ssm.progress([commandId], nowMs, 0).answers.length };
    });
  /** Until then the run before has the turn. */
  let heldUntilMs = NOW;
  const read = async (): Promise<LastState> => {
    const last = await bucket.states.read();
    if (nowMs >= heldUntilMs) return last;
    const claim = { tickId: 'before', startedAtMs: nowMs, untilMs: nowMs + FUNCTION_MS };
    return { ...last, state: { ...last.state, claim } };
  };
  const ports = {
    ...bucket,
    states: { ...bucket.states, read },
    modes: { read: async () => ({ mode: 'act', fault: null }) },
    zone: { records: async () => records },
    instances: { heldOf: async () => ({ held: [], unsaid: [], faults: [] }) },
    commands: { cycle, progress, findWave },
  } as unknown as ShortRun['ports'];
  const tick = async (tickId: string): Promise<void> => {
    if (ticks.length > 0) nowMs += delaySeconds * 1000;
    const startedAtMs = nowMs;
    if (ticks.length > 0) nowMs += lookSeconds * 1000;
    ticks.push(nowMs);
    for (const { instanceId, endsMs } of ssm.restarts) {
      if (endsMs <= nowMs) judgements.set(instanceId, healthy.get(instanceId) ?? leftBehind());
    }
    const { memory: written } = bucket.remembered();
    const commands = written.rollOuts.client?.commands ?? [];
    const ids = commands.flatMap(({ commandId }) => commandId ?? []);
    const standing: WaveProgress[] = ids.length === 0 ? [] : [{ tier: 'client', ...ssm.progress(ids, nowMs, 0) }];
    const seen = given([...judgements.values()], { tickId, nowMs, memory: written, progress: standing });
    const made = plan(seen);
    const first = made.cycles.flatMap(({ instanceIds }) => instanceIds).length;
    forecast ??= forecastOf(seen, number, first, secondsPerHost);
    noteFailed(made.memory);
    const sent: SentWave[] = [];
    for (const command of made.cycles) sent.push({ tier: command.tier, ...(await cycle(pod, command, '')) });
    const memory = rememberSent(made.memory, made.cycles, sent);
    const last = { tickId, startedAtMs, endedAtMs: nowMs };
    await bucket.store({ memory, last, dueAtMs: nextDueMs({ ...last, unfinished: made.unfinished }, pod) });
  };

  const isOver = () => {
    const asked = new Set([...ssm.turns.values()].flat().map(({ instanceId }) => instanceId));
    return asked.size === number && ssm.atWork(nowMs).every((host) => silent.has(indexOf(host)));
  };
  for (let minute = 0; !isOver() && minute < 4 * 60; minute += 1) {
    nowMs = NOW + minute * MINUTE_MS;
    const tickId = `run-${minute + 1}`;
    const last = await read();
    const turn = tickDue(last.state, nowMs, pod);
    if (turn.due) await tick(tickId);
    else {
      const startedAtMs = nowMs;
      const deadline = { leftMs: () => Math.max(0, startedAtMs + FUNCTION_MS - nowMs) };
      const pause = async (ms: number) => {
        nowMs += ms;
      };
      const short = {
        ports,
        fleet: { pods: [pod], ssm: { readsPerSecond: null } } as unknown as Fleet,
        pod,
        nowMs: () => nowMs,
        deadline,
        tickId,
        pause,
      };
      const { next } = await shortRun(short, { ...turn, read: last });
      if (next) await tick(next.tickId);
    }
    heldUntilMs = Math.max(heldUntilMs, nowMs);
  }
  const sentWaves = new Map<string, number>();
  for (const commandId of ssm.turns.keys()) {
    const [waveId = ''] = commandId.split('.');
    sentWaves.set(waveId, (sentWaves.get(waveId) ?? 0) + 1);
  }
  const waves = [...sentWaves.values()];
  const turns = [...ssm.turns.values()].flat();
  const cycled = turns.filter(({ answer }) => answer.kind === 'cycled');
  const lastMs = Math.max(...cycled.map(({ endsMs }) => endsMs));
  return {
    minutes: (lastMs - NOW) / 60_000,
    cycled: cycled.length,
    waves: waves.length,
    commands: Math.max(...waves),
    ticks: ticks.length,
    mostAtOnce: mostAtOnce(
      turns.map(({ instanceId, beginsMs, endsMs }) => ({
        beginsMs,
        endsMs: Math.min(endsMs, failedAtMs.get(instanceId) ?? Infinity),
      })),
    ),
    failed: bucket.remembered().memory.rollOuts.client?.failed.length ?? 0,
    forecast: forecast ?? { quick: 0, silent: 0 },
  };
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
