import { describe, expect, it } from '@jest/globals';
import { octalReach, reachOf } from '../../src/ntp/reach.ts';

describe('reachOf', () => {
  it('spells the register out, oldest poll first', () => {
    expect(reachOf(0o175)).toEqual({
      bits: [false, true, true, true, true, true, false, true],
      heardOfLast8: 6,
      lastPollHeard: true,
    });
  });

  it('knows that the last poll was missed', () => {
    expect(reachOf(0o376)).toEqual({
      bits: [true, true, true, true, true, true, true, false],
      heardOfLast8: 7,
      lastPollHeard: false,
    });
  });

  it('gives the register back from its bits, for all 256', () => {
    for (let register = 0; register < 256; register += 1) {
      const { bits, heardOfLast8, lastPollHeard } = reachOf(register);
      expect(bits.reduce((value, heard) => value * 2 + Number(heard), 0)).toBe(register);
      expect(heardOfLast8).toBe([...register.toString(2)].filter((bit) => bit === '1').length);
      expect(lastPollHeard).toBe(register % 2 === 1);
    }
  });

  it.each([-1, 256, 1.5, Number.NaN])('refuses %p', (register) => {
    expect(() => reachOf(register)).toThrow(RangeError);
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
