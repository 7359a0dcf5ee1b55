import type { Host, Pod } from '../../fleet/fleet.ts';
import type { PublishedRecord } from '../../fleet/records.ts';
import type { Mode, ModeLimit } from '../mode.ts';
import { sortRefusals } from '../refusal.ts';
import { deletion, type PlannedChange } from './changes.ts';
import { filterByMode } from './mode-filter.ts';
import { classifyRecords } from './ownership.ts';
import type { RegistrationPlan } from './registration.ts';

export interface RetirementInput {
  pod: Pod;
  mode: Mode;
  /** As in `PlanInput`. */
  limit?: ModeLimit | undefined;
  /** The pod's hosts as EC2 describes them now. */
  hosts: readonly Host[];
  /** Ids that may live though `hosts` lacks them. */
  unread: readonly string[];
  /** States of owners that `hosts` lacks, as EC2 tells them by id. */
  ownerStates: Readonly<Record<string, string>>;
  records: readonly PublishedRecord[];
}

const LIVING: readonly string[] = ['running', 'pending'];

/**
 * Empties a pod on purpose: no floor, no second look, no blindness.
 *
 * | the owner of a record                         | its record, modes act and hold |
 * | --------------------------------------------- | ------------------------------ |
 * | boundary server of the pod, running or pending | stays, said: it would be registered again |
 * | not among the pod's hosts, by its id running or pending | stays, said: EC2 contradicts itself, or somebody took its tags |
 * | EC2 could not be read there                   | stays, said |
 * | any other, or nobody                          | DELETE |
 * | the record is not podtime's                   | stays |
 *
 * Decision 0047.
 */
export function planRetirement(input: RetirementInput): RegistrationPlan {
  const { pod, mode, hosts, unread, ownerStates, records } = input;
  const byId = new Map(hosts.map((host) => [host.instanceId, host]));
  const planned: PlannedChange[] = [];
  const refusals: RegistrationPlan['refusals'] = [];
  for (const record of classifyRecords(pod, records).own) {
    const id = record.setIdentifier;
    const host = byId.get(id);
    const stays = `${record.name} ${record.type} stays`;
    const stateById = ownerStates[id] ?? '';
    if (host?.tier === 'boundary' && host.pod === pod.name && LIVING.includes(host.state)) {
      const why = `${id} is ${host.state} and would be registered again. Stop it, or tag it as a client`;
      const cause = 'records stay: their owners live and would be registered again. Stop these, or tag them as clients';
      refusals.push({ subject: id, rule: 'lives', sentence: `${stays}: ${why}.`, cause });
    } else if (!host && LIVING.includes(stateById)) {
      const why = `${id} is ${stateById}, though EC2 does not list it among the pod's hosts. Stop it first`;
      const cause =
        "records stay: their owners live, though EC2 does not list them among the pod's hosts. Stop these first";
      refusals.push({ subject: id, rule: 'lives', sentence: `${stays}: ${why}.`, cause });
    } else if (!host && unread.includes(id)) {
      const why = `EC2 did not say whether ${id} lives`;
      const cause = 'records stay: EC2 did not say whether their owners live';
      refusals.push({ subject: id, rule: 'unread-owner', sentence: `${stays}: ${why}.`, cause });
    } else {
      planned.push(deletion(record, 'retired', `pod ${pod.name} is retired and ${whatIs(host, id)}`));
    }
  }
  const { changes, refusals: keptBack } = filterByMode(mode, planned, input.limit);
  return { changes, refusals: sortRefusals([...refusals, ...keptBack]) };
}

function whatIs(host: Host | undefined, id: string): string {
  if (!host) return `EC2 names no ${id} among its hosts`;
  return host.tier === 'client' ? `${id} is a client` : `${id} is ${host.state}`;
}
