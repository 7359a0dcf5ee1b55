import { FINAL_STATES, type Fleet, findPod, type Pod } from '../fleet/fleet.ts';
import { unlistedOwners } from '../fleet/records.ts';
import {
  planInstanceEvent,
  planRegistration,
  planRetirement,
  type Refusal,
  type RegistrationPlan,
} from '../plan/plan.ts';
import { changeReportOf } from '../report/compose.ts';
import type { Report } from '../report/report.ts';
import { changeSentence } from '../report/sentences.ts';
import { type AppliedChange, announce, applyChanges, isAnyRefused } from './apply.ts';
import { messageOf } from './errors.ts';
import type { KnownHost, Membership } from './ports.ts';

/** What a registration or a withdrawal is about, and what it may take from the outside. */
export interface MembershipRun {
  ports: Membership;
  tickId: string;
}

export interface MembershipAnswer {
  sentences: string[];
  changes: Report['changes'];
  refusals: Refusal[];
  [detail: string]: unknown;
}

/**
 * Publishes the pod's running boundary servers, derived afresh from EC2: whoever asks can hasten the truth, never change it.
 * Throws when EC2, the zone or the last report (which servers are withdrawn for their health) cannot be read.
 */
export async function registerServers(run: MembershipRun, pod: Pod): Promise<MembershipAnswer> {
  const { mode, instances, records, withdrawn, faults } = await readPod(run, pod);
  const plan = planRegistration({ pod, mode, hosts: instances.hosts, records, withdrawn });
  return carryOut(run, pod, plan, [...faults, ...instances.faults, ...instances.refused]);
}

/**
 * Empties a pod on purpose: withdraws every record of podtime's whose server does not live. A dry run changes nothing. Throws
 * when EC2 or the zone cannot be read.
 */
export async function retirePod(run: MembershipRun, pod: Pod, dryRun: boolean): Promise<MembershipAnswer> {
  const { mode, instances, records, faults } = await readPod(run, pod);
  const { hosts, refused } = instances;
  const owners = unlistedOwners(hosts, records);
  const asked = await run.ports.instances.statesOf(owners);
  const ownerStates = Object.fromEntries(asked.states);
  // an empty list of hosts proves nothing: what EC2 does not answer by id may live
  const unread = [...instances.unread, ...owners.filter((id) => !asked.states.has(id) && !asked.unknown.includes(id))];
  const plan = planRetirement({ pod, mode, hosts, unread, ownerStates, records });
  const knownFaults = [...faults, ...instances.faults, ...refused, ...asked.faults];
  if (plan.changes.length === 0 && plan.refusals.length === 0) {
    const sentences = [...knownFaults, `Pod ${pod.name} has no record of podtime's: nothing is to be withdrawn.`];
    return { pod: pod.name, dryRun, sentences, changes: [], refusals: [] };
  }
  if (!dryRun) return { dryRun, ...(await carryOut(run, pod, plan, knownFaults)) };
  const planned = plan.changes.map((change) => ({ change, outcome: 'planned' as const }));
  return { dryRun, ...answerOf(pod, planned, plan.refusals, knownFaults) };
}

/**
 * One instance changed its state: registers or withdraws what is its own, in the pod that it belongs to.
 *
 * | EC2 describes it             | state  | looked at |
 * | ---------------------------- | ------ | --------- |
 * | with the tag of a pod        | any    | that pod |
 * | without, or with another tag | any    | none: it is not podtime's. A record left under its id is swept by the watchdog |
 * | not (any more)               | shutting-down, terminated | every pod: the set identifier of its records shows whose it was |
 * | not (yet), or EC2 is wrong   | another | none: the watchdog asks by the id of each record |
 *
 * A pod that cannot be read or changed costs the others nothing: all are done, then it throws, telling all faults and what
 * was done beside them.
 */
