import type { Agents } from '../agents.ts';
import type { Clock } from '../clock.ts';
import { type Delays, draw } from '../delays.ts';
import type { Announce } from '../events.ts';
import type { FaultQueue } from '../faults.ts';
import type { Timers } from '../timers.ts';
import {
  type Command,
  countInvocations,
  finalDetails,
  type Invocation,
  type InvocationDetails,
  isOpen,
  limitOf,
  type PluginRun,
} from './command.ts';
import { renderScript } from './documents.ts';
import { listedOutput } from './output.ts';

export interface RunnerDeps {
  timers: Timers;
  clock: Clock;
  delays: Delays;
  random: () => number;
  announce: Announce;
  agents: Agents;
  faults: FaultQueue;
  /** Instance ids that carry the tags (or are named), known to SSM. */
  resolve(targets: Command['targets']): string[];
  /** Whether EC2 has the instance and it is not going away. */
  alive(instanceId: string): boolean;
  /** Whether SSM still believes the agent is there. */
  pingOnline(instanceId: string): boolean;
}

/** amazon-ssm-agent: the exit code of a plugin that was stopped at its timeout. */
const STOPPED_EXIT_CODE = 137;
/** An agent that stops a script at its timeout has so long to say so, in real time. */
const LAST_WORD_REAL_MS = 1000;

export interface Runner {
  start(command: Command): void;
  cancel(command: Command, instanceIds: string[] | null): void;
}

/**
 * Carries commands out: at most MaxConcurrency hosts at a time, no further host once more than MaxErrors have failed, each
 * host's share ended by its timeouts whatever its agent does.
 */
