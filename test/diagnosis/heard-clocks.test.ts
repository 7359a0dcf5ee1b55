import { describe, expect, it } from '@jest/globals';
import { clocksHeard, type WitnessedRows } from '../../src/diagnosis/heard-clocks.ts';
import type { Source } from '../../src/ntp/source.ts';
import { addressOf, CLOCKS, exactRow, STRETCH_MS } from '../builders/witnessing.ts';

const heard = (sources: readonly Source[], given: Partial<WitnessedRows> = {}) =>
  clocksHeard(
    { daemon: 'ntpsec', sources, sourcesComplete: true, isStarting: false, ...given },
    { clocks: CLOCKS, isBoundary: false, classOf: null, stretchMs: STRETCH_MS, shared: (list) => list },
  );

describe('what is kept of a host’s rows', () => {
  const NAMES = ['i-0a', 'i-0b', 'i-0c'];
  const AGREEING = ['a', 'b', 'c'].map((letter) => exactRow(addressOf(letter), 0));
  const kept = { names: NAMES, followed: NAMES, intervals: null, measured: null, nameless: 0 };

  it('is nothing without rows', () => {
    expect(heard([])).toEqual([]);
  });

  it('is that all agree, and no interval', () => {
    expect(heard(AGREEING)).toEqual([{ ...kept, agree: true }]);
  });

  it('is each interval where there is one more of which nobody knows whose it is', () => {
    const intervals = [0, 0, 0, 0, 0, 0];
    expect(heard([...AGREEING, exactRow(addressOf('d'), 0, { address: null })])).toEqual([
      { ...kept, intervals, measured: intervals, nameless: 1 },
    ]);
  });

  it('is whom it hears alone, while it is starting or rows are missing', () => {
    expect(heard(AGREEING, { isStarting: true })).toEqual([kept]);
    expect(heard(AGREEING, { sourcesComplete: false })).toEqual([kept]);
  });
});
