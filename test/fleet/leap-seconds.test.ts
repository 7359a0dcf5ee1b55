import { describe, expect, it } from '@jest/globals';
import {
  isAroundLeap,
  type LeapSecond,
  leapDateFault,
  leapDueAtMs,
  leapNear,
  readLeapSecond,
} from '../../src/fleet/leap-seconds.ts';

const NEW_YEAR = '2027-01-01T00:00:00.000Z';

describe('a leap second', () => {
  it.each([
    ['2026-12-30T23:59:59.999Z', null],
    ['2026-12-31T00:00:00Z', NEW_YEAR],
    ['2026-12-31T23:59:59.999Z', NEW_YEAR],
    [NEW_YEAR, NEW_YEAR],
    ['2027-01-01T00:59:59.999Z', NEW_YEAR],
    ['2027-01-01T01:00:00Z', null],
    ['2027-01-15T12:00:00Z', null],
    ['2028-02-29T12:00:00Z', '2028-03-01T00:00:00.000Z'],
    ['2027-06-30T12:00:00Z', '2027-07-01T00:00:00.000Z'],
  ])('announced at %s is of %s', (now, at) => {
    const dueAtMs = leapDueAtMs(Date.parse(now));
    expect(dueAtMs === null ? null : new Date(dueAtMs).toISOString()).toBe(at);
  });

  it.each([
    ['2026-12-30T23:59:59.999Z', false],
    ['2026-12-31T00:00:00Z', true],
    [NEW_YEAR, true],
    ['2027-01-02T00:00:00Z', true],
    ['2027-01-02T00:00:00.001Z', false],
  ])('at new year is smeared within a day of it: at %s %p', (now, isSo) => {
    expect(isAroundLeap({ atMs: Date.parse(NEW_YEAR), sign: 'add' }, Date.parse(now))).toBe(isSo);
  });

  it.each([
    ['2016-12-31', null],
    ['2027-06-30', null],
    ['2028-02-29', null],
    ['2027-02-28', null],
    ['2028-02-28', 'is not the last day of a month, and no other day ends with a leap second'],
    ['2027-01-01', 'is not the last day of a month, and no other day ends with a leap second'],
    ['2027-02-29', 'is no day, such as 2016-12-31'],
    ['2027-13-31', 'is no day, such as 2016-12-31'],
    ['2027-6-30', 'is no day, such as 2016-12-31'],
    ['31 December 2016', 'is no day, such as 2016-12-31'],
  ])('on the day %s: %p', (date, fault) => {
    expect(leapDateFault(date)).toBe(fault);
  });

  it('is the one that hosts announced, or that the fleet file tells of, while it is near', () => {
    const announced: LeapSecond = { atMs: Date.parse(NEW_YEAR), sign: 'delete' };
    const leapSecond = readLeapSecond({ date: '2026-12-31', sign: 'add' });
    const later = readLeapSecond({ date: '2027-06-30', sign: 'add' });
    const near = Date.parse('2027-01-01T20:00:00Z');
    expect({
      leapSecond,
      announced: leapNear(announced, { leapSecond }, near),
      forgotten: leapNear(undefined, { leapSecond }, near),
      notTold: leapNear(announced, { leapSecond: null }, near),
      later: leapNear(announced, { leapSecond: later }, near),
      over: leapNear(announced, { leapSecond }, Date.parse('2027-01-02T00:00:01Z')),
      laterOne: leapNear(announced, { leapSecond: later }, later.atMs),
    }).toEqual({
      leapSecond: { atMs: Date.parse(NEW_YEAR), sign: 'add' },
      announced,
      forgotten: leapSecond,
      notTold: announced,
      later: announced,
      over: null,
      laterOne: later,
    });
  });
});
