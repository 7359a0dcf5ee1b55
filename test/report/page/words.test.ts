import { describe, expect, it } from '@jest/globals';
import { grouped, percent, shortMs } from '../../../src/report/page/words.ts';

const spaced = (text: string) => text.replaceAll('\u00a0', ' ').replaceAll('\u2212', '-').replaceAll('\u00b5', 'u');

describe('numbers of a page', () => {
  it.each([
    [0, '0 ms'],
    [0.000009, '0.01 us'],
    [0.02, '20 us'],
    [-0.0839, '-83.9 us'],
    [0.1, '0.1 ms'],
    [182.44, '182 ms'],
    [-999.9, '-1000 ms'],
    [1250, '1.25 s'],
    [-3_600_000, '-60 min'],
  ])('%d ms is %s', (ms, text) => {
    expect(spaced(shortMs(ms))).toBe(text);
  });

  it('have a sign where it tells something, in thousands a comma, and no share that is rounded up to all', () => {
    expect([spaced(shortMs(0.5, true)), spaced(shortMs(0, true))]).toEqual(['+0.5 ms', '0 ms']);
    expect([grouped(999), grouped(10_000), grouped(1_234_567)]).toEqual(['999', '10,000', '1,234,567']);
    expect([1, 0.999, 0.5, 0.004, 0].map(percent).map(spaced)).toEqual(['100 %', '> 99 %', '50 %', '< 1 %', '0 %']);
  });
});