export async function followInstance(
  run: MembershipRun & { fleet: Fleet },
  instanceId: string,
  state: string,
): Promise<MembershipAnswer> {
  const described = await run.ports.instances.membershipOf(instanceId);
  const known = described === null ? [] : [{ instanceId, az: described.az }];
  const pods = podsOf(run.fleet, described, state);
  const reported = `EC2 reported ${instanceId} as ${state}`;
  const answers: MembershipAnswer[] = [];
  const failures: unknown[] = [];
  for (const pod of pods) {
    try {
      answers.push(await followInPod(run, pod, { instanceId, state }, known));
    } catch (error) {
      failures.push(error);
    }
  }
  const sentences = answers.flatMap((answer) => answer.sentences);
  const isLeftUndone = answers.some(({ changes }) => isAnyRefused(changes));
  if (failures.length > 0 || isLeftUndone) {
    const failed = [...failures.map((failure) => `${messageOf(failure)}.`), ...sentences].join(' ');
    throw new Error(`${reported}: ${failed}`, { cause: failures[0] });
  }
  return {
    pod: pods.length === 1 ? pods[0]?.name : undefined,
    instanceId,
    state,
    sentences: sentences.length > 0 ? sentences : [`${reported}: nothing of podtime's changes.`],
    changes: answers.flatMap((answer) => answer.changes),
    refusals: answers.flatMap((answer) => answer.refusals),
  };
}

function podsOf(fleet: Fleet, described: { pod: string | null } | null, state: string): readonly Pod[] {
  if (described === null) return FINAL_STATES.includes(state) ? fleet.pods : [];
  const pod = findPod(fleet, described.pod ?? '');
  return pod ? [pod] : [];
}

/** All that a registration or a withdrawal is decided by; throws when any of it cannot be read. `known`: beside the last report's hosts. */
async function readPod({ ports }: MembershipRun, pod: Pod, known: readonly KnownHost[] = []) {
  const lastRead = ports.reports.read(pod.name);
  const [{ mode, fault }, instances, records, last] = await Promise.all([
    ports.modes.read(pod.name),
    lastRead.then(({ report }) => ports.instances.ofPod(pod, withKnown(report?.hosts ?? [], known))),
    ports.zone.records(pod),
    lastRead,
  ]);
  const faults = [fault, last.fault].filter((sentence) => sentence !== null);
  // who is withdrawn is not known there: nothing can be told right from wrong
  const mayChange = !last.newer && !last.lost;
  return {
    mode: mayChange ? mode : ('observe' as const),
    instances,
    records,
    withdrawn: last.memory.withdrawn,
    faults,
  };
}

function withKnown(hosts: readonly KnownHost[], known: readonly KnownHost[]): KnownHost[] {
  return [...hosts, ...known.filter(({ instanceId }) => !hosts.some((host) => host.instanceId === instanceId))];
}

async function followInPod(
  run: MembershipRun,
  pod: Pod,
  event: { instanceId: string; state: string },
  known: readonly KnownHost[],
): Promise<MembershipAnswer> {
  const { instanceId } = event;
  const { mode, instances, records, withdrawn, faults } = await readPod(run, pod, known);
  // no answer is no news: the event comes again
  if (instances.unread.includes(instanceId) && !FINAL_STATES.includes(event.state)) {
    throw new Error(
      [`Pod ${pod.name}: EC2 does not describe ${instanceId}.`, ...faults, ...instances.faults].join(' '),
    );
  }
  const host = instances.hosts.find((candidate) => candidate.instanceId === instanceId) ?? null;
  const isPublished = records.some((record) => record.setIdentifier === instanceId);
  // clients have no records: nothing to do, and nothing to say
  if (host?.tier === 'client' && !isPublished) return { sentences: [], changes: [], refusals: [] };
  const plan = planInstanceEvent({ pod, mode, event, host, records, withdrawn });
  return carryOut(run, pod, plan, [...faults, ...instances.faults]);
}

async function carryOut(
  run: MembershipRun,
  pod: Pod,
  plan: RegistrationPlan,
  knownFaults: string[],
): Promise<MembershipAnswer> {
  const faults = [...knownFaults];
  const applied = await applyChanges({ ...run, pod }, plan.changes);
  await announce({ ...run, pod }, applied, faults);
  return answerOf(pod, applied, plan.refusals, faults);
}

function answerOf(pod: Pod, applied: AppliedChange[], refusals: Refusal[], faults: string[]): MembershipAnswer {
  const changes = applied.map(({ change, outcome }) => changeReportOf(change, outcome));
  return {
    pod: pod.name,
    sentences: [...faults, ...changes.map(changeSentence), ...refusals.map((refusal) => refusal.sentence)],
    changes,
    refusals,
  };
}
