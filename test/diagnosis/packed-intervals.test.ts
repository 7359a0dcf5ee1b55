import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clocksHeard, type HeardClocks } from '../../src/diagnosis/heard-clocks.ts';
import { agreeWithin, allAgree, type Interval, stretched } from '../../src/diagnosis/intervals.ts';
import { packed, unpacked } from '../../src/diagnosis/packed-intervals.ts';
import { comparedByRows, testimonyOf } from '../../src/diagnosis/witnesses.ts';
import { runs } from '../builders/property-runs.ts';
import { addressOf, CLOCKS, exactRow, following, LETTERS, SERVER_IDS, STRETCH_MS } from '../builders/witnessing.ts';

const LIMIT_MS = 5;
const NAMES = ['i-0a', 'i-0b', 'i-0c', 'i-0d', 'i-0e'];

/** Also what touches a limit to the last bit: tenths are no whole number of bits. */
const interval = fc
  .tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: 0, max: 30 }))
  .map(([low, length]): Interval => ({ low: low / 10, high: (low + length) / 10 }));
const row = fc.option(interval, { freq: 20 });

describe('intervals as plain numbers', () => {
  it('are what they were', () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => expect(unpacked(packed(rows))).toEqual(rows)),
      runs(1000),
    );
  });

  it('share a point where those that are made wider do, and all are known', () => {
    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: 0, max: 30 }), (rows, tenths) => {
        const known = rows.filter((each) => each !== null).map((each) => stretched(each, tenths / 10));
        expect(agreeWithin(rows, tenths / 10)).toBe(known.length === rows.length && allAgree(known));
      }),
      runs(1000),
    );
  });
});

const clock = fc.constantFrom('a', 'b', 'c', '?', 'i-0a', 'i-0b');
const heardClocks = fc.integer({ min: 0, max: NAMES.length }).chain((length) => {
  const exactly = { minLength: length, maxLength: length };
  return fc.record({
    names: fc.constant(NAMES.slice(0, length)),
    followed: fc.array(clock, exactly),
    intervals: fc.option(fc.array(row, exactly).map(packed), { freq: 20 }),
    measured: fc.option(fc.array(row, exactly).map(packed), { freq: 20 }),
    nameless: fc.constantFrom(0, 0, 0, 1),
  }) satisfies fc.Arbitrary<HeardClocks>;
});
/** Of servers whom they follow: a clock, or null. */
const words = fc.dictionary(fc.constantFrom(...NAMES), fc.option(fc.constantFrom('a', 'b', 'c', 'd')));

describe('a witness that sees all its clocks agree', () => {
  it('says what it would say by comparing row by row', () => {
    fc.assert(
      fc.property(heardClocks, words, fc.subarray(['i-0a', 'i-0c']), (heard, following, before) => {
        const follows = { clock: (name: string) => following[name], peer: (name: string) => following[name] };
        const contradicted = new Set(before);
        expect(testimonyOf([heard], follows, LIMIT_MS, contradicted)).toEqual(
          comparedByRows(heard, follows, LIMIT_MS, contradicted),
        );
      }),
      runs(2000),
    );
  });
});

const rowsHeard = fc.array(
  fc.record({
    letter: fc.constantFrom(...LETTERS),
    offsetMs: fc.option(
      fc.integer({ min: -40, max: 40 }).map((tenths) => tenths / 10),
      { freq: 20 },
    ),
    delayMs: fc.constantFrom(0, 1, 2),
    whenSeconds: fc.constantFrom(0, 64, 800),
    isCut: fc.constantFrom(false, false, false, false, false, false, true),
  }),
  { maxLength: 7 },
);

describe('a witness that keeps no intervals where all agree', () => {
  it('says what it would say with them', () => {
    let without = 0;
    fc.assert(
      fc.property(rowsHeard, fc.subarray(SERVER_IDS.slice(0, 2)), (rows, before) => {
        const sources = rows.map(({ letter, offsetMs, isCut, ...row }) =>
          exactRow(addressOf(letter), 0, { offsetMs, ...row, ...(isCut && { address: null }) }),
        );
        const heard = (stretchMs: number) =>
          clocksHeard(
            { daemon: 'ntpd', sources, sourcesComplete: true, isStarting: false },
            { clocks: CLOCKS, classOf: null, isBoundary: false, stretchMs, shared: (list) => list },
          );
        const testimony = (sets: readonly HeardClocks[]) =>
          testimonyOf(sets, following({ 'i-0b': '198.51.100.i-0a' }), LIMIT_MS, new Set(before));
        const [kept, all] = [heard(STRETCH_MS), heard(Number.NEGATIVE_INFINITY)];
        if (kept.some(({ agree, intervals }) => agree && intervals === null)) without += 1;
        expect(all.every(({ agree }) => agree === undefined)).toBe(true);
        expect(testimony(kept)).toEqual(testimony(all));
      }),
      runs(2000),
    );
    expect(without).toBeGreaterThan(0);
  });
});
