import { describe, expect, it } from '@jest/globals';
import { clockJudge } from '../../src/diagnosis/judge.ts';
import type { SetClock } from '../../src/diagnosis/skew.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import { collected, context, host, source } from '../builders/sightings.ts';
import { exactRow, SERVERS } from '../builders/witnessing.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const CLIENT = host('i-c1');

/** What is kept of an answer; 1,000 s before it the clock was true to within 20 ms. */
function evidenceOf(answer: Collected, of: Host = CLIENT) {
  const lastBounds = { [CLIENT.instanceId]: { atMs: NOW_MS - 1_000_000, boundMs: 20, growthPpm: 15 } };
  const judgedAt = { nowMs: NOW_MS, ageSeconds: 0 };
  const sighting = { host: of, collected: answer, status: 'Success', judgedAt };
  return clockJudge(context({ hosts: SERVERS, lastBounds }))(sighting).evidence;
}

describe('where a clock stands', () => {
  /** Not heard for 2,000 s: 100 ms ahead of true time when it last told, within 100 + 30 + 1 / 2 ms. */
  const silent = (system: NonNullable<Parameters<typeof collected>[0]>['system']) =>
    collected({
      sources: [source('10.0.1.5', { tally: ' ', reach: 0, whenSeconds: 2000 })],
      system: { offsetMs: -100, rootDelayMs: 1, rootDispersionMs: 30, ...system },
    });
  const LOCAL = source('127.127.1.0', { tally: '*', type: 'l', refid: '.LOCL.', stratum: 10, offsetMs: 0, delayMs: 0 });
  const alone = silent({ refid: '127.127.1.0', stratum: 11 });
  const astray = silent({ refid: '10.0.1.5', stratum: 11 });
  // 20 ms, and 15 ppm of 1,000 s
  const BY_THE_LAST: SetClock = { offsetMs: 0, rootDistanceMs: 35, growthPpm: 15 };

  it.each<[string, Collected, SetClock | null]>([
    [
      'in touch: by its offset',
      collected({ system: { offsetMs: -100, rootDelayMs: 1, rootDispersionMs: 30 } }),
      { offsetMs: -100, rootDistanceMs: 30.5, growthPpm: 15 },
    ],
    [
      'of systemd-timesyncd: anywhere from its offset to where that is corrected',
      collected({
        daemon: { kind: 'systemd-timesyncd', version: '252' },
        system: { offsetMs: -100, rootDelayMs: 1, rootDispersionMs: 30 },
      }),
      { offsetMs: -50, rootDistanceMs: 80.5, growthPpm: 15 },
    ],
    [
      'in holdover: by the offset that its word has',
      silent({}),
      { offsetMs: -100, rootDistanceMs: 30.5, growthPpm: 15 },
    ],
    ['in holdover without a root dispersion: by the bound of before', silent({ rootDispersionMs: null }), BY_THE_LAST],
    ['in holdover without a root delay: likewise', silent({ rootDelayMs: null }), BY_THE_LAST],
    ['in holdover without an offset: likewise', silent({ offsetMs: null }), BY_THE_LAST],
    ['on its own: likewise', { ...alone, sources: [LOCAL, ...alone.sources] }, BY_THE_LAST],
    ['behind another that is on its own: no bound is known of that one', astray, null],
    ['in holdover without a word: nobody knows', { ...silent({}), system: null }, null],
  ])('%s', (_, answer, clock) => {
    expect(evidenceOf(answer).clock).toEqual(clock);
  });
});

describe('what a host says of the boundary servers of its pod', () => {
  const [A = CLIENT] = SERVERS;
  const answer = collected({
    sources: [exactRow('10.0.2.5', 0, { tally: '*' }), exactRow('10.0.3.5', 90), exactRow('192.0.2.1', 0)],
  });
  const namesHeard = (of: Host) => evidenceOf(answer, of).heard.map(({ names }) => names);

  it('is nothing where it is one itself: they may follow it', () => {
    expect({ server: namesHeard(A), client: namesHeard(CLIENT) }).toEqual({
      server: [['192.0.2.1']],
      client: [['i-0b', 'i-0c', '192.0.2.1']],
    });
  });
});
