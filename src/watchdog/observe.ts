import { type Fleet, type Host, isInstanceId, type Pod } from '../fleet/fleet.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import { EMPTY_MEMORY, type Memory, type Mode, type PlanInput, type WaveProgress } from '../plan/plan.ts';
import { verdictReportsOf } from '../report/compose.ts';
import type { HostVerdict } from '../report/report.ts';
import type { Deadline } from './deadline.ts';
import { messageOf } from './errors.ts';
import type { CollectAnswer, LastReport, Looking, PodInstances } from './ports.ts';
import { zoneFaults } from './zone-faults.ts';

/** What a run is about, and what it may take from the outside. */
export interface Run {
  ports: Looking;
  fleet: Fleet;
  pod: Pod;
  nowMs: () => number;
  /** When the run must have answered. */
  deadline: Deadline;
  /** Names the run in every command's comment, every log line and the report. */
  tickId: string;
}

/** How the pod stood when the run began. A part that could not be read is null and stands in `faults`. */
export interface Observation {
  mode: Mode;
  hosts: Host[];
  records: PublishedRecord[] | null;
  /** What EC2 says of the owners of records that the read by tag did not show; `unread` = also other hosts it did not describe. */
  owners: Pick<PlanInput, 'unknownIds' | 'ownerStates' | 'unread'>;
  last: LastReport | null;
  memory: Memory;
  faults: string[];
}

/**
 * Reads mode, instances, zone and last report, side by side. Only the instances are indispensable: without them the run
 * cannot know whom it would touch and throws; any other part that fails is said and costs only what depends on it.
 */
export async function observe(run: Run): Promise<Observation> {
  const { ports, pod } = run;
  const faults: string[] = [];
  const lastRead = orFault(ports.reports.read(pod.name), faults);
  const [mode, instances, zone, last] = await Promise.all([
    ports.modes.read(pod.name),
    lastRead.then((known) => ports.instances.ofPod(pod, known?.report?.hosts ?? [])),
    orFault(ports.zone.read(pod), faults),
    lastRead,
  ]);
  if (mode.fault) faults.push(mode.fault);
  if (last?.fault) faults.push(last.fault);
  faults.push(...instances.refused);
  if (zone) faults.push(...zoneFaults(pod, zone));
  const records = zone?.records ?? null;
  return {
    mode: mode.mode,
    hosts: instances.hosts,
    records,
    owners: await askForOwners(run, instances, records ?? [], faults),
    last,
    memory: last?.report?.memory ?? EMPTY_MEMORY,
    faults,
  };
}

/** Asks EC2 by id for the owners of records that the read by tag did not show. */
async function askForOwners(
  run: Run,
  { hosts, unread }: PodInstances,
  records: PublishedRecord[],
  faults: string[],
): Promise<Observation['owners']> {
  const known = new Set(hosts.map((host) => host.instanceId));
  const owners = new Set(records.map((record) => record.setIdentifier).filter((id) => id !== null));
  const unlisted = [...owners].filter((id) => isInstanceId(id) && !known.has(id));
  const answer = unlisted.length === 0 ? null : await orFault(run.ports.instances.statesOf(unlisted), faults);
  faults.push(...(answer?.faults ?? []));
  return { unknownIds: answer?.unknown ?? [], ownerStates: Object.fromEntries(answer?.states ?? []), unread };
}

/** Waits for what may fail without costing the run; the failure becomes a sentence. */
export async function orFault<T>(step: Promise<T>, faults: string[]): Promise<T | null> {
  try {
    return await step;
  } catch (error) {
    faults.push(`${messageOf(error)}.`);
    return null;
  }
}

/** What the last waves came to so far. */
export interface LastWaves {
  progress: WaveProgress[];
  /** What hosts of theirs said that were not cycled. */
  verdicts: HostVerdict[];
}

/** Reads how the last waves' commands stand. A wave of which SSM says nothing is left out. */
export async function readLastWaves(run: Run, memory: Memory, faults: string[]): Promise<LastWaves> {
  const progress: WaveProgress[] = [];
  const verdicts: HostVerdict[] = [];
  for (const { tier, commands } of Object.values(memory.rollOuts)) {
    const ids = commands.flatMap(({ commandId }) => commandId ?? []);
    const ofWave = await orFault(run.ports.commands.progress(run.pod, ids), faults);
    if (ofWave === null) continue;
    const { ended, outcomes } = ofWave;
    const answers = outcomes.map(({ instanceId, kind, reason }) => ({ instanceId, kind, reason }));
    progress.push({ tier, ended, answers });
    verdicts.push(...verdictReportsOf(tier, outcomes));
  }
  return { progress, verdicts };
}

/** Collects from the pod, or from some of its hosts. Fails never: who could not be asked has no answer. */
export async function collect(run: Run, instanceIds: string[] | null, waitSeconds: number) {
  const faults: string[] = [];
  const comment = `podtime ${run.tickId} collect ${run.pod.name}`;
  const collection = await orFault(run.ports.commands.collect(run.pod, instanceIds, comment, waitSeconds), faults);
  const answers: CollectAnswer[] = collection?.answers ?? [];
  return { answers, commandIds: collection?.commandIds ?? [], faults: [...faults, ...(collection?.faults ?? [])] };
}
