import { describe, expect, it } from '@jest/globals';
import { type Memory, withoutFuture } from '../../src/plan/plan.ts';
import { HOUR, id, MINUTE, NOW } from '../builders/plan-input.ts';
import { LAST } from '../builders/roll-outs.ts';

/** Of which every time lies so far from now. */
const memoryAt = (atMs: number, rollOut: Partial<Memory['rollOuts']['client']> = {}): Memory => ({
  unhealthySinceMs: { [id('1')]: atMs },
  unhealthy: { [id('1')]: { provenMs: 60_000, seenMs: null } },
  withdrawn: { [id('1')]: { sinceMs: atMs, sentence: 'It is adrift.', addresses: ['10.0.2.11'] } },
  unknownToEc2: { [id('2')]: atMs },
  starting: {},
  cycles: { [id('3')]: [NOW - HOUR, atMs] },
  rollOuts: { client: { ...LAST, startedAtMs: atMs, allBegunAtMs: atMs, atWorkUntilMs: atMs, ...rollOut } },
  undone: { [id('3')]: { answers: 1, atMs, reason: 'not-yet' } },
  staleSinceMs: { [id('3')]: atMs },
  unjoined: { [id('3')]: ['ntp.az-b.pod'] },
});

describe('a time that is remembered', () => {
  it('stays where it has passed', () => {
    expect(withoutFuture(memoryAt(NOW - 1), NOW)).toEqual(memoryAt(NOW - 1));
    expect(JSON.stringify(withoutFuture(memoryAt(NOW), NOW))).toBe(JSON.stringify(memoryAt(NOW)));
  });

  it.each([NOW + HOUR, Number.MAX_VALUE])('is now where it lies ahead, at %d', (atMs) => {
    const { atWorkUntilMs } = withoutFuture(memoryAt(atMs), NOW).rollOuts.client ?? {};
    expect(withoutFuture(memoryAt(atMs), NOW)).toEqual(memoryAt(NOW, { atWorkUntilMs: atWorkUntilMs as number }));
    // a host may be at work for as long as its turn takes
    expect(atWorkUntilMs).toBeGreaterThan(NOW + MINUTE);
    expect(atWorkUntilMs).toBeLessThan(NOW + HOUR / 2);
  });

  it('is missing still where it was', () => {
    const without = memoryAt(NOW, { allBegunAtMs: undefined, atWorkUntilMs: undefined });
    expect(JSON.stringify(withoutFuture(without, NOW))).toBe(JSON.stringify(without));
  });
});
