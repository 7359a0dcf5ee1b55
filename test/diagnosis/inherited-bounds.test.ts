import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clockJudge, type JudgeContext, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement, Sighting } from '../../src/diagnosis/judgement.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { SmearingFleet } from '../../src/fleet/smear.ts';
import { readUpstream } from '../../src/fleet/sources.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { runs } from '../builders/property-runs.ts';
import { collected, context, host, POD, rowOfNtpdRs, server, source } from '../builders/sightings.ts';

const NOW_MS = 1_800_000_000_000;
const HOUR_SECONDS = 3600;
const A = server('a', ['10.0.1.5']);
const B = server('b', ['10.0.2.5']);
const C = server('c', ['10.0.3.5']);
const CLIENT = host('i-0c0');
const HOSTS = [A, B, C, CLIENT];

const NTPD_RS = { daemon: { kind: 'ntpd-rs', version: '1.4.0' }, ageSeconds: 86_400 } as const;
/** A server on ntpd-rs that has heard nobody since the last tick that remembers a bound of it: what it serves stands still. */
const lost = collected({
  ...NTPD_RS,
  sources: ['192.0.2.1', '192.0.2.2'].map((each) => rowOfNtpdRs(each, { unansweredPolls: 8, reach: 0 })),
  system: { stratum: 3, refid: null, offsetMs: 0, rootDelayMs: 0.031, rootDispersionMs: 5.722 },
});
/** Its bound was 2 ms so many hours ago, and grows by 54 ms an hour. */
const since = (hours: number, ...ids: string[]) =>
  Object.fromEntries(
    (ids.length === 0 ? ['i-0a', 'i-0b', 'i-0c'] : ids).map((id) => [
      id,
      { boundMs: 2, atMs: NOW_MS - hours * HOUR_SECONDS * 1000 },
    ]),
  );

/** A row that says of itself +- 1 ms: offset 0.25, delay / 2 0.5, jitter 0.25, just heard. */
const row = (address: string, given: Partial<Source> = {}) =>
  source(address, { refid: '192.0.2.1', offsetMs: 0.25, delayMs: 1, jitterMs: 0.25, whenSeconds: 0, ...given });
const PRINTED = { offsetMs: 0.25, rootDelayMs: 1, rootDispersionMs: 2 };
/** 0.25 + 1 / 2 + 2 ms by its own word. */
const client = collected({
  sources: [row('10.0.1.5', { tally: '*' }), row('10.0.2.5')],
  system: { stratum: 4, refid: '10.0.1.5', ...PRINTED },
});
/** A server that hears an upstream, and follows another server of its pod. */
const followingA = collected({
  sources: [row('10.0.1.5', { tally: '*' }), row('192.0.2.1', { stratum: 2 })],
  system: { stratum: 4, refid: '10.0.1.5', ...PRINTED },
});
const well = collected({
  sources: [row('192.0.2.1', { tally: '*', stratum: 2 }), row('192.0.2.2', { stratum: 2 })],
  system: { stratum: 3, refid: '192.0.2.1', ...PRINTED },
});

const sightingsOf = (answers: [Host, Collected][]): Sighting[] =>
  answers.map(([each, answer]) => ({
    host: each,
    collected: answer,
    status: 'Success',
    judgedAt: { nowMs: NOW_MS, ageSeconds: 0 },
  }));

function judged(answers: [Host, Collected][], given: Partial<JudgeContext> = {}): Judgement {
  const all = judgeAll(sightingsOf(answers), context({ hosts: HOSTS, ...given }));
  const [last] = all.slice(-1);
  if (last === undefined) throw new Error('nobody was judged');
  return last;
}

const shown = ({ state, sentence, remarks, confident, over, measures }: Judgement) => ({
  state,
  sentence,
  remarks,
  confident,
  over,
  bound: [measures.errorBoundMs, measures.growthPpm, measures.horizonSeconds],
});

const AS_PRINTED = {
  state: 'healthy',
  sentence: 'offset 0.25 ms (limit 50 ms), error bound 2.75 ms (limit 200 ms), 2 usable sources.',
  remarks: [],
  confident: true,
  over: undefined,
  bound: [2.75, 15, 13150],
};

