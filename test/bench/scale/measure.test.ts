import { describe, expect, it } from '@jest/globals';
import { medianRatio } from '../../../bench/scale/measure.ts';

describe('the median ratio of pairs', () => {
  it('is that of the undisturbed, where the machine slows down from pair to pair', () => {
    const slowing = [1, 1.5, 2, 3, 4].map((slowness) => ({ subject: 11 * slowness, baseline: 10 * slowness }));
    expect(medianRatio(slowing)).toBeCloseTo(1.1, 10);
  });

  it('is not moved by a pair of which one half was disturbed', () => {
    const pair = { subject: 11, baseline: 10 };
    expect(medianRatio([pair, { subject: 90, baseline: 10 }, pair, { subject: 11, baseline: 70 }, pair])).toBe(1.1);
  });
});
