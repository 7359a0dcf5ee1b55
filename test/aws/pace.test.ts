import { describe, expect, it } from '@jest/globals';
import type { Call } from '../../src/aws/call.ts';
import { evenPace, paced } from '../../src/aws/pace.ts';

/** A clock that moves by pauses, and by what `pass` says. */
function simulatedTime(startMs = 5000) {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    async pause(ms: number) {
      nowMs += ms;
    },
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

describe('an even pace', () => {
  it('lets the first call through at once, and each other a gap later, also those asked for together', async () => {
    const pauses: number[] = [];
    const pace = evenPace(4, { nowMs: () => 5000, pause: async (ms) => void pauses.push(ms) });
    await Promise.all(Array.from({ length: 5 }, () => pace.turn()));
    expect(pauses).toEqual([250, 500, 750, 1000]);
  });

  it('takes so many a second over a long time, whatever the calls take', async () => {
    const time = simulatedTime();
    const pace = evenPace(8, time);
    for (let read = 0; read < 800; read += 1) {
      await pace.turn();
      time.pass(read % 2 === 0 ? 20 : 100);
    }
    await pace.turn();
    expect(time.nowMs() - 5000).toBe(100_000);
  });

  it('saves nothing up while nobody asks', async () => {
    const time = simulatedTime();
    const pace = evenPace(2, time);
    await pace.turn();
    time.pass(60_000);
    await pace.turn();
    expect(time.nowMs()).toBe(65_000);
    await pace.turn();
    expect(time.nowMs()).toBe(65_500);
  });
});

describe('paced calls', () => {
  it('are made when their turn has come, with their own limit', async () => {
    const time = simulatedTime();
    const made: [string, number, number | undefined][] = [];
    const call: Call = async (action, step, limitMs) => {
      made.push([action, time.nowMs(), limitMs]);
      return step({ abortSignal: new AbortController().signal });
    };
    const slow = paced(call, evenPace(1, time));
    expect(await slow('first', async () => 'a', 300)).toBe('a');
    expect(await slow('second', async () => 'b')).toBe('b');
    expect(made).toEqual([
      ['first', 5000, 300],
      ['second', 6000, undefined],
    ]);
    expect(paced(call, null)).toBe(call);
  });
});
