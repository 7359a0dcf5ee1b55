import { ChangeResourceRecordSetsCommand, GetChangeCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type Bench, startBench, ZONE_ID } from '@podtime/aws-endpoint/testing';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

it('shows a record in DNS only when its change is in sync', async () => {
  const { route53, clock, endpoint } = bench;
  const record: ResourceRecordSet = { Name: 'a.pod', Type: 'A', TTL: 30, ResourceRecords: [{ Value: '10.0.0.1' }] };
  const { ChangeInfo } = await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: ZONE_ID,
      ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: record }] },
    }),
  );
  expect(endpoint.nameServers(ZONE_ID).lookup('a.pod', 'A').status).toBe('nxdomain');

  await clock.advance(60_000); // a minute of simulated time, at once

  expect((await route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status).toBe('INSYNC');
  expect(endpoint.nameServers(ZONE_ID).lookup('a.pod', 'A').addresses).toEqual(['10.0.0.1']);
});

it('meets what AWS does on a bad day', async () => {
  bench.endpoint.faults.next('GetChange', 'Throttling');
  await expect(bench.route53.send(new GetChangeCommand({ Id: 'C1' }))).rejects.toThrow('Rate exceeded');
});
