import type { FileStates } from '../config/trials/file-states.ts';
import type { Fleet, Host, Pod } from '../fleet/fleet.ts';
import { gatheredSentences } from '../fleet/gathering.ts';
import { type PublishedRecord, unlistedOwners } from '../fleet/records.ts';
import { duration } from '../fleet/sentences.ts';
import { type Memory, type Mode, type ModeLimit, type PlanInput, withoutFuture } from '../plan/plan.ts';
import type { DayMemory } from '../state/day.ts';
import { isDead } from '../state/due.ts';
import { FORGOTTEN_WITHDRAWALS, lostWavesOfAll } from '../state/read.ts';
import { joinRemembered } from '../state/remembered.ts';
import { type Claim, emptyHostMemory, emptyState, type HostMemory, type KnownHost } from '../state/state.ts';
import type { HostVerdict } from '../state/verdict.ts';
import type { Deadline } from './deadline.ts';
import { messageOf } from './errors.ts';
import type { LastState, Looking, PodInstances } from './ports.ts';
import type { Standing } from './turn.ts';
import { zoneFaults } from './zone-faults.ts';

/** What a run is about, and what it may take from the outside. */
export interface Run {
  ports: Looking;
  fleet: Fleet;
  pod: Pod;
  nowMs: () => number;
  /** When the run must have answered. */
  deadline: Deadline;
  /** Names the run in every command's comment, every log line, state and report. */
  tickId: string;
}

/** How the pod stood when the run began. A part that could not be read is null and stands in `faults`. */
export interface Observation {
  /** The operator's; where it could not be read the one that the roll-outs began in, beside a limit. */
  mode: Mode;
  /** As in `PlanInput`. */
  limit?: ModeLimit | undefined;
  hosts: Host[];
  records: PublishedRecord[] | null;
  /** What EC2 says of the owners of records that the read by tag did not show; `unread` = also other hosts it did not describe. */
  owners: Pick<PlanInput, 'unknownIds' | 'ownerStates' | 'unread'>;
  /** Hosts that the last tick knew and EC2 did not describe: they may run, and nothing is known of them. Without addresses. */
  unreadHosts: Host[];
  /** The state as it was before the run; null: it could not be read. */
  last: LastState | null;
  memory: Memory;
  /** False: what is remembered of hosts could not be read, or a newer podtime wrote it. */
  isMemoryRead: boolean;
  /** A newer podtime wrote what is remembered of hosts. */
  isMemoryNewer: boolean;
  /** What hosts of waves said that short runs concluded since the last tick. */
  verdicts: HostVerdict[];
  /** Boundary servers and clients that the last tick knew. */
  known: KnownHost[];
  /** Why EC2's hosts could not be read: nobody knows whom the run would touch. */
  unseen: Error | null;
  /** EC2 listed the pod by its tag: a host that is not among `hosts` is none of its. */
  isWhole: boolean;
  /** The pod's last 24 hours. Missing: not known. */
  day?: DayMemory | undefined;
  /** Which revisions of the pod's files are served. Missing: not known. */
  files?: FileStates | undefined;
  /** The tick that began and never ended, if the last did not. */
  dead: Claim | null;
  faults: string[];
}

/**
 * Reads mode, instances, zone and memory, side by side. A part that fails is said and costs only what depends on it.
 */
export async function observe(run: Run, { last, turn, faults: before }: Standing): Promise<Observation> {
  const { ports, pod } = run;
  const faults = [...before];
  const rememberedRead = remembered(run, last, faults);
  const [mode, instances, zone, { memory, known, verdicts, day, files, isMemoryRead, isMemoryNewer }] =
    await Promise.all([
      ports.modes.read(pod.name),
      rememberedRead.then((read) => ports.instances.ofPod(pod, read.known)).catch((error: Error) => error),
      orFault(ports.zone.read(pod), faults),
      rememberedRead,
    ]);
  const unseen = instances instanceof Error ? instances : null;
  const described = instances instanceof Error ? NOBODY : instances;
  if (unseen) faults.push(`${messageOf(unseen)}.`);
  if (mode.fault) faults.push(mode.fault);
  if (last?.fault) faults.push(last.fault);
  faults.push(...described.faults, ...gatheredSentences(described.refused));
  if (zone) faults.push(...zoneFaults(pod, zone));
  const isWhole = described.faults.length + described.unread.length === 0;
  const records = zone?.records ?? null;
  const { rollOuts } = memory;
  const isForgotten = memory.isWithdrawnForgotten === true && !last?.newer;
  const dead = deadClaim(run, last);
  if (dead) faults.push(deadSentence(pod, dead, run.nowMs(), turn !== null));
  return {
    // which mode an operator wrote is not known: nothing is done, and roll-outs are remembered as by the one that they began in
    mode: mode.unread ? (rollOuts.client?.mode ?? rollOuts.boundary?.mode ?? mode.mode) : mode.mode,
    limit: limitOf({ isModeUnread: mode.unread !== null, isForgotten, isWhole }),
    hosts: described.hosts,
    records,
    owners: await askForOwners(run, described, unseen ? [] : (records ?? []), faults),
    unreadHosts: unreadHostsOf(pod, described.unread, known, last),
    last,
    memory,
    isMemoryRead,
    isMemoryNewer,
    verdicts,
    known,
    unseen,
    isWhole,
    day,
    files,
    dead,
    faults,
  };
}

