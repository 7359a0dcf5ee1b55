import { describe, expect, it } from '@jest/globals';
import { clockJudge, type JudgeContext, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import type { Host, Pod } from '../../src/fleet/fleet.ts';
import type { Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { collected, context, host, POD, rowOfNtpdRs, server, source } from '../builders/sightings.ts';

const NOW_MS = 1_800_000_000_000;
const TEN_MINUTES_MS = 600_000;
const [A, B, C, N] = ['a', 'b', 'c', 'd'].map((letter, index) => server(letter, [`10.0.${index + 1}.5`])) as [
  Host,
  Host,
  Host,
  Host,
];
const CLIENT = host('i-0c0');
const TOGETHER: Pod = { ...POD, together: true };
const BEFORE = { boundMs: 20, atMs: NOW_MS - 1_800_000 };
/** 27 ms have grown since. */
const NOW_BOUND_MS = 47;
const CHRONY = { daemon: { kind: 'chrony', version: '4.9' }, ageSeconds: 7200 } as const;
const SURE = { skewPpm: 0.05, residualFrequencyPpm: 0 };
const dead = ['192.0.2.1', '192.0.2.2'].map((each) => source(each, { tally: ' ', reach: 0, whenSeconds: 600 }));

const leading = collected({
  ...CHRONY,
  sources: dead,
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
/** It follows `address`, and is 2 ms from it at the most by its own word. */
const following = (address: string, stratum = 10) =>
  collected({
    ...CHRONY,
    sources: [...dead, source(address, { tally: '*', stratum, refid: null })],
    system: { stratum: stratum + 1, refid: address, offsetMs: -0.5, rootDelayMs: 1, rootDispersionMs: 1, ...SURE },
  });
const FOLLOWED_MS = NOW_BOUND_MS + 2;
/** By each row more: its offset, its error, and 15 ppm since it was heard. */
const ROW_MS = 0.21;
/** The same, its rows missing. */
const cutShort = collected({ ...following('10.0.2.5', 11), sources: dead, truncated: true } as never);
const nameless = collected({
  ...following('10.0.2.5', 11),
  sources: [...dead, source('fd00:10::', { tally: '*', stratum: 10, refid: null, address: null })],
} as never);
const well = collected({
  ...CHRONY,
  sources: [source('192.0.2.1', { tally: '*', stratum: 2 }), source('192.0.2.2', { stratum: 2 })],
  system: { stratum: 3, refid: '192.0.2.1', offsetMs: 1, rootDelayMs: 2, rootDispersionMs: 3, ...SURE },
});
const unset = collected({ ...CHRONY, sources: dead, system: { leap: 'alarm', stratum: 0, refid: null } });

type Answers = readonly (readonly [Host, Collected | null])[];
const HOSTS = [A, B, C, N, CLIENT];

function contextOf(remembered: readonly Host[], given: Partial<JudgeContext> = {}): JudgeContext {
  const lastBounds = Object.fromEntries(remembered.map(({ instanceId }) => [instanceId, BEFORE]));
  return context({ pod: TOGETHER, hosts: HOSTS, lastBounds, ...given });
}

const sightingsOf = (answers: Answers, nowMs = NOW_MS) =>
  answers.map(([each, answer]) => ({
    host: each,
    collected: answer,
    status: answer === null ? 'TimedOut' : 'Success',
    judgedAt: { nowMs, ageSeconds: 0 },
  }));

/** Each host's bound, and whether one is left to the next tick, by the letter of its id. */
function judgedOf(answers: Answers, remembered: readonly Host[], given: Partial<JudgeContext> = {}) {
  const judged = judgeAll(sightingsOf(answers), contextOf(remembered, given));
  return judged.map(({ host: { instanceId }, measures: { errorBoundMs }, lastBound }) => [
    instanceId,
    errorBoundMs,
    lastBound?.boundMs ?? null,
  ]);
}

describe('the clock of a pod that keeps one time, on a server of which nothing was ever remembered', () => {
  it('has no bound, nor has any that follows it, by whatever chain, and none is remembered of them', () => {
    const answers: Answers = [
      [A, leading],
      [B, following('10.0.1.5')],
      [C, following('10.0.2.5', 11)],
      [CLIENT, following('10.0.3.5', 12)],
    ];
    expect(judgedOf(answers, [B, C])).toEqual([
      ['i-0a', null, null],
      ['i-0b', null, null],
      ['i-0c', null, null],
      ['i-0c0', null, null],
    ]);
    expect(judgedOf(answers, [A, B, C])).toEqual([
      ['i-0a', NOW_BOUND_MS, 20],
      ['i-0b', FOLLOWED_MS, 20],
      ['i-0c', FOLLOWED_MS + ROW_MS, 20],
      ['i-0c0', FOLLOWED_MS + 2 * ROW_MS, null],
    ]);
  });

  it('is told of who follows it in one sentence that promises nothing', () => {
    const [, judged] = judgeAll(
      sightingsOf([
        [A, leading],
        [B, following('10.0.1.5')],
      ]),
      contextOf([B]),
    );
    const { state, sentence, remarks, confident, measures } = judged as Judgement;
    const { growthPpm, horizonSeconds } = measures;
    expect({ state, sentence, remarks, confident, growthPpm, horizonSeconds }).toEqual({
      state: 'holdover',
      sentence:
        'follows 10.0.1.5 at stratum 10 or more, where undisciplined clocks stand (local clock); error bound not known (limit 200 ms).',
      remarks: expect.arrayContaining(['error bound not known: it follows i-0a, of which none is known.']),
      confident: false,
      growthPpm: 15,
      horizonSeconds: null,
    });
  });

  it('is told once of who follows it, and has no bound by what is remembered either', () => {
    const remarksOf = (remembered: readonly Host[], last: Collected) => {
      const judged = judgeAll(
        sightingsOf([
          [A, leading],
          [B, last],
        ]),
        contextOf(remembered),
      );
      return judged[1]?.remarks.filter((remark) => remark.startsWith('error bound not known'));
    };
    expect([
      remarksOf([], following('10.0.1.5')),
      remarksOf([B], following('10.0.1.5')),
      remarksOf([B], cutShort),
    ]).toEqual([
      [],
      ['error bound not known: it follows i-0a, of which none is known.'],
      ['error bound not known: it follows a clock that nobody knows, of which none is known.'],
    ]);
  });

  it('is in no skew of the pod, nor are those that follow it', () => {
    const answers: Answers = [
      [A, leading],
      [B, following('10.0.1.5')],
      [C, following('10.0.1.5')],
    ];
    const skewOf = (remembered: readonly Host[]) =>
      podClocksOf(sightingsOf(answers).map(clockJudge(contextOf(remembered))), POD.thresholds, {
        hosts: HOSTS,
        expected: 3,
        tookSeconds: 0,
      }).skew;
    expect([skewOf([B, C]), skewOf([A, B, C])?.hosts]).toEqual([null, 3]);
  });

  it('leaves none to who follows it, once that one leads in its turn', () => {
    const first = judgeAll(
      sightingsOf([
        [A, leading],
        [B, following('10.0.1.5')],
      ]),
      contextOf([B, C]),
    );
    const lastBounds = Object.fromEntries(
      first.flatMap(({ host: { instanceId }, lastBound }) => (lastBound ? [[instanceId, lastBound]] : [])),
    );
    const then = judgeAll(
      sightingsOf([[B, leading]], NOW_MS + TEN_MINUTES_MS),
      contextOf([], { lastBounds: { ...lastBounds, 'i-0c': BEFORE } }),
    );
    expect(then.map(({ measures }) => measures.errorBoundMs)).toEqual([null]);
  });

  it('leaves none to a server that was contradicted either, whatever covered that before', () => {
    const answers: Answers = [
      [A, leading],
      [B, following('10.0.1.5')],
    ];
    const overBefore = { 'i-0b': ['disagreement' as const] };
    expect(judgedOf(answers, [B, C], { overBefore })).toEqual([
      ['i-0a', null, null],
      ['i-0b', null, null],
    ]);
  });
});

describe('the undisciplined clock that a time ends in', () => {
  it.each<[string, Collected, string | null]>([
    ['its own', leading, 'own'],
    ['a server of the pod', following('10.0.1.5'), 'followed'],
    ['one whose address was cut', nameless, 'followed'],
    ['one whose row is missing', cutShort, 'followed'],
    ['a clock that is no server of the pod', following('10.0.9.9'), 'foreign'],
    ['a server that has true time', following('10.0.1.5', 3), null],
  ])('is told apart by whom the host follows: %s', (_, answer, localClock) => {
    const clocks = sightingsOf([[CLIENT, answer]]).map(clockJudge(contextOf([])));
    expect(clocks.map(({ descent }) => descent?.localClock)).toEqual([localClock]);
  });
});

describe('the bound of a clock that', () => {
  it('follows a true one is known, though nothing is remembered of anybody', () => {
    const answers: Answers = [
      [A, well],
      [CLIENT, following('10.0.1.5', 3)],
    ];
    expect(judgedOf(answers, [])).toEqual([
      // 13.95 ppm of 12 s are not in what is printed, nor 14 ppm of a poll in what is served
      ['i-0a', 5 + 0.1674, 5.168],
      ['i-0c0', 2 + (0.1674 + 0.896), null],
    ]);
  });

  it('leads is not known where one was contradicted whose clock may be its own', () => {
    const overBefore = { 'i-0b': ['disagreement' as const] };
    expect(judgedOf([[A, leading]], [A], { overBefore })).toEqual([['i-0a', null, null]]);
    expect(judgedOf([[A, leading]], [A, B], { overBefore })).toEqual([['i-0a', NOW_BOUND_MS, 20]]);
  });

  it('leads is its own word where nobody says when that was: what is remembered then says nothing', () => {
    const [judged] = judgeAll([{ host: A, collected: leading, status: 'Success' }], contextOf([]));
    expect(judged?.measures.errorBoundMs).toBe(9);
  });
});

describe('a server that was launched since all true time was lost', () => {
  it('makes nothing unknown: it follows who leads, and the largest bound is remembered as its own', () => {
    const answers: Answers = [
      [A, leading],
      [B, following('10.0.1.5')],
      [N, following('10.0.1.5')],
      [CLIENT, following('10.0.4.5', 11)],
    ];
    expect(judgedOf(answers, [A, B])).toEqual([
      ['i-0a', NOW_BOUND_MS, 20],
      ['i-0b', FOLLOWED_MS, 20],
      ['i-0d', FOLLOWED_MS, 20],
      ['i-0c0', FOLLOWED_MS + ROW_MS, null],
    ]);
  });

  it.each<[string, Collected | null]>([
    ['does not answer yet', null],
    ['is not set yet', unset],
    ['runs no daemon', collected({ daemon: null, found: 'none', sources: [], system: null } as never)],
  ])('makes nothing unknown while it %s', (_, answer) => {
    expect(
      judgedOf(
        [
          [A, leading],
          [B, following('10.0.1.5')],
          [N, answer],
        ],
        [A, B],
      ).slice(0, 2),
    ).toEqual([
      ['i-0a', NOW_BOUND_MS, 20],
      ['i-0b', FOLLOWED_MS, 20],
    ]);
  });
});

describe('a clock whose chain nobody can follow to its end', () => {
  const boundOf = (answers: Answers, remembered: readonly Host[]) => judgedOf(answers, remembered).at(-1)?.[1];

  it.each<[string, Answers, readonly Host[], number | null]>([
    [
      'is known where it ends at a server that does not answer and is on a clock that is known',
      [[A, null]],
      [A, B],
      49,
    ],
    ['is not where nothing is remembered of that server', [[A, null]], [B], null],
    ['is not where that one has true time again, and nothing was remembered of it', [[A, well]], [B], null],
    // 13.95 ppm of a poll are not in what that one serves
    ['is known where something was', [[A, well]], [A], 49 + 0.896],
  ])('%s', (_, answers, remembered, expected) => {
    expect(boundOf([...answers, [CLIENT, following('10.0.1.5')]], remembered)).toBe(expected);
  });

  it('is not known where somebody may lead of whom nothing is remembered, and else by what is remembered', () => {
    const through = following('10.0.2.5', 11);
    const of = (others: Answers, remembered: readonly Host[], last = through) =>
      boundOf([...others, [CLIENT, last]], remembered);
    // B does not answer, and follows somebody
    expect([
      of(
        [
          [A, null],
          [B, null],
        ],
        [B],
      ),
      of(
        [
          [A, null],
          [B, null],
        ],
        [A, B],
      ),
    ]).toEqual([null, 49]);
    expect([
      of(
        [
          [A, leading],
          [B, null],
        ],
        [B],
      ),
      of(
        [
          [A, unset],
          [B, null],
        ],
        [B],
      ),
    ]).toEqual([null, 49]);
    // rows are missing
    expect([of([[A, leading]], [B], cutShort), of([[A, leading]], [A, B], cutShort)]).toEqual([null, 49]);
    // its row is there, and may be any server's
    expect([of([[A, leading]], [B], nameless), of([[A, leading]], [A, B], nameless)]).toEqual([null, 49]);
    // of a ring
    const ring: Answers = [
      [B, following('10.0.3.5', 11)],
      [C, following('10.0.2.5', 11)],
    ];
    expect([of([[A, leading], ...ring], [B, C]), of([[A, leading], ...ring], [A, B, C])]).toEqual([
      null,
      FOLLOWED_MS + 3 * ROW_MS,
    ]);
    // nobody looked at it
    expect([of([[A, leading]], [B]), of([[A, leading]], [A, B])]).toEqual([null, 49]);
  });

  it('ends at a server that does not answer where that is on its own clock, by the row of who follows it', () => {
    // N leads, and nothing is remembered of it
    const of = (row: Partial<Source>, remembered: readonly Host[]) => {
      const stratum = row.stratum ?? 0;
      const last = collected({
        ...following('10.0.1.5', stratum),
        sources: [...dead, source('10.0.1.5', { tally: '*', ...row })],
      } as never);
      return boundOf(
        [
          [A, null],
          [N, leading],
          [CLIENT, last],
        ],
        remembered,
      );
    };
    const orphan = { stratum: 5, refid: '127.0.0.1' };
    expect([
      of({ stratum: 10, refid: null }, [A]),
      of(orphan, [A]),
      of({ stratum: 11, refid: null }, [A]),
      of({ stratum: 10, refid: null }, []),
      of(orphan, []),
    ]).toEqual([49, 49, null, null, null]);
  });

  it.each<[string, Host, Collected | null, readonly Host[], number | null]>([
    ['a server that does not answer', A, null, [B], null],
    [
      'one that runs no daemon',
      A,
      collected({ daemon: null, found: 'none', sources: [], system: null } as never),
      [B],
      49,
    ],
    ['a client that does not answer', host('i-0c1'), null, [A, B], 49],
    ['a client on its own clock', host('i-0c1'), leading, [A, B], 49],
  ])('may end at %s, or not', (_, other, answer, remembered, expected) => {
    // B does not answer, and follows somebody
    const answers: Answers = [
      [other, answer],
      [B, null],
      [CLIENT, following('10.0.2.5', 11)],
    ];
    expect(boundOf(answers, remembered)).toBe(expected);
  });

  it('is not known where it follows a clock that is no server of the pod', () => {
    expect(
      boundOf(
        [
          [A, leading],
          [CLIENT, following('10.0.9.9')],
        ],
        [A, B],
      ),
    ).toBeNull();
    expect(
      boundOf(
        [
          [A, leading],
          [B, following('10.0.9.9')],
          [CLIENT, following('10.0.2.5', 11)],
        ],
        [A, B],
      ),
    ).toBeNull();
  });

  it('is known by one of several that it may follow', () => {
    const rows = ['10.0.1.5', '10.0.2.5', '10.0.3.5'].map((remote) => rowOfNtpdRs(remote));
    const rs = collected({
      daemon: { kind: 'ntpd-rs', version: '1.4.0' },
      ageSeconds: 86_400,
      sources: rows,
      system: { refid: null, stratum: 11, offsetMs: 1, rootDelayMs: 0, rootDispersionMs: 1 },
    });
    const leaders: Answers = [
      [A, leading],
      [B, leading],
      [C, leading],
    ];
    expect([boundOf([...leaders, [CLIENT, rs]], []), boundOf([...leaders, [CLIENT, rs]], [A, B])]).toEqual([
      null,
      NOW_BOUND_MS + 1.24,
    ]);
  });

  it('is known where it may follow a server of the pod beside a clock that is none', () => {
    const rs = collected({
      daemon: { kind: 'ntpd-rs', version: '1.4.0' },
      ageSeconds: 86_400,
      sources: ['10.0.9.9', '10.0.1.5', '10.0.2.5'].map((remote) => rowOfNtpdRs(remote)),
      system: { refid: null, stratum: 11, offsetMs: 1, rootDelayMs: 0, rootDispersionMs: 1 },
    });
    expect([
      boundOf(
        [
          [A, leading],
          [CLIENT, rs],
        ],
        [A],
      ),
      boundOf(
        [
          [A, leading],
          [CLIENT, rs],
        ],
        [],
      ),
    ]).toEqual([NOW_BOUND_MS + 1.02, null]);
  });

  it('is nothing to pods that keep no time of their own', () => {
    const pod = { pod: POD };
    expect(judgedOf([[A, leading]], [], pod)).toEqual([['i-0a', 9, null]]);
  });
});
