import type { Fault } from '../../../src/ntp/source.ts';
import { collected, source } from '../../builders/sightings.ts';
import { type Case, LOST_ROW, other } from './case.ts';

const REFUSED: Fault = {
  line: 7,
  field: null,
  text: 'ntpq: read: Connection refused',
  reason: 'the query tool failed',
};

/** What a host says, or does not say, of its daemon: whether it runs, since when, whether its clock is set. */
export const ANSWERS: readonly Case[] = [
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
    'of chrony, whose sources are apart: it was set, and takes that back',
    collected({
      daemon: { kind: 'chrony', version: '4.3' },
      system: { leap: 'alarm', stratum: 0, refid: null },
      sources: [5, 6].flatMap((place) =>
        ['10.0.1', '10.0.2'].map((network) =>
          source(`${network}.${place}`, {
            tally: 'x',
            offsetMs: place === 5 ? 0 : -500,
            delayMs: null,
            uncertaintyMs: 1,
          }),
        ),
      ),
    }),
    'unsynchronised',
    'leap alarm: chrony 4.3 says that its clock is not synchronised: no majority among its 4 sources.',
    [
      'no system peer: chrony 4.3 has selected none of its 4 sources.',
      '4 falsetickers: 10.0.1.5 (offset 0 ms), 10.0.1.6 (offset -500 ms), 10.0.2.5 (offset 0 ms) and 10.0.2.6 (offset -500 ms).',
      'its sources disagree: no more than 2 of 4 clocks stand within 5 ms of each other (3 wanted).',
    ],
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
];