describe('a client of a server that runs on by itself', () => {
  it('has the bound of that server, and how far it is from it', () => {
    expect(
      shown(
        judged(
          [
            [A, lost],
            [B, lost],
            [CLIENT, client],
          ],
          { lastBounds: since(3) },
        ),
      ),
    ).toEqual({
      ...AS_PRINTED,
      sentence: 'offset 0.25 ms (limit 50 ms), error bound 165 ms (limit 200 ms), 2 usable sources.',
      remarks: ['error bound 165 ms: it follows i-0a, whose bound is 164 ms.'],
      bound: [165, 15, 2333.33333333333],
    });
  });

  it('says so where it says why it is confident', () => {
    const { confidence } = judged(
      [
        [A, lost],
        [CLIENT, client],
      ],
      { lastBounds: since(3) },
    );
    expect(confidence).toBe(
      'confident: the daemon is 3600 s old (at least 300 s); no leap alarm; its system peer 10.0.1.5 heard 8 of its last 8 polls (at least 6); 2 usable sources (at least 2); offset 0.25 ms (limit 50 ms), error bound 165 ms (limit 200 ms).',
    );
  });

  it('is uncertain where that is over the limit, and not confident', () => {
    const judgement = judged(
      [
        [A, lost],
        [CLIENT, client],
      ],
      { lastBounds: since(4) },
    );
    expect(shown(judgement)).toEqual({
      state: 'uncertain',
      sentence: 'clock error bound 219 ms is over the limit of 200 ms: it follows i-0a, whose bound is 218 ms.',
      remarks: [],
      confident: false,
      over: ['bound'],
      bound: [219, 15, 0],
    });
    expect([judgement.findings, judgement.confidence, judgement.cause]).toEqual([
      ['uncertain'],
      'not confident: clock error bound 219 ms is over the limit of 200 ms: it follows i-0a, whose bound is 218 ms.',
      'by the servers that they follow their clock error bounds are over the limit of 200 ms',
    ]);
  });

  it('leaves that late', () => {
    const before = { lastBounds: since(3), overBefore: { 'i-0c0': ['bound' as const] } };
    expect(
      shown(
        judged(
          [
            [A, lost],
            [CLIENT, client],
          ],
          before,
        ),
      ),
    ).toMatchObject({
      state: 'uncertain',
      sentence:
        'clock error bound 165 ms is not yet below 160 ms, 80 % of its limit of 200 ms, which it was over: it follows i-0a, whose bound is 164 ms.',
      confident: false,
      over: ['bound'],
    });
  });

  it('keeps what comes before that state, and has what comes after as a remark', () => {
    const far = { ...client, system: { ...client.system, offsetMs: 80 } as Collected['system'] };
    const adrift = judged(
      [
        [A, lost],
        [CLIENT, far],
      ],
      { lastBounds: since(4) },
    );
    const degraded = judged(
      [
        [A, lost],
        [CLIENT, { ...client, otherDaemons: ['chrony'] }],
      ],
      { lastBounds: since(4) },
    );
    expect([adrift, degraded].map(({ state, findings, over }) => [state, findings, over])).toEqual([
      ['adrift', ['adrift', 'uncertain'], ['offset', 'bound']],
      ['uncertain', ['uncertain', 'degraded'], ['bound']],
    ]);
    expect(adrift.remarks).toContain(
      'clock error bound 219 ms is over the limit of 200 ms: it follows i-0a, whose bound is 218 ms.',
    );
    expect(degraded.remarks).toHaveLength(1);
    expect(adrift.confidence).toMatch(
      /^not confident: offset .*; clock error bound 219 ms is over .*, whose bound is 218 ms\.$/,
    );
  });

  it('has none where that server has none', () => {
    expect(
      shown(
        judged([
          [A, lost],
          [CLIENT, client],
        ]),
      ),
    ).toEqual({
      ...AS_PRINTED,
      sentence: 'offset 0.25 ms (limit 50 ms), error bound not known, 2 usable sources.',
      remarks: ['error bound not known: it follows i-0a, of which none is known.'],
      confident: false,
      bound: [null, 15, null],
    });
  });

  it('grows as fast as that server may run off', () => {
    const chrony = collected({
      daemon: { kind: 'chrony', version: '4.9' },
      sources: [source('192.0.2.1', { tally: '*', stratum: 2, reach: 0, whenSeconds: HOUR_SECONDS })],
      // 0.25 + 1 / 2 + 2 ms, and of the 66 ppm all is in what it prints
      system: { stratum: 3, refid: '192.0.2.1', ...PRINTED, skewPpm: 60, residualFrequencyPpm: 5 },
    });
    expect(
      judged([
        [A, chrony],
        [CLIENT, client],
      ]).measures,
    ).toMatchObject({ errorBoundMs: 3.75, growthPpm: 66 });
  });

  it('has what its row has aged in it: its answer, and the time since it was heard', () => {
    const old = { ...client, sources: [row('10.0.1.5', { tally: '*', whenSeconds: 200 }), row('10.0.2.5')] };
    const [a, c] = sightingsOf([
      [A, lost],
      [CLIENT, old],
    ]) as [Sighting, Sighting];
    const late = { ...c, judgedAt: { nowMs: NOW_MS, ageSeconds: 100 } };
    const [, { measures } = { measures: null }] = judgeAll([a, late], context({ hosts: HOSTS, lastBounds: since(3) }));
    expect(measures?.errorBoundMs).toBe(165 + 3 + 1.5);
  });

  it('where its row cannot be read is no further from it than its own bound', () => {
    const unread = { ...client, sources: [row('10.0.1.5', { tally: '*', jitterMs: null }), row('10.0.2.5')] };
    const { measures } = judged(
      [
        [A, lost],
        [CLIENT, unread],
      ],
      { lastBounds: since(3) },
    );
    expect(measures.errorBoundMs).toBe(164 + 2.75);
  });

  it('says the same in brief, and no sentence of what is well', () => {
    const brief = { lastBounds: since(3), isBrief: true };
    const { sentence, confidence, remarks } = judged(
      [
        [A, lost],
        [CLIENT, client],
      ],
      brief,
    );
    expect([sentence, confidence, remarks]).toEqual([
      '',
      '',
      ['error bound 165 ms: it follows i-0a, whose bound is 164 ms.'],
    ]);
  });

  it('says so and no more where it is starting, or in holdover too', () => {
    const silent = collected({
      daemon: { kind: 'chrony', version: '4.9' },
      sources: [row('10.0.1.5', { tally: '*', reach: 0, whenSeconds: HOUR_SECONDS })],
      system: { stratum: 4, refid: '10.0.1.5', ...PRINTED, skewPpm: 0, residualFrequencyPpm: 0 },
    });
    const all = [{ ...client, ageSeconds: 30 }, silent].map((each) =>
      judged(
        [
          [A, lost],
          [CLIENT, each],
        ],
        { lastBounds: since(4) },
      ),
    );
    expect(all.map(({ state, confident, over }) => [state, confident, over])).toEqual([
      ['starting', false, undefined],
      ['holdover', false, ['reach']],
    ]);
    // the second is 0.5 ms from it by its row, and has run for an hour since
    expect(all.map(({ measures }) => measures.errorBoundMs)).toEqual([219, 218 + 0.5 + 54]);
    expect(all.map(({ remarks }) => remarks.at(-1))).toEqual([
      'error bound 219 ms: it follows i-0a, whose bound is 218 ms.',
      'error bound 272.5 ms: it follows i-0a, whose bound is 218 ms.',
    ]);
  });
});

