import { ChangeResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AwsCallError } from '../../src/aws/errors.ts';
import { route53Zone } from '../../src/aws/zone.ts';
import type { RecordChange } from '../../src/plan/types.ts';
import type { Zone } from '../../src/watchdog/ports.ts';
import { type Bench, hostId, startBench, ZONE_ID } from '../local/aws/bench.ts';
import { BLUE } from './pod.ts';

let bench: Bench;
let zone: Zone;
beforeEach(async () => {
  bench = await startBench({ maxAttempts: 4 });
  zone = route53Zone(bench.route53);
});
afterEach(() => bench.close());

const upsert = (letter: string, owner: number, address: string): RecordChange => ({
  action: 'UPSERT',
  name: `ntp.az-${letter}.pod`,
  type: address.includes(':') ? 'AAAA' : 'A',
  setIdentifier: hostId(owner),
  address,
  ttlSeconds: 30,
  reason: 'it runs',
});

/** Puts records into the zone by a road of its own, not the adapter's. */
const given = (sets: ResourceRecordSet[]) =>
  bench.route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: ZONE_ID,
      ChangeBatch: { Changes: sets.map((set) => ({ Action: 'CREATE', ResourceRecordSet: set })) },
    }),
  );

const settled = () => bench.clock.advance(60_000);

describe('a registered server', () => {
  it('is read back as it was published, whatever the family', async () => {
    await zone.change(BLUE, [upsert('b', 1, '10.0.2.10'), upsert('b', 1, 'fd00::2:10')], 'test');
    const { records } = await zone.read(BLUE);
    expect(records.map(({ raw: _, ...record }) => record)).toEqual([
      {
        name: 'ntp.az-b.pod',
        type: 'A',
        setIdentifier: hostId(1),
        multivalue: true,
        ttlSeconds: 30,
        addresses: ['10.0.2.10'],
      },
      {
        name: 'ntp.az-b.pod',
        type: 'AAAA',
        setIdentifier: hostId(1),
        multivalue: true,
        ttlSeconds: 30,
        addresses: ['fd00::2:10'],
      },
    ]);
  });

  it('keeps its record when another registers under the same name', async () => {
    await zone.change(BLUE, [upsert('b', 1, '10.0.2.10')], 'test');
    await settled();
    await zone.change(BLUE, [upsert('b', 2, '10.0.2.11')], 'test');
    const { records } = await zone.read(BLUE);
    expect(records.map((record) => record.setIdentifier).sort()).toEqual([hostId(1), hostId(2)]);
  });

  it('is withdrawn exactly as listed, and withdrawing it again is no error', async () => {
    await zone.change(BLUE, [upsert('b', 1, '10.0.2.10')], 'test');
    await settled();
    const [listed] = (await zone.read(BLUE)).records;
    const gone: RecordChange = { ...upsert('b', 1, '10.0.2.10'), action: 'DELETE', raw: listed?.raw };
    await zone.change(BLUE, [gone], 'test');
    await settled();
    await zone.change(BLUE, [gone], 'test');
    expect((await zone.read(BLUE)).records).toEqual([]);
  });
});

describe('reading the zone', () => {
  it('pages past 300 records and leaves out every name that is not podtime’s', async () => {
    const address = (n: number) => [{ Value: `10.1.${Math.floor(n / 250)}.${(n % 250) + 1}` }];
    const strangers = [
      'ntp.pod.',
      'www.az-b.pod.',
      'ntp.az-bb.pod.',
      'x.ntp.az-c.pod.',
      'ntp.az-zz.pod.',
      'ntp.b.pod.',
    ];
    const many = Array.from({ length: 700 }, (_, n) => ({
      Name: `host-${n}.az-b.pod.`,
      Type: 'A' as const,
      TTL: 60,
      ResourceRecords: address(n),
    }));
    const plain = strangers.map((Name, n) => ({ Name, Type: 'A' as const, TTL: 60, ResourceRecords: address(n) }));
    await given([...many, ...plain]);
    await settled();
    await zone.change(BLUE, [upsert('a', 1, '10.0.1.10'), upsert('c', 2, '10.0.3.10')], 'test');
    const { records } = await zone.read(BLUE);
    expect(records.map(({ name, setIdentifier }) => [name, setIdentifier])).toEqual([
      ['ntp.az-a.pod', hostId(1)],
      ['ntp.az-c.pod', hostId(2)],
    ]);
  });

  it('tells the negative TTL of the zone’s SOA: the smaller of its TTL and its last field', async () => {
    expect((await zone.read(BLUE)).negativeTtlSeconds).toBe(900);
  });

  it('tells simple records of its names with no set identifier', async () => {
    await given([
      { Name: 'ntp.az-a.pod.', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '10.0.1.1' }, { Value: '10.0.1.2' }] },
    ]);
    const { records } = await zone.read(BLUE);
    expect(records.map(({ raw: _, ...record }) => record)).toEqual([
      {
        name: 'ntp.az-a.pod',
        type: 'A',
        setIdentifier: null,
        multivalue: false,
        ttlSeconds: 60,
        addresses: ['10.0.1.1', '10.0.1.2'],
      },
    ]);
  });
});

describe('a busy or failing Route 53', () => {
  it.each(['PriorRequestNotComplete', 'Throttling'])('%s is tried again', async (code) => {
    bench.endpoint.faults.next('ChangeResourceRecordSets', code, { times: 2 });
    await zone.change(BLUE, [upsert('b', 1, '10.0.2.10')], 'test');
    expect((await zone.read(BLUE)).records).toHaveLength(1);
  });

  it('says what was being done to which pod', async () => {
    bench.endpoint.faults.next('ChangeResourceRecordSets', 'AccessDenied', { times: 9 });
    const change = zone.change(BLUE, [upsert('b', 1, '10.0.2.10')], 'test');
    await expect(change).rejects.toThrow(AwsCallError);
    await expect(change).rejects.toThrow(
      `changing ntp.az-b.pod in zone ${ZONE_ID} of pod blue: AccessDenied: Access Denied`,
    );
  });

  it('applies nothing of a batch that holds one wrong change', async () => {
    await given([{ Name: 'ntp.az-a.pod.', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '10.0.1.1' }] }]);
    await settled();
    const mixed = [upsert('b', 1, '10.0.2.10'), upsert('a', 2, '10.0.1.10')];
    await expect(zone.change(BLUE, mixed, 'test')).rejects.toThrow('InvalidChangeBatch');
    expect((await zone.read(BLUE)).records.map((record) => record.name)).toEqual(['ntp.az-a.pod']);
  });
});