export function createRunner(deps: RunnerDeps): Runner {
  const { timers, clock, delays, random, announce } = deps;

  function start(command: Command): void {
    if (command.instanceIds.length > 0) {
      command.invocations = command.instanceIds.map((id) => newInvocation(command, id));
      timers.after(0, () => dispatch(command));
      return;
    }
    timers.after(delays.targetsMs, () => {
      command.invocations = deps.resolve(command.targets).map((id) => newInvocation(command, id));
      dispatch(command);
    });
  }

  const dispatched = new WeakSet<Invocation>();

  function dispatch(command: Command): void {
    const { invocations } = command;
    if (invocations === null) return;
    const concurrency = Math.max(1, limitOf(command.maxConcurrency, invocations.length));
    for (;;) {
      const waiting = invocations.filter(
        (invocation) => invocation.details === 'Pending' && !dispatched.has(invocation),
      );
      const running = invocations.filter(
        (invocation) => dispatched.has(invocation) && isOpen(invocation.details),
      ).length;
      const [next] = waiting;
      if (next === undefined) break;
      if (command.cancelled) {
        for (const invocation of waiting) settle(command, invocation, 'Cancelled');
        break;
      }
      if (countInvocations(command).error > limitOf(command.maxErrors, invocations.length)) {
        for (const invocation of waiting) settle(command, invocation, 'Terminated');
        break;
      }
      if (running >= concurrency) return;
      dispatched.add(next);
      deliver(command, next);
    }
    if (command.endedAs === null && invocations.every((invocation) => !isOpen(invocation.details))) end(command);
  }

  function deliver(command: Command, invocation: Invocation): void {
    const executionSeconds = command.document.steps.reduce((sum, step) => sum + step.timeoutSeconds, 0);
    const expire = () => finish(command, invocation, 'DeliveryTimedOut');
    const expiresAtMs = timers.nowMs() + (command.timeoutSeconds + executionSeconds) * 1000;
    let cancelExpiry = timers.after(expiresAtMs - timers.nowMs(), expire);
    const done = (details: InvocationDetails) => {
      cancelExpiry();
      finish(command, invocation, details);
    };
    timers.after(delays.delayedMs, () => {
      if (invocation.details === 'Pending') invocation.details = 'Delayed';
    });
    /** From now on the run's own timeouts decide; for an agent that dies over it, the command expires all the same. */
    const taken = (graceRealMs: number) => {
      cancelExpiry();
      const leftMs = Math.max(expiresAtMs - timers.nowMs(), executionSeconds * 1000);
      const graceMs = (command.document.steps.length * graceRealMs + LAST_WORD_REAL_MS) * clock.factor;
      cancelExpiry = timers.after(leftMs + graceMs, expire);
    };
    const attempt = () => {
      if (!isOpen(invocation.details)) return cancelExpiry();
      const agent = deps.agents.get(invocation.instanceId);
      const injected = deps.faults.takeInvocation(invocation.instanceId);
      if (injected !== null) return done(injected as InvocationDetails);
      if (agent === undefined || !deps.alive(invocation.instanceId) || !deps.pingOnline(invocation.instanceId))
        return done('Undeliverable');
      if (!command.document.platforms.includes(agent.platform ?? 'Linux')) return done('InvalidPlatform');
      if (!agent.online) return void timers.after(delays.redeliverMs, attempt);
      taken(agent.graceRealMs ?? 0);
      return void execute(command, invocation).then((details) => {
        // An agent that died over it cannot say how it went: the command stays open until it expires.
        if (details !== null && agent.online) done(details);
      });
    };
    timers.after(draw(delays.pickUpMs, random), attempt);
  }

  /** Runs the document's steps on the host; null when the agent never answers. */
  async function execute(command: Command, invocation: Invocation): Promise<InvocationDetails | null> {
    const agent = deps.agents.get(invocation.instanceId);
    if (agent === undefined) return null;
    if (invocation.details !== 'Cancelling') invocation.details = 'InProgress';
    let details: InvocationDetails = 'Success';
    for (const step of command.document.steps) {
      const plugin: PluginRun = {
        name: step.name,
        details: 'InProgress',
        responseCode: -1,
        startedAtMs: Date.now(),
        endedAtMs: null,
        stdout: '',
        stderr: '',
      };
      invocation.plugins.push(plugin);
      try {
        const run = await agent.run(renderScript(step, command.values), step.timeoutSeconds);
        plugin.details = run.timedOut ? 'ExecutionTimedOut' : run.exitCode === 0 ? 'Success' : 'Failed';
        plugin.responseCode = run.timedOut ? STOPPED_EXIT_CODE : run.exitCode;
        plugin.stdout = run.stdout;
        plugin.stderr = run.stderr;
        plugin.endedAtMs = Date.now();
      } catch {
        return null;
      }
      if (plugin.details !== 'Success') details = plugin.details;
    }
    return details;
  }

  function finish(command: Command, invocation: Invocation, details: InvocationDetails): void {
    if (!isOpen(invocation.details)) return;
    settle(command, invocation, invocation.details === 'Cancelling' ? 'Cancelled' : details);
    dispatch(command);
  }

  function settle(command: Command, invocation: Invocation, details: InvocationDetails): void {
    invocation.details = details;
    const last = invocation.plugins.at(-1);
    const output = last === undefined ? '' : listedOutput(last.stdout, last.stderr);
    announce({
      kind: 'invocation ended',
      commandId: command.id,
      document: command.document.name,
      instanceId: invocation.instanceId,
      statusDetails: details,
      output,
    });
  }

  function end(command: Command): void {
    command.endedAs = finalDetails(command);
    const counts: Record<string, number> = {};
    for (const { details } of command.invocations ?? []) counts[details] = (counts[details] ?? 0) + 1;
    announce({
      kind: 'command ended',
      commandId: command.id,
      document: command.document.name,
      comment: command.comment,
      statusDetails: command.endedAs,
      counts,
    });
  }

  return {
    start,
    cancel(command, instanceIds) {
      if (command.endedAs !== null) return;
      if (instanceIds === null) command.cancelled = true;
      for (const invocation of command.invocations ?? []) {
        if (instanceIds !== null && !instanceIds.includes(invocation.instanceId)) continue;
        // What runs on a host cannot be stopped from here: its end is awaited ("no guarantee", API reference).
        if (invocation.details === 'InProgress') invocation.details = 'Cancelling';
        else if (isOpen(invocation.details)) settle(command, invocation, 'Cancelled');
      }
      dispatch(command);
    },
  };
}

function newInvocation(command: Command, instanceId: string): Invocation {
  return { instanceId, details: 'Pending', requestedAtMs: command.requestedAtMs, plugins: [] };
}
