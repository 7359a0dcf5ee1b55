import { type Change, GetChangeCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, refusalOf, startBench, ZONE_ID } from '../src/testing/index.ts';
import { multivalue, recordsOf, simple } from './records.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const { change, list, podNames, send } = recordsOf(() => bench);

describe('a change batch', () => {
  it('is pending until it has reached the name servers, in 30 to 60 seconds', async () => {
    const sentMs = Date.now();
    const { ChangeInfo } = await send({
      Action: 'CREATE',
      ResourceRecordSet: multivalue('ntp.az-e.pod', 'i-1', '10.0.0.1'),
    });
    expect(ChangeInfo?.Status).toBe('PENDING');
    expect(ChangeInfo?.SubmittedAt?.getTime()).toBeGreaterThanOrEqual(sentMs);
    expect(ChangeInfo?.SubmittedAt?.getTime()).toBeLessThanOrEqual(Date.now());
    const status = async () =>
      (await bench.route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status;
    await bench.clock.advance(29_000);
    expect(await status()).toBe('PENDING');
    expect(await podNames()).toEqual(['ntp.az-e.pod. A i-1']);
    expect(bench.endpoint.nameServers(ZONE_ID).lookup('ntp.az-e.pod', 'A').status).toBe('nxdomain');
    await bench.clock.advance(31_000);
    expect(await status()).toBe('INSYNC');
    expect(bench.endpoint.nameServers(ZONE_ID).lookup('ntp.az-e.pod', 'A').addresses).toEqual(['10.0.0.1']);
  });

  it('is applied whole or not at all, and tells every fault of it', async () => {
    await change({ Action: 'CREATE', ResourceRecordSet: multivalue('ntp.az-e.pod', 'i-1', '10.0.0.1') });
    const refusal = await refusalOf(
      send(
        { Action: 'UPSERT', ResourceRecordSet: multivalue('ntp.az-a.pod', 'i-2', '10.0.0.2') },
        { Action: 'CREATE', ResourceRecordSet: multivalue('ntp.az-e.pod', 'i-1', '10.0.0.9') },
        { Action: 'DELETE', ResourceRecordSet: multivalue('ntp.az-b.pod', 'i-3', '10.0.0.3') },
        { Action: 'UPSERT', ResourceRecordSet: multivalue('ntp.az-c.pod', 'i-4', '10.0.0.300') },
        { Action: 'UPSERT', ResourceRecordSet: multivalue('ntp.az-c.elsewhere', 'i-4', '10.0.0.4') },
      ),
    );
    expect(refusal).toEqual({
      name: 'InvalidChangeBatch',
      status: 400,
      message:
        "[Tried to create resource record set [name='ntp.az-e.pod.', type='A', set-identifier='i-1'] but it already exists, " +
        "Tried to delete resource record set [name='ntp.az-b.pod.', type='A', set-identifier='i-3'] but it was not found, " +
        "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '10.0.0.300'', " +
        'RRSet with DNS name ntp.az-c.elsewhere. is not permitted in zone pod.]',
    });
    expect(await podNames()).toEqual(['ntp.az-e.pod. A i-1']);
  });

  it('deletes only what matches exactly, IPv6 in any spelling', async () => {
    await change(
      { Action: 'UPSERT', ResourceRecordSet: multivalue('ntp.az-e.pod', 'i-1', '10.0.0.1') },
      { Action: 'UPSERT', ResourceRecordSet: multivalue('ntp.az-e.pod', 'i-1', 'fd00::5') },
    );
    const mismatch = 'but the values provided do not match the current values]';
    for (const set of [
      multivalue('ntp.az-e.pod', 'i-1', '10.0.0.2'),
      multivalue('ntp.az-e.pod', 'i-1', '10.0.0.1', 60),
    ]) {
      expect((await refusalOf(send({ Action: 'DELETE', ResourceRecordSet: set }))).message).toBe(
        `[Tried to delete resource record set [name='ntp.az-e.pod.', type='A', set-identifier='i-1'] ${mismatch}`,
      );
    }
    await change({ Action: 'DELETE', ResourceRecordSet: multivalue('NTP.az-e.pod.', 'i-1', '10.0.0.1') });
    await change({ Action: 'DELETE', ResourceRecordSet: multivalue('ntp.az-e.pod', 'i-1', 'fd00:0:0::5') });
    expect(await podNames()).toEqual([]);
  });

  it('sees its own earlier changes: a DELETE makes room for a CREATE', async () => {
    await change({ Action: 'CREATE', ResourceRecordSet: simple('www.pod', 'A', '10.0.0.1') });
    await change(
      { Action: 'DELETE', ResourceRecordSet: simple('www.pod', 'A', '10.0.0.1') },
      { Action: 'CREATE', ResourceRecordSet: multivalue('www.pod', 'i-1', '10.0.0.1') },
    );
    expect(await podNames()).toEqual(['www.pod. A i-1']);
    const twice = await refusalOf(
      send(
        { Action: 'UPSERT', ResourceRecordSet: multivalue('www.pod', 'i-1', '10.0.0.1') },
        { Action: 'UPSERT', ResourceRecordSet: multivalue('www.pod', 'i-1', '10.0.0.2') },
      ),
    );
    expect(twice.message).toBe(
      "[The request contains an invalid set of changes for a resource record set 'A www.pod.']",
    );
  });

  it('does not mix multivalue and simple records, nor CNAME with anything', async () => {
    await change(
      { Action: 'CREATE', ResourceRecordSet: simple('www.pod', 'A', '10.0.0.1') },
      { Action: 'CREATE', ResourceRecordSet: simple('alias.pod', 'CNAME', 'www.pod') },
    );
    const refusals = await Promise.all([
      refusalOf(send({ Action: 'CREATE', ResourceRecordSet: multivalue('www.pod', 'i-1', '10.0.0.2') })),
      refusalOf(send({ Action: 'UPSERT', ResourceRecordSet: simple('alias.pod', 'A', '10.0.0.2') })),
      refusalOf(send({ Action: 'UPSERT', ResourceRecordSet: simple('www.pod', 'CNAME', 'alias.pod') })),
    ]);
    expect(refusals.map((refusal) => refusal.message)).toEqual([
      '[RRSet with DNS name www.pod., type A, SetIdentifier "i-1" cannot be created because a non multivalue answer rrset exists with the same name and type.]',
      '[RRSet of type A with DNS name alias.pod. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone pod.]',
      '[RRSet of type CNAME with DNS name www.pod. is not permitted as it conflicts with other records with the same DNS name in zone pod.]',
    ]);
    await change({ Action: 'CREATE', ResourceRecordSet: multivalue('ntp.pod', 'i-1', '10.0.0.2') });
    expect(
      (await refusalOf(send({ Action: 'CREATE', ResourceRecordSet: simple('ntp.pod', 'A', '10.0.0.3') }))).message,
    ).toBe(
      '[RRSet with DNS name ntp.pod., type A cannot be created as other RRSets exist with the same name and type.]',
    );
  });

  it('holds 1,000 records and 32,000 characters, an UPSERT counting twice', async () => {
    const many = (action: 'CREATE' | 'UPSERT', count: number): Change[] =>
      Array.from({ length: count }, (_, at) => ({
        Action: action,
        ResourceRecordSet: simple(`h${at}.pod`, 'A', '10.0.0.1'),
      }));
    expect((await refusalOf(send(...many('UPSERT', 501)))).message).toBe('[Number of records limit of 1000 exceeded.]');
    expect((await refusalOf(send(...many('CREATE', 1_001)))).message).toBe(
      '[Number of records limit of 1000 exceeded.]',
    );
    const long = Array.from(
      { length: 5 },
      (_, at): Change => ({
        Action: 'UPSERT',
        ResourceRecordSet: simple(`t${at}.pod`, 'TXT', `"${'x'.repeat(3_300)}"`),
      }),
    );
    expect((await refusalOf(send(...long))).message).toBe('[RDATA character limit of 32000 exceeded.]');
    await change(...many('UPSERT', 500));
    expect((await podNames()).length).toBe(298);
  });

  it('keeps the zone its SOA and NS', async () => {
    const ofApex = (await list()).map((set): Change => ({ Action: 'DELETE', ResourceRecordSet: set }));
    expect((await refusalOf(send(...ofApex))).message).toBe(
      '[A HostedZone must contain exactly one SOA record., A HostedZone must contain at least one NS record for the zone itself.]',
    );
  });

  it('may replace the SOA, which is how a zone gets a shorter negative TTL', async () => {
    const soa = (await list()).find((set) => set.Type === 'SOA') as ResourceRecordSet;
    const value = soa.ResourceRecords?.[0]?.Value?.replace(/86400$/, '30') ?? '';
    await change({ Action: 'UPSERT', ResourceRecordSet: { ...soa, TTL: 60, ResourceRecords: [{ Value: value }] } });
    await bench.clock.advance(60_000);
    expect(bench.endpoint.nameServers(ZONE_ID).lookup('ntp.az-z.pod', 'A')).toEqual({
      status: 'nxdomain',
      addresses: [],
      ttlSeconds: 30,
    });
  });

  it('refuses a request that is wrong as such with InvalidInput', async () => {
    const cases: [ResourceRecordSet, string][] = [
      [
        { Name: 'a.pod', Type: 'A' },
        'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=UPSERT, Name=a.pod, Type=A, SetIdentifier=null]',
      ],
      [
        { ...multivalue('a.pod', 'i-1', '10.0.0.1'), SetIdentifier: undefined },
        "Invalid request: Missing field 'SetIdentifier' in Change with [Action=UPSERT, Name=a.pod, Type=A, SetIdentifier=null]",
      ],
      [
        { ...multivalue('a.pod', 'i-1', '10.0.0.1'), SetIdentifier: 'x'.repeat(129) },
        `Invalid request: SetIdentifier is longer than 128 characters in Change with [Action=UPSERT, Name=a.pod, Type=A, SetIdentifier=${'x'.repeat(129)}]`,
      ],
      [
        { ...simple('a.pod', 'A', '10.0.0.1'), SetIdentifier: 'i-1' },
        'Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, CidrRoutingConfig, or MultiValueAnswer], but found none in Change with [Action=UPSERT, Name=a.pod, Type=A, SetIdentifier=i-1]',
      ],
    ];
    for (const [set, message] of cases) {
      expect(await refusalOf(send({ Action: 'UPSERT', ResourceRecordSet: set }))).toEqual({
        name: 'InvalidInput',
        message,
        status: 400,
      });
    }
  });

  it('is refused while the zone still works on the one before', async () => {
    await send({ Action: 'UPSERT', ResourceRecordSet: multivalue('ntp.az-a.pod', 'i-1', '10.0.0.1') });
    expect(
      await refusalOf(send({ Action: 'UPSERT', ResourceRecordSet: multivalue('ntp.az-b.pod', 'i-2', '10.0.0.2') })),
    ).toEqual({
      name: 'PriorRequestNotComplete',
      message: 'The request was rejected because Route 53 was still processing a prior request.',
      status: 400,
    });
    await bench.clock.advance(500);
    await send({ Action: 'UPSERT', ResourceRecordSet: multivalue('ntp.az-b.pod', 'i-2', '10.0.0.2') });
    expect(await podNames()).toEqual(['ntp.az-a.pod. A i-1', 'ntp.az-b.pod. A i-2']);
  });
});
