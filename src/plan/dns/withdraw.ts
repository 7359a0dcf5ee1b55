import { DEAD_STATES, type Host, type Pod } from '../../fleet/fleet.ts';
import { count, duration } from '../../fleet/sentences.ts';
import type { PlanInput } from '../input.ts';
import type { Refusal } from '../refusal.ts';
import { deletion, type PlannedChange } from './changes.ts';
import type { DnsMemory } from './memory.ts';
import type { OwnRecord } from './ownership.ts';

/** EC2 may deny an id that is new for some minutes (its API is eventually consistent): it has to deny it again after so long. */
export const UNKNOWN_AGAIN_SECONDS = 300;

/** What EC2 says of the owners of records. */
export type Owners = Pick<PlanInput, 'unknownIds' | 'ownerStates' | 'unread'>;

export interface Withdrawals {
  /** Of servers that EC2 says are dead. No floor limits them. */
  gone: PlannedChange[];
  /** Of ids that EC2 has denied twice, far enough apart; the floor limits them. */
  unknown: PlannedChange[];
  refusals: Refusal[];
  unknownToEc2: DnsMemory['unknownToEc2'];
}

/**
 * Which records EC2's own words condemn. Absence is none of them: a tag, a page or a whole answer of EC2 may be missing.
 *
 * | EC2 about the owner                                                | its record |
 * | ------------------------------------------------------------------ | ---------- |
 * | among the pod's hosts or asked by id: a dead state                 | goes |
 * | asked by id: no such instance, and so again `UNKNOWN_AGAIN_SECONDS` later | goes, as far as the floor lets it |
 * | asked by id: no such instance, for the first time or again too soon | stays, said |
 * | asked by id: alive, without the pod's tags                         | stays, said |
 * | no answer                                                          | stays, said; a denial before it still counts |
 *
 * Decisions 0022 and 0047.
 */
export function withdrawGone(
  own: readonly OwnRecord[],
  hosts: ReadonlyMap<string, Host>,
  { unknownIds, ownerStates, unread }: Owners,
  before: DnsMemory['unknownToEc2'],
  nowMs: number,
): Withdrawals {
  const denied = new Set(unknownIds.filter((id) => !unread.includes(id) && ownerStates[id] === undefined));
  const withdrawals: Withdrawals = { gone: [], unknown: [], refusals: [], unknownToEc2: {} };
  for (const record of own) {
    const id = record.setIdentifier;
    const host = hosts.get(id);
    const what = `${record.name} ${record.type}`;
    const refuse = (rule: string, sentence: string, cause: string) =>
      withdrawals.refusals.push({ subject: record.name, rule, sentence, cause });
    const state = host?.state ?? ownerStates[id];
    if (state !== undefined) {
      if (DEAD_STATES.includes(state)) withdrawals.gone.push(deletion(record, 'gone', `EC2 says ${id} is ${state}`));
      else if (!host && !unread.includes(id)) {
        const why = `${id} is ${state}, but is not among the pod's tagged hosts`;
        const cause = "records are left as they are: their owners live, but are not among the pod's tagged hosts";
        refuse('untagged-owner', `${what} is left as it is: ${why}.`, cause);
      }
      continue;
    }
    const firstMs = Math.min(before[id] ?? nowMs, nowMs);
    if (denied.has(id) || before[id] !== undefined) withdrawals.unknownToEc2[id] = firstMs;
    const ago = duration((nowMs - firstMs) / 1000);
    if (!denied.has(id)) {
      const cause = 'records are left as they are: EC2 did not say whether their owners live';
      refuse('unread-owner', `${what} is left as it is: EC2 did not say whether ${id} lives.`, cause);
    } else if (nowMs - firstMs >= UNKNOWN_AGAIN_SECONDS * 1000) {
      withdrawals.unknown.push(deletion(record, 'unknown', `EC2 says that there is no ${id}, and said so ${ago} ago`));
    } else {
      const first = `EC2 first said ${ago} ago that there is no such instance`;
      const again = `must say it again ${duration(UNKNOWN_AGAIN_SECONDS)} later`;
      const cause = `records stay for now: EC2 says that there are no such instances, and ${again}`;
      refuse('unknown-once', `${what} of ${id} stays for now: ${first}, and ${again}.`, cause);
    }
  }
  return withdrawals;
}

/** Why the records of ids that EC2 does not know stay all the same. */
export function spareUnknown(unknown: readonly PlannedChange[], standing: number, needed: number): Refusal[] {
  return unknown.map(({ change: { name, type, setIdentifier: id } }) => {
    const numbers = `${count(standing, 'confident boundary server')} ${standing === 1 ? 'stands' : 'stand'} in DNS, ${needed} must`;
    return {
      subject: id,
      rule: 'floor',
      sentence: `${name} ${type} stays, though EC2 says that there is no ${id}: ${numbers}.`,
      cause: `records stay, though EC2 says that there are no such instances: ${numbers}`,
    };
  });
}

/**
 * Withdrawals that the floor limits: servers long bad, and instances that were made clients.
 *
 * @param unfit id -> the sentence why
 */
export function withdrawDoubtful(
  pod: Pod,
  own: readonly OwnRecord[],
  hosts: ReadonlyMap<string, Host>,
  unfit: ReadonlyMap<string, string>,
): PlannedChange[] {
  return own.flatMap((record) => {
    const id = record.setIdentifier;
    const host = hosts.get(id);
    if (host?.state !== 'running') return [];
    if (host.tier === 'client' && host.pod === pod.name)
      return [deletion(record, 'retagged', `${id} is tagged as a client now`)];
    const reason = unfit.get(id);
    return reason === undefined ? [] : [deletion(record, 'health', reason)];
  });
}
