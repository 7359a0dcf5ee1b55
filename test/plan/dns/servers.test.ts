import { describe, expect, it } from '@jest/globals';
import type { Host } from '../../../src/fleet/fleet.ts';
import { serversInDns } from '../../../src/fleet/published-servers.ts';
import type { PublishedRecord } from '../../../src/fleet/records.ts';
import { findPublishedServers } from '../../../src/plan/dns/servers.ts';
import { judged, POD, record, server } from '../../builders/plan-input.ts';

const A = server('a', 'a');
const B = server('b', 'b', { ipv6: ['fd00::5'] });
const NAME_B = 'ntp.az-b.pod';

const read = (records: PublishedRecord[], hosts: Host[] = [A, B], confident = true) =>
  findPublishedServers(
    POD,
    new Map(hosts.map((host) => [host.instanceId, host])),
    records,
    new Map(hosts.map((host) => [host.instanceId, judged(host, { confident })])),
  );

describe('a confident server counts as published', () => {
  it('by a record of its own under the name of its AZ, in either family', () => {
    expect(read([record(B), record(B, { type: 'AAAA' })])).toEqual({
      publishedNames: new Set([NAME_B]),
      confidentByName: new Map([[NAME_B, [B.instanceId]]]),
      confidentPublished: new Set([B.instanceId]),
    });
    expect(read([record(B, { type: 'AAAA' })]).confidentPublished).toEqual(new Set([B.instanceId]));
  });

  it.each<[string, PublishedRecord[], Host[], boolean]>([
    ['under the name of another AZ', [record(B, { name: 'ntp.az-a.pod' })], [A, B], true],
    ['at an address that it has no more', [record(B, { addresses: ['10.0.2.99'] })], [A, B], true],
    ['by a record that is not multivalue', [record(B, { multivalue: false })], [A, B], true],
    ['by a simple record', [record(B, { multivalue: false, setIdentifier: null })], [A, B], true],
    ['by a record of another type', [record(B, { type: 'TXT', addresses: ['10.0.2.11'] })], [A, B], true],
    ['when it is not confident', [record(B)], [A, B], false],
    ['when it does not run', [record(B)], [A, { ...B, state: 'pending' }], true],
    ['when it is a client', [record(B)], [A, { ...B, tier: 'client' }], true],
  ])('not %s', (_, records, hosts, confident) => {
    const { confidentByName, confidentPublished } = read(records, hosts, confident);
    expect([confidentByName.size, confidentPublished.size]).toEqual([0, 0]);
    expect(serversInDns(POD, hosts, records)).toEqual(new Set(confident ? [] : [B.instanceId]));
  });

  it('as metrics count it', () => {
    const records = [record(A), record(B, { type: 'AAAA' }), record(B)];
    expect(serversInDns(POD, [A, B], records)).toEqual(read(records).confidentPublished);
  });
});

describe('a name is published', () => {
  it('by any address, whoever’s it is, and by nothing else', () => {
    const records = [record(B, { setIdentifier: null, multivalue: false }), record(A, { type: 'TXT' })];
    expect(read(records).publishedNames).toEqual(new Set([NAME_B]));
  });
});
