import { ChangeResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { describe, expect, it } from '@jest/globals';
import { ZONE_ID } from '@podtime/aws-endpoint/testing';
import { zoneFaults } from '../../src/watchdog/zone-faults.ts';
import { givenServers, startPod } from '../builders/endpoint-pod.ts';
import { POD } from '../builders/plan-input.ts';

const reading = { records: [], negativeTtlSeconds: 60, wildcards: [] };

describe('what an operator is told of the zone', () => {
  it('is nothing when it is as it should be', () => {
    expect(zoneFaults(POD, reading)).toEqual([]);
    expect(zoneFaults(POD, { ...reading, negativeTtlSeconds: null })).toEqual([]);
  });

  it('names each wildcard record and what it does', () => {
    const does = 'Hosts then see an address that podtime did not publish, and refuse to be cycled. Remove it.';
    expect(zoneFaults(POD, { ...reading, wildcards: ['*.az-b.pod', '*.pod'] })).toEqual([
      `Zone pod has a wildcard record *.az-b.pod: it answers for ntp.az-b.pod while that has no record. ${does}`,
      `Zone pod has a wildcard record *.pod: it answers for every name ntp.az-*.pod while that has no record. ${does}`,
    ]);
  });

  it('says that a missing name is cached for too long', () => {
    expect(zoneFaults(POD, { ...reading, negativeTtlSeconds: 61 })).toEqual([
      'Zone pod lets a missing name be cached for 61 s (limit 60 s): a name new in DNS is seen that late. ' +
        'Lower the TTL and the last field of its SOA record.',
    ]);
  });
});

it('every tick tells of a wildcard record, as long as it stands', async () => {
  const pod = await startPod();
  try {
    await givenServers(pod);
    const wildcard: ResourceRecordSet = {
      Name: '*.pod.',
      Type: 'A',
      TTL: 60,
      ResourceRecords: [{ Value: '10.0.9.1' }],
    };
    const change = (Action: 'CREATE' | 'DELETE') =>
      pod.route53.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: ZONE_ID,
          ChangeBatch: { Changes: [{ Action, ResourceRecordSet: wildcard }] },
        }),
      );
    const tellsIt = async () => {
      await pod.clock.advance(60_000);
      return (await pod.tick()).report.faults.some((fault) => fault.includes('has a wildcard record *.pod'));
    };
    await change('CREATE');
    expect([await tellsIt(), await tellsIt()]).toEqual([true, true]);
    await change('DELETE');
    expect(await tellsIt()).toBe(false);
  } finally {
    await pod.close();
  }
});
