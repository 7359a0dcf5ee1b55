import type { Collected } from '../../src/host/collected.ts';
import {
  isSentWave,
  LOOK_SECONDS,
  lookAtWave,
  type Memory,
  type Plan,
  type PlanInput,
  type RollOut,
  rememberSent,
  type SentWave,
  type WaveProgress,
} from '../../src/plan/plan.ts';
import { tickDue } from '../../src/state/due.ts';
import { leavesTickAlone } from '../../src/watchdog/next-wave.ts';
import type { Invariants } from './invariants.ts';
import type { Planner } from './planner.ts';
import type { Ssm } from './ssm.ts';
import type { StateStore, Stored } from './state-store.ts';
import { orNull, type Weather } from './weather.ts';
import type { World } from './world.ts';

/** What a tick planned from. */
interface Sight {
  input: PlanInput;
  answers: ReadonlyMap<string, Collected>;
}

/** What all runs of the watchdog share. */
export interface Runs {
  readonly ssm: Ssm;
  claim(tickId: string, before: Stored, bringsNews: boolean): boolean | null;
  keep(tickId: string, changed: Partial<Stored>): boolean;
  isKilled(tickId: string, after: string): boolean;
  tick(): void;
  progressOf(memory: Memory): WaveProgress[];
  send(tickId: string, command: Plan['cycles'][number]): SentWave;
}

/** What hosts said of a wave is read, and the commands of the next are sent. */
const SENDING_SECONDS = 8;

/** Of a run's function: there is time for a tick after each wave. */
const LONG = { leftMs: () => 180_000 };

/** Between ticks: the product's plan of the next wave over the modelled AWS, composed as src/watchdog composes it. */
export class ShortRuns {
  private seen: Sight | null = null;

  constructor(
    private readonly world: World,
    private readonly weather: Weather,
    private readonly store: StateStore,
    private readonly invariants: Invariants | null,
    private readonly runs: Runs,
    private readonly planNextWave: Planner['nextWave'],
  ) {}

  saw(input: PlanInput, answers: ReadonlyMap<string, Collected>): void {
    this.seen = { input, answers };
  }

  /** Looks every few seconds until the next minute's run. */
  begin(runId: string): void {
    const { world } = this;
    const untilMs = world.nowMs + 55_000;
    let sent = 0;
    const look = () => {
      const { last } = this.store;
      const wave = last && followedWave(last);
      if (this.weather.isPodtimeDown || !last || !wave) return;
      const later = () => {
        const nextMs = world.nowMs + LOOK_SECONDS * 1000;
        if (nextMs <= untilMs && nextMs < last.dueAtMs) world.agenda.in(LOOK_SECONDS, look);
      };
      if (!this.isOver(last, wave)) later();
      else {
        sent += 1;
        this.sendNext(sent === 1 ? runId : `${runId}-${sent}`, wave, later);
      }
    };
    look();
  }

  /** By SSM's counts; notes since when the last hosts have been silent. */
  private isOver(last: Stored, wave: RollOut): boolean {
    const { world, runs } = this;
    const commands = wave.commands.map(({ commandId, instanceIds, maxConcurrency }) => {
      return { commandId, hosts: instanceIds.length, maxConcurrency };
    });
    const through = new Map<string, number>();
    for (const { commandId } of wave.commands) {
      const progress = orNull(world, () => runs.ssm.progress([commandId ?? '']));
      if (progress?.isWhole) through.set(commandId ?? '', progress.outcomes.length);
    }
    if (through.size === 0) return false;
    const { allBegunAtMs, isOver } = lookAtWave({ ...wave, commands }, through, world.nowMs);
    if (!isOver && allBegunAtMs !== wave.allBegunAtMs) {
      const rollOuts = { ...last.memory.rollOuts, client: { ...wave, allBegunAtMs } };
      this.store.write({ ...last, memory: { ...last.memory, rollOuts } }, this.store.etag);
    }
    return isOver;
  }

