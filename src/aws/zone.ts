import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import ipaddr from 'ipaddr.js';
import type { Pod } from '../fleet/fleet.ts';
import type { PublishedRecord, RecordChange } from '../plan/types.ts';
import type { Zone } from '../watchdog/ports.ts';
import { doing, isCode } from './errors.ts';

/** Reads and changes the names `ntp.az-*` of a pod's private zone. Nothing else of the zone is read or touched. */
export function route53Zone(client: Route53Client): Zone {
  return {
    read: (pod) =>
      doing(`reading zone ${pod.zone.name} (${pod.zone.id}) of pod ${pod.name}`, async () => ({
        negativeTtlSeconds: await negativeTtlSeconds(client, pod),
        records: await azRecords(client, pod),
      })),

    change: (pod, changes, comment) =>
      doing(
        `changing ${changes.map((change) => change.name).join(', ')} in zone ${pod.zone.id} of pod ${pod.name}`,
        async () => {
          try {
            await client.send(
              new ChangeResourceRecordSetsCommand({
                HostedZoneId: pod.zone.id,
                ChangeBatch: { Comment: comment.slice(0, 256), Changes: changes.map(changeOf) },
              }),
            );
          } catch (error) {
            // another tick, or a register, was first: a record already gone is what this change wanted
            if (changes.every((change) => change.action === 'DELETE') && isAlreadyGone(error)) return;
            throw error;
          }
        },
      ),
  };
}

function isAlreadyGone(error: unknown): boolean {
  return (
    isCode(error, 'InvalidChangeBatch') && error instanceof Error && error.message.includes('but it was not found')
  );
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
  const isAzName = new RegExp(`^ntp\\.az-[a-z]\\.${pod.zone.name.replaceAll('.', '\\.')}$`);
  let start: Partial<ListResourceRecordSetsCommandInput> | null = { StartRecordName: `az-a.${pod.zone.name}.` };
  while (start) {
    const page: Awaited<ReturnType<typeof list>> = await list(client, pod, start);
    for (const listed of page.ResourceRecordSets ?? []) {
      const name = plainName(listed.Name);
      if (isAzName.test(name)) records.push(recordOf(name, listed));
    }
    const next = plainName(page.NextRecordName);
    const past = !next.endsWith(`.${pod.zone.name}`) || azLabel(next, pod) > 'az-z';
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
function azLabel(name: string, pod: Pod): string {
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
    addresses: (listed.ResourceRecords ?? []).map(({ Value = '' }) =>
      ipaddr.isValid(Value) ? ipaddr.parse(Value).toString() : Value,
    ),
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
