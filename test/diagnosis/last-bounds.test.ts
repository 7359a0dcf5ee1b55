import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clockJudge, judgeAll } from '../../src/diagnosis/judge.ts';
import type { JudgedAt, Judgement, RememberedBound } from '../../src/diagnosis/judgement.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { runs } from '../builders/property-runs.ts';
import { collected, context, host, judge, POD, rowOfNtpdRs, source } from '../builders/sightings.ts';

const HOST = 'i-0c';
const NOW_MS = Date.UTC(2026, 0, 15, 12);
const HOUR_MS = 3_600_000;

const chronyOf = (given: Parameters<typeof collected>[0]) => ({
  ...collected({
    daemon: { kind: 'chrony', version: '4.6.1' },
    ...given,
    system: { skewPpm: 0.05, residualFrequencyPpm: 0.01, ...given?.system },
  }),
});

/** Judged now, by what is remembered of it. */
function judgedNow(answer: Collected, before: RememberedBound | null = null, at: Partial<JudgedAt> = {}): Judgement {
  const sighting = { host: host(HOST), collected: answer, status: 'Success' };
  const lastBounds: Record<string, RememberedBound> = before === null ? {} : { [HOST]: before };
  const [judgement] = judgeAll(
    [{ ...sighting, judgedAt: { nowMs: NOW_MS, ageSeconds: 0, ...at } }],
    context({ lastBounds }),
  );
  if (judgement === undefined) throw new Error('not judged');
  return judgement;
}

function clockOf(answer: Collected, before: RememberedBound | null = null, ageSeconds = 0) {
  const judgedAt = { nowMs: NOW_MS, ageSeconds };
  const lastBounds: Record<string, RememberedBound> = before === null ? {} : { [HOST]: before };
  return clockJudge(context({ lastBounds }))({ host: host(HOST), collected: answer, status: 'Success', judgedAt })
    .evidence.clock;
}

const LOCAL = source('127.127.1.0', { tally: '*', type: 'l', refid: '.LOCL.', stratum: 10, offsetMs: 0, delayMs: 0 });
const LOCAL_SYSTEM = { refid: '127.127.1.0', stratum: 11, offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 11 };
const off = (remote: string, given: Partial<Source>) => source(remote, { whenSeconds: 20, offsetMs: 3500, ...given });
const ntpdAlone = (...others: Source[]) => collected({ system: LOCAL_SYSTEM, sources: [LOCAL, ...others] });
const chronyLocal = (...others: Source[]) =>
  chronyOf({
    system: { refid: '127.127.1.1', stratum: 10, offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 0 },
    sources: others,
  });

describe('a clock that follows itself', () => {
  const HEARD = 'follows its own undisciplined clock, hears 2 sources and selects none (local clock)';

  it.each([
    [
      'of stratum 16',
      ntpdAlone(off('10.0.1.5', { tally: ' ', stratum: 16 }), off('10.0.2.5', { stratum: 16, tally: ' ' })),
    ],
    ['that it rejects', ntpdAlone(off('10.0.1.5', { tally: 'x' }), off('10.0.2.5', { tally: 'x' }))],
    [
      "that chrony's `local` rejects",
      chronyLocal(off('10.0.1.5', { tally: 'x' }), off('10.0.2.5', { tally: 'x', offsetMs: -3500 })),
    ],
    [
      'that it rejects, beside one that is long silent',
      ntpdAlone(
        off('10.0.1.5', { tally: 'x' }),
        off('10.0.2.5', { tally: 'x' }),
        off('10.0.3.5', { tally: ' ', reach: 0, whenSeconds: 1200 }),
      ),
    ],
  ])('was set nobody knows when, though it hears sources %s', (_, answer) => {
    const { state, sentence, measures } = judge(answer);
    expect({ state, sentence, bound: measures.errorBoundMs, horizon: measures.horizonSeconds }).toEqual({
      state: 'holdover',
      sentence: `${HEARD}; error bound not known (limit 200 ms).`,
      bound: null,
      horizon: null,
    });
    expect(clockOf(answer)).toBeNull();
  });

  it('is dated by who is heard no more, where nobody is heard', () => {
    const silent = source('10.0.1.5', { tally: ' ', reach: 0, whenSeconds: 3000 });
    expect(
      judge(ntpdAlone(silent, { ...silent, remote: '10.0.2.5', address: '10.0.2.5', whenSeconds: 3600 })),
    ).toMatchObject({
      sentence: expect.stringMatching(
        /^follows its own undisciplined clock, heard nobody for 50 min \(local clock\); bound 56 ms grows/,
      ),
      measures: { errorBoundMs: 11 + 15 * 3 },
    });
  });

  it('has the last bound of its daemon, grown since, whatever rows say', () => {
    const before = { boundMs: 2, atMs: NOW_MS - HOUR_MS / 2 };
    for (const answer of [
      ntpdAlone(off('10.0.1.5', { tally: 'x' }), off('10.0.2.5', { tally: 'x' })),
      ntpdAlone(source('10.0.1.5', { tally: ' ', reach: 0, whenSeconds: 1200 })),
    ]) {
      const { measures, lastBound } = judgedNow(answer, before);
      expect([measures.errorBoundMs, measures.horizonSeconds, lastBound]).toEqual([29, 11_400, before]);
      expect(clockOf(answer, before)).toEqual({ offsetMs: 0, rootDistanceMs: 29, growthPpm: 15 });
    }
  });
});

