import { describe, expect, it } from '@jest/globals';
import { formatWindows, isOpen } from '../../../src/plan/cycling/windows.ts';

/** 2026-01-11 is a Sunday. */
const at = (day: number, time: string) => Date.parse(`2026-01-${11 + day}T${time}Z`);
const SUNDAY = 0;
const MONDAY = 1;
const TUESDAY = 2;
const SATURDAY = 6;

const nightly = [{ days: [MONDAY, SATURDAY], startMinute: 22 * 60, endMinute: 2 * 60 }];
const noon = [{ days: [MONDAY], startMinute: 12 * 60, endMinute: 13 * 60 + 30 }];

describe('a maintenance window is open', () => {
  it.each([
    ['with no windows, always', [], at(TUESDAY, '03:00:00'), true],
    ['before it starts', noon, at(MONDAY, '11:59:59'), false],
    ['as it starts', noon, at(MONDAY, '12:00:00'), true],
    ['to its last second', noon, at(MONDAY, '13:29:59'), true],
    ['not at its end', noon, at(MONDAY, '13:30:00'), false],
    ['not on another day', noon, at(TUESDAY, '12:30:00'), false],
    ['before midnight', nightly, at(MONDAY, '23:59:59'), true],
    ['over midnight, as it starts', nightly, at(MONDAY, '22:00:00'), true],
    ['past midnight, on the day after', nightly, at(TUESDAY, '01:59:59'), true],
    ['not past its end on the day after', nightly, at(TUESDAY, '02:00:00'), false],
    ['not past midnight of a day whose eve it was not', nightly, at(MONDAY, '01:00:00'), false],
    ['not in the evening of the day after', nightly, at(TUESDAY, '23:00:00'), false],
    ['from Saturday into Sunday', nightly, at(SUNDAY, '01:00:00'), true],
    [
      'never when it ends as it starts',
      [{ days: [MONDAY], startMinute: 60, endMinute: 60 }],
      at(MONDAY, '01:00:00'),
      false,
    ],
    ['to the end of the day', [{ days: [MONDAY], startMinute: 0, endMinute: 1440 }], at(MONDAY, '23:59:59'), true],
    ['when one of several is', [...noon, ...nightly], at(MONDAY, '12:00:00'), true],
  ])('%s', (_, windows, nowMs, open) => {
    expect(isOpen(windows, nowMs)).toBe(open);
  });

  it('and is spelt in UTC', () => {
    expect(formatWindows([...nightly, { days: [0], startMinute: 5, endMinute: 1440 }])).toBe(
      'Mon Sat 22:00-02:00 UTC, Sun 00:05-24:00 UTC',
    );
    expect(formatWindows([{ days: [0, 1, 2, 3, 4, 5, 6], startMinute: 0, endMinute: 60 }])).toBe(
      'Sun Mon Tue Wed Thu Fri Sat 00:00-01:00 UTC',
    );
  });
});
