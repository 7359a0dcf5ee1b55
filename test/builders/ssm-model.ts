import type { HostAnswer, WaveProgress } from '../../src/plan/plan.ts';

/** What a host does when a command reaches it, and how long that takes. */
export interface ModelHost {
  does: 'cycle' | 'fail' | 'nothing' | 'not-yet' | 'silent';
  seconds: number;
}

export interface ModelCommand {
  commandId: string;
  waveId: string;
  instanceIds: string[];
  maxConcurrency: number;
  maxErrors: number;
}

export interface Turn {
  instanceId: string;
  beginsMs: number;
  endsMs: number;
  answer: HostAnswer;
}

/** A restart of a daemon, as it happened: what nobody but the test sees. */
export interface Restart {
  instanceId: string;
  waveId: string;
  atMs: number;
  endsMs: number;
}

/**
 * Run Command as far as a wave depends on it: each host's turn begins when one of `maxConcurrency` is free, none begins once more than
 * `maxErrors` failed, and a host runs no wave twice. A command's whole course is settled when it is sent.
 */
export class SsmModel {
  readonly restarts: Restart[] = [];
  readonly turns = new Map<string, Turn[]>();
  private readonly waves = new Map<string, string>();
  private readonly ran = new Set<string>();

  private readonly hosts: ReadonlyMap<string, ModelHost>;

  constructor(hosts: ReadonlyMap<string, ModelHost>) {
    this.hosts = hosts;
  }

  send({ commandId, waveId, instanceIds, maxConcurrency, maxErrors }: ModelCommand, nowMs: number): void {
    const freeMs = Array<number>(maxConcurrency).fill(nowMs);
    const turns: Turn[] = [];
    for (const instanceId of instanceIds) {
      const beginsMs = Math.min(...freeMs);
      const failures = turns.filter(
        ({ answer, endsMs }) => ['failed', 'no-verdict'].includes(answer.kind) && endsMs <= beginsMs,
      ).length;
      if (failures > maxErrors) {
        const answer = { instanceId, kind: 'not-begun', reason: 'Terminated' } as const;
        turns.push({ instanceId, beginsMs, endsMs: beginsMs, answer });
        continue;
      }
      const turn = this.turn(instanceId, waveId, beginsMs);
      freeMs[freeMs.indexOf(beginsMs)] = turn.endsMs;
      turns.push(turn);
    }
    this.turns.set(commandId, turns);
    this.waves.set(commandId, waveId);
  }

  private turn(instanceId: string, waveId: string, beginsMs: number): Turn {
    const { does, seconds } = this.hosts.get(instanceId) ?? { does: 'nothing', seconds: 1 };
    const run = `${instanceId} ${waveId}`;
    const isSecond = this.ran.has(run);
    this.ran.add(run);
    const endsMs = beginsMs + seconds * 1000;
    const verdict = (kind: HostAnswer['kind'], reason: string): Turn => {
      return { instanceId, beginsMs, endsMs, answer: { instanceId, kind, reason } };
    };
    if (isSecond) return verdict('nothing', 'same-wave');
    if (does === 'nothing') return verdict('nothing', 'already-right');
    if (does === 'not-yet') return verdict('nothing', 'not-yet');
    if (does === 'silent') return verdict('no-verdict', 'ExecutionTimedOut');
    this.restarts.push({ instanceId, waveId, atMs: beginsMs, endsMs });
    return does === 'fail' ? verdict('failed', 'not-healed') : verdict('cycled', 'ntpd');
  }

  /** What SSM would say of these commands; its list of answers is `lagMs` behind its counts. */
  progress(commandIds: readonly string[], nowMs: number, lagMs: number): Omit<WaveProgress, 'tier'> {
    const turns = commandIds.flatMap((id) => this.turns.get(id) ?? []);
    const endedBy = (atMs: number) => turns.filter(({ endsMs }) => endsMs <= atMs);
    const through = endedBy(nowMs - lagMs);
    return {
      ended: through.length === turns.length,
      isWhole: through.length === endedBy(nowMs).length,
      answers: through.map(({ answer }) => answer),
    };
  }

  /** The commands of a wave, and whom they were sent to. */
  commandsOf(waveId: string): { commandId: string; instanceIds: string[] }[] {
    return [...this.waves]
      .filter(([, ofWave]) => ofWave === waveId)
      .map(([commandId]) => ({
        commandId,
        instanceIds: (this.turns.get(commandId) ?? []).map(({ instanceId }) => instanceId),
      }));
  }

  /** Hosts on which something of an earlier wave is at work or is still to begin. */
  atWork(nowMs: number): string[] {
    return [...this.turns.values()]
      .flat()
      .filter(({ endsMs }) => endsMs > nowMs)
      .map(({ instanceId }) => instanceId);
  }
}
