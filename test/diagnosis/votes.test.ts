import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clockBehind, followedBy, UNKNOWN_CLOCK } from '../../src/diagnosis/followed.ts';
import { ballotOf, NO_BALLOT, votesLeft } from '../../src/diagnosis/votes.ts';
import { refidOf } from '../../src/ntp/refid.ts';
import type { Source } from '../../src/ntp/source.ts';
import { runs } from '../builders/property-runs.ts';
import { source } from '../builders/sightings.ts';
import { CLOCKS, SERVER_IDS, SERVERS } from '../builders/witnessing.ts';

const ballot = (usable: Source[], isUsableKnown = true) => {
  const systemPeer = usable.find(({ tally }) => tally === '*') ?? null;
  return ballotOf({ usable, isUsableKnown, systemPeer }, CLOCKS, (list) => list);
};
const follows = (followed: Record<string, string | null>) => (name: string) => followed[name];

describe('whose time a host has', () => {
  it('names each clock behind its usable sources once, and the one that it follows', () => {
    const rows = [
      source('10.0.1.5', { tally: '*' }),
      source('fd00:10::1'),
      source('169.254.169.123', { refid: '169.254.169.122' }),
    ];
    expect(ballot(rows)).toEqual({ usable: ['i-0a', 'the AWS time service'], follows: 'i-0a', peer: 'i-0a' });
  });

  it('knows an upstream by the clock that it follows itself', () => {
    const rows = [
      source('192.0.2.1', { stratum: 2, refid: '198.51.100.7', tally: '*' }),
      source('192.0.2.2', { stratum: 2, refid: '198.51.100.7' }),
      source('192.0.2.3', { stratum: 3, refid: '169.254.169.123' }),
      source('192.0.2.4', { stratum: 3, refid: '10.0.2.5' }),
    ];
    expect(ballot(rows)).toEqual({
      usable: ['198.51.100.7', 'the AWS time service', 'i-0b'],
      follows: '198.51.100.7',
      peer: '192.0.2.1',
    });
  });

  it('knows a clock by either family, heard or heard of', () => {
    const usable = (...rows: Source[]) => ballot(rows).usable;
    expect({
      server: usable(source('10.0.1.5'), source('fd00:10::1'), source('192.0.2.1', { refid: refidOf('fd00:10::1') })),
      timeService: usable(
        source('169.254.169.123', { refid: '169.254.169.122' }),
        source('fd00:ec2::123', { refid: '169.254.169.122' }),
        source('192.0.2.1', { refid: refidOf('fd00:ec2::123') }),
      ),
      publicServer: usable(
        source('216.239.35.4', { stratum: 1, refid: '.GOOG.' }),
        source('2001:4860:4806:4::', { stratum: 1, refid: '.GOOG.' }),
        source('192.0.2.1', { stratum: 2, refid: refidOf('2001:4860:4806:4::') }),
      ),
      // 92.164.58.181 was seen of a server that follows fd00:66::12
      anyOther: usable(
        source('fd00:66::12', { stratum: 1, refid: '.GPS.' }),
        source('192.0.2.1', { stratum: 2, refid: '92.164.58.181' }),
      ),
      sameRefid: usable(source('192.0.2.1', { stratum: 2 }), source('2001:db8::1', { stratum: 2 })),
      // two servers may both have GPS: nothing tells them for one
      twoOfStratum1: usable(
        source('192.0.2.1', { stratum: 1, refid: '.GPS.' }),
        source('2001:db8::1', { stratum: 1, refid: '.GPS.' }),
      ),
    }).toEqual({
      server: ['i-0a'],
      timeService: ['the AWS time service'],
      publicServer: ['216.239.35.4'],
      anyOther: ['92.164.58.181'],
      sameRefid: ['the AWS time service'],
      twoOfStratum1: ['192.0.2.1', refidOf('2001:db8::1')],
    });
  });

  it.each<[string, Partial<Source>]>([
    ['a stratum-1 server, which names its own clock', { stratum: 1, refid: '.GPS.' }],
    ['one whose refid looks like an address but names a clock', { stratum: 1, refid: '71.80.83.0' }],
    ['one on its local clock', { stratum: 2, refid: '127.127.1.1' }],
    ['one that tells nobody', { stratum: 2, refid: null }],
    ['one that tells nothing', { stratum: 2, refid: '0.0.0.0' }],
    ['one whose refid is a name', { stratum: 2, refid: 'LOCAL(1)' }],
    ['one whose refid is a name that begins as an address', { stratum: 2, refid: '10.0.2.5.example' }],
    ['one whose refid is a name that ends as an address', { stratum: 2, refid: 'ip-10.0.2.5' }],
  ])('%s is a clock of its own', (_, given) => {
    expect(ballot([source('192.0.2.1', given)])).toEqual({ ...NO_BALLOT, usable: ['192.0.2.1'] });
  });

  it('is a reference clock by the name that the daemon has for it, whatever that looks like', () => {
    const clocks = ['SHM(0)', 'a::1'].map((remote) => source(remote, { type: 'l', address: null, refid: '.PPS.' }));
    expect(ballot(clocks).usable).toEqual(['reference clock SHM(0)', 'reference clock a::1']);
  });

  it('is not known while rows or fields that decide are missing', () => {
    expect(ballot([source('10.0.1.5')], false)).toEqual(NO_BALLOT);
    expect(ballot([source('10.0.1.5', { tally: '*' })], false)).toEqual({
      usable: null,
      follows: 'i-0a',
      peer: 'i-0a',
    });
    expect(ballot([source('fd00:10::1:2:3', { tally: '*', address: null })])).toEqual({
      ...NO_BALLOT,
      usable: [UNKNOWN_CLOCK],
    });
  });
});

