import { describe, expect, it } from '@jest/globals';
import type { State } from '../../src/diagnosis/judgement.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Fault, SystemState } from '../../src/ntp/source.ts';
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
/** Silent for 52 minutes, as ntpd shows it: nothing selected any more. */
const silent = { tally: ' ', reach: 0, whenSeconds: 3120 } as const;
const chrony = (system: Partial<SystemState> = {}) => ({
  daemon: { kind: 'chrony', version: '4.3' } as const,
  system: { skewPpm: 0.5, residualFrequencyPpm: -0.5, ...system },
});

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
      'of stratum 16 without a leap alarm',
      collected({ system: { stratum: 16 } }),
      'unsynchronised',
      'stratum 16: ntpsec 1.2.2 says that it follows nobody (1 to 15 wanted).',
      [],
    ],
    [
      'of stratum 0',
      collected({ system: { stratum: 0 } }),
      'unsynchronised',
      'stratum 0: ntpsec 1.2.2 says that it follows nobody (1 to 15 wanted).',
      [],
    ],
    [
      'aged ten minutes, without a system peer, though rows are fresh',
      collected({ ageSeconds: 600, sources: [other, source('10.0.1.5')] }),
      'degraded',
      'no system peer: ntpsec 1.2.2 has selected none of its 2 sources.',
      [],
    ],
    [
      'on its own undisciplined clock, though a row is fresh',
      collected({ sources: [source('LOCAL(0)', { tally: '*', type: 'l', refid: '.LOCL.', stratum: 5 }), other] }),
      'degraded',
      'no system peer: ntpsec 1.2.2 has selected none of its 1 source.',
      [],
    ],
    [
      'of ntpsec, silent for 52 minutes',
      collected({
        system: { offsetMs: -0.7, rootDispersionMs: 60, rootDelayMs: 1 },
        sources: [source('10.0.1.5', silent), source('10.0.2.5', { ...silent, whenSeconds: 3200 })],
      }),
      'holdover',
      'heard nobody for 52 min (silent); bound 61.2 ms grows by 15 ppm (limit 200 ms): trustworthy for 2 h 34 min more.',
      ['source 10.0.1.5 heard 0 of its last 8 polls; source 10.0.2.5 heard 0 of its last 8 polls.'],
    ],
    [
      'of chrony, which has dropped its sources at their eighth miss: since when it is not set is told by its dispersion alone',
      // 1 ms grows by 1.048 ppm within 954 s
      collected({
        ...chrony({ skewPpm: 0.047, residualFrequencyPpm: -0.001 }),
        sources: [
          source('10.0.1.5', { tally: ' ', reach: 0, whenSeconds: 165 }),
          source('10.0.2.5', { tally: 'x', reach: 0 }),
        ],
      }),
      'holdover',
      'heard nobody for 12 s (silent); bound 14.69 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 25 min more.',
      [
        'source 10.0.1.5 heard 0 of its last 8 polls; source 10.0.2.5 heard 0 of its last 8 polls.',
        '1 falseticker: 10.0.2.5 (offset 0.02 ms).',
      ],
    ],
    [
      'of chrony, whose sources have disagreed for a day: its dispersion cannot have grown by more than that',
      // 1 ms when it was last set, and 86,400 s of 1.048 ppm; of 15 ppm they are 1,296 ms
      collected({
        ...chrony({ skewPpm: 0.047, residualFrequencyPpm: -0.001, rootDispersionMs: 1 + 90.5472 }),
        sources: [source('10.0.1.5', { tally: 'x' }), source('10.0.2.5', { tally: 'x', offsetMs: 45 })],
      }),
      'holdover',
      'no majority among 2 sources; bound 1311 ms is over the limit of 200 ms and grows by 15 ppm: not trustworthy.',
      ['2 falsetickers: 10.0.1.5 (offset 0.02 ms) and 10.0.2.5 (offset 45 ms).'],
    ],
    [
      'of chrony that never heard the sources it has now',
      collected({
        ...chrony({ skewPpm: 0.047, residualFrequencyPpm: -0.001, rootDispersionMs: 91.5472 }),
        sources: [source('10.0.1.5', { tally: ' ', reach: 0, whenSeconds: null })],
      }),
      'holdover',
      'heard nobody for a time that is not known (silent); bound 1311 ms is over the limit of 200 ms and grows by 15 ppm: not trustworthy.',
      ['source 10.0.1.5 heard 0 of its last 8 polls.'],
    ],
    [
      'of chrony whose skew could not be read, silent for 52 minutes: how fast its error grows is not known',
      collected({
        ...chrony({ skewPpm: null, rootDispersionMs: 4 }),
        sources: [peer({ reach: 0, whenSeconds: 3120 })],
      }),
      'holdover',
      'heard nobody for 52 min (silent); error bound not known (limit 200 ms).',
      ['source 10.0.1.5 (the system peer) heard 0 of its last 8 polls.', 'not known: the error bound.'],
    ],
    [
      'of chrony, silent for 52 minutes, which keeps its system peer',
      // 2 ppm of its own are in the 14.45 ms already, 13 ppm are not: 40.56 ms in 3,120 s
      collected({
        ...chrony({ offsetMs: 0.05, rootDispersionMs: 13.9, rootDelayMs: 1 }),
        sources: [peer({ reach: 0, whenSeconds: 3120 }), source('10.0.2.5', { reach: 0, whenSeconds: 3125 })],
      }),
      'holdover',
      'heard nobody for 52 min (silent); bound 55.01 ms grows by 15 ppm (limit 200 ms): trustworthy for 2 h 41 min more.',
      ['source 10.0.1.5 (the system peer) heard 0 of its last 8 polls; source 10.0.2.5 heard 0 of its last 8 polls.'],
    ],
    [
      'of chrony whose frequency is less sure than PHI',
      collected({
        ...chrony({ skewPpm: 30, residualFrequencyPpm: 4, rootDispersionMs: 100 }),
        sources: [peer({ reach: 0, whenSeconds: 3120 })],
      }),
      'holdover',
      'heard nobody for 52 min (silent); bound 100.4 ms grows by 35 ppm (limit 200 ms): trustworthy for 47 min more.',
      ['source 10.0.1.5 (the system peer) heard 0 of its last 8 polls.'],
    ],
    [
      'silent until its bound is over the limit',
      collected({
        system: { rootDispersionMs: 199.75 },
        sources: [source('10.0.1.5', { ...silent, whenSeconds: 13_400 })],
      }),
      'holdover',
      'heard nobody for 3.7 h (silent); bound 200.1 ms is over the limit of 200 ms and grows by 15 ppm: not trustworthy.',
      ['source 10.0.1.5 heard 0 of its last 8 polls.'],
    ],
    [
      'silent for a time that nobody tells',
      collected({ system: { rootDelayMs: null }, sources: [source('10.0.1.5', { ...silent, whenSeconds: null })] }),
      'holdover',
      'heard nobody for a time that is not known (silent); error bound not known (limit 200 ms).',
      ['source 10.0.1.5 heard 0 of its last 8 polls.', 'not known: the error bound.'],
    ],
    [
      'whose last row is fresh by a second',
      collected({ sources: [peer({ reach: 0, whenSeconds: 900 })] }),
      'degraded',
      'source 10.0.1.5 (the system peer) heard 0 of its last 8 polls.',
      [],
    ],
    [
      'whose last row is not fresh any more by a second',
      collected({ sources: [peer({ reach: 0, whenSeconds: 901 })] }),
      'holdover',
      'heard nobody for 15 min (silent); bound 1.375 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 40 min more.',
      ['source 10.0.1.5 (the system peer) heard 0 of its last 8 polls.'],
    ],
    [
      'silent, though the time service that it watches answers',
      collected({ sources: [source('10.0.1.5', silent), source('169.254.169.123', { tally: ' ' })] }),
      'holdover',
      'heard nobody for 52 min (silent); bound 1.375 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 40 min more.',
      ['source 10.0.1.5 heard 0 of its last 8 polls.'],
    ],
    [
      'without any source',
      collected({ sources: [] }),
      'holdover',
      'ntpsec 1.2.2 has no source (silent); bound 1.375 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 40 min more.',
      [],
    ],
    [
      'that hears falsetickers alone',
      collected({ sources: [source('10.0.1.5', { tally: 'x' }), source('10.0.2.5', { tally: 'x', offsetMs: 900 })] }),
      'holdover',
      'no majority among 2 sources; bound 1.375 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 40 min more.',
      ['2 falsetickers: 10.0.1.5 (offset 0.02 ms) and 10.0.2.5 (offset 900 ms).'],
    ],
    [
      'that hears servers that follow nobody themselves',
      collected({
        sources: ['10.0.1.5', '10.0.2.5'].map((remote) => source(remote, { tally: ' ', refid: '.STEP.', stratum: 16 })),
      }),
      'holdover',
      'the sources that ntpsec 1.2.2 hears are unsynchronised (stratum 16), 2 sources in all; bound 1.375 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 40 min more.',
      [],
    ],
    [
      'that hears one of these and a falseticker',
      collected({
        sources: [source('10.0.1.5', { tally: ' ', refid: '.STEP.', stratum: 16 }), source('10.0.2.5', { tally: 'x' })],
      }),
      'holdover',
      'no majority among 2 sources; bound 1.375 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 40 min more.',
      ['1 falseticker: 10.0.2.5 (offset 0.02 ms).'],
    ],
    [
      'that selects none of rows without an age',
      collected({ sources: [source('10.0.1.5', { tally: 'x', whenSeconds: null, offsetMs: null })] }),
      'holdover',
      'selects none of its 1 source, whether they are heard is not known; bound 1.375 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 40 min more.',
      ['1 falseticker: 10.0.1.5.'],
    ],
    [
      'on its own undisciplined clock, as -n prints it, whose dispersion is its own',
      // 0.01 ms of LOCAL's, and 15 ppm of 3,120 s
      collected({
        system: { refid: '127.127.1.0', offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 0.01 },
        sources: [source('127.127.1.0', { tally: '*', type: 'l', stratum: 5 }), source('10.0.1.5', silent)],
      }),
      'holdover',
      'follows its own undisciplined clock, heard nobody for 52 min (local clock); bound 46.81 ms grows by 15 ppm (limit 200 ms): trustworthy for 2 h 50 min more.',
      ['source 10.0.1.5 heard 0 of its last 8 polls.'],
    ],
    [
      "on chrony's `local`, which no row shows",
      collected({
        ...chrony({ refid: '127.127.1.1', offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 0 }),
        sources: [source('10.0.1.5', silent)],
      }),
      'holdover',
      'follows its own undisciplined clock, heard nobody for 52 min (local clock); bound 46.8 ms grows by 15 ppm (limit 200 ms): trustworthy for 2 h 50 min more.',
      ['source 10.0.1.5 heard 0 of its last 8 polls.'],
    ],
    [
      'on its own undisciplined clock since it started',
      collected({
        system: { refid: 'LOCAL(0)', offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 0.01 },
        sources: [
          source('LOCAL(0)', { tally: '*', type: 'l', stratum: 5 }),
          source('10.0.1.5', { ...silent, whenSeconds: null, refid: '.INIT.', stratum: 16 }),
        ],
      }),
      'holdover',
      'follows its own undisciplined clock, heard nobody for a time that is not known (local clock); no bound on its error, since nobody ever set it (limit 200 ms): not trustworthy.',
      ['source 10.0.1.5 (.INIT.) heard 0 of its last 8 polls.'],
    ],
    [
      'of which no row has an age: no proof of silence',
      collected({ sources: [peer({ whenSeconds: null }), source('10.0.2.5', { whenSeconds: null })] }),
      'healthy',
      'offset 0.125 ms (limit 50 ms), error bound 1.375 ms (limit 200 ms), usable sources not known.',
      [],
    ],
    [
      'of long polls, last heard an hour ago, whose register does not show it',
      collected({ sources: [peer(), source('10.0.2.5', { reach: 0o374, whenSeconds: 3000, pollSeconds: 1024 })] }),
      'degraded',
      'source 10.0.2.5 last heard 3000 s ago (limit 2108 s).',
      ['source 10.0.2.5 heard 6 of its last 8 polls.'],
    ],
    [
      'silent and away from AWS by the time service that it watches: both are found',
      collected({
        sources: [source('10.0.1.5', silent), source('169.254.169.123', { tally: ' ', offsetMs: -60 })],
      }),
      'adrift',
      "offset from the AWS time service -60 ms is over the limit of 50 ms: the clock is ahead of AWS's.",
      [
        'heard nobody for 52 min (silent); bound 1.375 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 40 min more.',
        'source 10.0.1.5 heard 0 of its last 8 polls.',
      ],
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
      'uncertain',
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
