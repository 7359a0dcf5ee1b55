import { describe, expect, it } from '@jest/globals';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Collected } from '../../src/host/collected.ts';
import { collected, context, judge, rowOfNtpdRs, server, source } from '../builders/sightings.ts';

const TIME_SERVICE = '169.254.169.123';
const peer = (given: Parameters<typeof source>[1] = {}) => source('10.0.1.5', { tally: '*', ...given });
const silent = (remote: string) => source(remote, { tally: ' ', reach: 0, whenSeconds: 3000 });

const OF_LOCAL_CLOCKS = 'they follow their own undisciplined clocks (local clock)';
const OF_STRATUM_10 = 'they follow others at stratum 10 or more, where undisciplined clocks stand (local clock)';
const BOUND = 'bound 1.375 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 40 min more';

const ownClock = (...sources: Collected['sources']) =>
  collected({
    system: { refid: '127.127.1.0', stratum: 11, offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 11 },
    sources: [source('127.127.1.0', { tally: '*', type: 'l', refid: '.LOCL.', stratum: 10 }), ...sources],
  });

describe('a clock in holdover', () => {
  it.each<[what: string, answer: Collected, sentence: string, cause: string]>([
    [
      'by the stratum of ntpd-rs, which names no server that it follows',
      collected({
        daemon: { kind: 'ntpd-rs', version: '1.4.0' },
        system: { stratum: 11, refid: null },
        sources: ['10.0.1.5', '10.0.2.5', '10.0.3.5'].map((remote) => rowOfNtpdRs(remote)),
      }),
      'follows a server at stratum 10 or more, where undisciplined clocks stand (local clock); error bound not known (limit 200 ms).',
      OF_STRATUM_10,
    ],
    [
      'by its stratum, while the row that it follows was cut off',
      collected({ system: { stratum: 11, refid: '10.0.1.5' }, sources: [source('10.0.2.5')], truncated: true }),
      'follows a server at stratum 10 or more, where undisciplined clocks stand (local clock); error bound not known (limit 200 ms).',
      OF_STRATUM_10,
    ],
    [
      'by the stratum of its peer',
      collected({ system: { stratum: 12 }, sources: [peer({ stratum: 11 })] }),
      'follows 10.0.1.5 at stratum 10 or more, where undisciplined clocks stand (local clock); error bound not known (limit 200 ms).',
      OF_STRATUM_10,
    ],
    [
      'on its own clock by now, whose rows still show the peer that was on its own',
      collected({ system: { refid: 'LOCAL(0)', stratum: 6 }, sources: [peer({ refid: 'LOCAL(0)', stratum: 6 })] }),
      'follows its own undisciplined clock, hears 1 source and selects none (local clock); no bound on its error, since nobody ever set it (limit 200 ms): not trustworthy.',
      OF_LOCAL_CLOCKS,
    ],
    [
      'on its own clock without any source',
      ownClock(),
      'follows its own undisciplined clock, heard nobody for a time that is not known (local clock); no bound on its error, since nobody ever set it (limit 200 ms): not trustworthy.',
      OF_LOCAL_CLOCKS,
    ],
    [
      'on its own clock, all silent but for the time service that it watches: it would not follow that',
      ownClock(silent('10.0.1.5'), source(TIME_SERVICE, { tally: ' ' })),
      'follows its own undisciplined clock, heard nobody for 50 min (local clock); bound 56 ms grows by 15 ppm (limit 200 ms): trustworthy for 2 h 40 min more.',
      OF_LOCAL_CLOCKS,
    ],
    [
      'on its own clock, which it prefers to a source that it hears',
      ownClock(source('10.0.1.5', { tally: '+' })),
      'follows its own undisciplined clock, hears 1 source and selects none (local clock); bound 11.18 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 29 min more.',
      OF_LOCAL_CLOCKS,
    ],
    [
      'that hears one that is unsynchronised, and no more another that was not',
      collected({ sources: [source('10.0.1.5', { tally: ' ', stratum: 16 }), silent('10.0.2.5')] }),
      `the sources that ntpsec 1.2.2 hears are unsynchronised (stratum 16), 2 sources in all; ${BOUND}.`,
      'their sources are unsynchronised',
    ],
    [
      'whose bound is its limit, and not over it',
      collected({ system: { offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 200 }, sources: [silent('10.0.1.5')] }),
      'heard nobody for 50 min (silent); bound 200 ms grows by 15 ppm (limit 200 ms): trustworthy for 0 s more.',
      'they hear nobody (silent)',
    ],
  ])('%s', (_, answer, sentence, cause) => {
    const judgement = judge(answer);
    expect([judgement.state, judgement.sentence, judgement.cause]).toEqual(['holdover', sentence, cause]);
  });
});

describe('a boundary server that another of its pod sets', () => {
  const [A, B] = [server('a', ['10.0.1.5']), server('b', ['10.0.2.5'])];
  const judgedServer = (own: Collected['sources'], given: Partial<Collected> = {}) => {
    const sources = [source('10.0.2.5', { tally: '*' }), ...own];
    const answer = { ...collected({ sources, system: { refid: '10.0.2.5' } }), ...given };
    const sightings = [{ host: A, collected: answer, status: 'Success' }];
    return judgeAll(sightings, context({ hosts: [A, B] })).map(({ findings, sentence }) => ({ findings, sentence }))[0];
  };
  const following = (without: string) => ({
    findings: ['degraded'],
    sentence: `follows 10.0.2.5, a boundary server of its pod, and ${without}.`,
  });

  it('selects none of its own while it hears one of them', () => {
    const rows = [source('192.0.2.1', { tally: 'x', offsetMs: 80 }), silent('192.0.2.2')];
    const expected = following('selects none of its own 2 sources');
    expect([judgedServer(rows), judgedServer(rows.toReversed())]).toEqual([expected, expected]);
  });

  it('hears none of its own where it has none', () => {
    expect(judgedServer([])).toEqual(following('hears none of its own sources'));
  });

  it('is starting first, while its daemon is young', () => {
    expect(judgedServer([silent('192.0.2.2')], { ageSeconds: 60 })).toEqual({
      findings: ['starting'],
      sentence: expect.stringMatching(/^ntpsec 1\.2\.2 is 60 s old \(limit 600 s\) and not yet confident: /),
    });
  });
});
