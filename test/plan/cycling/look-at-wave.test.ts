import { describe, expect, it } from '@jest/globals';
import { type CountedWave, lookAtWave } from '../../../src/plan/plan.ts';
import { NOW, SECOND } from '../../builders/plan-input.ts';

describe('SSM’s counts', () => {
  const wave: CountedWave = {
    commands: [
      { commandId: 'c-1', hosts: 10, maxConcurrency: 2 },
      { commandId: 'c-2', hosts: 1, maxConcurrency: 1 },
    ],
  };
  const look = (first: number, second: number, seconds: number, of = wave) =>
    lookAtWave(
      of,
      new Map([
        ['c-1', first],
        ['c-2', second],
      ]),
      NOW + seconds * SECOND,
    );

  it.each([
    [7, 0, null, false],
    [8, 0, 60, false],
    [9, 1, 60, false],
    [10, 1, 60, true],
  ])('of %i and %i hosts through: begun with all at %s', (first, second, begunSeconds, isOver) => {
    expect(look(first, second, 60)).toEqual({
      hosts: 11,
      through: first + second,
      allBegunAtMs: begunSeconds === null ? undefined : NOW + begunSeconds * SECOND,
      isListed: true,
      isOver,
    });
  });

  it('of a command that SSM does not list say nothing: not that it has begun, nor that its hosts are silent', () => {
    const listed = new Map([['c-1', 10]]);
    const unlisted = { hosts: 11, through: 10, isListed: false, isOver: false };
    expect(lookAtWave(wave, listed, NOW)).toEqual({ ...unlisted, allBegunAtMs: undefined });
    const begun = { ...wave, allBegunAtMs: NOW - 600 * SECOND };
    expect(lookAtWave(begun, listed, NOW)).toEqual({ ...unlisted, allBegunAtMs: begun.allBegunAtMs });
  });

  it('end a wave 90 s after its last start', () => {
    const begun = { ...wave, allBegunAtMs: NOW + 60 * SECOND };
    expect(look(9, 1, 149, begun).isOver).toBe(false);
    expect(look(9, 1, 150, begun).isOver).toBe(true);
  });

  it('say nothing of a wave that was perhaps sent', () => {
    const unsure = { commands: [{ commandId: null, hosts: 2 }] };
    expect(look(10, 1, 60, unsure).isOver).toBe(false);
  });
});
