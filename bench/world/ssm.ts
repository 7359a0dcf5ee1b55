import type { Collected } from '../../src/host/collected.ts';
import type { CycleOutcome } from '../../src/host/verdict.ts';
import type { CycleCommand } from '../../src/plan/plan.ts';
import type { SentCommands } from '../../src/watchdog/ports.ts';
import { type CycleParameters, cycleOnHost } from './host-cycle.ts';
import type { Instance } from './instance.ts';
import { observe } from './observation.ts';
import type { Random } from './random.ts';
import { Failed, type Weather } from './weather.ts';
import type { World } from './world.ts';

/** TimeoutSeconds of a command: a host not reached by then is not reached. */
const DELIVERY_SECONDS = 30;
/** The document's own limit. */
const CYCLE_SECONDS = 300;
/** Lists of commands are eventually consistent: mostly seconds, at times minutes. */
const LISTED_AFTER_SECONDS = { well: 3, late: 400 } as const;

interface Invocation {
  status: 'Pending' | 'Success' | 'Failed' | 'DeliveryTimedOut' | 'ExecutionTimedOut' | 'Terminated';
  outcome: CycleOutcome | null;
}

interface Command {
  sentMs: number;
  /** What DNS said then, as the hosts are told it. */
  records: string;
  invocations: Map<string, Invocation>;
  neverEnds: boolean;
  listedFromMs: number;
}

/** What came of a wave's commands, as the product reads it. */
export interface Progress {
  ended: boolean;
  /** False: its lists do not show some of the commands (yet). */
  isWhole: boolean;
  outcomes: ({ instanceId: string } & CycleOutcome)[];
}

function withoutVerdict(status: Invocation['status']): CycleOutcome {
  return { kind: status === 'Terminated' ? 'not-begun' : 'no-verdict', reason: status, why: status };
}

/** SSM Run Command, its agents and podtime's two documents. */
export class Ssm {
  private readonly commands = new Map<string, Command>();

  constructor(
    private readonly world: World,
    private readonly weather: Weather,
    private readonly random: Random,
    private readonly acts: (instance: Instance, parameters: CycleParameters) => void,
  ) {}

  /** Who answers `collect`, and what. */
  collect(ids: readonly string[], revisionOf: (instance: Instance) => string | null): Map<string, Collected> {
    const answers = new Map<string, Collected>();
    const { pod } = this.world.setting;
    for (const id of ids) {
      const instance = this.world.instances.get(id);
      if (instance === undefined || !this.world.isReachable(instance)) continue;
      if (this.weather.silence > 0 && this.random.chance(this.weather.silence)) continue;
      const { nowMs, leap } = this.world;
      const honest = observe(instance, { pod, nowMs, leap, revision: revisionOf(instance) });
      answers.set(id, instance.lie?.collected?.(honest) ?? honest);
    }
    return answers;
  }

  /** One attempt. Throws when SSM refuses; `unsure` when it does not say. */
  send(command: CycleCommand): SentCommands {
    const { send } = this.weather;
    if (send === 'throttled') throw new Failed('SSM refuses: ThrottlingException');
    const { instanceIds } = command;
    if (send === 'lost' && this.random.chance(0.7)) {
      if (this.random.chance(0.5)) this.start(command);
      return { commands: [], refused: [], unsure: [{ instanceIds, why: 'TimeoutError' }] };
    }
    return { commands: [{ commandId: this.start(command), instanceIds }], refused: [], unsure: [] };
  }

  progress(commandIds: readonly string[]): Progress {
    if (this.weather.list === 'fails') throw new Failed('SSM does not list commands');
    const progress: Progress = { ended: true, isWhole: true, outcomes: [] };
    for (const id of commandIds) {
      const command = this.commands.get(id);
      if (command === undefined || command.neverEnds || this.world.nowMs < command.listedFromMs) {
        progress.ended = false;
        progress.isWhole = false;
        continue;
      }
      for (const [instanceId, { status, outcome }] of command.invocations) {
        if (status === 'Pending') progress.ended = false;
        else progress.outcomes.push({ instanceId, ...(outcome ?? withoutVerdict(status)) });
      }
    }
    return progress;
  }

  /** Hosts that a command may still be started on, or runs on. */
  underWay(): string[] {
    return [...this.commands.values()].flatMap(({ invocations }) =>
      [...invocations].filter(([, { status }]) => status === 'Pending').map(([id]) => id),
    );
  }

  /** Hosts that were asked to follow these records, and of which its lists never say how that ended. */
  neverTold(records: string): Set<string> {
    const untold = [...this.commands.values()].filter((command) => command.neverEnds && command.records === records);
    return new Set(untold.flatMap(({ invocations }) => [...invocations.keys()]));
  }

  private start(command: CycleCommand): string {
    const { nowMs } = this.world;
    const id = `command-${this.commands.size + 1}`;
    const { list } = this.weather;
    const listedAfterSeconds = list === 'late' ? LISTED_AFTER_SECONDS.late : LISTED_AFTER_SECONDS.well;
    const run: Command = {
      sentMs: nowMs,
      records: command.records,
      invocations: new Map(command.instanceIds.map((host) => [host, { status: 'Pending', outcome: null }])),
      neverEnds: list === 'never-ends',
      listedFromMs: nowMs + listedAfterSeconds * 1000,
    };
    this.commands.set(id, run);
    const { records, force, coolDownSeconds, waveId } = command;
    const parameters = { records, force, coolDownSeconds, waveId };
    const waiting = [...command.instanceIds];
    let errors = 0;
    const next = () => {
      const host = waiting.shift();
      if (host === undefined) return;
      if (errors > command.maxErrors) {
        for (const left of [host, ...waiting.splice(0)])
          run.invocations.set(left, { status: 'Terminated', outcome: null });
        return;
      }
      this.deliver(host, parameters, (invocation) => {
        run.invocations.set(host, invocation);
        if (invocation.status !== 'Success') errors += 1;
        next();
      });
    };
    for (let slot = 0; slot < command.maxConcurrency; slot += 1) next();
    return id;
  }

  private deliver(host: string, parameters: CycleParameters, ended: (invocation: Invocation) => void): void {
    const { world } = this;
    const seconds = this.random.chance(0.05) ? this.random.between(10, DELIVERY_SECONDS) : this.random.between(0.5, 4);
    world.agenda.in(seconds, () => {
      const instance = world.instances.get(host);
      if (instance === undefined || !world.isReachable(instance)) {
        world.agenda.in(DELIVERY_SECONDS - seconds, () => ended({ status: 'DeliveryTimedOut', outcome: null }));
        return;
      }
      let isEnded = false;
      const end = (invocation: Invocation) => {
        if (isEnded) return;
        isEnded = true;
        ended(invocation);
      };
      const run = (report: (outcome: CycleOutcome) => void) =>
        cycleOnHost(world, instance, parameters, { acts: this.acts, ended: report });
      run((outcome) => end({ status: outcome.kind === 'failed' ? 'Failed' : 'Success', outcome }));
      world.agenda.in(CYCLE_SECONDS, () => end({ status: 'ExecutionTimedOut', outcome: null }));
      if (this.weather.isTwice) world.agenda.in(this.random.between(1, 40), () => run(() => undefined));
    });
  }
}