describe('a client has its own bound', () => {
  /** Of chrony the daemon's word counts: 0.5 ms, of a clock that is set and not in touch. */
  const justLost = collected({
    daemon: { kind: 'chrony', version: '4.9' },
    sources: [source('192.0.2.1', { tally: 'x', stratum: 2, whenSeconds: 1 })],
    system: {
      refid: '192.0.2.1',
      offsetMs: 0,
      rootDelayMs: 0,
      rootDispersionMs: 0.5,
      skewPpm: 14,
      residualFrequencyPpm: 0,
    },
  });
  it.each<[string, [Host, Collected][]]>([
    [
      'where its server is in touch: what it serves has its error in it',
      [
        [A, well],
        [B, lost],
      ],
    ],
    ['where nobody has looked at its server', [[B, lost]]],
    [
      'where that is the larger: a server that was heard just now',
      [
        [A, justLost],
        [B, lost],
      ],
    ],
  ])('%s', (_, servers) => {
    expect(shown(judged([...servers, [CLIENT, client]], { lastBounds: since(3) }))).toEqual(AS_PRINTED);
  });

  it('where it follows a server of no pod', () => {
    const other = { ...client, sources: [row('192.0.2.9', { tally: '*' }), row('10.0.1.5')] };
    expect(
      judged(
        [
          [A, lost],
          [CLIENT, other],
        ],
        { lastBounds: since(3) },
      ).measures.errorBoundMs,
    ).toBe(2.75);
  });
});

