import { DEAD_STATES, type Fleet, findPod, type Pod } from '../fleet/fleet.ts';
import { planInstanceEvent, planRegistration, type RegistrationPlan } from '../plan/registration.ts';
import type { Refusal } from '../plan/types.ts';
import type { Outcome } from '../report/report.ts';
import { changeSentence } from '../report/sentences.ts';
import { announce, applyChanges } from './apply.ts';
import type { Membership } from './ports.ts';

/** What a registration or a withdrawal is about, and what it may take from the outside. */
export interface MembershipRun {
  ports: Membership;
  tickId: string;
}

export interface MembershipAnswer {
  sentences: string[];
  changes: {
    action: string;
    name: string;
    type: string;
    setIdentifier: string;
    address: string;
    reason: string;
    outcome: Outcome;
  }[];
  refusals: Refusal[];
  [detail: string]: unknown;
}

/**
 * Publishes the pod's running boundary servers, derived afresh from EC2: whoever asks can hasten the truth, never change it.
 * Throws when EC2, the zone or the last report (which servers are withdrawn for their health) cannot be read.
 */
export async function registerServers(run: MembershipRun, pod: Pod): Promise<MembershipAnswer> {
  const { mode, instances, zone, withdrawn } = await readPod(run, pod);
  const plan = planRegistration({ pod, mode: mode.mode, hosts: instances.hosts, records: zone.records, withdrawn });
  return carryOut(run, pod, plan, [...(mode.fault ? [mode.fault] : []), ...instances.refused]);
}

/** One instance changed its state: registers or withdraws what is its own, in the pod that it belongs to. */
export async function followInstance(
  run: MembershipRun & { fleet: Fleet },
  instanceId: string,
  state: string,
): Promise<MembershipAnswer> {
  const tagged = await run.ports.instances.podTagOf(instanceId);
  const named = tagged === null ? null : findPod(run.fleet, tagged);
  // EC2 may have forgotten a dead instance's tags: its records tell by their set identifier whose it was
  const pods = named ? [named] : DEAD_STATES.includes(state) ? run.fleet.pods : [];
  const answers: MembershipAnswer[] = [];
  for (const pod of pods) answers.push(await followInPod(run, pod, instanceId, state));
  const sentences = answers.flatMap((answer) => answer.sentences);
  return {
    pod: pods.length === 1 ? pods[0]?.name : undefined,
    instanceId,
    state,
    sentences: sentences.length > 0 ? sentences : [`${instanceId} is ${state}: nothing of podtime's changes.`],
    changes: answers.flatMap((answer) => answer.changes),
    refusals: answers.flatMap((answer) => answer.refusals),
  };
}

/** All that a registration or a withdrawal is decided by; throws when any of it cannot be read. */
async function readPod({ ports }: MembershipRun, pod: Pod) {
  const [mode, instances, zone, last] = await Promise.all([
    ports.modes.read(pod.name),
    ports.instances.ofPod(pod),
    ports.zone.read(pod),
    ports.reports.read(pod.name),
  ]);
  return { mode, instances, zone, withdrawn: last.report?.memory?.withdrawn ?? {} };
}

async function followInPod(run: MembershipRun, pod: Pod, instanceId: string, state: string): Promise<MembershipAnswer> {
  const { mode, instances, zone, withdrawn } = await readPod(run, pod);
  const host = instances.hosts.find((candidate) => candidate.instanceId === instanceId) ?? null;
  const known = zone.records.some((record) => record.setIdentifier === instanceId);
  // clients have no records: nothing to do, and nothing to say
  if (host?.tier === 'client' && !known) return { sentences: [], changes: [], refusals: [] };
  const plan = planInstanceEvent({
    pod,
    mode: mode.mode,
    event: { instanceId, state },
    host,
    records: zone.records,
    withdrawn,
  });
  return carryOut(run, pod, plan, mode.fault ? [mode.fault] : []);
}

async function carryOut(
  run: MembershipRun,
  pod: Pod,
  plan: RegistrationPlan,
  said: string[],
): Promise<MembershipAnswer> {
  const faults = [...said];
  const applied = await applyChanges({ ...run, pod }, plan.changes);
  await announce({ ...run, pod }, applied, faults);
  const changes = applied.map(({ change: { raw: _, ...change }, outcome }) => ({ ...change, outcome }));
  return {
    pod: pod.name,
    sentences: [...faults, ...changes.map(changeSentence), ...plan.refusals.map((refusal) => refusal.sentence)],
    changes,
    refusals: plan.refusals,
  };
}
