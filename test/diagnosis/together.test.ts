import { describe, expect, it } from '@jest/globals';
import { clockJudge, type JudgeContext, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import type { Host, Pod } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { collected, context, host, POD, record, server, source } from '../builders/sightings.ts';

const NOW_MS = 1_800_000_000_000;
const A = server('a', ['10.0.1.5']);
const B = server('b', ['10.0.2.5']);
const SERVERS = [A, B];
/** Half an hour ago A was within 20 ms of the truth, B within 10 ms a quarter of an hour later. */
const BOUNDS = {
  'i-0a': { boundMs: 20, atMs: NOW_MS - 1800_000 },
  'i-0b': { boundMs: 10, atMs: NOW_MS - 900_000 },
};
const TOGETHER: Pod = { ...POD, together: true };
const KNOWN = { pod: TOGETHER, hosts: SERVERS, lastBounds: BOUNDS };
const CHRONY = { daemon: { kind: 'chrony', version: '4.9' }, ageSeconds: 7200 } as const;

/** Nobody answers any more. */
const dead = (address: string, whenSeconds: number | null = 1800) =>
  source(address, { tally: ' ', reach: 0, whenSeconds });
const upstreams = ['192.0.2.1', '192.0.2.2'];
const KNOWN_FREQUENCY = { skewPpm: 0.05, residualFrequencyPpm: 0 };
const ZERO = { offsetMs: 0, rootDelayMs: 0, rootDispersionMs: 0, skewPpm: 0, residualFrequencyPpm: 0 };

/** A keeps the pod's time: it follows itself. */
const keeping = collected({
  ...CHRONY,
  sources: [...upstreams.map((each) => dead(each)), source('10.0.2.5', { tally: '-', stratum: 11 })],
  system: { stratum: 10, refid: '127.127.1.1', ...ZERO },
});
/** B follows A. */
const following = collected({
  ...CHRONY,
  sources: [...upstreams.map((each) => dead(each)), source('10.0.1.5', { tally: '*', stratum: 10 })],
  system: { stratum: 11, refid: '10.0.1.5', offsetMs: -0.5, rootDelayMs: 1, rootDispersionMs: 1, ...KNOWN_FREQUENCY },
});
/** A client follows both. */
const client = collected({
  sources: [source('10.0.1.5', { tally: '*', stratum: 10 }), source('10.0.2.5', { stratum: 11 })],
  system: { stratum: 11, refid: '10.0.1.5', offsetMs: 1, rootDelayMs: 2, rootDispersionMs: 3 },
});

const CLIENT = host('i-0c0');

function judgedOf(answers: [Host, Collected][], given: Partial<JudgeContext> = {}): Judgement[] {
  const judgedAt = { nowMs: NOW_MS, ageSeconds: 0 };
  const sightings = answers.map(([each, answer]) => ({ host: each, collected: answer, status: 'Success', judgedAt }));
  return judgeAll(sightings, context({ ...KNOWN, ...given }));
}

const shown = ({ state, sentence, confident, measures }: Judgement) => ({
  state,
  sentence,
  confident,
  boundMs: measures.errorBoundMs,
});

describe('a pod that has lost all true time, and keeps one of its own', () => {
  const all = judgedOf([
    [A, keeping],
    [B, following],
    [CLIENT, client],
  ]);

  it('is in holdover: by the last true bound of the server whose time it is, what has grown since, and how far the host is from that', () => {
    expect(all.map(shown)).toEqual([
      {
        state: 'holdover',
        sentence:
          'follows its own undisciplined clock, heard nobody for 30 min (local clock); bound 47 ms grows by 15 ppm (limit 200 ms): trustworthy for 2 h 50 min more.',
        confident: false,
        boundMs: 20 + 27,
      },
      {
        state: 'holdover',
        sentence:
          'follows 10.0.1.5 at stratum 10 or more, where undisciplined clocks stand (local clock); bound 49 ms grows by 15 ppm (limit 200 ms): trustworthy for 2 h 47 min more.',
        confident: false,
        boundMs: 47 + 2,
      },
      {
        state: 'holdover',
        sentence:
          'follows 10.0.1.5 at stratum 10 or more, where undisciplined clocks stand (local clock); bound 52 ms grows by 15 ppm (limit 200 ms): trustworthy for 2 h 44 min more.',
        confident: false,
        boundMs: 47 + 5,
      },
    ]);
  });

  it('has no votes and no usable source: its rows are of nobody whose time is true', () => {
    expect(
      all.map(({ measures: { usableSources }, votes: { liesLeft, lossesLeft } }) => ({
        usableSources,
        liesLeft,
        lossesLeft,
      })),
    ).toEqual(Array.from({ length: 3 }, () => ({ usableSources: 0, liesLeft: 0, lossesLeft: 0 })));
    expect(
      all.map(({ confidence }) => confidence.includes('it is of stratum 10 or more, where undisciplined clocks stand')),
    ).toEqual([false, true, true]);
  });

  it('has no bound where none is remembered: what a server tells then is its distance from a clock that nobody vouches for', () => {
    const [, second, third] = judgedOf(
      [
        [A, keeping],
        [B, following],
        [CLIENT, client],
      ],
      { lastBounds: undefined },
    );
    expect([second, third].map((each) => each?.measures)).toMatchObject([
      { errorBoundMs: null, growthPpm: 15, horizonSeconds: null },
      { errorBoundMs: null, growthPpm: 15, horizonSeconds: null },
    ]);
    expect(third?.sentence).toBe(
      'follows 10.0.1.5 at stratum 10 or more, where undisciplined clocks stand (local clock); error bound not known (limit 200 ms).',
    );
  });

  it('a server that nobody ever saw with true time has no bound on its own clock: those of others say nothing of it', () => {
    const C = server('c', ['10.0.3.5']);
    const [judgement] = judgedOf([[C, keeping]], { hosts: [...SERVERS, C] });
    expect(judgement?.measures).toMatchObject({ errorBoundMs: null, growthPpm: 15, horizonSeconds: null });
    expect(judgement?.lastBound).toBeUndefined();
  });

  it('is beyond its limit once so much has grown', () => {
    const lastBounds = { 'i-0a': { boundMs: 20, atMs: NOW_MS - 12_000_000 } };
    const [judgement] = judgedOf([[A, { ...keeping, ageSeconds: 86_400 }]], { lastBounds });
    expect(judgement?.measures).toMatchObject({ errorBoundMs: 200, horizonSeconds: 0 });
  });

  it('is so from the first moment on, while the last answer of an upstream is still fresh', () => {
    const early = {
      ...keeping,
      sources: upstreams.map((each, index) =>
        source(each, { tally: index === 0 ? '*' : '+', reach: 0, whenSeconds: 400 }),
      ),
    };
    expect(judgedOf([[A, early]]).map(({ state, lastBound }) => [state, lastBound])).toEqual([
      ['holdover', BOUNDS['i-0a']],
    ]);
  });

  it('a client that follows a true server beside is not: its own system peer decides', () => {
    const rows = (peer: string) => [
      source('10.0.1.5', { tally: peer === '10.0.1.5' ? '*' : '+', stratum: 10 }),
      source('10.0.2.5', { tally: peer === '10.0.2.5' ? '*' : '+', stratum: 3 }),
    ];
    const stateOf = (peer: string, stratum: number) =>
      judgedOf([[CLIENT, collected({ sources: rows(peer), system: { stratum, refid: peer } })]]).map(
        ({ state }) => state,
      )[0];
    expect([stateOf('10.0.1.5', 11), stateOf('10.0.2.5', 4)]).toEqual(['holdover', 'healthy']);
  });
});

describe('a client of servers on their own clocks, in a pod that keeps no time of its own', () => {
  const served = (refid: string, stratum: number) =>
    collected({
      sources: [source('10.0.1.5', { tally: '*', refid, stratum }), source('10.0.2.5', { refid, stratum })],
      system: { stratum: stratum + 1, refid: '10.0.1.5' },
    });

  it.each([
    ['ntpd, with its local clock as it is by default', 'LOCAL(0)', 6],
    ['the same by its code', '.LOCL.', 6],
    ['the same by its address', '127.127.1.0', 6],
    ['chrony, by `local stratum 8`', '127.127.1.1', 8],
    ['ntpd, by `tos orphan 5`', '127.0.0.1', 5],
  ])('is in holdover: %s', (_, refid, stratum) => {
    expect(judgedOf([[CLIENT, served(refid, stratum)]], { pod: POD }).map(shown)).toEqual([
      {
        state: 'holdover',
        sentence:
          'follows 10.0.1.5, which says that it follows its own undisciplined clock (local clock); error bound not known (limit 200 ms).',
        confident: false,
        boundMs: null,
      },
    ]);
  });

  it('says why it is not confident, and what several have in common', () => {
    const [{ confidence = '', cause = '' } = {}] = judgedOf([[CLIENT, served('LOCAL(0)', 6)]], { pod: POD });
    expect([confidence, cause]).toEqual([
      'not confident: its system peer follows its own undisciplined clock; 0 usable sources (at least 2 wanted).',
      'they follow others that say that they follow their own undisciplined clocks (local clock)',
    ]);
  });

  it('is not, where a file says by hand that such a clock is true', () => {
    const [{ state } = {}] = judgedOf([[CLIENT, served('LOCAL(1)', 2)]], { pod: POD });
    expect(state).toBe('healthy');
  });
});

describe('the last bound of a boundary server', () => {
  const C = server('c', ['10.0.3.5']);
  const well = collected({
    ...CHRONY,
    sources: [source('192.0.2.1', { tally: '*', stratum: 2 }), source('192.0.2.2', { stratum: 2 })],
    system: { stratum: 3, refid: '192.0.2.1', offsetMs: 1, rootDelayMs: 2, rootDispersionMs: 3, ...KNOWN_FREQUENCY },
  });
  // 1 + 2 / 2 + 3, and 13.95 ppm of the 12 s since
  const own = { boundMs: 5.168, atMs: NOW_MS };
  const rememberedOf = (answer: Collected, given: Partial<JudgeContext> = {}, of = A) =>
    judgedOf([[of, answer]], given)[0]?.lastBound;

  it('is remembered while its time comes from a true clock, and kept from then on', () => {
    expect([rememberedOf(well), rememberedOf(keeping), rememberedOf(following, {}, B)]).toEqual([
      own,
      BOUNDS['i-0a'],
      // by A it is set now: 47 ms, not 23.5
      BOUNDS['i-0a'],
    ]);
  });

  it('is none of a client, and of none in other pods', () => {
    expect(rememberedOf(well, {}, host('i-0c0'))).toBeUndefined();
    expect(rememberedOf(well, { pod: POD })).toBeUndefined();
  });

  it('is forgotten once its daemon began after it, and then it has none on its own clock', () => {
    const restarted = { ...keeping, ageSeconds: 60 };
    expect(rememberedOf(restarted)).toBeUndefined();
    const others = { lastBounds: { 'i-0b': BOUNDS['i-0b'] } };
    expect(judgedOf([[A, restarted]], others)[0]?.measures.errorBoundMs).toBeNull();
  });

  it('is the largest of all of theirs, for it may have followed any: its own alone in other pods', () => {
    const lastBounds = { ...BOUNDS, 'i-0c': { boundMs: 60, atMs: NOW_MS - 900_000 } };
    const boundOf = (pod: Pod) =>
      judgedOf([[A, keeping]], { pod, hosts: [...SERVERS, C], lastBounds })[0]?.measures.errorBoundMs;
    expect([boundOf(TOGETHER), boundOf(POD)]).toEqual([60 + 13.5, 20 + 27]);
  });

  it('is nothing to who follows a local clock in a pod that keeps no time of its own', () => {
    const { errorBoundMs, horizonSeconds } = judgedOf([[B, following]], { pod: POD })[0]?.measures ?? {};
    expect([errorBoundMs, horizonSeconds]).toEqual([null, null]);
  });

  it('does not make a clock known that nobody ever set', () => {
    const cold = {
      ...keeping,
      sources: upstreams.map((each) => source(each, { tally: ' ', reach: 0, whenSeconds: null })),
    };
    const { errorBoundMs, horizonSeconds } = judgedOf([[C, cold]], { hosts: [...SERVERS, C] })[0]?.measures ?? {};
    expect([errorBoundMs, horizonSeconds]).toEqual([null, 0]);
  });

  it('grows as fast as its daemon told when it told it: one that keeps the time prints a skew of 0', () => {
    const young = { ...well, system: well.system && { ...well.system, skewPpm: 60, residualFrequencyPpm: -5 } };
    // 1 + 2 / 2 + 3: 66 ppm are in its word
    const before = { boundMs: 5, atMs: NOW_MS - 1000_000, growthPpm: 66 };
    expect(rememberedOf(young)).toEqual({ ...before, atMs: NOW_MS });
    const given = { lastBounds: { 'i-0a': before, 'i-0b': { boundMs: 4, atMs: NOW_MS - 1000_000 } } };
    const measures = judgedOf(
      [
        [A, keeping],
        [B, following],
        [host('i-0c0'), client],
      ],
      given,
    ).map(({ measures: { errorBoundMs, growthPpm, horizonSeconds } }) => [errorBoundMs, growthPpm, horizonSeconds]);
    expect(measures).toEqual([
      [71, 66, expect.closeTo((200 - 71) / 0.066, 6)],
      [73, 66, expect.closeTo((200 - 73) / 0.066, 6)],
      [76, 66, expect.closeTo((200 - 76) / 0.066, 6)],
    ]);
    expect(rememberedOf(keeping, given)).toEqual(before);
  });

  it('grows no slower than what the pod says, which is not remembered of each', () => {
    const pod = { ...TOGETHER, thresholds: { ...TOGETHER.thresholds, holdoverPpm: 100 } };
    expect(rememberedOf(well, { pod })).toEqual({ boundMs: 6.188, atMs: NOW_MS });
    const lastBounds = { 'i-0a': { boundMs: 5, atMs: NOW_MS - 1000_000, growthPpm: 66 } };
    expect(judgedOf([[A, keeping]], { pod, lastBounds })[0]?.measures.errorBoundMs).toBe(105);
  });

  it('has its answer’s age in it too', () => {
    const judgedAt = { nowMs: NOW_MS, ageSeconds: 100 };
    const sighting = { host: B, collected: following, status: 'Success', judgedAt };
    expect(judgeAll([sighting], context(KNOWN))[0]?.measures.errorBoundMs).toBe(47 + 2 + 1.5);
  });
});

describe('rows of boundary servers for each other', () => {
  const true3 = (address: string, given = {}) => source(address, { stratum: 2, refid: '198.51.100.1', ...given });
  const well = (peer: string) =>
    collected({
      ...CHRONY,
      sources: [true3('192.0.2.1', { tally: '*' }), true3('192.0.2.2'), source(peer, { tally: '-' })],
      system: { stratum: 3, refid: '192.0.2.1', ...KNOWN_FREQUENCY },
    });

  it('are no sources: neither usable, nor reachable, nor missed', () => {
    const silentPeer = collected({
      ...CHRONY,
      sources: [true3('192.0.2.1', { tally: '*' }), true3('192.0.2.2'), dead('10.0.2.5')],
      system: { stratum: 3, refid: '192.0.2.1', ...KNOWN_FREQUENCY },
    });
    const [heard, silent] = judgedOf([
      [A, well('10.0.2.5')],
      [A, silentPeer],
    ]);
    expect(heard).toMatchObject({ state: 'healthy', remarks: [] });
    for (const judgement of [heard, silent]) {
      expect(judgement).toMatchObject({
        confident: true,
        polled: ['192.0.2.1', '192.0.2.2'],
        measures: { usableSources: 2, reachableSources: 2, reachRatio: 1 },
        votes: { lossesLeft: 0 },
      });
    }
  });

  describe('of one that has lost its own', () => {
    const lost = upstreams.map((each) => dead(each, 18_000));
    const answerOf = (peer: Partial<Source>, own = lost) =>
      collected({
        ...CHRONY,
        sources: [...own, source('10.0.2.5', { tally: '*', stratum: 3, ...peer })],
        system: { stratum: 4, refid: '10.0.2.5', offsetMs: 1, rootDelayMs: 2, rootDispersionMs: 3, ...KNOWN_FREQUENCY },
      });

    it('give it true time, by its word, and no source: it is degraded, not in holdover', () => {
      const [judgement] = judgedOf([[A, answerOf({})]]);
      expect(judgement).toMatchObject({
        state: 'degraded',
        sentence: 'follows 10.0.2.5, a boundary server of its pod, and hears none of its own sources.',
        cause: 'they follow other boundary servers of their pod, and none of their own sources',
        remarks: ['source 192.0.2.1 heard 0 of its last 8 polls; source 192.0.2.2 heard 0 of its last 8 polls.'],
        confident: false,
        measures: { offsetMs: 1, errorBoundMs: 5.1674, growthPpm: 15, usableSources: 0, reachableSources: 0 },
        lastBound: { boundMs: 5.168, atMs: NOW_MS },
      });
    });

    it('give it none that it follows no more, that are not heard, not synchronised, or keep a time of their own', () => {
      const given: Partial<Source>[] = [
        { tally: '+' },
        { whenSeconds: 1000, reach: 0 },
        { stratum: 16 },
        { stratum: 10 },
      ];
      expect(given.map((each) => judgedOf([[A, answerOf(each)]])[0]?.state)).toEqual(given.map(() => 'holdover'));
    });

    it('are told where it hears its own and selects none, and not where it has one', () => {
      const heard = (tally: Source['tally']) =>
        upstreams.map((each) => source(each, { tally, stratum: 2, offsetMs: 80 }));
      expect((['x', '-'] as const).map((tally) => judgedOf([[A, answerOf({}, heard(tally))]])[0]?.sentence)).toEqual([
        'follows 10.0.2.5, a boundary server of its pod, and selects none of its own 2 sources.',
        expect.stringMatching(/^offset 1 ms /),
      ]);
    });

    it('keep nobody in touch whose rows are not all known, nor a client', () => {
      const cut = { ...answerOf({}), truncated: true };
      expect(judgedOf([[A, cut]])[0]?.sentence).not.toMatch(/^follows/);
      expect(judgedOf([[host('i-0c0'), answerOf({})]])[0]?.sentence).not.toMatch(/^follows/);
    });
  });

  it('of who keeps time of its own bear witness to nothing', () => {
    const far = (address: string, offsetMs: number, stratum: number) =>
      source(address, { offsetMs, stratum, refid: null });
    const answer = collected({
      sources: [far('10.0.1.5', 0, 10), far('10.0.2.5', 0, 10), far('10.0.3.5', 90, 3), far('10.0.4.5', 0, 11)],
      system: { stratum: 4 },
    });
    const hosts = [...SERVERS, server('c', ['10.0.3.5']), server('d', ['10.0.4.5'])];
    const judge = clockJudge(context({ hosts }));
    const clocks = ['i-0c0', 'i-0c1', 'i-0c2'].map((id) =>
      judge({ host: host(id), collected: answer, status: 'Success' }),
    );
    expect(clocks.map(({ evidence }) => evidence.heard.map(({ names }) => names))).toEqual(
      Array.from({ length: 3 }, () => [['i-0c']]),
    );
    const { unwitnessed, contradicted } = podClocksOf(clocks, POD.thresholds, { hosts, expected: 3, tookSeconds: 0 });
    expect({ unwitnessed, contradicted }).toEqual({ unwitnessed: [], contradicted: [] });
  });
});

describe('a boundary server that is to keep one time with others', () => {
  const C = server('c', ['10.0.3.5']);
  const HOSTS = [A, B, C, host('i-0c0')];
  const RECORDS = [record('a', '10.0.1.5'), record('b', '10.0.2.5'), record('c', '10.0.3.5')];
  const true3 = (address: string) => source(address, { stratum: 2, refid: '198.51.100.1' });
  const asking = (partners: Source[], given: Partial<Collected> = {}) =>
    collected({
      ...CHRONY,
      sources: [{ ...true3('192.0.2.1'), tally: '*' }, true3('192.0.2.2'), ...partners],
      system: { stratum: 3, refid: '192.0.2.1', ...KNOWN_FREQUENCY },
      ...given,
    } as Parameters<typeof collected>[0]);
  const judgementOf = (answer: Collected, given: Partial<JudgeContext> = {}, of: Host = A) => {
    const [judgement] = judgedOf([[of, answer]], { hosts: HOSTS, records: RECORDS, ...given });
    const { state, remarks, confident } = judgement as Judgement;
    return { state, confident, remarks, ...(state !== 'healthy' && { sentence: judgement?.sentence }) };
  };
  const unheard = (address: string) => dead(address, null);
  const WELL = { state: 'healthy', confident: true, remarks: [] };

  it('and hears all of them is well, and so is one of a pod that does not', () => {
    expect([
      judgementOf(asking([source('10.0.2.5'), source('10.0.3.5')])),
      judgementOf(asking([unheard('10.0.2.5')]), { pod: POD }),
      judgementOf(asking([]), { pod: POD }),
    ]).toEqual([WELL, WELL, WELL]);
  });

  it('and hears none is degraded: its own row, which the pool gives it too, is nobody', () => {
    const silent = {
      state: 'degraded',
      confident: true,
      remarks: [],
      sentence:
        'hears none of its 2 partner boundary servers (10.0.2.5 and 10.0.3.5): without them it would keep a time of its own.',
    };
    const rows = [unheard('10.0.2.5'), unheard('10.0.3.5')];
    expect([judgementOf(asking(rows)), judgementOf(asking([source('10.0.1.5'), ...rows]))]).toEqual([silent, silent]);
  });

  it('and hears some of them is told', () => {
    expect(judgementOf(asking([source('10.0.2.5'), unheard('10.0.3.5')]))).toEqual({
      ...WELL,
      remarks: ['does not hear 10.0.3.5 of 2 partner boundary servers, with which it is to keep one time.'],
    });
  });

  it('has time for it until it has started, and a row that could not be read, or was cut, is no news', () => {
    const rows = [unheard('10.0.2.5'), unheard('10.0.3.5')];
    expect([
      judgementOf(asking(rows, { ageSeconds: 599 })),
      judgementOf(
        asking([
          { ...unheard('10.0.2.5'), reach: null },
          { ...unheard('10.0.3.5'), reach: null },
        ]),
      ),
    ]).toEqual([WELL, WELL]);
    expect(judgementOf(asking(rows, { truncated: true })).remarks).toContain(
      'does not hear 10.0.2.5 and 10.0.3.5 of 2 partner boundary servers, with which it is to keep one time.',
    );
  });

  it('counts those alone that run', () => {
    const hosts = [A, B, { ...C, state: 'terminated' as const }];
    const records = RECORDS.slice(0, 2);
    expect(judgementOf(asking([source('10.0.2.5'), unheard('10.0.3.5')]), { hosts, records }).remarks).toEqual([]);
  });

  it('and asks none of those that are published is told', () => {
    const remarks = [
      'asks none of the 2 other boundary servers that are published: without them it would keep a time of its own.',
    ];
    expect([
      judgementOf(asking([])),
      judgementOf(asking([], { ageSeconds: 599 })),
      judgementOf(asking([]), { records: RECORDS.slice(0, 1) }),
      judgementOf(asking([]), { records: null }),
    ]).toEqual([{ ...WELL, remarks }, WELL, WELL, WELL]);
  });

  it('and asks one still that was withdrawn is told: chrony keeps what no other replaces', () => {
    const rows = [source('10.0.2.5'), source('10.0.3.5')];
    expect([
      judgementOf(asking(rows), { records: RECORDS.slice(0, 2) }),
      judgementOf(asking(rows), { records: [] }),
      judgementOf(asking(rows), { records: null }),
    ]).toEqual([
      {
        ...WELL,
        remarks: [
          'still asks 10.0.3.5, which no record holds: with all true time lost it may follow that clock. There, chronyc delete 10.0.3.5 ends it.',
        ],
      },
      WELL,
      WELL,
    ]);
  });
});

describe('a boundary server that podtime has no file for', () => {
  const UPSTREAM_ROWS = [source('192.0.2.1', { tally: '*', stratum: 2 }), source('192.0.2.2', { stratum: 2 })];
  const refused = { noFile: () => 'chrony 4.5 cannot.', expectedRevision: () => null };
  const judgedBy = (given: Parameters<typeof collected>[0], context: Partial<JudgeContext> = refused, of: Host = A) =>
    judgedOf([[of, collected({ sources: UPSTREAM_ROWS, ...given })]], { pod: POD, ...context }).map(
      ({ state, confident, confidence }) => ({
        state,
        confident,
        isUnknown: confidence.includes("its file is none of podtime's: nobody knows that it serves"),
      }),
    )[0];

  it('is not confident on a file that is none of podtime’s: a distribution’s own serves nobody', () => {
    const unsure = { state: 'degraded', confident: false, isUnknown: true };
    expect(judgedBy({ configRevision: null })).toEqual(unsure);
    const faults = [{ line: 3, field: 'frequencyPpm', text: 'x', reason: 'not a decimal number' }];
    expect(judgedBy({ configRevision: null, faults })).toEqual(unsure);
  });

  it('is on an older one of podtime’s, or where it is not known which it has', () => {
    const confident = { state: 'degraded', confident: true, isUnknown: false };
    expect([
      judgedBy({}),
      judgedBy({ configRevision: null, found: 'ntpsec 1.2.2 service=ntpsec file=-' }),
      judgedBy({ configRevision: null, faults: [{ line: 3, field: 'configRevision', text: 'x', reason: 'none' }] }),
      judgedBy({ configRevision: null }, refused, host('i-0c0')),
    ]).toEqual([confident, confident, confident, confident]);
  });

  it('is as ever where podtime has a file and the host another: whoever manages it knows', () => {
    expect(judgedBy({ configRevision: null }, {})).toEqual({ state: 'healthy', confident: true, isUnknown: false });
  });
});
