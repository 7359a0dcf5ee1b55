import { describe, expect, it } from '@jest/globals';
import { reconcileAttempts } from '../../../src/plan/cycling/attempts.ts';
import { client, HOUR, id, judged, MINUTE, NOW, SECOND, silent } from '../../builders/plan-input.ts';

const ONE = client('1', 'a');
const host1 = id('1');

/** What is remembered, what the host tells (seconds since its cycle, its daemon's age), what is kept; minutes ago. */
const CASES: [string, number[], number | null, number | null, number[]][] = [
  ['nothing at all', [], null, 3600, []],
  ['asked and done', [60], 59 * 60, 59 * 60, [60]],
  ['asked and done at the end of a slow wave', [60], 46 * 60, 46 * 60, [60]],
  ['asked and done a quarter of an hour later, which is the most', [60], 45 * 60, 45 * 60, [60]],
  ['asked and done by chrony, whose daemon runs on', [60], 59 * 60, 7200, [60]],
  ['asked, told a moment before for a stepped clock', [60], 61 * 60, 61 * 60, [60]],
  ['done unasked, by an operator', [], 30 * 60, 30 * 60, [30]],
  ['done again a second more after it was asked', [60], 45 * 60 - 1, 45 * 60 - 1, [60, 45 - 1 / 60]],
  ['done again long after it was asked', [60], 30 * 60, 30 * 60, [60, 30]],
  ['asked twice, done once since the second', [60, 30], 29 * 60, 29 * 60, [60, 30]],
  ['asked, and the host says it was not: the host is not believed', [60], null, 7200, [60]],
  ['asked, and the host says it was done long before only: both', [60], 5 * 3600, 5 * 3600, [300, 60]],
  ['asked, no stamp, its daemon younger', [60], null, 1800, [60]],
  ['asked, no stamp, its daemon’s age unknown', [60], null, null, [60]],
  ['more than a day ago', [24 * 60], 24 * 3600, 25 * 3600, []],
];

describe('the cycles of a host in 24 hours:', () => {
  it.each(CASES)('%s', (_, asked, cycledSecondsAgo, ageSeconds, kept) => {
    const judgement = judged(ONE, { cycledSecondsAgo, measures: { ...judged(ONE).measures, ageSeconds } });
    const minutesAgo = (minutes: number) => NOW - minutes * MINUTE;
    const remembered = asked.length > 0 ? { [host1]: asked.map(minutesAgo) } : {};
    const expected = kept.length > 0 ? { [host1]: kept.map(minutesAgo) } : {};
    expect(reconcileAttempts(NOW, [judgement], remembered)).toEqual(expected);
  });

  it('of a silent host as remembered', () => {
    const remembered = { [host1]: [NOW - 5 * HOUR] };
    expect(reconcileAttempts(NOW, [silent(ONE)], remembered)).toEqual(remembered);
    expect(reconcileAttempts(NOW, [], remembered)).toEqual(remembered);
    // in order, in whatever order it was stored: the last is the one that counts
    const unordered = { [host1]: [NOW - HOUR, NOW - 5 * HOUR] };
    expect(reconcileAttempts(NOW, [], unordered)).toEqual({ [host1]: [NOW - 5 * HOUR, NOW - HOUR] });
    // an answer of which too little could be read to judge it is silence, too
    const cut = judged(ONE, { state: 'unknown', measures: { ...judged(ONE).measures, ageSeconds: 24 * 3600 } });
    expect(reconcileAttempts(NOW, [cut], remembered)).toEqual(remembered);
  });

  it('in order, and told once however often it is told', () => {
    const judgementsOfCycle = (seconds: number) => [
      judged(ONE, { cycledSecondsAgo: seconds, measures: { ...judged(ONE).measures, ageSeconds: seconds } }),
    ];
    const first = reconcileAttempts(NOW, judgementsOfCycle(600), { [host1]: [NOW - 5 * HOUR, NOW - 9 * HOUR] });
    expect(first).toEqual({ [host1]: [NOW - 9 * HOUR, NOW - 5 * HOUR, NOW - 10 * MINUTE] });
    // a tick later, seen with some seconds' delay
    expect(reconcileAttempts(NOW + 5 * MINUTE, judgementsOfCycle(860), first)).toEqual(first);
    expect(reconcileAttempts(NOW + 5 * MINUTE, judgementsOfCycle(940), first)).toEqual(first);
  });

  it('of a stamp in the future, after its clock was set back, as now', () => {
    const judgement = judged(ONE, { cycledSecondsAgo: -500 });
    expect(reconcileAttempts(NOW, [judgement], {})).toEqual({ [host1]: [NOW] });
    expect(reconcileAttempts(NOW + 30 * SECOND, [judged(ONE, { cycledSecondsAgo: -470 })], { [host1]: [NOW] })).toEqual(
      {
        [host1]: [NOW],
      },
    );
  });
});