describe('of a daemon that tells no system peer', () => {
  const rs = (...addresses: string[]) =>
    collected({
      ...NTPD_RS,
      sources: addresses.map((each) =>
        rowOfNtpdRs(each, { offsetMs: 0.25, delayMs: 1, uncertaintyMs: each === '10.0.2.5' ? 0.75 : 0.25 }),
      ),
      system: { stratum: 4, refid: null, ...PRINTED },
    });
  const bounds = { ...since(3), ...since(2, 'i-0b') };

  it('each server that agrees gives a bound, and the least counts; it is remembered so', () => {
    const all: [Host, Collected][] = [
      [A, lost],
      [B, lost],
      [C, lost],
    ];
    const { measures, remarks, lastBound } = judged([...all, [CLIENT, rs('10.0.1.5', '10.0.2.5', '10.0.3.5')]], {
      lastBounds: bounds,
    });
    expect([measures.errorBoundMs, remarks, lastBound]).toEqual([
      110 + 1.5 + (15 * 64) / 1000,
      ['error bound 112.5 ms: it follows i-0b, whose bound is 110 ms.'],
      { boundMs: 112.46, atMs: NOW_MS },
    ]);
  });

  it('nothing is remembered of a bound that is not known', () => {
    const { lastBound } = judged([
      [A, lost],
      [B, lost],
      [C, lost],
      [CLIENT, rs('10.0.1.5', '10.0.2.5', '10.0.3.5')],
    ]);
    expect(lastBound).toBeUndefined();
  });

  it.each([
    ['a server is in touch', ['10.0.1.5', '10.0.2.5', '10.0.3.5']],
    ['another source agrees', ['10.0.1.5', '10.0.2.5', '192.0.2.9']],
  ])('its own bound counts where %s', (_, addresses) => {
    const answers: [Host, Collected][] = [
      [A, lost],
      [B, lost],
      [C, well],
      [CLIENT, rs(...addresses)],
    ];
    expect(judged(answers, { lastBounds: bounds }).measures.errorBoundMs).toBe(2.75 + (15 * 64) / 1000);
  });
});

describe('a chain', () => {
  it('passes it on, however well the servers between hear', () => {
    const ofB = { ...client, sources: [row('10.0.2.5', { tally: '*' }), row('10.0.3.5')] };
    const given = { lastBounds: since(3, 'i-0a') };
    expect(
      shown(
        judged(
          [
            [A, lost],
            [B, followingA],
            [CLIENT, ofB],
          ],
          given,
        ),
      ),
    ).toEqual({
      ...AS_PRINTED,
      sentence: 'offset 0.25 ms (limit 50 ms), error bound 166 ms (limit 200 ms), 2 usable sources.',
      remarks: ['error bound 166 ms: it follows i-0b, whose bound is 165 ms.'],
      bound: [166, 15, 2266.66666666667],
    });
  });

  it('ends where one is reached again, by its own word', () => {
    const followingB = { ...followingA, sources: [row('10.0.2.5', { tally: '*' })] };
    const alone = { ...followingA, sources: [row('10.0.1.5', { tally: '*' })] };
    const boundsOf = (answers: [Host, Collected][]) =>
      Object.fromEntries(
        judgeAll(sightingsOf(answers), context({ hosts: HOSTS })).map((each) => [
          each.host.instanceId,
          each.measures.errorBoundMs,
        ]),
      );
    const ring: [Host, Collected][] = [
      [A, followingB],
      [B, alone],
      [CLIENT, client],
    ];
    const all = boundsOf(ring);
    expect(boundsOf(ring.toReversed())).toEqual(all);
    expect(Object.keys(all)).toHaveLength(3);
    for (const boundMs of Object.values(all)) expect(boundMs).toBeLessThan(10);
  });
});