const rs = (sources: Source[], given: Partial<Collected> = {}) =>
  collected({
    daemon: { kind: 'ntpd-rs', version: '1.4.0' },
    ageSeconds: 86_400,
    ...given,
    sources,
    system: { offsetMs: null, refid: null, jitterMs: null, frequencyPpm: null },
  });
const REMOTES = ['10.0.1.5', '10.0.2.5', '10.0.3.5'];
const agreeing = rs(REMOTES.map((remote) => rowOfNtpdRs(remote, { offsetMs: 1 })));
const silent = rs(
  REMOTES.map((remote) => rowOfNtpdRs(remote, { reach: 0, unansweredPolls: 8, offsetMs: null, delayMs: null })),
);
const disagreeing = rs(REMOTES.map((remote, at) => rowOfNtpdRs(remote, { offsetMs: at * 500 })));

describe('a daemon whose word gives no bound in holdover', () => {
  /** At a look before 2.25 ms; at one that agrees 3.21 ms: 1 ms of offset, 1 ms of dispersion, half of 0.5 ms of delay, and 15 ppm of a poll of 64 s. */
  const before = { boundMs: 2.25, atMs: NOW_MS - HOUR_MS };

  it('has its bound remembered while it tells one', () => {
    expect(judgedNow(agreeing).lastBound).toEqual({ boundMs: 3.21, atMs: NOW_MS });
    expect(judgedNow(agreeing, before).lastBound).toEqual({ boundMs: 3.21, atMs: NOW_MS });
    expect(judgedNow(agreeing).measures.errorBoundMs).toBe(3.21);
  });

  it.each([
    ['silent', silent, 'heard nobody for a time that is not known (silent)'],
    ['without a majority', disagreeing, 'no majority among 3 sources'],
  ])('has that, grown since, while it is %s', (_, answer, situation) => {
    const { sentence, measures, lastBound } = judgedNow(answer, before);
    expect({ sentence, measures, lastBound }).toMatchObject({
      sentence: `${situation}; bound 56.25 ms grows by 15 ppm (limit 200 ms): trustworthy for 2 h 39 min more.`,
      measures: { offsetMs: null, errorBoundMs: 56.25, growthPpm: 15, horizonSeconds: expect.closeTo(9583.333, 3) },
      // the last that its daemon told, not what has become of it
      lastBound: before,
    });
    expect(clockOf(answer, before, 100)).toEqual({ offsetMs: 0, rootDistanceMs: 54.75, growthPpm: 15 });
  });

  it('is over its limit when that has grown over it', () => {
    const longAgo = { boundMs: 2.25, atMs: NOW_MS - 4 * HOUR_MS };
    const { measures } = judgedNow(silent, longAgo);
    expect([measures.errorBoundMs, measures.horizonSeconds]).toEqual([218.25, 0]);
  });

  it.each([
    ['nothing is remembered', silent, null],
    ['it began since', { ...silent, ageSeconds: 1800 }, before],
    ['how long it has run is not known', { ...silent, ageSeconds: null }, before],
    ['that was told at a time that lies ahead', silent, { boundMs: 2.25, atMs: NOW_MS + 1 }],
  ])('has no bound where %s', (_, answer, remembered) => {
    const { measures, lastBound } = judgedNow(answer, remembered);
    expect([measures.errorBoundMs, measures.horizonSeconds, lastBound]).toEqual([null, null, undefined]);
  });

  it('is forgotten once its clock is not set', () => {
    const unset = { ...silent, system: silent.system && { ...silent.system, leap: 'alarm' as const } };
    expect(judgedNow(unset, before)).not.toHaveProperty('lastBound');
  });

  it('is the only one of which it is remembered, but for who lists its own clock', () => {
    expect(judgedNow(collected())).not.toHaveProperty('lastBound');
    expect(judgedNow(chronyOf({}))).not.toHaveProperty('lastBound');
    const listed = collected({ sources: [...collected().sources, { ...LOCAL, tally: ' ' }] });
    expect(judgedNow(listed).lastBound).toEqual({ boundMs: 1.375, atMs: NOW_MS });
  });

  it('has a bound that its true error never exceeds, whichever way it runs off, from look to look', () => {
    const look = fc.record({
      afterSeconds: fc.integer({ min: 60, max: 3600 }),
      drift: fc.integer({ min: -16, max: 16 }),
      answer: fc.constantFrom(silent, disagreeing),
    });
    fc.assert(
      fc.property(fc.integer({ min: -16, max: 16 }), fc.array(look, { maxLength: 8 }), (wrong, looks) => {
        let at = NOW_MS;
        const first = judgedNow(agreeing, null, { nowMs: at });
        let remembered = first.lastBound ?? null;
        let errorMs = ((first.measures.errorBoundMs ?? 0) * wrong) / 16;
        for (const { afterSeconds, drift, answer } of looks) {
          at += afterSeconds * 1000;
          errorMs += (15 * afterSeconds * drift) / 16 / 1000;
          const { measures, lastBound = null } = judgedNow(answer, remembered, { nowMs: at });
          expect((measures.errorBoundMs ?? 0) + 1e-9).toBeGreaterThanOrEqual(Math.abs(errorMs));
          remembered = lastBound;
        }
      }),
      runs(200),
    );
  });
});

