import {
  type Change,
  ChangeResourceRecordSetsCommand,
  type InvalidChangeBatch,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { canonicalAddress } from '../fleet/addresses.ts';
import { AZ_LABELS, azLetterReader } from '../fleet/az-names.ts';
import type { Pod } from '../fleet/fleet.ts';
import { fewOf } from '../fleet/gathering.ts';
import { sortedUnique } from '../fleet/ordering.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import { changeGroups, type RecordChange } from '../plan/plan.ts';
import type { Zone, ZoneReading } from '../watchdog/ports.ts';
import type { Call, CallOptions } from './call.ts';
import { ExplainedError, isCode, UnreadableAnswer } from './errors.ts';
import { pages } from './pages.ts';

/**
 * Reads and changes the names `ntp.az-*` of a pod's private zone, and reads its SOA and the wildcards over those names. Nothing
 * else is touched.
 */
export function route53Zone(client: Route53Client, call: Call): Zone {
  const reading = ({ name, zone }: Pod) => `reading zone ${zone.name} (${zone.id}) of pod ${name}`;
  return {
    async records(pod) {
      return (await readAzs(client, call, reading(pod), pod)).records;
    },

    async read(pod) {
      const action = reading(pod);
      const apex = await readApex(client, call, action, pod);
      const ofAzs = await readAzs(client, call, action, pod);
      return {
        negativeTtlSeconds: apex.negativeTtlSeconds,
        records: ofAzs.records,
        wildcards: sortedUnique([...apex.wildcards, ...ofAzs.wildcards]),
      };
    },

    async change(pod, changes, comment) {
      const names = fewOf(sortedUnique(changes.map(({ name }) => name)));
      const action = `changing ${names} in zone ${pod.zone.id} of pod ${pod.name}`;
      let left = changes;
      while (left.length > 0) {
        const batch = left;
        const gone = await call(action, (options) => sendBatch(client, pod, batch, comment, options), CHANGE_LIMIT_MS);
        // another tick, or a register, was first: a record already gone is what this change wanted
        left = gone === null ? [] : left.filter((change) => !gone.has(change));
      }
    },
  };
}

/** A zone that is still busy with another change refuses (`PriorRequestNotComplete`) for seconds: the SDK's pauses need room. */
const CHANGE_LIMIT_MS = 20_000;

/** Sends one atomic batch. Answers null when Route 53 took it; when it took nothing of it, the withdrawals that are done already. */
async function sendBatch(
  client: Route53Client,
  pod: Pod,
  changes: RecordChange[],
  comment: string,
  options: CallOptions,
): Promise<Set<RecordChange> | null> {
  try {
    const { ChangeInfo } = await client.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: pod.zone.id,
        ChangeBatch: { Comment: comment.slice(0, 256), Changes: changes.map(changeOf) },
      }),
      options,
    );
    if (!ChangeInfo?.Id) throw new UnreadableAnswer('the answer does not say that the change was taken');
    return null;
  } catch (error) {
    if (!(error instanceof Error && isCode(error, 'InvalidChangeBatch'))) throw error;
    const gone = alreadyGone(error, changes);
    if (gone.size === 0) throw explained(error);
    return gone;
  }
}

/** What Route 53's messages about a batch mean, in podtime's words: the first that fits. */
const EXPLANATIONS: readonly [part: string, explanation: string][] = [
  ['but it was not found', 'a record to be deleted was not found'],
  ['do not match the current values', 'a record to be deleted has other values by now'],
  ['conflict', 'another record stands in the way of a name'],
];

/** Route 53 names the records; its text as a whole goes to the log. */
function explained(refusal: Error): Error {
  const text = textOf(refusal);
  const [, explanation] = EXPLANATIONS.find(([part]) => text.includes(part)) ?? [];
  return explanation ? new ExplainedError(refusal.name, explanation, { cause: refusal }) : refusal;
}

/** Most answers have a message, some the list of the service model (InvalidChangeBatch.messages). */
function textOf(refusal: Error): string {
  return [refusal.message, ...((refusal as Partial<InvalidChangeBatch>).messages ?? [])].join(' ');
}

/** Where the brackets name the record set, as `name='ntp.az-b.pod.', type='A', set-identifier='i-…'`. */
const NOT_FOUND = /Tried to delete resource record set \[([^\]]*)\] but it was not found/g;

/**
 * The withdrawals of a refused batch, of which nothing was applied, that Route 53 says are gone already. Only those that it
 * names, unless there is but one that it could mean: the rest of the batch still has to be sent. Withdrawals that belong to
 * a registration of the same server are not among them: they were planned by a zone that looks different now.
 */
