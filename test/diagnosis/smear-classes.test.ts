import { describe, expect, it } from '@jest/globals';
import { clockNames } from '../../src/diagnosis/clock-names.ts';
import { type NearLeap, nearLeapOf, smearClasses } from '../../src/diagnosis/smear-classes.ts';
import type { SmearClass, Tier } from '../../src/fleet/fleet.ts';
import type { SmearingFleet } from '../../src/fleet/smear.ts';
import { readUpstream } from '../../src/fleet/sources.ts';
import type { Source } from '../../src/ntp/source.ts';
import { collected, judge, server, source } from '../builders/sightings.ts';

const TIME_SERVICE = '169.254.169.123';
const SERVERS = ['a', 'b', 'c'].map((letter, index) => server(letter, [`10.0.${index + 1}.5`]));
const CLOCKS = clockNames(SERVERS);

const fleet = (classes: SmearClass[], mode: Partial<SmearingFleet['timeService']['mode']> = {}): SmearingFleet => ({
  upstreams: classes.map((smear, index) => readUpstream({ host: `upstream${index}.invalid`, smear })),
  timeService: { mode: { boundary: 'reference', client: 'reference', ...mode } },
});
const UTC = fleet(['utc']);
const TWO = fleet(['utc', 'google']);
const MIXED = fleet(['utc'], { client: 'source' });
const WITHOUT_UPSTREAMS = fleet([], { boundary: 'source' });

function nearLeap(given: SmearingFleet, tier: Tier = 'client'): NearLeap {
  return nearLeapOf(smearClasses(given, CLOCKS), CLOCKS, tier);
}

describe('near a leap second', () => {
  it.each<[string, SmearingFleet, NearLeap['unjudged']]>([
    ['utc alone are not judged by the time service', UTC, ['time-service']],
    ['the time service alone are judged by all', fleet(['aws'], { client: 'source' }), []],
    ['several classes are judged by neither offset', MIXED, ['offset', 'time-service']],
    ['nobody are judged by neither', fleet([]), ['offset', 'time-service']],
  ])('clients that follow %s', (_, given, unjudged) => {
    expect(nearLeap(given).unjudged).toEqual(unjudged);
  });

  it('a clock has the class of what it follows, where that is one, and the time service its own', () => {
    const rows = [
      source('10.0.1.5'),
      source(TIME_SERVICE),
      source('192.0.2.1'),
      // cut, so that it could be any; a name that has not resolved
      source('fd00:66:1::1:23', { address: null }),
      source('ntp.az-b.pod', { refid: '.DNS.', reach: 0 }),
    ];
    const classes = (given: SmearingFleet) => rows.map(nearLeap(given, 'boundary').classOf);
    expect({ UTC: classes(UTC), TWO: classes(TWO), WITHOUT_UPSTREAMS: classes(WITHOUT_UPSTREAMS) }).toEqual({
      UTC: ['utc', 'aws', 'utc', null, null],
      TWO: [null, 'aws', null, null, null],
      WITHOUT_UPSTREAMS: ['aws', 'aws', null, null, null],
    });
  });

  it('a fleet without sources follows no class', () => {
    expect(smearClasses(fleet([]), CLOCKS).followed).toEqual({ boundary: null, client: null });
  });
});

describe('a source that a daemon rejects near a leap second', () => {
  const peer = source('10.0.1.5', { tally: '*' });
  const rejected = source('10.0.3.5', { tally: 'x', offsetMs: 60 });
  const cut = source('fd00:66:1::1:23', { address: null, tally: 'x', offsetMs: 60 });
  const falseticker = ['1 falseticker: 10.0.3.5 (offset 60 ms).'];
  const unjudged = ({ remote }: Source) => [
    `${remote} (offset 60 ms) stands apart from the sources that are followed; not judged, since a leap second is near, which they may smear differently.`,
  ];

  it.each<[string, SmearingFleet, Source[], string[]]>([
    ['is a falseticker beside one of its class', UTC, [peer, rejected], falseticker],
    [
      'is one beside another of another class too',
      MIXED,
      [peer, source(TIME_SERVICE, { offsetMs: 60 }), rejected],
      falseticker,
    ],
    ['is none where whom it and they follow is not known', TWO, [peer, rejected], unjudged(rejected)],
    ['is none where its address was cut', UTC, [peer, cut], unjudged(cut)],
  ])('%s', (_, aroundLeap, sources, expected) => {
    const { remarks } = judge(collected({ sources }), 'Success', { hosts: SERVERS, aroundLeap });
    expect(remarks.filter((remark) => /apart|falseticker/.test(remark))).toEqual(expected);
  });
});