/** As strict as the stricter of two reasons. */
function limitOf(why: { isModeUnread: boolean; isForgotten: boolean; isWhole: boolean }): ModeLimit | undefined {
  if (why.isModeUnread) return UNREAD_MODE;
  if (!why.isForgotten) return undefined;
  if (why.isWhole) return FORGOTTEN_WITHDRAWALS;
  return { ...FORGOTTEN_WITHDRAWALS, reason: `${FORGOTTEN_WITHDRAWALS.reason}, and EC2 was not read whole` };
}

const UNREAD_MODE: ModeLimit = { mode: 'observe', reason: 'because the mode could not be read' };

/** What the ticks before have left, of its two parts. */
async function remembered({ ports, pod, nowMs }: Run, last: LastState | null, faults: string[]) {
  const { state, carried, lost } = last ?? { state: emptyState(pod.name), carried: null, lost: false };
  const whole = lost ? { ...state, waves: lostWavesOfAll(nowMs()) } : state;
  const joined = (hosts: HostMemory, isMemoryRead: boolean, isMemoryNewer = false) => {
    const { memory, known } = joinRemembered(whole, hosts);
    return {
      memory: withoutFuture(memory, nowMs()),
      known,
      verdicts: hosts.verdicts ?? [],
      day: hosts.day,
      files: hosts.files,
      isMemoryRead,
      isMemoryNewer,
    };
  };
  const none = carried ?? emptyHostMemory(pod.name);
  if (carried || state.memory === null) return joined(none, true);
  const read = await orFault(ports.memories.read(pod.name, state.memory), faults);
  if (read?.fault) faults.push(read.fault);
  return joined(read?.hosts ?? none, read !== null && !read.newer, read?.newer);
}

/** Of the tick that began and never ended; also of an attempt before, when Lambda repeats an event. */
function deadClaim({ tickId, nowMs }: Run, last: LastState | null): Claim | null {
  const claim = last?.state.claim ?? null;
  return claim && (claim.tickId === tickId || isDead(claim, nowMs())) ? claim : null;
}

const NOBODY: PodInstances = { hosts: [], refused: [], faults: [], unread: [] };

/** Boundary servers are those that the state names. */
function unreadHostsOf(
  pod: Pod,
  unread: readonly string[],
  known: readonly KnownHost[],
  last: LastState | null,
): Host[] {
  const isUnread = new Set(unread);
  const servers = new Set(last?.state.servers.known.map(({ instanceId }) => instanceId));
  return known
    .filter(({ instanceId }) => isUnread.has(instanceId))
    .map(({ instanceId, az }) => ({
      instanceId,
      pod: pod.name,
      tier: servers.has(instanceId) ? 'boundary' : 'client',
      az,
      state: 'running',
      vpc: pod.vpc,
      ipv4: null,
      ipv6: [],
      held: false,
      launchedAtMs: 0,
    }));
}

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

/** A run that only looks takes no turn. */
function deadSentence(pod: Pod, { tickId, startedAtMs }: Claim, nowMs: number, takesOver: boolean): string {
  const seconds = (nowMs - startedAtMs) / 1000;
  const began = seconds < 0 ? `began ${duration(-seconds)} in the future` : `began ${duration(seconds)} ago`;
  return `Tick ${tickId} of pod ${pod.name} ${began} and never ended; ${takesOver ? 'this one' : 'the next tick'} takes over.`;
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
