import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LIMITS, type Limit, type State } from '../../src/diagnosis/judgement.ts';

import type { Collected } from '../../src/host/collected.ts';
import { plan } from '../../src/plan/plan.ts';
import { client, input, judged, memory } from '../builders/plan-input.ts';
import { runs } from '../builders/property-runs.ts';
import { collected, judge, source } from '../builders/sightings.ts';

const HOST = 'i-0c';
const judgedAfter = (answer: Collected | null, before: Limit[]) =>
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

  it('is not remembered of a daemon that is starting, whose clock is being set', () => {
    const { state, findings, over } = judge(collected({ ageSeconds: 20, system: { offsetMs: 60 } }));
    expect({ state, findings, over }).toEqual({ state: 'starting', findings: ['starting', 'adrift'], over: undefined });
  });

  it('flaps once, whatever the offset does between 81 % and 101 % of its limit', () => {
    const walk = fc.array(fc.double({ min: 40.5, max: 50.5, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(walk, (offsets) => {
        let over: Limit[] = [];
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
    expect(LIMITS).toEqual(['offset', 'time-service', 'bound']);
  });
});
