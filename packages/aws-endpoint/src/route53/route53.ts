import { AwsError } from '../errors.ts';
import { restXmlError, restXmlResponse } from '../protocol/rest-xml.ts';
import { childNode, childText, readXml, type XmlNode } from '../protocol/xml.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import type { Service } from '../service.ts';
import { commandOf, unknownCall } from '../unknown-call.ts';
import { listedName } from './names.ts';
import { readChangeBatch } from './read-batch.ts';
import { compareSets, RECORD_TYPES, type RecordSet } from './record-set.ts';
import type { HostedZone, ZoneChange, Zones } from './zones.ts';

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';
/** API reference: "up to 300 resource record sets at a time". */
const RECORD_PAGE = 300;
/** API reference, ListHostedZones: "up to 100". */
const ZONE_PAGE = 100;

const ROUTES: [method: string, path: RegExp, operation: string][] = [
  ['GET', /^\/2013-04-01\/hostedzone\/([^/]+)\/rrset\/?$/, 'ListResourceRecordSets'],
  ['POST', /^\/2013-04-01\/hostedzone\/([^/]+)\/rrset\/?$/, 'ChangeResourceRecordSets'],
  ['GET', /^\/2013-04-01\/hostedzone\/([^/]+)\/?$/, 'GetHostedZone'],
  ['DELETE', /^\/2013-04-01\/hostedzone\/([^/]+)\/?$/, 'DeleteHostedZone'],
  ['GET', /^\/2013-04-01\/hostedzone\/?$/, 'ListHostedZones'],
  ['POST', /^\/2013-04-01\/hostedzone\/?$/, 'CreateHostedZone'],
  ['GET', /^\/2013-04-01\/hostedzonesbyname\/?$/, 'ListHostedZonesByName'],
  ['GET', /^\/2013-04-01\/change\/([^/]+)\/?$/, 'GetChange'],
];

