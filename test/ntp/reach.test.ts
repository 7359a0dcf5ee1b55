import { describe, expect, it } from '@jest/globals';
import { heardOfLast8, octalReach, pollsBetweenAnswers } from '../../src/ntp/reach.ts';

describe('heardOfLast8', () => {
  it('counts the polls heard, for all 256 registers', () => {
    expect([0o175, 0o376, 0o377, 0].map(heardOfLast8)).toEqual([6, 7, 8, 0]);
    for (let register = 0; register < 256; register += 1) {
      expect(heardOfLast8(register)).toBe([...register.toString(2)].filter((bit) => bit === '1').length);
    }
  });

  it.each([-1, 256, 1.5, Number.NaN])('refuses %p', (register) => {
    expect(() => heardOfLast8(register)).toThrow(RangeError);
  });
});

describe('octalReach', () => {
  it('reads all that the tools print', () => {
    for (let register = 0; register < 256; register += 1) expect(octalReach(register.toString(8))).toBe(register);
  });

  it.each(['400', '777', '8', '19', '', '-1', '0377', '3 7', '0x1f', '1.0', '٣'])('refuses %p', (text) => {
    expect(octalReach(text)).toBeNull();
  });
});

describe('pollsBetweenAnswers', () => {
  it.each([
    [0o377, 1],
    [0o347, 3],
    [0o252, 2],
    [0o201, 7],
    [0o325, 2],
    [0o370, 1],
    [0o200, 1],
    [0o1, 1],
    [0, 1],
  ])('of %i is %i', (register, polls) => {
    expect(pollsBetweenAnswers(register)).toBe(polls);
  });
});
