import { describe, expect, it } from '@jest/globals';
import type { HoldoverCause } from '../../src/diagnosis/contact.ts';
import type { Facts } from '../../src/diagnosis/facts.ts';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { JudgedAt, RememberedBound } from '../../src/diagnosis/judgement.ts';
import { boundOfChain, lastBoundOf } from '../../src/diagnosis/last-bound.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import { collected, context, host, rowOfNtpdRs, server, source } from '../builders/sightings.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const HOUR_MS = 3_600_000;
const NOW: JudgedAt = { nowMs: NOW_MS, ageSeconds: 0 };

describe('what is remembered of a bound', () => {
  const before = { boundMs: 2, atMs: NOW_MS - HOUR_MS };
  const anHourOld = { boundMs: 2, ageSeconds: 3600 };

  it.each<[string, RememberedBound | undefined, JudgedAt | undefined, number | null, ReturnType<typeof lastBoundOf>]>([
    ['counts of a daemon that is older', before, NOW, 3601, anHourOld],
    ['counts of a daemon that is as old', before, NOW, 3600, anHourOld],
    ['counts no more of one that is younger', before, NOW, 3599, null],
    ['counts at once', { ...before, atMs: NOW_MS }, NOW, 0, { boundMs: 2, ageSeconds: 0 }],
    ['counts for nothing where it lies ahead', { ...before, atMs: NOW_MS + 1 }, NOW, 3600, null],
    ['counts for nothing at a time that is not told', before, undefined, 86_400, null],
    ['counts for nothing of a daemon whose age is not known', { ...before, atMs: NOW_MS }, NOW, null, null],
    ['is nothing where nothing is', undefined, NOW, 86_400, null],
  ])('%s', (_, remembered, judgedAt, daemonAgeSeconds, expected) => {
    expect(lastBoundOf(remembered, judgedAt, daemonAgeSeconds)).toEqual(expected);
  });
});

describe('what the next tick is to know of a bound', () => {
  const HOST = 'i-0c';
  const before = { boundMs: 2.25, atMs: NOW_MS - HOUR_MS };
  const REMOTES = ['10.0.1.5', '10.0.2.5', '10.0.3.5'];
  const lastBoundBy = (answer: Collected, hosts: readonly Host[] = []) =>
    judgeAll(
      [{ host: host(HOST), collected: { ...answer, ageSeconds: 86_400 }, status: 'Success', judgedAt: NOW }],
      context({ hosts, lastBounds: { [HOST]: before } }),
    ).map(({ lastBound }) => lastBound);
  /** An ntpd that lists its own clock. */
  const listing = (given: Parameters<typeof source>[1], truncated = false) =>
    collected({
      sources: [source('127.127.1.0', { tally: ' ', type: 'l' }), source('10.0.1.5', { tally: '*', ...given })],
      truncated,
    });

  it('is what it knew while what the daemon says of its clock could not be read', () => {
    const rs = { daemon: { kind: 'ntpd-rs', version: '1.4.0' }, sources: REMOTES.map((each) => rowOfNtpdRs(each)) };
    expect(lastBoundBy(collected({ ...rs, system: null } as Parameters<typeof collected>[0]))).toEqual([before]);
  });

  it('is what the clock tells while a source is heard, though rows are missing', () => {
    const now = { boundMs: 1.375, atMs: NOW_MS };
    expect([lastBoundBy(listing({})), lastBoundBy(listing({}, true))]).toEqual([[now], [now]]);
  });

  it('is nothing once it follows a clock that nobody vouches for: that one has set it since', () => {
    const rs = { daemon: { kind: 'ntpd-rs', version: '1.4.0' }, sources: REMOTES.map((each) => rowOfNtpdRs(each)) };
    const astray = { ...rs, system: { stratum: 11, refid: null } } as Parameters<typeof collected>[0];
    for (const hosts of [[], [server('a', ['10.0.1.5'])]]) {
      expect([lastBoundBy(collected(astray), hosts), lastBoundBy(listing({ stratum: 10 }), hosts)]).toEqual([
        [undefined],
        [undefined],
      ]);
    }
  });

  it('is what it knew while nobody is heard, or nobody knows', () => {
    const unheard = { reach: 0, whenSeconds: 3000 };
    expect([{ whenSeconds: null }, unheard].map((each) => lastBoundBy(listing(each)))).toEqual([[before], [before]]);
    expect(lastBoundBy(listing(unheard, true))).toEqual([before]);
  });
});

describe('what is remembered of a server that keeps one time with others', () => {
  const minute = 60_000;
  const OWN: RememberedBound = { boundMs: 1, atMs: 0 };
  const bound = (boundMs: number, minutes = 0): RememberedBound => ({ boundMs, atMs: minutes * minute });
  const chain = (
    holdover: HoldoverCause | null,
    own: RememberedBound | null,
    ofServers: readonly RememberedBound[] | null,
    growthPpm: number | null = 15,
  ) => boundOfChain({ contact: { holdover }, measures: { growthPpm } } as Facts, own, ofServers);

  it('is the largest of all of theirs while it follows one of them, or leads and was set', () => {
    const servers = [OWN, bound(30), bound(20)];
    expect([chain('followed local clock', OWN, servers), chain('followed local clock', null, servers)]).toEqual([
      bound(30),
      bound(30),
    ]);
    expect(chain('local clock', OWN, servers)).toEqual(bound(30));
  });

  it('is its own while it follows a true clock, nobody, or itself and nobody knows whose time it has', () => {
    const servers = [OWN, bound(30)];
    const causes = [null, 'silent', 'no majority', 'unsynchronised sources', 'not known'] as const;
    expect(causes.map((holdover) => chain(holdover, OWN, servers))).toEqual(causes.map(() => OWN));
    expect(chain('local clock', null, servers)).toBeNull();
  });

  it('is not known where of one it is not, or of none anything is', () => {
    expect([null, []].map((servers) => chain('local clock', OWN, servers))).toEqual([null, null]);
  });

  // a minute of 100 ppm is 6 ms, of 15 ppm 0.9 ms
  it.each<[string, number | null, RememberedBound[], RememberedBound]>([
    ['is the later one where that is larger by more than has grown', 15, [bound(10), bound(12, 1)], bound(12, 1)],
    ['is the earlier one where that has grown beyond', 100, [bound(12, 1), bound(10)], bound(10)],
    ['has grown by 15 ppm at the least', null, [bound(10.5, 1), bound(10)], bound(10)],
  ])('%s', (_, growthPpm, servers, largest) => {
    expect([
      chain('local clock', OWN, servers, growthPpm),
      chain('local clock', OWN, servers.toReversed(), growthPpm),
    ]).toEqual([largest, largest]);
  });

  it('grows by the fastest of theirs', () => {
    const servers = [bound(30), { ...bound(20), growthPpm: 66 }, { ...bound(10), growthPpm: 40 }];
    expect(chain('local clock', OWN, servers)).toEqual({ ...bound(30), growthPpm: 66 });
  });
});
