import { ChangeResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, startBench, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { route53Zone } from '../../src/aws/zone.ts';
import type { Zone } from '../../src/watchdog/ports.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { BLUE } from '../builders/endpoint-fleet.ts';

let bench: Bench;
let zone: Zone;
let calls: string[];
beforeEach(async () => {
  calls = [];
  bench = await startBench({ maxAttempts: 4, record: ({ operation }) => void calls.push(operation ?? '') });
  zone = route53Zone(bench.route53, loggedCalls().call);
});
afterEach(() => bench.close());

/** Puts records into the zone, and waits until it has them. */
async function given(sets: ResourceRecordSet[]): Promise<void> {
  const Changes = sets.map((set) => ({ Action: 'CREATE' as const, ResourceRecordSet: set }));
  await bench.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: ZONE_ID, ChangeBatch: { Changes } }));
  await bench.clock.advance(60_000);
  calls.length = 0;
}

describe('wildcard records', () => {
  const a = (Name: string, n = 1): ResourceRecordSet => ({
    Name,
    Type: 'A',
    TTL: 60,
    ResourceRecords: [{ Value: `10.0.9.${n}` }],
  });
  const requests = () => calls.filter((operation) => operation === 'ListResourceRecordSets').length;

  it('over names of podtime’s are told, whatever they answer with, by no further request', async () => {
    const alias: ResourceRecordSet = {
      Name: '*.az-z.pod.',
      Type: 'CNAME',
      TTL: 60,
      ResourceRecords: [{ Value: 'www.pod' }],
    };
    const six: ResourceRecordSet = { Name: '*.pod.', Type: 'AAAA', TTL: 60, ResourceRecords: [{ Value: 'fd00::9' }] };
    await given([a('*.pod.'), six, a('*.az-b.pod.'), alias, a('0.pod.'), a('-.pod.')]);
    const { wildcards, records, negativeTtlSeconds } = await zone.read(BLUE);
    expect(wildcards).toEqual(['*.az-b.pod', '*.az-z.pod', '*.pod']);
    expect([records, negativeTtlSeconds, requests()]).toEqual([[], 900, 2]);
  });

  it('elsewhere, or without an address, are not', async () => {
    const text: ResourceRecordSet = { Name: '*.pod.', Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"x"' }] };
    await given([text, a('*.www.pod.'), a('*.az-bb.pod.'), a('*.ntp.az-b.pod.'), a('a*.az-b.pod.'), a('ntp.*.pod.')]);
    expect((await zone.read(BLUE)).wildcards).toEqual([]);
  });

  it.each([
    [10, 2],
    [11, 3],
    [12, 3],
    [30, 3],
  ])('are seen beside an apex with %i records more: %i requests', async (length, sent) => {
    const texts = Array.from(
      { length },
      (_, n): ResourceRecordSet => ({
        Name: 'pod.',
        Type: 'TXT',
        SetIdentifier: `text-${n}`,
        MultiValueAnswer: true,
        TTL: 60,
        ResourceRecords: [{ Value: `"${n}"` }],
      }),
    );
    await given([...texts, a('*.pod.')]);
    const { wildcards, negativeTtlSeconds } = await zone.read(BLUE);
    expect([wildcards, negativeTtlSeconds, requests()]).toEqual([['*.pod'], 900, sent]);
  });
});
