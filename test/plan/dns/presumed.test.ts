import { expect, it } from '@jest/globals';
import type { Host } from '../../../src/fleet/fleet.ts';
import { presumedWithdrawn } from '../../../src/plan/dns/presumed.ts';
import { adrift, client, input, judged, NOW, record, server } from '../../builders/plan-input.ts';

const BAD = server('b1', 'b');
const PRESUMED = { sinceMs: NOW, sentence: 'who was withdrawn is forgotten, and it had no record then.' };
const idsOf = (given: Parameters<typeof input>[0]) => Object.keys(presumedWithdrawn(input(given)));

it('takes a running server that no record names for withdrawn, with its addresses', () => {
  const made = presumedWithdrawn(input({ hosts: [BAD], judgements: [adrift(BAD)] }));
  expect(made).toEqual({ [BAD.instanceId]: { ...PRESUMED, addresses: [BAD.ipv4, ...BAD.ipv6].toSorted() } });
});

it('takes one that says nothing for withdrawn too', () => {
  expect(idsOf({ hosts: [BAD], judgements: [] })).toEqual([BAD.instanceId]);
});

it.each<[string, Parameters<typeof input>[0]]>([
  ['that stands in DNS, however it is', { hosts: [BAD], judgements: [adrift(BAD)], records: [record(BAD)] }],
  ['that is confident', { hosts: [BAD], judgements: [judged(BAD)] }],
  ['that boots: a boot is a new beginning', { hosts: [{ ...BAD, state: 'pending' }] }],
  ['that does not run', { hosts: [{ ...BAD, state: 'stopped' }] }],
  ['of another pod', { hosts: [{ ...BAD, pod: 'green' } as Host] }],
  ['that is a client', { hosts: [client('21', 'b')] }],
])('takes none %s', (_, given) => {
  expect(idsOf(given)).toEqual([]);
});
