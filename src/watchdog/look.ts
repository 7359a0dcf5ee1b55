import { revisionReader } from '../config/revision.ts';
import { type JudgeContext, judgeAll } from '../diagnosis/judge.ts';
import type { Judgement, Sighting } from '../diagnosis/judgement.ts';
import type { Host, Pod } from '../fleet/fleet.ts';
import { parseCollected } from '../host/collect.ts';
import { waitSecondsOf } from './budget.ts';
import { collect, type Observation, type Run } from './observe.ts';
import type { CollectAnswer } from './ports.ts';

/** What a run saw of the hosts, and how they are judged. */
export interface Look {
  judgements: Judgement[];
  /** What each host printed, by instance id. */
  outputs: Map<string, string>;
  commandIds: string[];
  faults: string[];
  /** What was left undone for lack of time. */
  undone: string[];
}

/** Of a tick that does not know its hosts. */
export const NOTHING_SEEN: Look = { judgements: [], outputs: new Map(), commandIds: [], faults: [], undone: [] };

/** Collects and judges. `instanceIds` null = the whole pod; hosts not asked are not judged. */
export async function look(
  run: Run,
  observed: Observation,
  instanceIds: string[] | null,
  waitSeconds: number,
): Promise<Look> {
  const targets = observed.hosts.filter(
    (host) => host.state === 'running' && (instanceIds === null || instanceIds.includes(host.instanceId)),
  );
  const ids = instanceIds === null ? null : targets.map((host) => host.instanceId);
  const seconds = waitSecondsOf(run.deadline, waitSeconds);
  const none = { answers: [] as CollectAnswer[], commandIds: [] as string[], faults: [] as string[] };
  const collected = targets.length === 0 || seconds === 0 ? none : await collect(run, ids, seconds);
  const answers = new Map(collected.answers.map((answer) => [answer.instanceId, answer]));
  const sightings = targets.map((host): Sighting => sightingOf(host, answers.get(host.instanceId)));
  const outputs = new Map<string, string>();
  for (const { instanceId, output } of collected.answers) if (output !== null) outputs.set(instanceId, output);
  return {
    judgements: judgeAll(sightings, contextOf(run, observed)),
    outputs,
    commandIds: collected.commandIds,
    faults: collected.faults,
    undone: targets.length > 0 && seconds < waitSeconds ? [waitSentence(seconds, waitSeconds)] : [],
  };
}

function waitSentence(seconds: number, asked: number): string {
  return seconds === 0
    ? 'No host was asked: the tick had no time left for it.'
    : `Hosts were waited for ${seconds} s, not ${asked} s: the tick had no more time.`;
}

/** What is to be said of each requested id that `look` does not ask. */
export function unasked(pod: Pod, hosts: readonly Host[], instanceIds: readonly string[]): string[] {
  const states = new Map(hosts.map((host) => [host.instanceId, host.state]));
  return [...new Set(instanceIds)].flatMap((id) => {
    const state = states.get(id);
    if (state === 'running') return [];
    return state ? `${id} is ${state}: not asked.` : `${id} is no instance of pod ${pod.name}.`;
  });
}

function sightingOf(host: Sighting['host'], answer: CollectAnswer | undefined): Sighting {
  if (!answer) return { host, collected: null, status: 'NoAnswer' };
  const heard = answer.status === 'Success' && answer.output !== null;
  return { host, collected: heard ? parseCollected(answer.output ?? '') : null, status: answer.status };
}

function contextOf(run: Run, observed: Observation): JudgeContext {
  return {
    pod: run.pod,
    hosts: observed.hosts,
    records: observed.records,
    unjoinedBefore: observed.memory.unjoined,
    expectedRevision: revisionReader(run.fleet, run.pod),
  };
}