  private sendNext(tickId: string, over: RollOut, later: () => void): void {
    const { world, store, runs } = this;
    const before = store.isReadable() ? store.last : null;
    if (before === null || before.claim || before.memory.rollOuts.client?.waveId !== over.waveId) return;
    if (
      !leavesTickAlone(before, world.nowMs, {
        pod: world.setting.pod,
        fleet: { pods: [world.setting.pod], ssm: { readsPerSecond: null } },
        deadline: LONG,
      }) ||
      !runs.claim(tickId, before, false)
    )
      return;
    if (runs.isKilled(tickId, 'it claimed its turn')) return;
    world.agenda.in(SENDING_SECONDS, () => this.plan(tickId, before, later));
  }

  private plan(tickId: string, { memory, dueAtMs }: Stored, later: () => void): void {
    const { world, weather, runs, invariants, seen } = this;
    const { pod } = world.setting;
    const { nowMs } = world;
    const handBack = (changed: Partial<Stored>, isTickDue: boolean) => {
      const isDue = isTickDue || (this.store.last?.again ?? false);
      runs.keep(tickId, {
        ...changed,
        claim: null,
        dueAtMs: isDue ? Math.min(dueAtMs, nowMs) : dueAtMs,
        again: false,
      });
    };
    if (weather.route53 === 'fails' || ['fails', 'by-az'].includes(weather.ec2)) {
      handBack({}, true);
      return;
    }
    const { mode } = weather;
    const progress = runs.progressOf(memory);
    const records = world.zone.list();
    const held =
      weather.ec2 === 'empty' ? [] : [...world.instances.values()].flatMap((each) => (each.held ? each.id : []));
    const now = { pod, tickId, nowMs, mode, records, held, memory, progress, isEndSeen: true };
    const planned = this.planNextWave(now);
    if (planned.cycles.length === 0) {
      handBack(planned.underWay ? {} : { memory: planned.memory }, !planned.underWay);
      if (planned.underWay) later();
      return;
    }
    if (!runs.keep(tickId, { memory: planned.memory })) return;
    // it goes by what a tick saw, and is held against what was so then
    if (seen === null || seen.input.nowMs !== memory.seen?.atMs) throw new Error(`${tickId} goes by no tick`);
    const plan: Plan = { ...NOTHING_ELSE, ...planned };
    const input = { ...seen.input, ...now };
    invariants?.planned(input, plan, { force: false, isBlind: false, answers: seen.answers, sawMs: seen.input.nowMs });
    if (runs.isKilled(tickId, 'it wrote what it will do')) return;
    const sent: SentWave[] = [];
    if (weather.mode === mode) {
      for (const [index, command] of planned.cycles.entries()) {
        const waveMates = planned.cycles.flatMap(({ instanceIds }) => instanceIds);
        invariants?.sends(command, index === 0 ? [] : waveMates, planned.memory.rollOuts.client?.failed ?? []);
        sent.push(runs.send(tickId, command));
        if (runs.isKilled(tickId, `it sent ${index + 1} of ${planned.cycles.length} commands`)) return;
      }
    }
    const after = rememberSent(planned.memory, planned.cycles, sent);
    const isSent = isSentWave(after.rollOuts.client);
    handBack({ memory: after }, !isSent);
    if (!isSent) return;
    // the run that came for the tick found the turn taken
    if (this.store.last && tickDue(this.store.last, world.nowMs, pod).due) runs.tick();
    else later();
  }
}

const NOTHING_ELSE = {
  blind: false,
  changes: [],
  startingTooLong: [],
  stale: [],
  givenUp: [],
  unfinished: false,
  stoppedRollOuts: [],
};

function followedWave({ claim, memory }: Stored): RollOut | null {
  const wave = memory.rollOuts.client;
  return claim === null && wave && isSentWave(wave) ? wave : null;
}
