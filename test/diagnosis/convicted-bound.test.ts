import { describe, expect, it } from '@jest/globals';
import { boundAfterHearing } from '../../src/diagnosis/convicted-bound.ts';
import { UNHEARD } from '../../src/diagnosis/convictions.ts';
import { type JudgeContext, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement, RememberedBound } from '../../src/diagnosis/judgement.ts';
import type { Host, Pod } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import { collected, context, host, POD, server, source } from '../builders/sightings.ts';
import { exactRow } from '../builders/witnessing.ts';

const NOW_MS = 1_800_000_000_000;
const TEN_MINUTES_MS = 600_000;
const [A, B, C] = ['a', 'b', 'c'].map((letter, index) => server(letter, [`10.0.${index + 1}.5`])) as [Host, Host, Host];
const CLIENTS = ['i-0c0', 'i-0c1', 'i-0c2'].map((id) => host(id));
const TOGETHER: Pod = { ...POD, together: true };
const UPSTREAMS = ['192.0.2.1', '192.0.2.2'];
const CHRONY = { daemon: { kind: 'chrony', version: '4.9' }, ageSeconds: 7200 } as const;
const SURE = { skewPpm: 0.05, residualFrequencyPpm: 0 };

/** Set by true clocks, by its own word within 5 ms. */
const wellBy = (peer: string) =>
  collected({
    ...CHRONY,
    sources: [
      source(peer, { tally: '*', stratum: 2, refid: peer }),
      source('192.0.2.2', { stratum: 2, refid: '192.0.2.2' }),
    ],
    system: { stratum: 3, refid: peer, offsetMs: 1, rootDelayMs: 2, rootDispersionMs: 2.8326, ...SURE },
  });
const well = wellBy('192.0.2.1');
const WELL_MS = 5;
const dead = UPSTREAMS.map((each) => source(each, { tally: ' ', reach: 0, whenSeconds: 600 }));
const keeping = collected({
  ...CHRONY,
  sources: [...dead, source('10.0.2.5', { tally: '-', stratum: 11 })],
  system: {
    stratum: 10,
    refid: '127.127.1.1',
    offsetMs: 0,
    rootDelayMs: 0,
    rootDispersionMs: 0,
    skewPpm: 0,
    residualFrequencyPpm: 0,
  },
});
const following = collected({
  ...CHRONY,
  sources: [...dead, source('10.0.1.5', { tally: '*', stratum: 10 })],
  system: { stratum: 11, refid: '10.0.1.5', offsetMs: 0.5, rootDelayMs: 1, rootDispersionMs: 1, ...SURE },
});
/** A client that hears A so far off, and B and C where they are. */
const seeing = (offMs: number) =>
  collected({
    sources: [exactRow('10.0.1.5', offMs, { tally: 'x' }), exactRow('10.0.2.5', 0), exactRow('10.0.3.5', 0)],
  });

type Answers = (readonly [Host, Collected | null])[];

/** Judges tick after tick, each by what the one before left. */
class Watched {
  private memory: Pick<JudgeContext, 'lastBounds' | 'overBefore'>;
  private readonly pod: Pod;

  constructor(pod: Pod, before: Pick<JudgeContext, 'lastBounds' | 'overBefore'> = {}) {
    this.pod = pod;
    this.memory = before;
  }

  tick(atMs: number, answers: Answers, hosts = [A, B, C, ...CLIENTS]): Map<string, Judgement> {
    const judgedAt = { nowMs: atMs, ageSeconds: 0 };
    const sightings = answers.map(([each, answer]) => ({
      host: each,
      collected: answer,
      status: answer === null ? 'TimedOut' : 'Success',
      judgedAt,
    }));
    const judged = judgeAll(sightings, context({ pod: this.pod, hosts, ...this.memory }));
    this.memory = {
      lastBounds: Object.fromEntries(
        judged.flatMap(({ host: { instanceId }, lastBound }) => (lastBound ? [[instanceId, lastBound]] : [])),
      ),
      overBefore: Object.fromEntries(
        judged.flatMap(({ host: { instanceId }, over }) => (over ? [[instanceId, over]] : [])),
      ),
    };
    return new Map(judged.map((each) => [each.host.instanceId, each]));
  }
}

const whileTrue = (answerOfA: Collected | null, offMs: number): Answers => [
  [A, answerOfA],
  [B, wellBy('192.0.2.3')],
  [C, wellBy('192.0.2.4')],
  ...CLIENTS.map((each) => [each, seeing(offMs)] as const),
];
const LOST: Answers = [
  [A, keeping],
  [B, following],
  [C, following],
];
const boundsOf = (judged: Map<string, Judgement>) =>
  [A, B, C].map(({ instanceId }) => judged.get(instanceId)?.measures.errorBoundMs);
const lastOf = (judged: Map<string, Judgement>): RememberedBound | undefined => judged.get('i-0a')?.lastBound;

/** 100 ms as it is seen, and half of the limit of 5 ms by which the others may be off. */
const COVERED = { boundMs: WELL_MS + 102.5, atMs: NOW_MS };

