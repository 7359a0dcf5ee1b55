import { type Fleet, type Host, type Pod, TIERS } from '../fleet/fleet.ts';
import { type PublishedRecord, unlistedOwners } from '../fleet/records.ts';
import { duration } from '../fleet/sentences.ts';
import { EMPTY_MEMORY, isDeadTick, lostRollOut, type Memory, type Mode, type PlanInput } from '../plan/plan.ts';
import type { Report } from '../report/report.ts';
import type { Deadline } from './deadline.ts';
import { messageOf } from './errors.ts';
import type { LastReport, Looking, PodInstances } from './ports.ts';
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
  /** Why EC2's hosts could not be read: nobody knows whom the run would touch. */
  unseen: Error | null;
  /** The tick that began and never ended, if the last did not. */
  takenOver: string | null;
  faults: string[];
}

/**
 * Reads mode, instances, zone and last report, side by side. A part that fails is said and costs only what depends on it.
 */
export async function observe(run: Run): Promise<Observation> {
  const { ports, pod } = run;
  const faults: string[] = [];
  const lastRead = orFault(ports.reports.read(pod.name), faults);
  const [mode, instances, zone, last] = await Promise.all([
    ports.modes.read(pod.name),
    lastRead.then((known) => ports.instances.ofPod(pod, known?.report?.hosts ?? [])).catch((error: Error) => error),
    orFault(ports.zone.read(pod), faults),
    lastRead,
  ]);
  const unseen = instances instanceof Error ? instances : null;
  const described = instances instanceof Error ? NOBODY : instances;
  if (unseen) faults.push(`${messageOf(unseen)}.`);
  if (mode.fault) faults.push(mode.fault);
  if (last?.fault) faults.push(last.fault);
  faults.push(...described.faults, ...described.refused);
  if (zone) faults.push(...zoneFaults(pod, zone));
  const records = zone?.records ?? null;
  const dead = last?.report && isDeadTick(last.report, run.nowMs()) ? last.report : null;
  if (dead) faults.push(takenOverSentence(pod, dead, run.nowMs()));
  return {
    // what is remembered is unknown there: nothing can be told right from wrong
    mode: last?.lost ? 'observe' : mode.mode,
    hosts: described.hosts,
    records,
    owners: await askForOwners(run, described, unseen ? [] : (records ?? []), faults),
    last,
    memory: last ? rememberedBy(last, run.nowMs()) : EMPTY_MEMORY,
    unseen,
    takenOver: dead?.tickId ?? null,
    faults,
  };
}

const NOBODY: PodInstances = { hosts: [], refused: [], faults: [], unread: [] };

/** Asks EC2 by id for the owners of records that the read by tag did not show. */
async function askForOwners(
  run: Run,
  { hosts, unread }: PodInstances,
  records: PublishedRecord[],
  faults: string[],
): Promise<Observation['owners']> {
  const unlisted = unlistedOwners(hosts, records);
  const answer = unlisted.length === 0 ? null : await orFault(run.ports.instances.statesOf(unlisted), faults);
  faults.push(...(answer?.faults ?? []));
  return { unknownIds: answer?.unknown ?? [], ownerStates: Object.fromEntries(answer?.states ?? []), unread };
}

/** Where all is lost a wave of any tier may be under way. */
function rememberedBy({ lost, memory }: LastReport, nowMs: number): Memory {
  if (!lost) return memory;
  return { ...memory, rollOuts: Object.fromEntries(TIERS.map((tier) => [tier, lostRollOut(tier, nowMs)])) };
}

function takenOverSentence(pod: Pod, { tickId, startedAtMs }: Report, nowMs: number): string {
  const ago = duration((nowMs - startedAtMs) / 1000);
  return `Tick ${tickId} of pod ${pod.name} began ${ago} ago and never ended; this one takes over.`;
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
