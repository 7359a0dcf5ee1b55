import { describe, expect, it } from '@jest/globals';
import type { State } from '../../src/diagnosis/judgement.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Fault } from '../../src/ntp/source.ts';
import { collected, judge, source } from '../builders/sightings.ts';

const LOST_ROW: Fault = { line: 12, field: null, text: '+10.0.1', reason: 'the output was cut within this line' };
const REFUSED: Fault = {
  line: 7,
  field: null,
  text: 'ntpq: read: Connection refused',
  reason: 'the query tool failed',
};
const peer = (given: Parameters<typeof source>[1] = {}) => source('10.0.1.5', { tally: '*', ...given });
const other = source('10.0.2.5');

describe('a host in one state', () => {
  const cases: [what: string, answer: Collected | null, state: State, sentence: string, remarks: string[]][] = [
    [
      'all well',
      collected(),
      'healthy',
      'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
      [],
    ],
    [
      'no daemon',
      collected({ daemon: null, found: 'none', sources: [], system: null }),
      'no-daemon',
      'the agent answers, but no time daemon runs.',
      [],
    ],
    [
      'a daemon that refuses its own query tool',
      collected({ system: null, sources: [], faults: [REFUSED] }),
      'no-daemon',
      'ntpsec 1.2.2 is there, but does not answer: ntpq: read: Connection refused.',
      [],
    ],
    [
      'a cut before anything was told',
      collected({ system: null, sources: [], truncated: true, faults: [LOST_ROW] }),
      'unknown',
      'ntpsec 1.2.2 runs, but the answer tells neither its leap indicator nor a system peer: the output was cut.',
      [
        'not known: the leap indicator, the system peer, the offset and the error bound.',
        'the output was cut at the limit of 2,400 bytes: what came after is not known.',
        '1 fault in what it printed, the first at line 12: the output was cut within this line.',
      ],
    ],
    [
      'young, with everything that is normal then',
      collected({
        ageSeconds: 20,
        system: {
          leap: 'alarm',
          stratum: 16,
          offsetMs: null,
          rootDelayMs: null,
          rootDispersionMs: null,
          jitterMs: null,
        },
        sources: [
          source('10.0.1.5', { tally: ' ', refid: '.INIT.', stratum: 16, reach: 0, delayMs: null, offsetMs: null }),
        ],
      }),
      'starting',
      'ntpsec 1.2.2 is 20 s old (limit 600 s) and not yet confident: leap alarm; no system peer; 0 usable sources (at least 2 wanted).',
      [],
    ],
    [
      'young, and only age is lacking',
      collected({ ageSeconds: 299 }),
      'starting',
      'ntpsec 1.2.2 is 299 s old (limit 600 s) and not yet confident (at least 300 s wanted).',
      [],
    ],
    [
      'young, but confident already',
      collected({ ageSeconds: 300 }),
      'healthy',
      'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
      [],
    ],
    [
      'of unknown age, with leap alarm: not knowing is no excuse',
      collected({ ageSeconds: null, system: { leap: 'alarm' } }),
      'unsynchronised',
      'leap alarm: ntpsec 1.2.2 says that its clock has not been set.',
      ["not known: the daemon's age."],
    ],
    [
      'of a daemon that does not tell its version',
      collected({ daemon: { kind: 'ntpd', version: null }, system: { leap: 'alarm' } }),
      'unsynchronised',
      'leap alarm: ntpd says that its clock has not been set.',
      [],
    ],
    [
      'aged ten minutes, without a system peer',
      collected({ ageSeconds: 600, sources: [other, source('10.0.1.5')] }),
      'unsynchronised',
      'no system peer: ntpsec 1.2.2 has selected none of its 2 sources.',
      [],
    ],
    [
      'on its own undisciplined clock',
      collected({ sources: [source('LOCAL(0)', { tally: '*', type: 'l', refid: '.LOCL.', stratum: 5 }), other] }),
      'unsynchronised',
      'no system peer: ntpsec 1.2.2 has selected none of its 1 source.',
      [],
    ],
    [
      'on its own undisciplined clock, as -n prints it',
      collected({ sources: [source('127.127.1.0', { tally: '*', type: 'l', stratum: 5 }), other, source('10.0.1.5')] }),
      'unsynchronised',
      'no system peer: ntpsec 1.2.2 has selected none of its 2 sources.',
      [],
    ],
    [
      'no system peer among the rows that are left of it',
      collected({ sources: [other], truncated: true, faults: [LOST_ROW] }),
      'healthy',
      'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), at least 1 usable source.',
      [
        'not known: the system peer.',
        'the output was cut at the limit of 2,400 bytes: what came after is not known.',
        '1 fault in what it printed, the first at line 12: the output was cut within this line.',
      ],
    ],
    [
      'behind',
      collected({ system: { offsetMs: 152.3 } }),
      'adrift',
      'offset 152.3 ms is over the limit of 50 ms: the clock is behind its reference.',
      [],
    ],
    [
      'ahead by so little that rounding would hide it',
      collected({ system: { offsetMs: -50.00004 } }),
      'adrift',
      'offset -50.00004 ms is over the limit of 50 ms: the clock is ahead of its reference.',
      [],
    ],
    [
      'just within its limit',
      collected({ system: { offsetMs: -50 } }),
      'healthy',
      'offset -50 ms (limit 50 ms), error bound 51.25 ms (limit 200 ms), 2 usable sources.',
      [],
    ],
    [
      'of an error bound over the limit',
      collected({ system: { offsetMs: -20, rootDispersionMs: 100, rootDelayMs: 200 } }),
      'adrift',
      'clock error bound 220 ms is over the limit of 200 ms.',
      [],
    ],
    [
      'away from AWS, by a time service that is watched and not followed',
      collected({ sources: [peer(), other, source('169.254.169.123', { tally: ' ', offsetMs: -60 })] }),
      'adrift',
      "offset from the AWS time service -60 ms is over the limit of 50 ms: the clock is ahead of AWS's.",
      [],
    ],
    [
      'away from AWS, by IPv6',
      collected({ sources: [peer(), other, source('fd00:ec2::123', { offsetMs: 60 })] }),
      'adrift',
      "offset from the AWS time service 60 ms is over the limit of 50 ms: the clock is behind AWS's.",
      [],
    ],
    [
      'away from AWS once, but the time service has been silent since',
      collected({ sources: [peer(), other, source('169.254.169.123', { reach: 0, offsetMs: 60 })] }),
      'degraded',
      'source 169.254.169.123 heard 0 of its last 8 polls.',
      [],
    ],
    [
      'with one upstream cut',
      collected({ sources: [peer({ reach: 0 }), other, source('10.0.3.5', { reach: 0o376 })] }),
      'degraded',
      'source 10.0.1.5 (the system peer) heard 0 of its last 8 polls.',
      ['source 10.0.3.5 heard 7 of its last 8 polls.'],
    ],
    [
      'with an upstream that does not resolve; a name of an AZ without server is no harm',
      collected({
        sources: [
          peer(),
          other,
          source('us-west-2b.stratum-2.invalid', { tally: ' ', refid: '.DNS.', stratum: 16, reach: 0 }),
          source('ntp.az-c.pod', { tally: ' ', refid: '.DNS.', stratum: 16, reach: 0 }),
        ],
      }),
      'degraded',
      'us-west-2b.stratum-2.invalid has not resolved.',
      [],
    ],
    [
      'with the head of a pool, which nobody answers',
      collected({
        sources: [
          peer(),
          other,
          source('pool.stratum-2.invalid', { tally: ' ', type: 'p', refid: '.POOL.', stratum: 16, reach: 0 }),
        ],
      }),
      'healthy',
      'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
      [],
    ],
    [
      'with a broadcast server that is not heard, which nobody asks',
      collected({ sources: [peer(), other, source('10.0.3.5', { tally: ' ', type: 'b', reach: 0 })] }),
      'healthy',
      'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
      [],
    ],
    [
      'with two daemons',
      collected({ otherDaemons: ['chrony'] }),
      'degraded',
      '2 time daemons are active (1 wanted): ntpsec 1.2.2 and chrony.',
      [],
    ],
    [
      'on an old file',
      collected({ configRevision: 'fedcba9876543210' }),
      'degraded',
      'runs on an old file: revision fedcba9876543210, podtime serves 0123456789abcdef.',
      [],
    ],
    [
      "on a file that is not podtime's",
      collected({ configRevision: null }),
      'healthy',
      'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
      ["the file it runs on bears no revision of podtime's (0123456789abcdef is served)."],
    ],
    [
      'with falsetickers and a server that told it to go away',
      collected({
        sources: [
          peer(),
          other,
          source('10.0.3.5', { tally: 'x', offsetMs: 3500.053 }),
          source('10.0.4.5', { tally: 'x', offsetMs: null, refid: '.DENY.' }),
        ],
      }),
      'healthy',
      'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
      ['2 falsetickers: 10.0.3.5 (offset 3500 ms) and 10.0.4.5.', 'told to stop or slow down by 10.0.4.5 (.DENY.).'],
    ],
    [
      'before a leap second',
      collected({ system: { leap: 'add' } }),
      'healthy',
      'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), 2 usable sources.',
      ['a leap second is announced: one second to add.'],
    ],
    [
      'of which a number could not be read',
      collected({
        system: { offsetMs: null },
        faults: [{ line: 8, field: 'offsetMs', text: 'offset=??', reason: 'not a decimal number' }],
      }),
      'healthy',
      'offset not known, error bound not known, 2 usable sources.',
      [
        'not known: the offset and the error bound.',
        '1 fault in what it printed, the first at line 8, offsetMs: not a decimal number.',
      ],
    ],
  ];

  it.each(cases)('%s', (_, answer, state, sentence, remarks) => {
    const judgement = judge(answer);
    expect({ state: judgement.state, sentence: judgement.sentence, remarks: judgement.remarks }).toEqual({
      state,
      sentence,
      remarks,
    });
  });
});