describe('a boundary server that is contradicted when its pod loses all true time', () => {
  it('is covered by the bound of who follows it, and by its own, from tick to tick', () => {
    const watched = new Watched(TOGETHER);
    const before = watched.tick(NOW_MS, whileTrue(well, 100));
    expect([before.get('i-0a')?.state, lastOf(before)]).toEqual(['contradicted', COVERED]);
    for (const ticks of [1, 2, 3]) {
      const grownMs = 107.5 + 9 * ticks;
      const now = watched.tick(NOW_MS + ticks * TEN_MINUTES_MS, LOST);
      expect(boundsOf(now)).toEqual([grownMs, grownMs + 2, grownMs + 2]);
      expect(lastOf(now)).toEqual(COVERED);
    }
  });

  it('is covered by those that it led when it is there no more', () => {
    const watched = new Watched(TOGETHER);
    watched.tick(NOW_MS, whileTrue(well, 100));
    watched.tick(NOW_MS + TEN_MINUTES_MS, LOST);
    const led = { ...keeping, sources: dead };
    const hosts = [B, C];
    const after = watched.tick(NOW_MS + 2 * TEN_MINUTES_MS, [[B, led]], hosts);
    expect(after.get('i-0b')).toMatchObject({ measures: { errorBoundMs: 107.5 + 18 }, lastBound: COVERED });
  });

  it('stays so though nobody compares it any more while its own sources still answer', () => {
    const watched = new Watched(TOGETHER);
    watched.tick(NOW_MS, whileTrue(well, 100));
    const unheard = watched.tick(NOW_MS + TEN_MINUTES_MS, [[A, well]]);
    expect([unheard.get('i-0a')?.state, lastOf(unheard)]).toEqual(['healthy', COVERED]);
  });

  it('is covered by the largest distance that was told', () => {
    const answers = [...whileTrue(well, 100).slice(0, -1), [host('i-0c2'), seeing(-130)]] as Answers;
    expect(lastOf(new Watched(TOGETHER).tick(NOW_MS, answers))).toEqual({ boundMs: WELL_MS + 132.5, atMs: NOW_MS });
  });

  it('tells its own bound again once it is acquitted', () => {
    const watched = new Watched(TOGETHER);
    watched.tick(NOW_MS, whileTrue(well, 100));
    const after = watched.tick(NOW_MS + TEN_MINUTES_MS, whileTrue(well, 0));
    expect([after.get('i-0a')?.acquitted, lastOf(after)]).toEqual([
      true,
      { boundMs: WELL_MS, atMs: NOW_MS + TEN_MINUTES_MS },
    ]);
  });

  it('is covered by what it told before where it is silent, or its daemon does not answer, and not twice', () => {
    const lastBounds = { 'i-0a': { boundMs: 20, atMs: NOW_MS - 1000 } };
    const watched = new Watched(TOGETHER, { lastBounds });
    const covered = { boundMs: 122.5, atMs: NOW_MS - 1000 };
    const first = watched.tick(NOW_MS, whileTrue(null, 100));
    const second = watched.tick(NOW_MS + TEN_MINUTES_MS, whileTrue(null, 100));
    expect([first, second].map((each) => [each.get('i-0a')?.state, lastOf(each)])).toEqual([
      ['unknown', covered],
      ['unknown', covered],
    ]);
  });

  it('is covered by nothing where it never told anything, and is silent', () => {
    const silent = new Watched(TOGETHER).tick(NOW_MS, whileTrue(null, 100)).get('i-0a');
    expect([silent?.findings, silent?.lastBound]).toEqual([['unknown', 'contradicted'], undefined]);
  });

  it.each([
    [100, { boundMs: 105, atMs: NOW_MS }],
    [Number.POSITIVE_INFINITY, undefined],
    [null, undefined],
  ])('is covered where its witnesses say how far off it is at the most (%p ms)', (mostMs, expected) => {
    const keeper = { now: { boundMs: 5, atMs: NOW_MS }, before: null };
    const judged = { findings: ['contradicted' as const], over: ['disagreement' as const], keeper };
    expect(boundAfterHearing(undefined, judged, { ...UNHEARD, mostMs }, false)).toEqual(expected);
  });

  it('keeps what covers it when its daemon starts anew: others may follow it all the same', () => {
    const watched = new Watched(TOGETHER);
    watched.tick(NOW_MS, whileTrue(well, 100));
    const answers = LOST.map(([each]) => [each, each === A ? { ...keeping, ageSeconds: 60 } : following] as const);
    const now = watched.tick(NOW_MS + TEN_MINUTES_MS, answers);
    expect([lastOf(now), boundsOf(now)]).toEqual([COVERED, [116.5, 118.5, 118.5]]);
  });

  it.each<[string, Pick<JudgeContext, 'lastBounds' | 'overBefore'>]>([
    [
      'nothing covers it',
      { lastBounds: { 'i-0b': COVERED, 'i-0c': COVERED }, overBefore: { 'i-0a': ['disagreement'] } },
    ],
    ['nothing is known of anybody', { overBefore: { 'i-0a': ['disagreement'] } }],
  ])('leaves nobody a bound where %s', (_, before) => {
    const watched = new Watched(TOGETHER, before);
    for (const ticks of [1, 2]) {
      const now = watched.tick(NOW_MS + ticks * TEN_MINUTES_MS, LOST);
      expect(boundsOf(now)).toEqual([null, null, null]);
      expect(now.get('i-0b')?.sentence).toBe(
        'follows 10.0.1.5 at stratum 10 or more, where undisciplined clocks stand (local clock); error bound not known (limit 200 ms).',
      );
    }
  });

  it('is forgotten in a pod that keeps no time of its own, whatever state comes first', () => {
    const LISTED = source('127.127.1.0', { tally: ' ', type: 'l', stratum: 10 });
    const listed = { ...well, sources: [...well.sources, LISTED] };
    const lastAt = (answer: Collected, offMs: number) => {
      const judged = new Watched(POD).tick(NOW_MS, whileTrue(answer, offMs));
      return [judged.get('i-0a')?.state, lastOf(judged)];
    };
    expect([lastAt(listed, 0), lastAt(listed, 100), lastAt({ ...listed, ageSeconds: 60 }, 100)]).toEqual([
      ['healthy', { boundMs: WELL_MS, atMs: NOW_MS }],
      ['contradicted', undefined],
      ['starting', undefined],
    ]);
  });
});
