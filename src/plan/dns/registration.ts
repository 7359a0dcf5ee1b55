import { DEAD_STATES, FINAL_STATES, type Host, type Pod } from '../../fleet/fleet.ts';
import type { PublishedRecord } from '../../fleet/records.ts';
import type { Mode, ModeLimit } from '../mode.ts';
import type { Refusal } from '../refusal.ts';
import { deletion, type RecordChange } from './changes.ts';
import { desiredRecords, isDead } from './desired.ts';
import { contradictedOf, type DnsMemory } from './memory.ts';
import { filterByMode } from './mode-filter.ts';
import { classifyRecords } from './ownership.ts';
import { reconcile } from './reconcile.ts';

export interface RegistrationInput {
  pod: Pod;
  mode: Mode;
  /** As in `PlanInput`. */
  limit?: ModeLimit | undefined;
  /** The pod's boundary servers as EC2 describes them now; others are passed over. */
  hosts: readonly Host[];
  records: readonly PublishedRecord[];
  /** Of the last report: what was withdrawn for its health stays so. Empty when there is no report. */
  withdrawn: DnsMemory['withdrawn'];
}

export interface InstanceEventInput {
  pod: Pod;
  mode: Mode;
  /** As in `PlanInput`. */
  limit?: ModeLimit | undefined;
  /** EC2's `detail` of the state change. */
  event: { instanceId: string; state: string };
  /** The instance as EC2 describes it now; null when EC2 does not list it among the pod's boundary servers. */
  host: Host | null;
  records: readonly PublishedRecord[];
  withdrawn: DnsMemory['withdrawn'];
}

export interface RegistrationPlan {
  changes: RecordChange[];
  refusals: Refusal[];
}

/**
 * Publishes every running boundary server of the pod. Withdraws none: it only moves a server's own record from a wrong
 * name to the right one, so any number of registrations may run at once. Repeated, it changes nothing. Who asks is a host:
 * when EC2 names none, that is said.
 */
export function planRegistration(input: RegistrationInput): RegistrationPlan {
  const { pod, mode, hosts, records } = input;
  if (hosts.length === 0) {
    const sentence = `Nothing is registered in pod ${pod.name}: EC2 names no boundary server of it yet.`;
    return { changes: [], refusals: [{ subject: pod.name, rule: 'blind', sentence }] };
  }
  const { own, blocked } = classifyRecords(pod, records);
  const withdrawn = new Map(Object.entries(input.withdrawn).map(([id, entry]) => [id, entry.sentence]));
  const contradicted = contradictedOf(input.withdrawn);
  const desired = desiredRecords(pod, hosts, records, withdrawn, contradicted);
  const reconciled = reconcile(desired.records, own, blocked);
  const { changes, refusals } = filterByMode(mode, reconciled.planned, input.limit);
  return { changes, refusals: [...desired.refusals, ...reconciled.refusals, ...refusals] };
}

/**
 * One instance changed its state. EC2 as it describes the instance now is believed before the event, which may be late; an
 * empty answer of EC2 is believed in nothing.
 *
 * | event                                        | EC2 says now | plan |
 * | -------------------------------------------- | ------------ | ---- |
 * | running                                      | running      | register (act) |
 * | running                                      | dead         | withdraw (act, hold): the event is late |
 * | running                                      | not listed   | nothing, said: its tags may come later, the watchdog sees them |
 * | shutting-down, stopping, stopped, terminated | dead         | withdraw (act, hold) |
 * | the same                                     | running, pending | nothing, said: the event is late |
 * | shutting-down, terminated                    | not listed   | withdraw: the event is AWS's word, and these states are final |
 * | stopping, stopped                            | not listed   | nothing, said: EC2 lists what is stopped, so one of the two is wrong. The watchdog asks by its id |
 * | pending, or any other                        | any          | nothing |
 *
 * Decision 0047.
 */
export function planInstanceEvent(input: InstanceEventInput): RegistrationPlan {
  const { pod, mode, event, host, records } = input;
  const { instanceId, state } = event;
  const eventIsDeath = DEAD_STATES.includes(state);
  if (!eventIsDeath && state !== 'running') return { changes: [], refusals: [] };
  if (host ? isDead(host) : FINAL_STATES.includes(state)) {
    const own = classifyRecords(pod, records).own.filter((record) => record.setIdentifier === instanceId);
    const planned = own.map((record) => deletion(record, 'gone', `EC2 says ${instanceId} is ${host?.state ?? state}`));
    const { changes, refusals } = filterByMode(mode, planned, input.limit);
    return { changes, refusals };
  }
  if (host && !eventIsDeath) return planRegistration({ ...input, hosts: [host] });
  const reported = `EC2 reported ${instanceId} as ${state}`;
  const refusal = host
    ? {
        rule: 'late-event',
        sentence: `${reported}, but describes it as ${host.state} now: the event is late.`,
        cause: `late events: EC2 reported ${state}, but describes the instances as ${host.state} now`,
      }
    : {
        rule: 'not-of-pod',
        sentence: `${reported}, but does not list it among the boundary servers of pod ${pod.name}.`,
        cause: `instances that EC2 reported as ${state} are not listed among the boundary servers of pod ${pod.name}`,
      };
  return { changes: [], refusals: [{ subject: instanceId, ...refusal }] };
}
