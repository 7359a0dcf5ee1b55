import { ANSWERS_PER_NAME } from '../../fleet/aws-limits.ts';
import { azLetterReader } from '../../fleet/az-names.ts';
import type { Host, Pod } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import type { PlanInput } from '../input.ts';
import { limitedMode } from '../mode.ts';
import type { Refusal } from '../refusal.ts';
import { type PlannedChange, type RecordChange, type RecordSet, recordsAfter } from './changes.ts';
import { desiredRecords, identity } from './desired.ts';
import { addressesOf, assessHealth, isOutOfService, type ServerHealth } from './health.ts';
import { belowFloor, isKeptLately, keptLately, withKept } from './kept.ts';
import { contradictedOf, type DnsMemory } from './memory.ts';
import { filterByMode } from './mode-filter.ts';
import { classifyRecords, type OwnRecord } from './ownership.ts';
import { reconcile } from './reconcile.ts';
import { restate, withFoundation } from './restate.ts';
import { findPublishedServers } from './servers.ts';
import { spareUnknown, withdrawDoubtful, withdrawGone } from './withdraw.ts';

/** While ids are withdrawn because EC2 does not know them, so many confident servers stand in DNS, also where the floor is 0. */
const FEWEST_STANDING = 1;

export interface RecordsPlan {
  changes: RecordChange[];
  refusals: Refusal[];
  /** Boundary servers that have been starting for longer than any start takes, in order: nobody waits for them. */
  startingTooLong: string[];
  memory: DnsMemory;
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
 * | asked for by id: dead                               | any                   | DELETE   | DELETE | said |
 * | asked for by id: no such instance, twice, `UNKNOWN_AGAIN_SECONDS` apart | any | DELETE, while confident servers stand | the same | said |
 * | asked for by id: no such instance, not yet so often | any                   | said     | said   | said |
 * | asked for by id: no answer                          | any                   | said     | said   | said |
 * | asked for by id: alive, without the pod's tags      | any                   | said     | said   | said |
 * | running, tagged as a client                         | any                   | DELETE, floor permitting | said | said |
 * | not an instance id, or the record is not multivalue | any                   | said     | said   | said |
 *
 * The floor permits when so many confident boundary servers stand in DNS once all the rest is done; else the servers
 * that would have gone are spared, and treated as any other; once it permits, those that are ill are spared for two intervals more
 * (`isKeptLately`). For ids that EC2 does not know only servers count whose records stand already and stay, and at least one must, whatever
 * the floor: such ids alone never empty a pod. In mode act the records that such withdrawals rest on are written again beside them
 * (`restate`), and they are sent only once Route 53 has taken these (`withFoundation`).
 */
export function planRecords(input: PlanInput): RecordsPlan {
  const { pod, mode, nowMs, memory } = input;
  const { floor } = pod.cycling;
  const judgements = new Map(input.judgements.map((judgement) => [judgement.host.instanceId, judgement]));
  const hosts = new Map(input.hosts.map((host) => [host.instanceId, host]));
  const { own, refusals: foreign, blocked } = classifyRecords(pod, input.records);
  const isMissed = own.every(({ setIdentifier: id }) => isOutOfService(hosts.get(id), judgements.get(id)));
  const health = assessHealth(pod, nowMs, input.hosts, judgements, memory, input.unread, isMissed);
  const { gone, unknown, ...owners } = withdrawGone(own, hosts, input, memory.unknownToEc2, nowMs);
  const doubtful = withdrawDoubtful(pod, own, hosts, health.unfit);

  const register = (withdrawn: ReadonlyMap<string, string>) => {
    const desired = desiredRecords(pod, input.hosts, input.records, withdrawn, contradictedOf(health.withdrawn));
    const { planned, refusals } = reconcile(desired.records, own, blocked);
    return { desired: desired.records, planned, refusals: [...desired.refusals, ...refusals] };
  };
  const withoutUnfit = register(health.unfit);
  // one that was contradicted may call itself confident, and is to go all the same
  const fit = own.filter(({ setIdentifier }) => !health.unfit.has(setIdentifier));
  const remaining = recordsAfter(fit, [...withoutUnfit.planned, ...gone]);
  const confident = findPublishedServers(pod, hosts, remaining, judgements).confidentPublished.size;
  const isAboveFloor = confident >= floor;
  const mayStay = ({ change: { setIdentifier: id } }: PlannedChange) =>
    !isAboveFloor || (health.unfit.has(id) && isKeptLately(input, id, judgements.get(id)));
  const spared = new Set(doubtful.filter(mayStay).map(({ change }) => change.setIdentifier));
  const registered =
    spared.size === 0 ? withoutUnfit : register(new Map([...health.unfit].filter(([id]) => !spared.has(id))));

  const leaving = doubtful.filter(({ change }) => !spared.has(change.setIdentifier));
  const certain = [...registered.planned, ...gone, ...leaving];
  const standing = findPublishedServers(pod, hosts, recordsKept(own, certain), judgements).confidentPublished;
  const needed = Math.max(floor, FEWEST_STANDING);
  const mayGo = standing.size >= needed;
  const withdrawing = [...certain, ...(mayGo ? unknown : [])];
  // `hold` publishes nothing
  const isActing = limitedMode(mode, input.limit) === 'act';
  const restated = isActing ? restate({ standing, needed, desired: registered.desired, blocked }, withdrawing) : [];
  const all = [...withdrawing, ...restated];
  const standingAfter = findPublishedServers(pod, hosts, recordsAfter(own, all), judgements).confidentPublished;
  const planned = isActing ? withFoundation(all, standingAfter, needed) : all;
  const { changes, permitted, refusals: keptBack } = filterByMode(mode, planned, input.limit);
  return {
    changes,
    refusals: [
      ...foreign,
      ...registered.refusals,
      ...owners.refusals,
      ...(mayGo ? [] : spareUnknown(unknown, standing.size, needed)),
      ...[...health.startingTooLong].map(([subject, why]) => ({
        subject,
        rule: 'starting-too-long',
        sentence: why,
        cause: 'hosts keep starting for longer than any start takes',
      })),
      ...sortedUnique(spared).map((id) =>
        isAboveFloor ? keptLately(id, health.unfit.get(id)) : belowFloor(id, health.unfit.get(id), confident, floor),
      ),
      ...keptBack,
      ...tooManyAnswers(pod, recordsAfter(input.records.filter(isMultivalue), permitted)),
    ],
    startingTooLong: sortedUnique(health.startingTooLong.keys()),
    memory: {
      unhealthySinceMs: health.unhealthySinceMs,
      unhealthy: isAboveFloor ? health.unhealthy : withKept(health.unhealthy, spared, nowMs),
      withdrawn: isActing ? withdrawnNow(health, spared, hosts, nowMs) : health.withdrawn,
      unknownToEc2: owners.unknownToEc2,
      starting: health.starting,
      ...(Object.keys(health.unbound).length > 0 && { unbound: health.unbound }),
    },
  };
}

/** The records that stand now and that no change takes away. */
function recordsKept(own: readonly OwnRecord[], planned: readonly PlannedChange[]): OwnRecord[] {
  const deleted = new Set(
    planned.filter(({ change }) => change.action === 'DELETE').map(({ change }) => identity(change)),
  );
  return own.filter((record) => !deleted.has(identity(record)));
}

function withdrawnNow(
  health: ServerHealth,
  spared: ReadonlySet<string>,
  hosts: ReadonlyMap<string, Host>,
  nowMs: number,
): DnsMemory['withdrawn'] {
  const withdrawn = { ...health.withdrawn };
  for (const [id, why] of health.unfit) {
    const host = hosts.get(id);
    if (spared.has(id)) delete withdrawn[id];
    else if (host) {
      const { sinceMs, contradicted } = withdrawn[id] ?? { sinceMs: nowMs };
      const isContradicted = contradicted || health.unhealthy[id]?.contradicted;
      withdrawn[id] = {
        sinceMs,
        sentence: why,
        addresses: addressesOf(host),
        ...(isContradicted && { contradicted: true }),
      };
    }
  }
  return withdrawn;
}

function isMultivalue<T extends { multivalue: boolean; setIdentifier: string | null }>(
  record: T,
): record is T & { setIdentifier: string } {
  return record.multivalue && record.setIdentifier !== null;
}

function tooManyAnswers(pod: Pod, records: readonly RecordSet[]): Refusal[] {
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
