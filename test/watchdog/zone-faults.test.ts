import { describe, expect, it } from '@jest/globals';
import { zoneFaults } from '../../src/watchdog/zone-faults.ts';
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
