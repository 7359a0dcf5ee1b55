import {
  type Change,
  ChangeResourceRecordSetsCommand,
  type InvalidChangeBatch,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { canonicalAddress } from '../fleet/addresses.ts';
import { AZ_LABELS, azLetterReader } from '../fleet/az-names.ts';
import type { Pod } from '../fleet/fleet.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import { changeGroups, type RecordChange } from '../plan/plan.ts';
import type { Zone } from '../watchdog/ports.ts';
import { isCode, namingAction } from './errors.ts';

/** Reads and changes the names `ntp.az-*` of a pod's private zone. Nothing else of the zone is read or touched. */
export function route53Zone(client: Route53Client): Zone {
  return {
    read: (pod) =>
      namingAction(`reading zone ${pod.zone.name} (${pod.zone.id}) of pod ${pod.name}`, async () => ({
        negativeTtlSeconds: await negativeTtlSeconds(client, pod),
        records: await azRecords(client, pod),
      })),

    change: (pod, changes, comment) =>
      namingAction(
        `changing ${changes.map((change) => change.name).join(', ')} in zone ${pod.zone.id} of pod ${pod.name}`,
        async () => {
          let left = changes;
          while (left.length > 0) {
            const refusal = await refusalOf(client, pod, left, comment);
            if (refusal === null) return;
            // another tick, or a register, was first: a record already gone is what this change wanted
            const gone = alreadyGone(refusal, left);
            if (gone.size === 0) throw refusal;
            left = left.filter((change) => !gone.has(change));
          }
        },
      ),
  };
}

/** Sends one atomic batch; answers why Route 53 refused it as a whole, null when it took it. */
async function refusalOf(
  client: Route53Client,
  pod: Pod,
  changes: RecordChange[],
  comment: string,
): Promise<Error | null> {
  try {
    await client.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: pod.zone.id,
        ChangeBatch: { Comment: comment.slice(0, 256), Changes: changes.map(changeOf) },
      }),
    );
    return null;
  } catch (error) {
    if (error instanceof Error && isCode(error, 'InvalidChangeBatch')) return error;
    throw error;
  }
}

/** Where the brackets name the record set, as `name='ntp.az-b.pod.', type='A', set-identifier='i-…'`. */
const NOT_FOUND = /Tried to delete resource record set \[([^\]]*)\] but it was not found/g;

/**
 * The withdrawals of a refused batch, of which nothing was applied, that Route 53 says are gone already. Only those that it
 * names, unless there is but one that it could mean: the rest of the batch still has to be sent. Withdrawals that belong to
 * a registration of the same server are not among them: they were planned by a zone that looks different now.
 */
function alreadyGone(refusal: Error, changes: RecordChange[]): Set<RecordChange> {
  // most answers have a message, some the list of the service model (InvalidChangeBatch.messages)
  const text = [refusal.message, ...((refusal as Partial<InvalidChangeBatch>).messages ?? [])].join(' ');
  const [only, ...others] = changes;
  if (only?.action === 'DELETE' && others.length === 0) {
    return new Set(text.includes('but it was not found') ? [only] : []);
  }
  const named = new Set([...text.matchAll(NOT_FOUND)].map(([, set = '']) => set));
  const withdrawals = changeGroups(changes).filter((group) => group.every(({ action }) => action === 'DELETE'));
  return new Set(withdrawals.flat().filter((change) => named.has(nameOfSet(change))));
}

/** As Route 53's messages name a record set. */
function nameOfSet({ name, type, setIdentifier }: RecordChange): string {
  return `name='${name}.', type='${type}', set-identifier='${setIdentifier}'`;
}

/** RFC 2308: a missing name is cached for the smaller of the SOA's own TTL and its last field. */
async function negativeTtlSeconds(client: Route53Client, pod: Pod): Promise<number | null> {
  const page = await client.send(
    new ListResourceRecordSetsCommand({
      HostedZoneId: pod.zone.id,
      StartRecordName: `${pod.zone.name}.`,
      StartRecordType: 'SOA',
      MaxItems: 1,
    }),
  );
  const soa = page.ResourceRecordSets?.[0];
  const minimum = Number(soa?.ResourceRecords?.[0]?.Value?.trim().split(/\s+/)[6]);
  if (soa?.Type !== 'SOA' || soa.TTL === undefined || !Number.isInteger(minimum)) return null;
  return Math.min(soa.TTL, minimum);
}

/** Route 53 lists by labels reversed (zone, `az-e`, `ntp`), so the names wanted stand together, from `az-a` to `az-z`. */
async function azRecords(client: Route53Client, pod: Pod): Promise<PublishedRecord[]> {
  const records: PublishedRecord[] = [];
  const letterOf = azLetterReader(pod);
  let start: Partial<ListResourceRecordSetsCommandInput> | null = {
    StartRecordName: `${AZ_LABELS.first}.${pod.zone.name}.`,
  };
  while (start) {
    const page: Awaited<ReturnType<typeof list>> = await list(client, pod, start);
    for (const listed of page.ResourceRecordSets ?? []) {
      const name = plainName(listed.Name);
      if (letterOf(name) !== null) records.push(recordOf(name, listed));
    }
    const next = plainName(page.NextRecordName);
    const past = !next.endsWith(`.${pod.zone.name}`) || labelBelowZone(next, pod) > AZ_LABELS.last;
    start =
      page.IsTruncated && !past
        ? {
            StartRecordName: page.NextRecordName,
            StartRecordType: page.NextRecordType,
            StartRecordIdentifier: page.NextRecordIdentifier,
          }
        : null;
  }
  return records;
}

function list(client: Route53Client, pod: Pod, start: Partial<ListResourceRecordSetsCommandInput>) {
  return client.send(new ListResourceRecordSetsCommand({ HostedZoneId: pod.zone.id, ...start }));
}

/** The label just below the zone: `az-e` of `ntp.az-e.pod`. */
function labelBelowZone(name: string, pod: Pod): string {
  return (
    name
      .slice(0, -(pod.zone.name.length + 1))
      .split('.')
      .at(-1) ?? ''
  );
}

/** Lower case, without the dot at the end. */
function plainName(name: string | undefined): string {
  return (name ?? '').toLowerCase().replace(/\.$/, '');
}

function recordOf(name: string, listed: ResourceRecordSet): PublishedRecord {
  return {
    name,
    type: listed.Type ?? '',
    setIdentifier: listed.SetIdentifier ?? null,
    multivalue: listed.MultiValueAnswer === true,
    ttlSeconds: listed.TTL ?? null,
    addresses: (listed.ResourceRecords ?? []).map(({ Value = '' }) => canonicalAddress(Value) ?? Value),
    raw: listed,
  };
}

function changeOf(change: RecordChange): Change {
  if (change.action === 'DELETE' && change.raw) {
    return { Action: 'DELETE', ResourceRecordSet: change.raw as ResourceRecordSet };
  }
  return {
    Action: change.action,
    ResourceRecordSet: {
      Name: `${change.name}.`,
      Type: change.type,
      SetIdentifier: change.setIdentifier,
      MultiValueAnswer: true,
      TTL: change.ttlSeconds,
      ResourceRecords: [{ Value: change.address }],
    },
  };
}
