import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { State } from '../../src/diagnosis/judgement.ts';
import { parseNtpqPeers } from '../../src/ntp/ntpq-peers.ts';
import { collected, judge, source } from '../builders/sightings.ts';
import { CASES } from '../ntp/cases.ts';

const HEARD = [source('10.0.1.5', { tally: '*' }), source('10.0.2.5')];
const HEALTHY = 'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.';
const nameless = source('0.0.0.0', { tally: ' ', refid: '.DNS.', stratum: 16, reach: 0 });
const namelessIpv6 = { ...nameless, remote: '::', address: '::' };

/** As ntpsec 1.2.2 told it of two names of AZs without server, and of its own clock. */
const captured = parseNtpqPeers(readFileSync(join(CASES, 'ntpsec-1.2.2.names-lost', 'input.pnw.txt'), 'utf8')).value;

describe('a host whose ntpsec tells no name that has not resolved', () => {
  const cases: [
    what: string,
    configNames: string[],
    rows: typeof captured,
    State,
    sentence: string,
    remarks: string[],
  ][] = [
    [
      'all of them of AZs without server',
      ['ntp.az-a.pod', 'ntp.az-b.pod', 'ntp.az-c.pod'],
      [nameless, nameless],
      'healthy',
      HEALTHY,
      [],
    ],
    ['the same, as captured', ['ntp.az-a.pod', 'ntp.az-d.pod'], captured, 'healthy', HEALTHY, []],
    [
      'more than could be of AZs',
      ['ntp.az-b.pod', 'us-west-2b.stratum-2.invalid', 'us-west-2c.stratum-2.invalid'],
      [nameless, nameless],
      'degraded',
      '1 of us-west-2b.stratum-2.invalid and us-west-2c.stratum-2.invalid has not resolved.',
      [],
    ],
    [
      'and it can be none but one',
      ['ntp.az-b.pod', 'us-west-2b.stratum-2.invalid'],
      [nameless, namelessIpv6],
      'degraded',
      'us-west-2b.stratum-2.invalid has not resolved.',
      [],
    ],
    [
      'and it is more than its file has',
      ['us-west-2b.stratum-2.invalid'],
      [nameless, namelessIpv6],
      'degraded',
      'us-west-2b.stratum-2.invalid has not resolved; 1 name that the daemon does not tell has not resolved.',
      ["polls no server of podtime's: counted, never touched."],
    ],
    [
      'and whose file is not known',
      [],
      [nameless],
      'healthy',
      HEALTHY,
      [
        '1 name that the daemon does not tell has not resolved.',
        "polls no server of podtime's: counted, never touched.",
      ],
    ],
  ];

  it.each(cases)('%s', (_, configNames, rows, state, sentence, remarks) => {
    const judgement = judge(collected({ configNames, sources: [...HEARD, ...rows] }));
    expect({ state: judgement.state, sentence: judgement.sentence, remarks: judgement.remarks }).toEqual({
      state,
      sentence,
      remarks,
    });
  });
});