/** Route 53's REST API, version 2013-04-01, over the zones. */
export function createRoute53(zones: Zones): Service {
  const answer = (
    operation: string,
    children: Record<string, XmlNode | XmlNode[] | undefined>,
    requestId: string,
    more = {},
  ) => restXmlResponse(`${operation}Response`, NAMESPACE, children, requestId, more);

  const operations: Record<string, (request: AwsRequest, id: string, requestId: string) => AwsResponse> = {
    ListResourceRecordSets: (request, id, requestId) =>
      answer('ListResourceRecordSets', listRecordSets(zones.get(id), request.query), requestId),
    ChangeResourceRecordSets(request, id, requestId) {
      const zone = zones.get(id);
      const batch = readChangeBatch(request.body.toString('utf8'));
      const change = zones.change(zone.id, batch.changes, batch.comment);
      return answer('ChangeResourceRecordSets', { ChangeInfo: changeInfo(change) }, requestId);
    },
    GetChange: (_request, id, requestId) =>
      answer('GetChange', { ChangeInfo: changeInfo(zones.findChange(id)) }, requestId),
    GetHostedZone(_request, id, requestId) {
      const zone = zones.get(id);
      const vpcs = zone.vpcs.map((vpc) => ({ VPCRegion: vpc.region, VPCId: vpc.id }));
      return answer(
        'GetHostedZone',
        { HostedZone: hostedZone(zone), VPCs: vpcs.length > 0 ? { VPC: vpcs } : undefined },
        requestId,
      );
    },
    DeleteHostedZone: (_request, id, requestId) =>
      answer('DeleteHostedZone', { ChangeInfo: changeInfo(zones.remove(zones.get(id).id)) }, requestId),
    ListHostedZones: (request, _id, requestId) =>
      answer('ListHostedZones', listZones(zones.all(), request.query), requestId),
    ListHostedZonesByName: (request, _id, requestId) =>
      answer('ListHostedZonesByName', listZonesByName(zones.all(), request.query), requestId),
    CreateHostedZone(request, _id, requestId) {
      const root = childNode(readXml(request.body.toString('utf8'), []), 'CreateHostedZoneRequest');
      const name = childText(root, 'Name');
      const reference = childText(root, 'CallerReference');
      if (!name || !reference)
        throw new AwsError('InvalidInput', 'Invalid XML ; Name and CallerReference are required.');
      const vpc = childNode(root, 'VPC');
      const vpcs =
        vpc === null ? [] : [{ region: childText(vpc, 'VPCRegion') ?? '', id: childText(vpc, 'VPCId') ?? '' }];
      const created = zones.create(
        name,
        reference,
        childText(childNode(root, 'HostedZoneConfig'), 'Comment') ?? '',
        vpcs,
      );
      const servers = [...created.zone.sets.values()].find((set) => set.type === 'NS')?.values ?? [];
      const children = {
        HostedZone: hostedZone(created.zone),
        ChangeInfo: changeInfo(created.change),
        DelegationSet: { NameServers: { NameServer: servers.map((server) => server.replace(/\.$/, '')) } },
        VPC: vpcs[0] ? { VPCRegion: vpcs[0].region, VPCId: vpcs[0].id } : undefined,
      };
      const headers = { location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${created.zone.id}` };
      return answer('CreateHostedZone', children, requestId, { status: 201, headers });
    },
  };

  return {
    operations: Object.keys(operations),
    operation: (request) => route(request)?.operation ?? null,
    handle(operation, request, requestId) {
      const id = route(request)?.id ?? '';
      return (operations[operation] as (typeof operations)[string])(request, id, requestId);
    },
    refuse: (error, _request, requestId) => restXmlError(error, NAMESPACE, requestId),
    unknownOperation: (request) => {
      const asked = commandOf(request) ?? `${request.method} ${request.path}`;
      return new AwsError('InvalidAction', unknownCall('Route 53', asked, Object.keys(operations)));
    },
    unsigned: () => new AwsError('MissingAuthenticationToken', 'Missing Authentication Token', 403),
    throttled: () => new AwsError('Throttling', 'Rate exceeded'),
  };
}

/** SDKs may send `/hostedzone/Z…` escaped in the place of the id. */
function route(request: AwsRequest): { operation: string; id: string } | null {
  const path = request.path.replace(/%2F/gi, '/').replace(/(\/hostedzone|\/change)\/(?:hostedzone|change)\//, '$1/');
  for (const [method, pattern, operation] of ROUTES) {
    const match = method === request.method ? pattern.exec(path) : null;
    if (match !== null) return { operation, id: decodeURIComponent(match[1] ?? '') };
  }
  return null;
}

function pageSize(query: URLSearchParams, limit: number): number {
  const given = query.get('maxitems');
  if (given === null) return limit;
  if (!/^[1-9]\d*$/.test(given))
    throw new AwsError(
      'InvalidInput',
      `Value '${given}' at 'maxItems' failed to satisfy constraint: Member must be a number of at least 1.`,
    );
  return Math.min(Number(given), limit);
}

function listRecordSets(zone: HostedZone, query: URLSearchParams): Record<string, XmlNode | XmlNode[] | undefined> {
  const name = query.get('name');
  const type = query.get('type');
  const identifier = query.get('identifier');
  if (name === null && type !== null)
    throw new AwsError('InvalidInput', 'The input is not valid: type is given without name.');
  if (type === null && identifier !== null)
    throw new AwsError('InvalidInput', 'The input is not valid: identifier is given without type.');
  if (type !== null && !RECORD_TYPES.includes(type)) {
    throw new AwsError(
      'InvalidInput',
      `Value '${type}' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [${RECORD_TYPES.join(', ')}]`,
    );
  }
  const size = pageSize(query, RECORD_PAGE);
  const sorted = [...zone.sets.values()].sort(compareSets);
  const start = name === null ? null : { name: listedName(name), type: type ?? '', setIdentifier: identifier };
  const rest = start === null ? sorted : sorted.filter((set) => compareSets(set, start) >= 0);
  const next = rest[size];
  return {
    ResourceRecordSets: { ResourceRecordSet: rest.slice(0, size).map(recordSet) },
    IsTruncated: next !== undefined,
    MaxItems: size,
    NextRecordName: next?.name,
    NextRecordType: next?.type,
    NextRecordIdentifier: next?.setIdentifier ?? undefined,
  };
}

function recordSet(set: RecordSet): XmlNode {
  return {
    Name: set.name,
    Type: set.type,
    SetIdentifier: set.setIdentifier ?? undefined,
    MultiValueAnswer: set.multivalue || undefined,
    TTL: set.ttlSeconds,
    ResourceRecords: { ResourceRecord: set.values.map((value) => ({ Value: value })) },
  };
}

function changeInfo(change: ZoneChange): XmlNode {
  return {
    Id: `/change/${change.id}`,
    Status: change.status,
    SubmittedAt: new Date(change.submittedAtMs).toISOString(),
    Comment: change.comment === '' ? undefined : change.comment,
  };
}

function hostedZone(zone: HostedZone): XmlNode {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: zone.name,
    CallerReference: zone.callerReference,
    Config: { Comment: zone.comment === '' ? undefined : zone.comment, PrivateZone: zone.vpcs.length > 0 },
    ResourceRecordSetCount: zone.sets.size,
  };
}

function listZones(zones: HostedZone[], query: URLSearchParams): Record<string, XmlNode | XmlNode[] | undefined> {
  const size = pageSize(query, ZONE_PAGE);
  const marker = query.get('marker');
  const sorted = zones.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const rest = marker === null ? sorted : sorted.filter((zone) => zone.id >= marker);
  return {
    HostedZones: { HostedZone: rest.slice(0, size).map(hostedZone) },
    Marker: marker ?? '',
    IsTruncated: rest.length > size,
    NextMarker: rest[size]?.id,
    MaxItems: size,
  };
}

function listZonesByName(zones: HostedZone[], query: URLSearchParams): Record<string, XmlNode | XmlNode[] | undefined> {
  const size = pageSize(query, ZONE_PAGE);
  const name = query.get('dnsname');
  const id = query.get('hostedzoneid');
  const place = (zone: { name: string; id: string }) => ({ name: zone.name, type: zone.id, setIdentifier: null });
  const sorted = zones.toSorted((a, b) => compareSets(place(a), place(b)));
  const from = name === null ? null : place({ name: listedName(name), id: id ?? '' });
  const rest = from === null ? sorted : sorted.filter((zone) => compareSets(place(zone), from) >= 0);
  return {
    HostedZones: { HostedZone: rest.slice(0, size).map(hostedZone) },
    DNSName: name ?? undefined,
    HostedZoneId: id ?? undefined,
    IsTruncated: rest.length > size,
    NextDNSName: rest[size]?.name,
    NextHostedZoneId: rest[size]?.id,
    MaxItems: size,
  };
}
