import {
  type Change,
  CreateHostedZoneCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, refusalOf, startBench, VPC, ZONE_ID } from '../src/testing/index.ts';
import { multivalue, recordsOf, simple } from './records.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const { change, list, podNames } = recordsOf(() => bench);

describe('a new zone', () => {
  it('holds its SOA and NS records from the start, like a private zone of AWS', async () => {
    expect((await list()).map((set) => [set.Name, set.Type, set.TTL, set.ResourceRecords?.[0]?.Value])).toEqual([
      ['pod.', 'NS', 172800, 'ns-1536.awsdns-00.co.uk.'],
      ['pod.', 'SOA', 900, 'ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400'],
    ]);
  });

  it('is found by its id, by its name and in the list', async () => {
    const { HostedZone, VPCs } = await bench.route53.send(new GetHostedZoneCommand({ Id: ZONE_ID }));
    expect([
      HostedZone?.Id,
      HostedZone?.Name,
      HostedZone?.Config?.PrivateZone,
      HostedZone?.ResourceRecordSetCount,
    ]).toEqual([`/hostedzone/${ZONE_ID}`, 'pod.', true, 2]);
    expect(VPCs).toEqual([{ VPCRegion: 'us-west-2', VPCId: VPC }]);
    const created = await bench.route53.send(
      new CreateHostedZoneCommand({
        Name: 'green.example',
        CallerReference: 'once',
        VPC: { VPCRegion: 'us-west-2', VPCId: VPC },
        HostedZoneConfig: { Comment: 'the other', PrivateZone: true },
      }),
    );
    expect(created.$metadata.httpStatusCode).toBe(201);
    expect(created.DelegationSet?.NameServers).toHaveLength(4);
    const named = await bench.route53.send(new ListHostedZonesByNameCommand({ DNSName: 'green.example' }));
    expect(named.HostedZones?.map((zone) => zone.Name)).toEqual(['green.example.', 'pod.']);
    const first = await bench.route53.send(new ListHostedZonesCommand({ MaxItems: 1 }));
    expect([first.HostedZones?.length, first.IsTruncated]).toEqual([1, true]);
    const second = await bench.route53.send(new ListHostedZonesCommand({ Marker: first.NextMarker, MaxItems: 1 }));
    expect([second.HostedZones?.length, second.IsTruncated]).toEqual([1, false]);
  });

  it('is not found by another id', async () => {
    expect(await refusalOf(bench.route53.send(new GetHostedZoneCommand({ Id: 'ZNONE' })))).toEqual({
      name: 'NoSuchHostedZone',
      message: 'No hosted zone found with ID: ZNONE',
      status: 404,
    });
  });
});

describe('listing', () => {
  it('sorts by labels reversed, then type, then identifier, and writes odd characters as octal escapes', async () => {
    await change(
      ...[
        multivalue('ntp.az-b.pod', 'i-2', '10.0.0.2'),
        multivalue('ntp.az-b.pod', 'i-1', '10.0.0.1'),
        multivalue('ntp.az-b.pod', 'i-1', 'fd00::1'),
        multivalue('ntp.az-a.pod', 'i-1', '10.0.0.1'),
        simple('www.ntp.az-a.pod', 'A', '10.0.0.1'),
        simple('az-a-b.pod', 'A', '10.0.0.1'),
        simple('*.pod', 'A', '10.0.0.1'),
        simple('a&b_c.pod', 'A', '10.0.0.1'),
      ].map((set): Change => ({ Action: 'UPSERT', ResourceRecordSet: set })),
    );
    expect(await podNames()).toEqual([
      '\\052.pod. A',
      'a\\046b_c.pod. A',
      'az-a-b.pod. A',
      'ntp.az-a.pod. A i-1',
      'www.ntp.az-a.pod. A',
      'ntp.az-b.pod. A i-1',
      'ntp.az-b.pod. A i-2',
      'ntp.az-b.pod. AAAA i-1',
    ]);
  });

  it('comes in pages of 300, the next page beginning where it is told', async () => {
    const sets = Array.from({ length: 100 }, (_, at) =>
      multivalue('ntp.az-a.pod', `i-${String(at).padStart(3, '0')}`, `10.0.1.${at}`),
    );
    const others = Array.from({ length: 250 }, (_, at) =>
      simple(`h${String(at).padStart(3, '0')}.pod`, 'A', `10.0.2.${at}`),
    );
    await change(...[...others, ...sets].map((set): Change => ({ Action: 'CREATE', ResourceRecordSet: set })));
    const first = await bench.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: ZONE_ID }));
    expect([
      first.ResourceRecordSets?.length,
      first.IsTruncated,
      first.MaxItems,
      first.NextRecordName,
      first.NextRecordType,
      first.NextRecordIdentifier,
    ]).toEqual([300, true, 300, 'h198.pod.', 'A', undefined]);
    const second = await bench.route53.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId: ZONE_ID,
        StartRecordName: first.NextRecordName,
        StartRecordType: first.NextRecordType,
      }),
    );
    expect([second.ResourceRecordSets?.length, second.IsTruncated, second.NextRecordName]).toEqual([
      52,
      false,
      undefined,
    ]);
    const inside = await bench.route53.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId: ZONE_ID,
        StartRecordName: 'ntp.az-a.pod',
        StartRecordType: 'A',
        StartRecordIdentifier: 'i-098',
        MaxItems: 1,
      }),
    );
    expect([
      inside.ResourceRecordSets?.[0]?.SetIdentifier,
      inside.NextRecordName,
      inside.NextRecordType,
      inside.NextRecordIdentifier,
    ]).toEqual(['i-098', 'ntp.az-a.pod.', 'A', 'i-099']);
    const from = await bench.route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: ZONE_ID, StartRecordName: 'h100.pod', MaxItems: 2 }),
    );
    expect(from.ResourceRecordSets?.map((set) => set.Name)).toEqual(['h100.pod.', 'h101.pod.']);
  });

  it('takes no type without a name', async () => {
    const refusal = await refusalOf(
      bench.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: ZONE_ID, StartRecordType: 'A' })),
    );
    expect([refusal.name, refusal.status]).toEqual(['InvalidInput', 400]);
  });
});