describe('votes left', () => {
  it.each<[string, string[], Record<string, string | null>, [number, number]]>([
    ['no source', [], {}, [0, 0]],
    ['one', ['192.0.2.1'], {}, [0, 0]],
    ['two', ['192.0.2.1', '192.0.2.2'], {}, [0, 0]],
    ['three', ['192.0.2.1', '192.0.2.2', '192.0.2.3'], {}, [1, 1]],
    ['five', ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'], {}, [2, 3]],
    [
      'servers that follow three upstreams',
      ['i-0a', 'i-0b', 'i-0c'],
      { 'i-0a': '192.0.2.1', 'i-0b': '192.0.2.2', 'i-0c': '192.0.2.3' },
      [1, 1],
    ],
    [
      'servers that follow one upstream are one clock',
      ['i-0a', 'i-0b', 'i-0c'],
      { 'i-0a': '192.0.2.1', 'i-0b': '192.0.2.1', 'i-0c': '192.0.2.1' },
      [0, 0],
    ],
    [
      'a server that follows the time service is one clock with it',
      ['i-0a', 'i-0b', 'the AWS time service'],
      { 'i-0a': 'the AWS time service', 'i-0b': '192.0.2.1' },
      [0, 0],
    ],
    [
      'a server that follows nobody knows whom joins the largest',
      ['i-0a', 'i-0b', 'i-0c', '192.0.2.9'],
      { 'i-0a': '192.0.2.1', 'i-0b': '192.0.2.2', 'i-0c': null },
      [1, 1],
    ],
    [
      'of unknown ones alone one counts',
      ['i-0a', 'i-0b', 'i-0c'],
      { 'i-0a': null, 'i-0b': null, 'i-0c': null },
      [0, 0],
    ],
    [
      'a server that follows another has its time',
      ['i-0a', 'i-0b', '192.0.2.2', '192.0.2.3'],
      { 'i-0a': 'i-0b', 'i-0b': '192.0.2.1' },
      [1, 1],
    ],
    ['a ring of servers follows nobody', ['i-0a', 'i-0b'], { 'i-0a': 'i-0b', 'i-0b': 'i-0a' }, [0, 0]],
  ])('%s', (_, usable, followed, [liesLeft, lossesLeft]) => {
    expect(votesLeft({ ...NO_BALLOT, usable }, follows(followed), 2)).toEqual({ liesLeft, lossesLeft });
  });

  it('are not known of a host whose sources are not', () => {
    expect(votesLeft(NO_BALLOT, () => undefined, 2)).toEqual({ liesLeft: null, lossesLeft: null });
  });

  it('are never more than there are sources, nor more for less independence', () => {
    const drawn = fc.record({
      usable: fc.subarray([...SERVER_IDS, '192.0.2.1', '192.0.2.2', 'the AWS time service', UNKNOWN_CLOCK]),
      followed: fc.array(fc.constantFrom(null, '192.0.2.1', '192.0.2.2', '192.0.2.3', 'the AWS time service', 'i-0b'), {
        minLength: 5,
        maxLength: 5,
      }),
      confidentSources: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(drawn, ({ usable, followed, confidentSources }) => {
        const given = Object.fromEntries(SERVER_IDS.map((id, index) => [id, followed[index] ?? null]));
        const { liesLeft, lossesLeft } = votesLeft({ ...NO_BALLOT, usable }, follows(given), confidentSources);
        const alone = votesLeft({ ...NO_BALLOT, usable }, () => undefined, confidentSources);
        expect(liesLeft).toBeGreaterThanOrEqual(0);
        expect(lossesLeft).toBeGreaterThanOrEqual(0);
        expect(2 * (liesLeft ?? 0)).toBeLessThan(Math.max(1, usable.length));
        expect(liesLeft).toBeLessThanOrEqual(alone.liesLeft ?? -1);
        expect(lossesLeft).toBeLessThanOrEqual(Math.max(0, usable.length - confidentSources));
      }),
      runs(500),
    );
  });
});

describe('servers that follow one system peer', () => {
  const [P, Q, R] = ['192.0.2.60', '192.0.2.61', '192.0.2.62'];
  const ntpd = (peer: string, refid: string) =>
    ballot([
      source(peer, { tally: '*', stratum: 2, refid }),
      source('192.0.2.99', { stratum: 2, refid: '198.51.100.99' }),
    ]);
  const chrony = (peer: string) =>
    ballot([source(peer, { tally: '*', stratum: 2, refid: null }), source('192.0.2.99', { stratum: 2, refid: null })]);
  /** The clock behind each of boundary servers a, b, … and behind what else is named. */
  const clocksBehind = (ballots: ReturnType<typeof ballot>[], ...names: string[]) => {
    const looked = ballots.flatMap((each, at) => {
      const host = SERVERS[at];
      return host ? [{ host, evidence: { ballot: each } }] : [];
    });
    const { clock } = followedBy(SERVERS, looked.toReversed());
    expect(followedBy(SERVERS, looked).clock('i-0a')).toBe(clock('i-0a'));
    return [...SERVER_IDS.slice(0, ballots.length), ...names].map((name) => clockBehind(name, clock));
  };

  it('are one clock, whichever daemon names it, and so is who follows it itself', () => {
    expect(clocksBehind([ntpd(P, '198.51.100.7'), chrony(P), chrony(Q)], P, Q)).toEqual([P, P, Q, P, Q]);
  });

  it('are one clock though each was told at another moment whom it follows', () => {
    expect(clocksBehind([ntpd(P, '198.51.100.8'), ntpd(P, '198.51.100.7'), chrony(P)])).toEqual([P, P, P]);
  });

  it('are one clock with those of whoever that peer follows, but for whom another says that this follows', () => {
    expect(clocksBehind([ntpd(P, Q), chrony(Q)])).toEqual([Q, Q]);
    expect(clocksBehind([ntpd(P, Q), ntpd(Q, R), chrony(R)])).toEqual([Q, R, R]);
  });

  it('are one clock where peers follow each other', () => {
    expect(clocksBehind([ntpd(P, Q), ntpd(Q, P), chrony(P), ntpd(R, P)], Q)).toEqual([P, P, P, P, Q]);
  });

  it('of the time service are that', () => {
    const service = ballot([source('169.254.169.123', { tally: '*', stratum: 3, refid: '169.254.169.122' })]);
    expect(clocksBehind([service, service])).toEqual(['the AWS time service', 'the AWS time service']);
  });
});
