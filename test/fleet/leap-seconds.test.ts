import { describe, expect, it } from '@jest/globals';
import { isAroundLeap, leapDueAtMs } from '../../src/fleet/leap-seconds.ts';

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
});
