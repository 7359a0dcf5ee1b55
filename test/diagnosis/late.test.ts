import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import { type Judgement, LATE, type Late, type Limit, type State } from '../../src/diagnosis/judgement.ts';

import type { Collected } from '../../src/host/collected.ts';
import { plan } from '../../src/plan/plan.ts';
import { client, input, judged, memory } from '../builders/plan-input.ts';
import { runs } from '../builders/property-runs.ts';
import { collected, context, host, judge, POD, server, source } from '../builders/sightings.ts';
import { exactRow } from '../builders/witnessing.ts';

const HOST = 'i-0c';
const judgedAfter = (answer: Collected | null, before: Late[]) =>
  judge(answer, answer === null ? 'NoAnswer' : 'Success', { overBefore: { [HOST]: before } });

const offset = (offsetMs: number) => collected({ system: { offsetMs } });
const fromTimeService = (offsetMs: number) =>
  collected({
    sources: [source('10.0.1.5', { tally: '*' }), source('10.0.2.5'), source('169.254.169.123', { offsetMs })],
  });
/** 0.125 ms of offset and 0.25 ms of delay are in the bound. */
const bound = (boundMs: number) => collected({ system: { rootDispersionMs: boundMs - 0.375 } });

describe('what a clock was over it is over until it is well below', () => {
  const cases: [what: string, Collected, before: Limit[], State, sentence: string | null, lacking: string | null][] = [
    ['an offset below its limit', offset(45), [], 'healthy', null, null],
    [
      'the same offset of a clock that was over it',
      offset(45),
      ['offset'],
      'adrift',
      'offset 45 ms is not yet below 40 ms, 80 % of its limit of 50 ms, which it was over: the clock is behind its reference.',
      'offset 45 ms is not yet below 40 ms, 80 % of its limit of 50 ms, which it was over',
    ],
    [
      'an offset that is just not below 80 %',
      offset(-40),
      ['offset'],
      'adrift',
      'offset -40 ms is not yet below 40 ms, 80 % of its limit of 50 ms, which it was over: the clock is ahead of its reference.',
      'offset -40 ms is not yet below 40 ms, 80 % of its limit of 50 ms, which it was over',
    ],
    ['an offset below 80 %', offset(39.9), ['offset'], 'healthy', null, null],
    ['an offset of a clock that was over something else', offset(45), ['time-service', 'bound'], 'healthy', null, null],
    [
      'an offset over its limit, again',
      offset(60),
      ['offset'],
      'adrift',
      'offset 60 ms is over the limit of 50 ms: the clock is behind its reference.',
      'offset 60 ms (limit 50 ms)',
    ],
    [
      'an offset from the time service',
      fromTimeService(-41),
      ['time-service'],
      'adrift',
      "offset from the AWS time service -41 ms is not yet below 40 ms, 80 % of its limit of 50 ms, which it was over: the clock is ahead of AWS's.",
      'offset from the AWS time service -41 ms is not yet below 40 ms, 80 % of its limit of 50 ms, which it was over',
    ],
    [
      'a bound',
      bound(160),
      ['bound'],
      'uncertain',
      'clock error bound 160 ms is not yet below 160 ms, 80 % of its limit of 200 ms, which it was over.',
      'error bound 160 ms is not yet below 160 ms, 80 % of its limit of 200 ms, which it was over',
    ],
    ['a bound below 80 %', bound(159), ['bound'], 'healthy', null, null],
  ];

  it.each(cases)('%s', (_, answer, before, state, sentence, lacking) => {
    const { state: found, sentence: said, confident, confidence, over } = judgedAfter(answer, before);
    expect({ state: found, confident, over: over ?? [] }).toEqual({
      state,
      confident: lacking === null,
      over: lacking === null ? [] : [expect.stringMatching(/^(?:offset|time-service|bound)$/)],
    });
    expect(sentence === null ? null : said).toBe(sentence);
    expect(lacking === null ? null : confidence).toBe(lacking === null ? null : `not confident: ${lacking}.`);
  });

  it('several have in common', () => {
    expect(
      [judgedAfter(offset(45), ['offset']), judgedAfter(offset(60), ['offset'])].map(({ cause }) => cause),
    ).toEqual([
      'their offsets are not yet below 40 ms, 80 % of the limit of 50 ms, which they were over',
      'their offsets are over the limit of 50 ms',
    ]);
  });

  it('is not remembered of a daemon that is starting, whose clock is being set', () => {
    const { state, findings, over } = judge(collected({ ageSeconds: 20, system: { offsetMs: 60 } }));
    expect({ state, findings, over }).toEqual({ state: 'starting', findings: ['starting', 'adrift'], over: undefined });
  });

  it('is nothing that witnesses said of a client while it was a boundary server', () => {
    expect(judgedAfter(collected(), ['disagreement']).over).toBeUndefined();
  });

  it('flaps once, whatever the offset does between 81 % and 101 % of its limit', () => {
    const walk = fc.array(fc.double({ min: 40.5, max: 50.5, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(walk, (offsets) => {
        let over: Late[] = [];
        const states = [...offsets, 50.5, ...offsets, 39, ...offsets.map((ms) => Math.min(ms, 50))].map((offsetMs) => {
          const found = judgedAfter(offset(offsetMs), over);
          over = found.over ?? [];
          return found.state;
        });
        const changes = states.filter((state, tick) => state !== (states[tick - 1] ?? 'healthy'));
        expect(changes).toEqual(['adrift', 'healthy']);
      }),
      runs(100),
    );
  });
});

describe('polls of which too few were heard', () => {
  /** A system peer heard so often of its last eight polls. */
  const heard = (polls: number) =>
    collected({ sources: [source('10.0.1.5', { tally: '*', reach: 2 ** polls - 1 }), source('10.0.2.5')] });
  const rs = (unansweredPolls: number) =>
    collected({
      daemon: { kind: 'ntpd-rs', version: '1.4.0' },
      sources: ['10.0.1.5', '10.0.2.5'].map((remote) =>
        source(remote, {
          ...{ tally: null, refid: null, stratum: null, whenSeconds: null, reach: null, jitterMs: null },
          ...{ uncertaintyMs: 0.01, unansweredPolls },
        }),
      ),
      system: { offsetMs: null, refid: null, jitterMs: null, frequencyPpm: null, minimumAgreeing: 2 },
    });

  it.each<[string, Collected, before: Late[], lacking: string | null]>([
    ['six are enough', heard(6), [], null],
    ['of one that was over something else too', heard(6), ['offset'], null],
    ['five are too few', heard(5), [], 'heard 5 of its last 8 polls (at least 6 wanted)'],
    [
      'then six are as well',
      heard(6),
      ['reach'],
      'heard 6 of its last 8 polls (at least 7 wanted, as it had fewer than 6 before)',
    ],
    ['and seven are enough', heard(7), ['reach'], null],
    ['of ntpd-rs two may be missed', rs(2), [], null],
    ['three are too many', rs(3), [], 'last 3 polls of 10.0.1.5 unanswered (at most 2 wanted)'],
    [
      'then two are as well',
      rs(2),
      ['reach'],
      'last 2 polls of 10.0.1.5 unanswered (at most 1 wanted, as it had fewer than 6 before)',
    ],
    ['and one is not', rs(1), ['reach'], null],
  ])('%s', (_, answer, before, lacking) => {
    const { confident, confidence, over } = judgedAfter(answer, before);
    expect({ confident, over, lacking: lacking === null ? null : confidence }).toEqual({
      confident: lacking === null,
      over: lacking === null ? undefined : ['reach'],
      lacking: lacking === null ? null : expect.stringContaining(lacking),
    });
  });

  it('are all of them where the file wants all: more there cannot be', () => {
    const thresholds = { ...POD.thresholds, confidentPolls: 8 };
    const given = { pod: { ...POD, thresholds }, overBefore: { [HOST]: ['reach' as const] } };
    expect(judge(heard(8), 'Success', given)).toMatchObject({ confident: true });
    expect(judge(heard(7), 'Success', given)).toMatchObject({ confident: false, over: ['reach'] });
  });

  it('are not remembered of a daemon that is starting', () => {
    const { state, over } = judge({ ...heard(3), ageSeconds: 200 });
    expect({ state, over }).toEqual({ state: 'starting', over: undefined });
  });
});

describe('a boundary server that its witnesses contradicted', () => {
  const SERVERS = ['a', 'b', 'c'].map((letter, index) => server(letter, [`10.0.${index + 1}.5`]));
  const CLIENTS = ['1', '2', '3'].map((digit) => host(`i-c${digit}`));
  const own = collected({
    sources: [
      source('192.0.2.1', { tally: '*', stratum: 1, refid: '.GPS.' }),
      source('192.0.2.2', { stratum: 1, refid: '.GPS.' }),
    ],
  });
  /** Server c stands so far ahead of the two others (limit 5 ms). */
  const judgedC = (aheadMs: number, before: Late[], witnesses = CLIENTS) => {
    const rows = SERVERS.map((_, index) => exactRow(`10.0.${index + 1}.5`, index === 2 ? aheadMs : 0, { tally: '+' }));
    const sightings = [
      ...SERVERS.map((each) => ({ host: each, status: 'Success', collected: own })),
      ...witnesses.map((each) => ({ host: each, status: 'Success', collected: collected({ sources: rows }) })),
    ];
    const hosts = [...SERVERS, ...CLIENTS];
    const { state, sentence, over, acquitted } = judgeAll(
      sightings,
      context({ hosts, overBefore: { 'i-0c': before } }),
    )[2] as Judgement;
    return { state, sentence: state === 'contradicted' ? sentence : '', over, acquitted };
  };
  const FINE = { state: 'healthy', sentence: '', over: undefined, acquitted: true };
  const contradicted = (apart: string, limit: string) => ({
    state: 'contradicted',
    sentence: `3 of 3 clients see it ${apart} ahead of where their other sources agree (${limit}; so while each host's majority is honest).`,
    over: ['disagreement'],
    acquitted: undefined,
  });

  it.each<[number, Late[], unknown]>([
    [4.9, [], FINE],
    [4.9, ['offset'], FINE],
    [5.5, [], contradicted('5.5 ms', 'limit 5 ms')],
    [4.9, ['disagreement'], contradicted('4.9 ms', 'not yet below 4 ms, 80 % of the limit of 5 ms, which it was over')],
    [4.1, ['disagreement'], contradicted('4.1 ms', 'not yet below 4 ms, 80 % of the limit of 5 ms, which it was over')],
    [3.9, ['disagreement'], FINE],
    [6, ['disagreement'], contradicted('6 ms', 'limit 5 ms')],
  ])('is so until it is below 80 %% of the limit: at %p ms, before %p', (aheadMs, before, expected) => {
    expect(judgedC(aheadMs, before)).toEqual(expected);
  });

  it('is held to that while nobody, or fewer than three, can tell: silence is no acquittal', () => {
    const untold = { ...FINE, over: ['disagreement'], acquitted: undefined };
    expect(judgedC(0, ['disagreement'], [])).toEqual(untold);
    expect(judgedC(0, ['disagreement'], CLIENTS.slice(0, 2))).toEqual(untold);
    expect(judgedC(4.9, ['disagreement'], CLIENTS.slice(0, 2))).toEqual(untold);
    expect(judgedC(4.9, ['offset'], CLIENTS.slice(0, 2))).toEqual({ ...untold, over: undefined });
    expect(judgedC(0, ['disagreement'])).toEqual(FINE);
  });
});

describe('the limits that a clock was over are remembered', () => {
  const [A, B] = [client('a1', 'a'), client('b1', 'b')];
  const silent = { state: 'unknown' as const, confident: false };
  const over: Limit[] = ['offset', 'bound'];
  const remembered = (given: Parameters<typeof input>[0]) => plan(input({ hosts: [A, B], ...given })).memory.over;

  it.each([
    ['of those that are over one', { judgements: [judged(A, { over }), judged(B)] }, { [A.instanceId]: over }],
    [
      'of one that is silent, as before',
      { judgements: [judged(A, silent), judged(B)], memory: memory({ over: { [A.instanceId]: over } }) },
      { [A.instanceId]: over },
    ],
    [
      'of a silent one, what its witnesses say now',
      {
        judgements: [judged(A, { ...silent, over: ['disagreement'] }), judged(B, silent)],
        memory: memory({ over: { [A.instanceId]: over, [B.instanceId]: [...over, 'disagreement'] } }),
      },
      { [A.instanceId]: [...over, 'disagreement'], [B.instanceId]: over },
    ],
    [
      'of one that EC2 does not describe, as before',
      {
        hosts: [B],
        unread: [A.instanceId],
        judgements: [judged(B)],
        memory: memory({ over: { [A.instanceId]: over, [B.instanceId]: over } }),
      },
      { [A.instanceId]: over },
    ],
    [
      'of nobody where all are within them, or are gone',
      { hosts: [B], judgements: [judged(B)], memory: memory({ over: { [A.instanceId]: over } }) },
      undefined,
    ],
  ])('%s', (_, given, expected) => {
    expect(remembered(given)).toEqual(expected);
  });

  it('by names that the memory knows', () => {
    expect(LATE).toEqual(['offset', 'time-service', 'bound', 'disagreement', 'reach']);
  });
});