function alreadyGone(refusal: Error, changes: RecordChange[]): Set<RecordChange> {
  const text = textOf(refusal);
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

/** The SOA, what else the apex has, and the zone's wildcard, which is listed right after it: `*` sorts before digits and letters. */
const APEX_ITEMS = 12;

/** What stands at the top of the zone. An apex with so many records that they hide what comes after costs one request more. */
async function readApex(
  client: Route53Client,
  call: Call,
  action: string,
  pod: Pod,
): Promise<Pick<ZoneReading, 'negativeTtlSeconds' | 'wildcards'>> {
  const read = (start: Start) =>
    call(action, (options) => list(client, pod, { ...start, MaxItems: APEX_ITEMS }, options));
  const apex = `${pod.zone.name}.`;
  const page = await read({ StartRecordName: apex, StartRecordType: 'SOA' });
  const wildcard = `\\052.${apex}`;
  const isCutBefore = page.IsTruncated && [apex, wildcard].includes(page.NextRecordName ?? '');
  const after = isCutBefore ? await read({ StartRecordName: wildcard }) : page;
  const found = [...page.ResourceRecordSets, ...after.ResourceRecordSets].filter((listed) => isWildcard(pod, listed));
  return { negativeTtlSeconds: negativeTtlSeconds(page.ResourceRecordSets[0]), wildcards: found.map(shownName) };
}

/** RFC 2308: a missing name is cached for the smaller of the SOA's own TTL and its last field. */
function negativeTtlSeconds(soa: ResourceRecordSet | undefined): number | null {
  const minimum = Number(soa?.ResourceRecords?.[0]?.Value?.trim().split(/\s+/)[6]);
  if (soa?.Type !== 'SOA' || soa.TTL === undefined || !Number.isInteger(minimum)) return null;
  return Math.min(soa.TTL, minimum);
}

/** Whether it answers with addresses for a name of podtime's that has no record (RFC 4592). */
function isWildcard(pod: Pod, listed: ResourceRecordSet): boolean {
  if (!['A', 'AAAA', 'CNAME'].includes(listed.Type ?? '')) return false;
  const name = shownName(listed);
  if (!name.startsWith('*.')) return false;
  return name === `*.${pod.zone.name}` || azLetterReader(pod)(name.replace('*', 'ntp')) !== null;
}

/** As people write it: Route 53 lists `*` as an octal escape. */
function shownName({ Name }: ResourceRecordSet): string {
  return plainName(Name).replace(/^\\052\./, '*.');
}

type Start = Omit<ListResourceRecordSetsCommandInput, 'HostedZoneId'>;

/** Route 53 lists by labels reversed (zone, `az-e`, `ntp`), so the names wanted stand together, from `az-a` to `az-z`. */
async function readAzs(
  client: Route53Client,
  call: Call,
  action: string,
  pod: Pod,
): Promise<Pick<ZoneReading, 'records' | 'wildcards'>> {
  const records: PublishedRecord[] = [];
  const wildcards: string[] = [];
  const letterOf = azLetterReader(pod);
  const listing = pages(call, {
    action,
    read: (options, start: Start = { StartRecordName: `${AZ_LABELS.first}.${pod.zone.name}.` }) =>
      list(client, pod, start, options),
    next: (page) => nextStart(page, pod),
  });
  for await (const page of listing) {
    for (const listed of page.ResourceRecordSets) {
      const name = plainName(listed.Name);
      if (letterOf(name) !== null) records.push(recordOf(name, listed));
      else if (isWildcard(pod, listed)) wildcards.push(shownName(listed));
    }
  }
  return { records, wildcards };
}

/** Where the next page starts; undefined where there is none, or none with a name of podtime's. */
function nextStart(page: ListResourceRecordSetsCommandOutput, pod: Pod): Start | undefined {
  const next = plainName(page.NextRecordName);
  const past = !next.endsWith(`.${pod.zone.name}`) || labelBelowZone(next, pod) > AZ_LABELS.last;
  if (!page.IsTruncated || past) return undefined;
  return {
    StartRecordName: page.NextRecordName,
    StartRecordType: page.NextRecordType,
    StartRecordIdentifier: page.NextRecordIdentifier,
  };
}

/** One page. Also an empty one has a list: an answer without is none. */
async function list(client: Route53Client, pod: Pod, start: Start, options: CallOptions) {
  const page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: pod.zone.id, ...start }), options);
  const { ResourceRecordSets } = page;
  if (!ResourceRecordSets) throw new UnreadableAnswer('the answer has no list of record sets');
  if (ResourceRecordSets.some(({ Name, Type }) => !Name || !Type))
    throw new UnreadableAnswer('a record set has no name or no type');
  return { ...page, ResourceRecordSets };
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
