import type { Host, Pod } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import type { Refusal } from '../refusal.ts';
import { deletion, type PlannedChange } from './changes.ts';
import { isDead } from './desired.ts';
import type { OwnRecord } from './ownership.ts';

/**
 * Withdraws the records of servers that EC2 says are gone: a dead state, or an id that EC2 did not know at two reads
 * in a row (one read may be behind). An owner that is alive but missing among the tagged hosts is left alone: a tag or a
 * page of EC2's answer may be missing, and absence is no proof.
 * Decision 0022.
 */
export function withdrawGone(
  own: readonly OwnRecord[],
  hosts: ReadonlyMap<string, Host>,
  unknownNow: ReadonlySet<string>,
  unknownBefore: ReadonlySet<string>,
): { planned: PlannedChange[]; refusals: Refusal[]; unknownToEc2: string[] } {
  const planned: PlannedChange[] = [];
  const refusals: Refusal[] = [];
  const unknown: string[] = [];
  for (const record of own) {
    const id = record.setIdentifier;
    const host = hosts.get(id);
    const refuse = (rule: string, sentence: string) => refusals.push({ subject: record.name, rule, sentence });
    if (host) {
      if (isDead(host)) planned.push(deletion(record, 'gone', `EC2 says ${id} is ${host.state}`));
    } else if (unknownNow.has(id)) {
      unknown.push(id);
      if (unknownBefore.has(id)) planned.push(deletion(record, 'gone', `EC2 did not know ${id} at two reads in a row`));
      else
        refuse(
          'unknown-once',
          `${record.name} ${record.type} of ${id} stays for now: EC2 did not know it at 1 read, 2 are needed.`,
        );
    } else {
      refuse(
        'untagged-owner',
        `${record.name} ${record.type} is left as it is: ${id} lives, but is not among the pod's tagged hosts.`,
      );
    }
  }
  return { planned, refusals, unknownToEc2: sortedUnique(unknown) };
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
