import { describe, expect, it } from '@jest/globals';
import { type JudgeContext, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Host, Pod } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import { collected, context, POD, rowOfNtpdRs, server, source } from '../builders/sightings.ts';

const NOW_MS = 1_800_000_000_000;
const [A, B, C, D] = ['a', 'b', 'c', 'd'].map((letter, index) => server(letter, [`10.0.${index + 1}.5`])) as [
  Host,
  Host,
  Host,
  Host,
];
const TOGETHER: Pod = { ...POD, together: true };
const HALF_HOUR_AGO = NOW_MS - 1_800_000;
/** 27 ms have grown since. */
const LAST_BOUNDS = { 'i-0a': { boundMs: 20, atMs: HALF_HOUR_AGO }, 'i-0b': { boundMs: 100, atMs: HALF_HOUR_AGO } };
/** i-0a was contradicted, and what covers it is not known. */
const UNCOVERED: Partial<JudgeContext> = {
  pod: TOGETHER,
  lastBounds: { 'i-0b': LAST_BOUNDS['i-0b'] },
  overBefore: { 'i-0a': ['disagreement'] },
};
const CHRONY = { daemon: { kind: 'chrony', version: '4.9' }, ageSeconds: 7200 } as const;
const NTPD_RS = { daemon: { kind: 'ntpd-rs', version: '1.4.0' }, ageSeconds: 86_400 } as const;
/** 1 + 2 / 2 + 3 ms by its own word, in which all of its 15 ppm is. */
const PRINTED = { offsetMs: 1, rootDelayMs: 2, rootDispersionMs: 3, skewPpm: 14, residualFrequencyPpm: 0 };
const UPSTREAMS = ['192.0.2.1', '192.0.2.2'];
const silentRow = (address: string, whenSeconds: number | null = 1800) =>
  source(address, { tally: ' ', reach: 0, stratum: 2, whenSeconds });

const chrony = (sources: Collected['sources'], system: Partial<NonNullable<Collected['system']>>) =>
  collected({ ...CHRONY, sources, system: { ...PRINTED, ...system } });
const well = chrony([source('192.0.2.1', { tally: '*', stratum: 2 }), source('192.0.2.2', { stratum: 2 })], {
  stratum: 3,
  refid: '192.0.2.1',
});
const silent = chrony(
  UPSTREAMS.map((each) => silentRow(each)),
  { stratum: 3, refid: '192.0.2.1' },
);
const OF_ITSELF = { stratum: 10, refid: '127.127.1.1', offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 0 };
const followingA = (rootDelayMs: number | null) =>
  chrony([...UPSTREAMS.map((each) => silentRow(each)), source('10.0.1.5', { tally: '*', stratum: 10 })], {
    stratum: 11,
    refid: '10.0.1.5',
    rootDelayMs,
  });
const rs = (sources: Collected['sources'], system: Partial<NonNullable<Collected['system']>> = {}) =>
  collected({ ...NTPD_RS, sources, system: { refid: null, ...PRINTED, ...system } });
const unanswered = rs(UPSTREAMS.map((each) => rowOfNtpdRs(each, { reach: 0, unansweredPolls: 8 })));

/** Holdover, clock error bound, growth, horizon. */
function boundOf(of: Host, answer: Collected, given: Partial<JudgeContext> = {}) {
  const judgedAt = { nowMs: NOW_MS, ageSeconds: 0 };
  const sightings = [{ host: of, collected: answer, status: 'Success', judgedAt }];
  const [{ state, measures } = { state: null, measures: null }] = judgeAll(
    sightings,
    context({ hosts: [A, B, C, D], lastBounds: LAST_BOUNDS, ...given }),
  );
  return [state, measures?.errorBoundMs, measures?.growthPpm, measures?.horizonSeconds];
}

describe('the clock error bound of a server', () => {
  it('is the last of its own, and grown, where it follows itself, though its daemon never heard anybody', () => {
    const cold = chrony(
      UPSTREAMS.map((each) => silentRow(each, null)),
      OF_ITSELF,
    );
    expect([boundOf(A, cold), boundOf(C, cold)]).toEqual([
      ['holdover', 47, 15, 10_200],
      ['holdover', null, 15, 0],
    ]);
  });

  it('is not known of one that follows another, where how far it is from that is not', () => {
    expect([followingA(2), followingA(null)].map((each) => boundOf(B, each, { pod: TOGETHER }))).toEqual([
      ['holdover', 127 + 5, 15, expect.closeTo(68_000 / 15, 6)],
      ['holdover', null, 15, null],
    ]);
  });

  it('is its own where the bound of another is not known, and it does not end in a local clock', () => {
    expect([well, silent].map((each) => boundOf(C, each, UNCOVERED))).toEqual([
      ['healthy', 5, 15, 13_000],
      ['holdover', 5, 15, 13_000],
    ]);
    const onItsOwn = chrony(silent.sources, OF_ITSELF);
    expect([onItsOwn, followingA(2)].map((each) => boundOf(C, each, UNCOVERED))).toEqual([
      ['holdover', null, 15, null],
      ['holdover', null, 15, null],
    ]);
  });

  it('is not the one of before while it hears its sources, and tells too little', () => {
    const rows = [...UPSTREAMS, '192.0.2.3'].map((each) => rowOfNtpdRs(each));
    expect(boundOf(A, rs(rows, { rootDelayMs: null }))).toEqual(['healthy', null, 15, null]);
  });

  it('is by its own last one where it hears nobody, whatever that of others is', () => {
    expect(boundOf(A, unanswered, { pod: TOGETHER })).toEqual(['holdover', 47, 15, 10_200]);
  });

  it('is its last one where it agrees with other servers of its pod alone, by a daemon whose word stands still', () => {
    const ofMates = rs(['10.0.1.5', '10.0.2.5', '10.0.3.5'].map((each) => rowOfNtpdRs(each)));
    const lastBounds = { 'i-0d': LAST_BOUNDS['i-0a'] };
    expect([boundOf(D, ofMates), boundOf(D, ofMates, { lastBounds })]).toEqual([
      ['holdover', null, 15, null],
      ['holdover', 47, 15, 10_200],
    ]);
  });
});
