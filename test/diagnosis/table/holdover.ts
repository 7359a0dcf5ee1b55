import { collected, server, source } from '../../builders/sightings.ts';
import { type Case, chrony, peer, silent } from './case.ts';

/** Another boundary server of the pod. */
const MATE = server('b', ['10.0.2.5']);

/** A clock that is set and follows nobody, by what the rows of whatever daemon say. */
export const HOLDOVER: readonly Case[] = [
  [
    'of ntpsec, that follows a server of stratum 10, beside one that it does not',
    collected({
      system: { stratum: 11, refid: '10.0.1.5' },
      sources: [source('10.0.1.5', { tally: '*', stratum: 10 }), source('10.0.2.5', { tally: 'x', stratum: 10 })],
    }),
    'holdover',
    'follows 10.0.1.5 at stratum 10 or more, where undisciplined clocks stand (local clock); error bound not known (limit 200 ms).',
    ['1 falseticker: 10.0.2.5 (offset 0.02 ms).', 'not known: the error bound.'],
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
    'of a boundary server without its own sources, by another of its pod: that one is heard, and its time is true',
    collected({
      ...chrony({ stratum: 4, refid: '10.0.2.5' }),
      sources: [source('10.0.2.5', { tally: '*' }), source('192.0.2.1', { ...silent, whenSeconds: 18_000 })],
    }),
    'degraded',
    'follows 10.0.2.5, a boundary server of its pod, and hears none of its own sources.',
    ['source 192.0.2.1 heard 0 of its last 8 polls.'],
    { isBoundary: true, context: { hosts: [MATE] } },
  ],
  [
    'of a boundary server by another of its pod, whose own sources have no majority',
    collected({
      ...chrony({ stratum: 4, refid: '10.0.2.5' }),
      sources: [
        source('10.0.2.5', { tally: '*' }),
        source('192.0.2.1', { tally: 'x', offsetMs: 80 }),
        source('192.0.2.2', { tally: 'x', offsetMs: -80 }),
      ],
    }),
    'degraded',
    'follows 10.0.2.5, a boundary server of its pod, and selects none of its own 2 sources.',
    ['2 falsetickers: 192.0.2.1 (offset 80 ms) and 192.0.2.2 (offset -80 ms).'],
    { isBoundary: true, context: { hosts: [MATE] } },
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
];
