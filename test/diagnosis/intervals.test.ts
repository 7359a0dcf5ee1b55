import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  agreeWithin,
  allAgree,
  gapTo,
  type Interval,
  intervalOf,
  majorityOf,
  mostAgreeing,
  mostHeldOf,
  together,
} from '../../src/diagnosis/intervals.ts';
import { runs } from '../builders/property-runs.ts';
import { exactRow } from '../builders/witnessing.ts';

const interval = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 20 }))
  .map(([low, width]): Interval => ({ low, high: low + width }));

describe('where more than half of the intervals intersect', () => {
  it.each<[string, [number, number][], Interval | null]>([
    [
      'all',
      [
        [0, 2],
        [1, 3],
        [1, 5],
      ],
      { low: 1, high: 3 },
    ],
    [
      'two of three',
      [
        [0, 2],
        [1, 3],
        [9, 9],
      ],
      { low: 1, high: 2 },
    ],
    [
      'two of four are no more than half',
      [
        [0, 2],
        [1, 3],
        [9, 9],
        [9, 10],
      ],
      null,
    ],
    [
      'from the first such point to the last',
      [
        [0, 1],
        [1, 5],
        [5, 6],
      ],
      { low: 1, high: 5 },
    ],
    [
      'ends that touch intersect',
      [
        [0, 1],
        [1, 2],
        [7, 8],
      ],
      { low: 1, high: 1 },
    ],
    ['none', [], null],
  ])('%s', (_, pairs, expected) => {
    expect(majorityOf(pairs.map(([low, high]) => ({ low, high })))).toEqual(expected);
  });

  it('holds the true value, whatever it is, that more than half of them hold', () => {
    const drawn = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.array(interval, { minLength: 1, maxLength: 9 }));
    fc.assert(
      fc.property(drawn, ([truth, intervals]) => {
        const holding = intervals.filter(({ low, high }) => low <= truth && truth <= high).length;
        const agreed = majorityOf(intervals);
        const isIn = agreed !== null && agreed.low <= truth && truth <= agreed.high;
        if (2 * holding > intervals.length) expect(isIn).toBe(true);
        // and is as narrow as can be: its ends are such points themselves
        if (agreed === null) return;
        for (const end of [agreed.low, agreed.high]) {
          expect(2 * intervals.filter(({ low, high }) => low <= end && end <= high).length).toBeGreaterThan(
            intervals.length,
          );
        }
      }),
      runs(2000),
    );
  });

  it('says how many agree at the most', () => {
    expect(mostAgreeing([])).toBe(0);
    expect(
      mostAgreeing([
        { low: 0, high: 2 },
        { low: 2, high: 3 },
        { low: 9, high: 9 },
      ]),
    ).toBe(2);
  });
});

describe('the point that most intervals hold', () => {
  const span = ([low, high]: [number, number]): Interval => ({ low, high });

  it.each<[string, [number, number][], [number, number] | null]>([
    ['none of no interval', [], null],
    ['all of one', [[2, 5]], [2, 5]],
    [
      'the touch of two, whoever stands apart',
      [
        [0, 2],
        [2, 3],
        [9, 9],
      ],
      [2, 2],
    ],
    [
      'of several as large crowds the lowest',
      [
        [5, 6],
        [0, 1],
      ],
      [0, 1],
    ],
    [
      'of the largest crowd, not of the lowest',
      [
        [0, 1],
        [5, 8],
        [6, 9],
      ],
      [6, 8],
    ],
    [
      'what all of the crowd have, and not what one of them has',
      [
        [0, 10],
        [5, 8],
        [20, 30],
      ],
      [5, 8],
    ],
    [
      'as far as the first of the crowd ends, not one that began later',
      [
        [0, 4],
        [1, 9],
        [6, 7],
      ],
      [1, 4],
    ],
  ])('%s', (_, intervals, held) => {
    expect(mostHeldOf(intervals.map(span))).toEqual(held && span(held));
  });

  it('is in all of them where they all agree, and a touch is enough', () => {
    const spans: [number, number][] = [
      [0, 2],
      [2, 4],
      [1, 2],
    ];
    expect(allAgree(spans.map(span))).toBe(true);
    expect(allAgree([...spans, [3, 4] as [number, number]].map(span))).toBe(false);
  });
});

describe('intervals that are made wider', () => {
  it('agree where they touch by it', () => {
    const apart: Interval[] = [
      { low: 0, high: 1 },
      { low: 3, high: 4 },
    ];
    expect([agreeWithin(apart, 1), agreeWithin(apart, 0.75)]).toEqual([true, false]);
  });
});

describe('the interval of a row', () => {
  it('is wider by what it aged, and not known of one that was heard nobody knows when', () => {
    const row = (whenSeconds: number | null) => exactRow('10.0.1.5', 4, { delayMs: 2, jitterMs: 1, whenSeconds });
    expect([0, 200, null].map((whenSeconds) => intervalOf(row(whenSeconds), 'ntpd'))).toEqual([
      { low: 2, high: 6 },
      { low: -1, high: 9 },
      null,
    ]);
  });
});

describe('rows of one clock', () => {
  it('are one interval where there is one, which is not made anew', () => {
    const only = { low: 1, high: 2 };
    expect(together([only])).toBe(only);
  });

  it('say what they have in common, or all that they span', () => {
    expect(together([{ low: 1, high: 2 }])).toEqual({ low: 1, high: 2 });
    const three = [
      { low: 0, high: 5 },
      { low: 1, high: 6 },
      { low: -1, high: 4 },
    ];
    expect(together(three)).toEqual({ low: 1, high: 4 });
    expect(together([...three, { low: 7, high: 9 }])).toEqual({ low: -1, high: 9 });
    // a touch is something in common
    expect(together([...three, { low: 4, high: 9 }])).toEqual({ low: 4, high: 4 });
  });
});

describe('the gap between two intervals', () => {
  it.each<[Interval, number]>([
    [{ low: 7, high: 8 }, 4],
    [{ low: -9, high: -2 }, -2],
    [{ low: 3, high: 8 }, 0],
    [{ low: -9, high: 9 }, 0],
  ])('%j from 0 to 3: %d', (other, gap) => {
    expect(gapTo(other, { low: 0, high: 3 })).toBe(gap);
  });
});
