import { expect, it } from '@jest/globals';
import type { Judgement } from '../../../src/diagnosis/judgement.ts';
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
  const presumed = presumedWithdrawn(input({ hosts: [BAD], judgements: [] }));
  expect(presumed).toEqual({ [BAD.instanceId]: { ...PRESUMED, addresses: [BAD.ipv4, ...BAD.ipv6].toSorted() } });
});

it.each<[string, Partial<Judgement>, boolean]>([
  ['contradicted', { state: 'contradicted', findings: ['contradicted'], confident: false }, true],
  [
    'contradicted, and first something else',
    { state: 'unknown', findings: ['unknown', 'contradicted'], confident: false },
    true,
  ],
  ['accused by too few, and confident', { accused: true }, true],
  ['adrift', { state: 'adrift', findings: ['adrift'], confident: false }, false],
])(
  'takes one that is %s for withdrawn until its witnesses acquit it, where they have anything to do with it',
  (_, given, isContradicted) => {
    const presumed = presumedWithdrawn(input({ hosts: [BAD], judgements: [judged(BAD, given)] }));
    const addresses = [BAD.ipv4, ...BAD.ipv6].toSorted();
    expect(presumed).toEqual({
      [BAD.instanceId]: { ...PRESUMED, addresses, ...(isContradicted && { contradicted: true }) },
    });
  },
);

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
