import { ChangeResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, hostId, startBench, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { AwsCallError } from '../../src/aws/errors.ts';
import { route53Zone } from '../../src/aws/zone.ts';
import type { RecordChange } from '../../src/plan/plan.ts';
import type { Zone } from '../../src/watchdog/ports.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { BLUE } from '../builders/endpoint-fleet.ts';

let bench: Bench;
let zone: Zone;
beforeEach(async () => {
  bench = await startBench({ maxAttempts: 4 });
  zone = route53Zone(bench.route53, loggedCalls().call);
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

describe('withdrawing what others have withdrawn already', () => {
  const changesSent = () => bench.events.filter((event) => event.kind === 'records changed').length;
  const deletions = async (...owners: number[]): Promise<RecordChange[]> => {
    const { records } = await zone.read(BLUE);
    return records
      .filter(({ setIdentifier }) => owners.some((owner) => hostId(owner) === setIdentifier))
      .map(({ name, type, setIdentifier, addresses, ttlSeconds, raw }) => ({
        action: 'DELETE',
        name,
        type: type as 'A' | 'AAAA',
        setIdentifier: setIdentifier ?? '',
        address: addresses.join(', '),
        ttlSeconds: ttlSeconds ?? 0,
        reason: 'it is gone',
        raw,
      }));
  };
  const left = async () => (await zone.read(BLUE)).records.map(({ type, setIdentifier }) => [type, setIdentifier]);

  beforeEach(async () => {
    const servers = [upsert('a', 1, '10.0.1.10'), upsert('a', 1, 'fd00::1:10'), upsert('b', 2, '10.0.2.10')];
    await zone.change(BLUE, [...servers, upsert('c', 3, '10.0.3.10')], 'test');
    await settled();
  });

  it('still withdraws the others of the batch, in one more request', async () => {
    const seen = await deletions(1, 2);
    await zone.change(BLUE, await deletions(1), 'test');
    await settled();
    const before = changesSent();
    await zone.change(BLUE, seen, 'test');
    expect(await left()).toEqual([['A', hostId(3)]]);
    expect(changesSent() - before).toBe(1);
  });

  it('withdraws the other address of a server of which one is gone', async () => {
    const seen = await deletions(1);
    await zone.change(BLUE, seen.slice(0, 1), 'test');
    await settled();
    await zone.change(BLUE, seen, 'test');
    expect(await left()).toEqual([
      ['A', hostId(2)],
      ['A', hostId(3)],
    ]);
  });

  it('is no error when all of them are gone', async () => {
    const seen = await deletions(1, 2);
    await zone.change(BLUE, seen, 'test');
    await settled();
    await zone.change(BLUE, seen, 'test');
    expect(await left()).toEqual([['A', hostId(3)]]);
  });

  it('is no error when the answer to the first try was lost', async () => {
    bench.endpoint.faults.next('ChangeResourceRecordSets', 'InternalError', { when: 'answer lost' });
    // the second try comes when the zone has done with the first
    bench.endpoint.on((event) => {
      if (event.kind === 'records changed') void settled();
    });
    await zone.change(BLUE, await deletions(1, 2), 'test');
    expect(await left()).toEqual([['A', hostId(3)]]);
  });

  it('keeps another server’s registration in the batch', async () => {
    const seen = await deletions(2);
    await zone.change(BLUE, seen, 'test');
    await settled();
    await zone.change(BLUE, [upsert('b', 4, '10.0.2.11'), ...seen], 'test');
    expect(await left()).toContainEqual(['A', hostId(4)]);
  });

  it('does not publish a server whose old record somebody else took away', async () => {
    const seen = await deletions(2);
    await zone.change(BLUE, seen, 'test');
    await settled();
    await expect(zone.change(BLUE, [upsert('c', 2, '10.0.3.11'), ...seen], 'test')).rejects.toThrow('was not found');
    expect(await left()).not.toContainEqual(['A', hostId(2)]);
  });

  it('is refused when the record has another value meanwhile, and nothing of the batch is done', async () => {
    const seen = await deletions(2, 3);
    await zone.change(BLUE, [upsert('b', 2, '10.0.2.12')], 'test');
    await settled();
    await expect(zone.change(BLUE, seen, 'test')).rejects.toThrow(
      'InvalidChangeBatch: a record to be deleted has other values by now (log entry',
    );
    expect(await left()).toHaveLength(4);
  });

  it('is not taken for done when Route 53 does not say what it did not find', async () => {
    const message = '[Tried to delete a resource record set but it was not found]';
    const seen = await deletions(1);
    bench.endpoint.faults.next('ChangeResourceRecordSets', 'InvalidChangeBatch', { message });
    await expect(zone.change(BLUE, seen, 'test')).rejects.toThrow('was not found');
    bench.endpoint.faults.next('ChangeResourceRecordSets', 'InvalidChangeBatch', { message });
    await zone.change(BLUE, seen.slice(0, 1), 'test');
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
      `changing ntp.az-b.pod in zone ${ZONE_ID} of pod blue: AccessDenied (log entry tick-1.1)`,
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
