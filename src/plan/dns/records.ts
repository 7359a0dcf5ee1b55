import type { Judgement } from '../../diagnosis/judgement.ts';
import { azLetterReader } from '../../fleet/az-names.ts';
import type { Host, Pod } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import { count, sentence } from '../../fleet/sentences.ts';
import { EMPTY_MEMORY, type Memory, type PlanInput, type RecordChange, type Refusal } from '../types.ts';
import { desiredRecords, isServer } from './desired.ts';
import { type Health, reckonHealth } from './health.ts';
import { readListed } from './listed.ts';
import { inMode } from './modes.ts';
import { publish, recordsAfter, type Standing } from './publish.ts';
import { leadsTo } from './servers.ts';
import { withdrawDoubtful, withdrawGone } from './withdraw.ts';

/** A multivalue name is answered with at most so many records, chosen by Route 53. */
export const ANSWERS_PER_NAME = 8;

export interface RecordsPlan {
  changes: RecordChange[];
  refusals: Refusal[];
  memory: Required<Pick<Memory, 'unhealthySinceMs' | 'unhealthy' | 'withdrawn' | 'unknownToEc2'>>;
}

/**
 * What DNS should hold against what it holds.
 *
 * | the owner of a record (its set identifier)          | its record            | mode act | hold   | observe |
 * | --------------------------------------------------- | --------------------- | -------- | ------ | ------- |
 * | boundary server, running                            | none                  | UPSERT   | said   | said |
 * |                                                     | right                 | -        | -      | -    |
 * |                                                     | other address or TTL  | UPSERT   | said   | said |
 * |                                                     | under another AZ's name | DELETE with the right one's UPSERT | said | said |
 * |                                                     | of a family it has no address of | DELETE | said | said |
 * | the same, bad for `withdrawAfterSeconds`            | any                   | DELETE, floor permitting | said | said |
 * | the same, withdrawn and not confident since         | none                  | said     | said   | said |
 * | pending                                             | any                   | -        | -      | -    |
 * | shutting-down, stopping, stopped, terminated        | any                   | DELETE   | DELETE | said |
 * | unknown to EC2 at this read and the one before      | any                   | DELETE   | DELETE | said |
 * | unknown to EC2 at this read only                    | any                   | said     | said   | said |
 * | alive, but not among the pod's tagged hosts         | any                   | said     | said   | said |
 * | running, tagged as a client                         | any                   | DELETE, floor permitting | said | said |
 * | not an instance id, or the record is not multivalue | any                   | said     | said   | said |
 *
 * The floor permits when so many confident boundary servers stand in DNS once all the rest is done; else the servers
 * that would have gone are spared, and treated as any other.
 */
export function planRecords(input: PlanInput): RecordsPlan {
  const { pod, mode, nowMs } = input;
  const memory: Memory = { ...EMPTY_MEMORY, ...input.memory };
  const judgements = new Map(input.judgements.map((judgement) => [judgement.host.instanceId, judgement]));
  const hosts = new Map(input.hosts.map((host) => [host.instanceId, host]));
  const listed = readListed(pod, input.records);
  const health = reckonHealth(pod, nowMs, input.hosts, judgements, memory);
  const gone = withdrawGone(listed.own, hosts, new Set(input.unknownIds), new Set(memory.unknownToEc2));
  const doubtful = withdrawDoubtful(pod, listed.own, hosts, health.due);

  const publishing = (withdrawn: ReadonlyMap<string, string>) => {
    const desired = desiredRecords(pod, input.hosts, input.records, withdrawn);
    const published = publish(desired.records, listed.own, listed.blocked);
    return { drafts: published.drafts, refusals: [...desired.refusals, ...published.refusals] };
  };
  const first = publishing(health.due);
  const confident = confidentAmong(pod, recordsAfter(listed.own, [...first.drafts, ...gone.drafts]), hosts, judgements);
  const permitted = confident >= pod.cycling.floor;
  const spared = new Set(permitted ? [] : doubtful.map((draft) => draft.change.setIdentifier));
  const registered = permitted ? first : publishing(new Map([...health.due].filter(([id]) => !spared.has(id))));

  const drafts = [...registered.drafts, ...gone.drafts, ...(permitted ? doubtful : [])];
  const moded = inMode(mode, drafts);
  return {
    changes: moded.changes,
    refusals: [
      ...listed.refusals,
      ...registered.refusals,
      ...gone.refusals,
      ...sortedUnique(spared).map((id) => belowFloor(id, health.due.get(id), confident, pod.cycling.floor)),
      ...moded.refusals,
      ...tooManyAnswers(pod, recordsAfter(input.records.filter(isMultivalue), moded.allowed)),
    ],
    memory: {
      unhealthySinceMs: health.unhealthySinceMs,
      unhealthy: health.unhealthy,
      withdrawn: mode === 'act' ? withdrawnNow(health, spared, hosts, nowMs) : health.withdrawn,
      unknownToEc2: gone.unknownToEc2,
    },
  };
}

/** How many servers are confident and can be found in DNS. One that is due to go is never confident. */
function confidentAmong(
  pod: Pod,
  records: readonly Standing[],
  hosts: ReadonlyMap<string, Host>,
  judgements: ReadonlyMap<string, Judgement>,
): number {
  const standing = records.filter((record) => {
    const host = hosts.get(record.setIdentifier);
    const serves = host?.state === 'running' && isServer(pod, host) && leadsTo(pod, host, record);
    return serves && judgements.get(record.setIdentifier)?.confident === true;
  });
  return new Set(standing.map(({ setIdentifier }) => setIdentifier)).size;
}

function withdrawnNow(
  health: Health,
  spared: ReadonlySet<string>,
  hosts: ReadonlyMap<string, Host>,
  nowMs: number,
): Memory['withdrawn'] {
  const withdrawn = { ...health.withdrawn };
  for (const [id, why] of health.due) {
    const host = hosts.get(id);
    if (spared.has(id)) delete withdrawn[id];
    else if (host) {
      const addresses = sortedUnique([...(host.ipv4 === null ? [] : [host.ipv4]), ...host.ipv6]);
      withdrawn[id] = { sinceMs: withdrawn[id]?.sinceMs ?? nowMs, sentence: why, addresses };
    }
  }
  return withdrawn;
}

function belowFloor(id: string, ill: string | undefined, confident: number, floor: number): Refusal {
  const numbers = `${count(confident, 'confident boundary server')} would stand in DNS without it, the floor is ${floor}`;
  const why = sentence(`It is ${ill ?? 'tagged as a client now'}`);
  return { subject: id, rule: 'floor', sentence: `${id} stays in DNS: ${numbers}. ${why}` };
}

function isMultivalue<T extends { multivalue: boolean; setIdentifier: string | null }>(
  record: T,
): record is T & { setIdentifier: string } {
  return record.multivalue && record.setIdentifier !== null;
}

function tooManyAnswers(pod: Pod, records: readonly Standing[]): Refusal[] {
  const letterOf = azLetterReader(pod);
  const counts = new Map<string, number>();
  for (const { name, type } of records) {
    if (letterOf(name) !== null) counts.set(`${name} ${type}`, (counts.get(`${name} ${type}`) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, number]) => number > ANSWERS_PER_NAME)
    .map(([nameAndType, number]) => ({
      subject: nameAndType.split(' ')[0] ?? '',
      rule: 'answers-limit',
      sentence: `${nameAndType} has ${number} records; Route 53 answers with ${ANSWERS_PER_NAME} of them, chosen by itself.`,
    }));
}
