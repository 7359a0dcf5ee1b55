import { describe, expect, it } from '@jest/globals';
import { CLOCK_RULES, type JudgedClocks } from '../../../bench/world/clock-rules.ts';
import type { Truth } from '../../../bench/world/truth.ts';
import { judgement, POD } from '../../builders/judgements.ts';

const truth = (given: Partial<Truth> = {}): Truth => ({
  errorMs: 0,
  isSoundlySet: true,
  isLying: false,
  ageSeconds: 7200,
  heard: new Map(['server', 'other', 'third'].map((clock) => [clock, { errorMs: 0.1, whenSeconds: 64 }])),
  candidates: 3,
  ...given,
});
const LIAR = truth({ isLying: true });
/** Three of its clocks stand together, the server apart from them. */
const SEES_IT_APART = truth({
  heard: new Map(
    ['server', 'other', 'third', 'fourth'].map((clock) => [
      clock,
      { errorMs: clock === 'server' ? 40 : 0.1, whenSeconds: 64 },
    ]),
  ),
});
const HEARD_IT_LONG_AGO = truth({
  heard: new Map(
    ['server', 'other', 'third'].map((clock) => [clock, { errorMs: 0.1, whenSeconds: clock === 'server' ? 901 : 64 }]),
  ),
});

const skewed = (skewMs: number) => ({ skew: { skewMs, hosts: 2, of: 2 } });
const two = (first: Partial<Truth>, second: Partial<Truth>) =>
  new Map([
    ['one', truth(first)],
    ['two', truth(second)],
  ]);
const BOTH = [judgement('one', 'client', 'a'), judgement('two', 'client', 'a')];
const accused = (truths: readonly Truth[]) => ({
  ...skewed(100),
  judgements: [
    judgement('server', 'boundary', 'b', { state: 'contradicted', findings: ['contradicted'] }),
    ...truths.map((_, index) => judgement(`client-${index}`, 'client', 'a')),
  ],
  truths: new Map(truths.map((each, index) => [`client-${index}`, each])),
});
const oneClock = (measures: Parameters<typeof judgement>[3], so: Partial<Truth>) => ({
  judgements: [judgement('one', 'client', 'a', measures)],
  truths: new Map([['one', truth(so)]]),
});

/** Names of the rules that do not hold. */
function broken(given: Partial<JudgedClocks>): string[] {
  const judged = { pod: POD, judgements: [], skew: null, isAroundLeap: false, truths: new Map(), ...given };
  return CLOCK_RULES.flatMap(({ name, broken: of }) => of(judged).map(() => name));
}

const CASES: [string, Partial<JudgedClocks>, string[]][] = [
  ['a clock within its bound', oneClock({ measures: { errorBoundMs: 5 } }, { errorMs: -5 }), []],
  ['a clock beyond its bound', oneClock({ measures: { errorBoundMs: 5 } }, { errorMs: -5.1 }), ['bound']],
  ['one that follows a liar', oneClock({ measures: { errorBoundMs: 5 } }, { errorMs: 9, isSoundlySet: false }), []],
  ['one that lies of itself', oneClock({ measures: { errorBoundMs: 5 } }, { errorMs: 9, isLying: true }), []],
  ['one without a bound', oneClock({ measures: { errorBoundMs: null } }, { errorMs: 9 }), []],
  ['one that did not answer', { judgements: [judgement('one', 'client', 'a')] }, []],
  ['clocks within the skew', { ...skewed(3), judgements: BOTH, truths: two({ errorMs: 1.5 }, { errorMs: -1.5 }) }, []],
  ['clocks beyond it', { ...skewed(2), judgements: BOTH, truths: two({ errorMs: 1.5 }, { errorMs: -1.5 }) }, ['skew']],
  ['clocks without a skew', { judgements: BOTH, truths: two({}, {}) }, ['skew']],
  ['clocks without a skew around a leap second', { judgements: BOTH, truths: two({}, {}), isAroundLeap: true }, []],
  ['one clock alone', oneClock({}, {}), []],
  [
    'a liar among them',
    { ...skewed(2), judgements: BOTH, truths: two({ errorMs: 1 }, { errorMs: 8, isLying: true }) },
    [],
  ],
  ['a server accused by fewer than half', accused([truth(), truth(), truth(), LIAR, LIAR]), ['contradicted']],
  ['a server accused by half', accused([truth(), truth(), LIAR, LIAR]), []],
  [
    'a server that the honest have not heard of late',
    accused([truth(), HEARD_IT_LONG_AGO, HEARD_IT_LONG_AGO, LIAR, LIAR]),
    [],
  ],
  ['a server that is seen apart', accused([SEES_IT_APART, truth(), truth()]), []],
  ['witnesses that start', accused([truth({ ageSeconds: 10 }), truth({ ageSeconds: 10 }), truth()]), []],
  [
    'witnesses of two clocks',
    accused([truth({ heard: new Map([['server', { errorMs: 0, whenSeconds: 0 }]]) }), truth()]),
    [],
  ],
  ['votes that there are', oneClock({ votes: { liesLeft: 1, lossesLeft: 1 } }, {}), []],
  ['a lie too many', oneClock({ votes: { liesLeft: 2, lossesLeft: 1 } }, {}), ['votes']],
  ['a loss too many', oneClock({ votes: { liesLeft: 1, lossesLeft: 2 } }, {}), ['votes']],
  ['votes of no source', oneClock({ votes: { liesLeft: 0, lossesLeft: 1 } }, { candidates: 0 }), ['votes']],
];

describe('the rules of clocks in the model of the world', () => {
  it.each(CASES)('say of %s what is so', (_case, judged, rules) => {
    expect(broken(judged)).toEqual(rules);
  });
});
