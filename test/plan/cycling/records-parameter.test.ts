import { describe, expect, it } from '@jest/globals';
import type { PublishedRecord } from '../../../src/fleet/records.ts';
import { recordsParameter } from '../../../src/plan/cycling/records-parameter.ts';
import { POD, record, server } from '../../builders/plan-input.ts';

const B = server('b', 'b', { ipv6: ['fd00::5'] });
const B2 = server('c', 'b');
const C = server('d', 'c');

describe('what DNS says now, for the cycle document,', () => {
  it.each<[string, PublishedRecord[], string]>([
    ['nothing', [], ''],
    ['one server of both families', [record(B, { type: 'AAAA' }), record(B)], 'az-b=10.0.2.11|fd00::5'],
    ['names and addresses in order', [record(C), record(B2), record(B)], 'az-b=10.0.2.11|10.0.2.12 az-c=10.0.3.13'],
    ['an address once', [record(B), record(B2, { addresses: ['10.0.2.11'] })], 'az-b=10.0.2.11'],
    [
      'also what is not podtime’s: the resolver tells it all the same',
      [record(B, { setIdentifier: null, multivalue: false, addresses: ['10.0.2.99'] })],
      'az-b=10.0.2.99',
    ],
    ['no other type', [record(B), record(B, { type: 'CNAME', addresses: ['10.0.2.99'] })], 'az-b=10.0.2.11'],
    [
      'no other name',
      [record(B), record(B, { name: 'www.pod' }), record(B, { name: 'ntp.az-b.green' })],
      'az-b=10.0.2.11',
    ],
    [
      'an IPv4-mapped address in an AAAA record as the IPv4 address that hosts poll',
      [record(B, { type: 'AAAA', addresses: ['fd00::5', '10.0.2.99'] })],
      'az-b=10.0.2.99|fd00::5',
    ],
    ['no alias, which has no addresses', [record(B, { addresses: [] })], ''],
    [
      'nothing that could not pass the allowed pattern',
      [
        record(B, { addresses: ['10.0.2.11; reboot', '10.0.2', 'fd00::9', '10.0.2.11'] }),
        record(B, {
          type: 'AAAA',
          addresses: ['fd00::1%eth0', '$(reboot)', 'FD00::2', 'fd00::5', '10.0.1', '::ffff:10.0.0.1'],
        }),
      ],
      'az-b=10.0.2.11|fd00::5',
    ],
  ])('%s', (_, records, expected) => {
    expect(recordsParameter(POD, records)).toBe(expected);
  });
});
