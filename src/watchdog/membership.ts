import type { Pod } from '../fleet/fleet.ts';
import { boundedList, boundedSentences, gatheredSentences } from '../fleet/gathering.ts';
import { type PublishedRecord, unlistedOwners } from '../fleet/records.ts';
import {
  type Memory,
  type Mode,
  type ModeLimit,
  planRegistration,
  planRetirement,
  type Refusal,
  type RegistrationPlan,
} from '../plan/plan.ts';
import { boundedRefusals, changesLeftOut } from '../report/bounds.ts';
import { changeReportOf, refusalReportsOf } from '../report/compose.ts';
import type { RefusalReport, Report } from '../report/report.ts';
import { changeSentences } from '../report/sentences.ts';
import { FORGOTTEN_WITHDRAWALS } from '../state/read.ts';
import type { KnownHost } from '../state/state.ts';
import { type AppliedChange, announce, applyChanges } from './apply.ts';
import type { Membership, PodInstances } from './ports.ts';

/** What a registration or a withdrawal is about, and what it may take from the outside. */
export interface MembershipRun {
  ports: Membership;
  tickId: string;
}

export interface MembershipAnswer {
  sentences: string[];
  changes: Report['changes'];
  refusals: RefusalReport[];
  [detail: string]: unknown;
}

/** What came of a registration. */
export interface Registration {
  answer: MembershipAnswer;
  /** How many changes there were to do, also those that the answer does not list. */
  changes: number;
  /** How many of them Route 53 did not take. */
  undone: number;
}

/**
 * Publishes the pod's running boundary servers, derived afresh from EC2: whoever asks can hasten the truth, never change it.
 * Throws when EC2, the zone or the state (which servers are withdrawn for their health) cannot be read, and when the mode cannot
 * though something is to change.
 */
export async function registerServers(run: MembershipRun, pod: Pod): Promise<Registration> {
  const { instances: ec2 } = run.ports;
  const { instances, standing } = await readPod(run, pod, (known) => ec2.serversOf([pod], known));
  const { limit, records, withdrawn, unread } = standing;
  const planIn = (mode: Mode) => planRegistration({ pod, mode, limit, hosts: instances.hosts, records, withdrawn });
  if (unread && planIn('act').changes.length > 0) throw unread;
  const plan = planIn(standing.mode);
  const faults = [...standing.faults, ...instances.faults, ...gatheredSentences(instances.refused)];
  const answer = await carryOut(run, pod, plan, { ...standing, faults });
  const undone = answer.changes.filter(({ outcome }) => outcome !== 'done').length;
  return { answer: boundedAnswer(answer), changes: answer.changes.length, undone };
}

/**
 * Empties a pod on purpose: withdraws every record of podtime's whose server does not live. A dry run changes nothing. Throws
 * when EC2 or the zone cannot be read.
 */
export async function retirePod(run: MembershipRun, pod: Pod, dryRun: boolean): Promise<MembershipAnswer> {
  const { instances: ec2 } = run.ports;
  // its clients too: one may have been a server
  const { instances, standing } = await readPod(run, pod, async (known) => ec2.ofPod(pod, await known()));
  const { mode, limit, records } = standing;
  const { hosts } = instances;
  const owners = unlistedOwners(hosts, records);
  const asked = await ec2.statesOf(owners);
  const ownerStates = Object.fromEntries(asked.states);
  // an empty list of hosts proves nothing: what EC2 does not answer by id may live
  const unread = [...instances.unread, ...owners.filter((id) => !asked.states.has(id) && !asked.unknown.includes(id))];
  const plan = planRetirement({ pod, mode, limit, hosts, unread, ownerStates, records });
  const faults = [...standing.faults, ...instances.faults, ...gatheredSentences(instances.refused), ...asked.faults];
  if (plan.changes.length === 0 && plan.refusals.length === 0) {
    const nothing = `Pod ${pod.name} has no record of podtime's: nothing is to be withdrawn.`;
    return boundedAnswer({ pod: pod.name, dryRun, sentences: [...faults, nothing], changes: [], refusals: [] });
  }
  if (!dryRun) return { dryRun, ...boundedAnswer(await carryOut(run, pod, plan, { ...standing, faults })) };
  const planned = plan.changes.map((change) => ({ change, outcome: 'planned' as const }));
  return { dryRun, ...boundedAnswer(answerOf(pod, planned, plan.refusals, faults)) };
}