describe('around a leap second', () => {
  const MIXED: SmearingFleet = {
    upstreams: [readUpstream({ host: 'upstream.invalid', smear: 'utc' })],
    timeService: { mode: { boundary: 'reference', client: 'source' } },
  };

  it('an offset between classes is no part of what is judged', () => {
    const far = {
      ...client,
      sources: [row('10.0.1.5', { tally: '*', offsetMs: 30 }), row('10.0.2.5')],
      system: { ...client.system, offsetMs: 30 } as Collected['system'],
    };
    // 2 + 189 + 30.75 ms
    const judgedAround = (aroundLeap: SmearingFleet | null) => {
      const { state, measures } = judged(
        [
          [A, lost],
          [CLIENT, far],
        ],
        { lastBounds: since(3.5), aroundLeap },
      );
      return [state, measures.errorBoundMs];
    };
    expect([judgedAround(MIXED), judgedAround(null)]).toEqual([
      ['healthy', 221.75],
      ['uncertain', 221.75],
    ]);
  });
});

describe('the skew of a pod', () => {
  const skewOf = (lastBounds: JudgeContext['lastBounds']) => {
    const clocks = sightingsOf([
      [A, well],
      [B, lost],
      [CLIENT, { ...client, sources: [row('10.0.2.5', { tally: '*' })] }],
    ]);
    return podClocksOf(clocks.map(clockJudge(context({ hosts: HOSTS, lastBounds }))), POD.thresholds, {
      hosts: HOSTS,
      expected: 3,
      tookSeconds: 0,
    }).skew;
  };

  it('has that bound in it, around the client: where its server stands nobody says', () => {
    expect(skewOf(since(3))).toEqual({ skewMs: 165 + 165, hosts: 3, of: 3 });
  });

  it('is not of a client whose server has no bound', () => {
    expect(skewOf(undefined)).toEqual(null);
  });
});

describe('whoever follows whom', () => {
  const ADDRESSES = ['10.0.1.5', '10.0.2.5', '10.0.3.5', '192.0.2.1'];
  const answer = fc.record({
    isLost: fc.boolean(),
    peer: fc.constantFrom(...ADDRESSES),
    offsetMs: fc.integer({ min: -9, max: 9 }),
  });
  const answerOf = ({ isLost, peer, offsetMs }: { isLost: boolean; peer: string; offsetMs: number }) =>
    isLost
      ? lost
      : collected({
          sources: [row(peer, { tally: '*', offsetMs }), row('192.0.2.9', { stratum: 2 })],
          system: { stratum: 4, refid: peer, ...PRINTED },
        });

  it('nobody’s bound is below that of the server in holdover that it follows, and the order of hosts changes nothing', () => {
    fc.assert(
      fc.property(
        fc.tuple(answer, answer, answer, answer),
        fc.tuple(...['i-0a', 'i-0b', 'i-0c'].map(() => fc.double({ min: 0.01, max: 9, noNaN: true }))),
        (answers, hours) => {
          const lastBounds = Object.assign({}, ...['i-0a', 'i-0b', 'i-0c'].map((id, at) => since(hours[at] ?? 0, id)));
          const sightings = sightingsOf(HOSTS.map((each, at) => [each, answerOf(answers[at] as (typeof answers)[0])]));
          const given = context({ hosts: HOSTS, lastBounds });
          const all = judgeAll(sightings, given);
          all.forEach(({ measures }, at) => {
            const { isLost, peer } = answers[at] as (typeof answers)[0];
            const followed = ADDRESSES.indexOf(peer);
            if (isLost || !answers[followed]?.isLost || followed > 2) return;
            expect(measures.errorBoundMs).toBeGreaterThanOrEqual(all[followed]?.measures.errorBoundMs ?? Infinity);
          });
          expect(judgeAll(sightings.toReversed(), given).toReversed()).toEqual(all);
        },
      ),
      runs(200),
    );
  });
});
