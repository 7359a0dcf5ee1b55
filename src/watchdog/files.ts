import { render } from '../config/files.ts';
import { fleetRevision } from '../config/revision.ts';
import { keyText, readKey } from '../config/trials/file-key.ts';
import { type FileStates, stateOfFile } from '../config/trials/file-states.ts';
import { type FileNews, followFiles, type TriedHost, type UnsettledFile } from '../config/trials/following.ts';
import { type Permit, slotOf } from '../config/trials/permits.ts';
import type { Judgement } from '../diagnosis/judgement.ts';
import type { Plan } from '../plan/plan.ts';
import type { Look } from './look.ts';
import { type Observation, orFault, type Run } from './observe.ts';
import type { Files } from './ports.ts';

/** What a tick concludes of the pod's files. */
export interface PodFiles extends Pick<FileNews, 'told' | 'refusedTiers'> {
  /** undefined: as they were. */
  states: FileStates | undefined;
}

export const NO_NEWS: PodFiles = { states: undefined, told: [], refusedTiers: [] };

/**
 * Looks how the trials of changed files go, and keeps the texts of those that settle. While none is changed nothing is read or written. Of hosts
 * that could not be read, and beside a state or memory that could not, nothing follows. Decision 0143.
 */
export async function followPodFiles(
  run: Pick<Run, 'fleet' | 'pod' | 'nowMs'>,
  files: Files,
  { observed, seen, dryRun, settle }: { observed: Observation; seen: Look; dryRun: boolean; settle: string | null },
  faults: string[],
): Promise<PodFiles> {
  const { fleet, pod } = run;
  const { last, unseen, isMemoryRead } = observed;
  if (unseen || !last || last.newer || !isMemoryRead) return NO_NEWS;
  // a memory that was lost, or is an older podtime's, knows nothing of files
  const states = observed.files ?? (await orFault(files.states(pod.name), faults));
  if (states === null) return NO_NEWS;
  const open = seen.unsettled.filter(({ key, revision }) => stateOfFile(states, key)?.settled !== revision);
  const unsettled = [...open, ...unseenFiles(run, states, open)];
  if (settle !== null && !unsettled.some(({ revision }) => revision === settle)) {
    faults.push(`Revision ${settle} is none that waits: no file of pod ${pod.name} is changed by it.`);
  }
  if (unsettled.length === 0 && Object.keys(states).length === 0) return { ...NO_NEWS, states };
  const news = followFiles({
    pod,
    states,
    unsettled,
    isServed: (key) => fleetRevision(fleet, pod, key) !== null,
    hostOf: hostReader(seen.judgements),
    permits: await permitsOf(run, files, states, unsettled, faults),
    settle,
    nowMs: run.nowMs(),
  });
  if (dryRun) return news;
  if (JSON.stringify(news.states) === JSON.stringify(states)) return { ...news, states };
  // what has no text yet, or was not told, has not happened: the next tick tries again
  if (!(await keepTexts(run, files, news.settled, faults))) return { ...news, states };
  const told = await orFault(
    files.tell(pod.name, news.states).then(() => true),
    faults,
  );
  return told === null ? { ...news, states } : news;
}

/** A plan, with what is told of files. */
export function withFiles(decided: Plan, { told, refusedTiers }: PodFiles): Plan {
  if (told.length === 0) return decided;
  const stopped = new Set([...decided.stoppedRollOuts, ...refusedTiers]);
  return { ...decided, refusals: [...decided.refusals, ...told], stoppedRollOuts: [...stopped] };
}

/** Changed files that no host of this look has. */
function unseenFiles(
  { fleet, pod }: Pick<Run, 'fleet' | 'pod'>,
  states: FileStates,
  seen: readonly UnsettledFile[],
): UnsettledFile[] {
  const names = new Set(seen.map(({ key }) => keyText(key)));
  return Object.entries(states).flatMap(([name, { settled }]) => {
    const key = names.has(name) ? null : readKey(name);
    const revision = key && fleetRevision(fleet, pod, key);
    return key && revision !== null && revision !== settled ? [{ key, revision, runners: [] }] : [];
  });
}

function hostReader(judgements: readonly Judgement[]): (instanceId: string) => TriedHost | undefined {
  let known: Map<string, Judgement> | null = null;
  return (instanceId) => {
    known ??= new Map(judgements.map((judgement) => [judgement.host.instanceId, judgement]));
    const judgement = known.get(instanceId);
    if (judgement === undefined) return undefined;
    const { confident, state, sentence, confidence } = judgement;
    return { confident, finding: state === 'healthy' ? confidence : `${state}: ${sentence}` };
  };
}

/** Of a permit that cannot be read it is not known how often it was given. */
async function permitsOf(
  { pod }: Pick<Run, 'pod'>,
  files: Files,
  states: FileStates,
  unsettled: readonly UnsettledFile[],
  faults: string[],
): Promise<Map<string, Permit | null>> {
  const waiting = unsettled.filter(({ key, revision, runners }) => {
    const state = stateOfFile(states, key);
    return state !== undefined && state.refused?.revision !== revision && !state.trial && runners.length === 0;
  });
  const slots = pod.rollout === 'gentle' ? [...new Set(waiting.map(({ key }) => slotOf(key)))] : [];
  const read = slots.map(async (slot) => {
    const found = await orFault(files.permit(pod.name, slot), faults);
    return [slot, found?.permit ?? null] as const;
  });
  return new Map(await Promise.all(read));
}

/** Whether all were kept. */
async function keepTexts(
  { fleet, pod }: Pick<Run, 'fleet' | 'pod'>,
  files: Files,
  settled: readonly UnsettledFile[],
  faults: string[],
): Promise<boolean> {
  const keeping = settled.map(async ({ key }) => {
    const rendered = render(key.file, { fleet, pod, tier: key.tier, az: key.az }, key.version);
    return orFault(
      files.keep(pod.name, rendered).then(() => true),
      faults,
    );
  });
  return !(await Promise.all(keeping)).includes(null);
}