/** What holds for a pod's boundary servers beside EC2 and DNS. */
export interface Withdrawals {
  /** Ids of servers withdrawn for their health. */
  withdrawn: Memory['withdrawn'];
  /** The boundary servers that the last tick knew. */
  known: KnownHost[];
  /** Who is withdrawn is not known: what podtime may do all the same. Absent: it is known. */
  limit?: ModeLimit | undefined;
  /** Whether the pod has a state. Where it has none a tick is due at once, and no event is needed to start one. */
  isStored: boolean;
  fault: string | null;
}

/** Reads who is withdrawn in the pod. */
export async function withdrawnOf({ states }: Pick<Membership, 'states'>, pod: Pod): Promise<Withdrawals> {
  const { state, etag, newer, fault } = await states.read(pod.name);
  const { withdrawn, known } = state.servers;
  const unknown = newer ? NEWER_STATE : FORGOTTEN_WITHDRAWALS;
  const limit = withdrawn === null ? unknown : undefined;
  return { withdrawn: withdrawn ?? {}, known, limit, isStored: etag !== null, fault };
}

/** Older code does not know what the newer one is about to do. */
const NEWER_STATE: ModeLimit = { mode: 'observe', reason: 'because the state is of a newer podtime' };

/**
 * What a change of the pod's records is decided by, beside its servers. Throws when the records or who is withdrawn cannot be read; of a
 * mode that cannot be read `unread` says why: until then the pod is observed.
 */
export async function readStanding(
  ports: Membership,
  pod: Pod,
  zoneRecords: Promise<PublishedRecord[]>,
  withdrawals: Promise<Withdrawals> = withdrawnOf(ports, pod),
) {
  const [{ mode, fault, unread }, records, last] = await Promise.all([
    ports.modes.read(pod.name),
    zoneRecords,
    withdrawals,
  ]);
  const faults = [fault, last.fault].filter((sentence) => sentence !== null);
  const { withdrawn, limit, isStored } = last;
  return { mode, unread, limit, records, withdrawn, isStored, faults };
}

/** All that a change of the pod's records is decided by; throws as `readStanding` does, and when EC2 cannot be read. */
async function readPod(
  { ports }: MembershipRun,
  pod: Pod,
  readInstances: (known: () => Promise<KnownHost[]>) => Promise<PodInstances>,
) {
  const withdrawals = withdrawnOf(ports, pod);
  const [instances, standing] = await Promise.all([
    readInstances(async () => (await withdrawals).known),
    readStanding(ports, pod, ports.zone.records(pod), withdrawals),
  ]);
  return { instances, standing };
}

/** As it goes out and into the log, of all its pods together: sentences count what its lists leave out. */
export function boundedAnswer<A extends MembershipAnswer>(answer: A): A {
  const { changes, refusals, sentences } = answer;
  return {
    ...answer,
    sentences: boundedSentences([...changesLeftOut(changes), ...sentences]),
    changes: boundedList(changes),
    refusals: boundedRefusals(refusals),
  };
}

/**
 * Changes what is planned, and tells the watchdog. Of what it did the answer has all, not bounded yet.
 *
 * A pod without a state is told nothing: its first tick is due at once. One that began meanwhile, and has read the records as they were
 * before, makes the same changes and announces them itself. Decision 0075.
 */
export async function carryOut(
  run: MembershipRun,
  pod: Pod,
  plan: RegistrationPlan,
  standing: { isStored: boolean; faults: readonly string[] },
): Promise<MembershipAnswer> {
  const faults = [...standing.faults];
  const applied = await applyChanges({ ...run, pod }, plan.changes);
  if (standing.isStored) await announce({ ...run, pod }, applied, faults);
  return answerOf(pod, applied, plan.refusals, faults);
}

function answerOf(pod: Pod, applied: AppliedChange[], refusals: Refusal[], faults: string[]): MembershipAnswer {
  const changes = applied.map(({ change, outcome }) => changeReportOf(change, outcome));
  const reported = refusalReportsOf(refusals);
  return {
    pod: pod.name,
    sentences: [...faults, ...changeSentences(changes), ...reported.map((refusal) => refusal.sentence)],
    changes,
    refusals: reported,
  };
}
