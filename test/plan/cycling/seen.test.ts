import { describe, expect, it } from '@jest/globals';
import type { PublishedRecord } from '../../../src/fleet/records.ts';
import { digestOf, groupWaiting, waitingHosts } from '../../../src/plan/cycling/seen.ts';
import { record } from '../../builders/plan-input.ts';
import { A, B, NAME_A, NAME_B, nth } from '../../builders/stale-clients.ts';

describe('the digest of records', () => {
  const TWO = record(A, { addresses: ['10.0.1.10', '10.0.1.11'] });
  const digest = digestOf([TWO, record(B)]);

  it('is short: 16 hexadecimal digits', () => {
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is the same in whatever order records and their addresses come', () => {
    expect(digestOf([record(B), TWO])).toBe(digest);
    expect(digestOf([{ ...TWO, addresses: TWO.addresses.toReversed() }, record(B)])).toBe(digest);
  });

  it.each<[string, Partial<PublishedRecord>]>([
    ['name', { name: NAME_B }],
    ['type', { type: 'AAAA', addresses: TWO.addresses }],
    ['set identifier', { setIdentifier: B.instanceId }],
    ['TTL', { ttlSeconds: 60 }],
    ['kind', { multivalue: false }],
    ['address', { addresses: ['10.0.1.10', '10.0.1.12'] }],
    ['addresses, one fewer', { addresses: ['10.0.1.10'] }],
  ])('is another with another %s', (_, change) => {
    expect(digestOf([{ ...TWO, ...change }, record(B)])).not.toBe(digest);
  });

  it('is another without one of them', () => {
    expect(digestOf([TWO])).not.toBe(digest);
  });
});

describe('hosts that wait', () => {
  const eligible = (index: number, az: string, ...names: string[]) => ({ instanceId: nth(index), az, names });
  const HOSTS = [
    eligible(2, 'us-west-2a', NAME_A, NAME_B),
    eligible(3, 'us-west-2b', NAME_B),
    eligible(1, 'us-west-2a', NAME_A, NAME_B),
    eligible(4, 'us-west-2a', NAME_B),
    eligible(0, 'us-west-2a', NAME_A, NAME_B),
  ];

  it('are kept by AZ and names, in each by id', () => {
    expect(groupWaiting(HOSTS)).toEqual([
      { az: 'us-west-2a', names: [NAME_A, NAME_B], instanceIds: [nth(0), nth(1), nth(2)] },
      { az: 'us-west-2b', names: [NAME_B], instanceIds: [nth(3)] },
      { az: 'us-west-2a', names: [NAME_B], instanceIds: [nth(4)] },
    ]);
  });

  it('come back as they were', () => {
    const seen = { waiting: groupWaiting(HOSTS) } as Parameters<typeof waitingHosts>[0];
    const byId = (hosts: typeof HOSTS) => hosts.toSorted((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
    expect(byId(waitingHosts(seen) as typeof HOSTS)).toEqual(byId(HOSTS));
  });
});