describe('a frequency whose error cannot be read', () => {
  it.each(['skewPpm', 'residualFrequencyPpm'] as const)('leaves chrony without a bound: %s', (field) => {
    const answer = chronyOf({});
    const unread = { ...answer, system: answer.system && { ...answer.system, [field]: null } };
    const { errorBoundMs, growthPpm, horizonSeconds } = judge(unread).measures;
    expect({ errorBoundMs, growthPpm, horizonSeconds }).toEqual({
      errorBoundMs: null,
      growthPpm: 15,
      horizonSeconds: null,
    });
    expect(clockOf(unread)).toBeNull();
  });
});

describe('the age of what a host printed', () => {
  it('is in its bound and its horizon at the most that it can be', () => {
    const { errorBoundMs, horizonSeconds } = judgedNow(collected(), null, { ageSeconds: 40 }).measures;
    expect([errorBoundMs, horizonSeconds]).toEqual([1.975, expect.closeTo(((200 - 1.975) / 15) * 1000, 6)]);
  });

  it('grows with R, where that is more than 15 ppm', () => {
    const fast = chronyOf({ system: { skewPpm: 98.99, residualFrequencyPpm: 0.01 } });
    expect(judgedNow(fast, null, { ageSeconds: 40 }).measures.errorBoundMs).toBe(1.375 + 4);
  });

  it('makes uncertain a clock that was just within its limit', () => {
    const near = collected({ system: { offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 199.9 } });
    expect([judgedNow(near).state, judgedNow(near, null, { ageSeconds: 40 }).state]).toEqual(['healthy', 'uncertain']);
  });

  it('is in the skew of the pod once', () => {
    const [early, late] = [5, 60].map((ageSeconds) => ({ nowMs: NOW_MS, ageSeconds }));
    const clocks = [early, late].map((judgedAt, at) => ({
      host: host(`i-0${at}`),
      collected: collected({ system: { offsetMs: 0 } }),
      status: 'Success',
      judgedAt,
    }));
    const { skew } = podClocksOf(clocks.map(clockJudge(context())), POD.thresholds, {
      hosts: [],
      expected: 2,
      tookSeconds: 100,
    });
    // each 1.25 ms when it printed, and 1.5 ms since both were asked
    expect(skew).toEqual({ skewMs: 5.5, hosts: 2, of: 2 });
  });
});
