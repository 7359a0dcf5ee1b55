import { describe, expect, it } from '@jest/globals';
import { createScaledClock, createSteppedClock } from '../src/clock.ts';

describe("the pod's clock", () => {
  it('runs as many times faster as its factor says, and so do its timers', async () => {
    const clock = createScaledClock(1_000);
    const startMs = clock.nowMs();
    const realMs = Date.now();
    const order: string[] = [];
    const ofTheWall = setTimeout(() => order.push('two seconds of the wall clock'), 2_000);
    await new Promise<void>((resolve) => clock.after(60_000, resolve));
    order.push("a minute of the pod's");
    clearTimeout(ofTheWall);
    expect(order).toEqual(["a minute of the pod's"]);
    expect(Date.now() - realMs).toBeGreaterThanOrEqual(58);
    expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(58_000);
  });

  it('does not call what was cancelled, nor at once what is farther off than a timer reaches', async () => {
    const clock = createScaledClock(1_000);
    const called: string[] = [];
    clock.after(10_000, () => called.push('cancelled'))();
    const cancelFar = clock.after(3_000_000_000 * 1_000, () => called.push('far'));
    await new Promise<void>((resolve) => clock.after(30_000, resolve));
    cancelFar();
    expect(called).toEqual([]);
  });

  it('goes on from the present moment at another pace, and what is due keeps its time', async () => {
    const clock = createScaledClock(0.001);
    const startMs = clock.nowMs();
    const called: number[] = [];
    const first = new Promise<void>((resolve) => {
      clock.after(60_000, () => {
        called.push(clock.nowMs() - startMs);
        resolve();
      });
    });
    clock.after(120_000, () => called.push(-1))();
    clock.setFactor(1_000);
    expect([clock.factor, clock.nowMs() - startMs < 60_000]).toEqual([1_000, true]);
    await first;
    expect(called).toEqual([expect.any(Number)]);
    // setTimeout may call a millisecond early
    expect(called[0]).toBeGreaterThanOrEqual(58_000);
    const thenMs = clock.nowMs();
    clock.setFactor(0.001);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(thenMs);
    expect(() => clock.setFactor(0)).toThrow('the time factor must be a number above 0, not 0');
  });

  it('takes no factor that is not above 0', () => {
    expect(() => createScaledClock(0)).toThrow('the time factor must be a number above 0, not 0');
    expect(() => createScaledClock(Number.NaN)).toThrow('not NaN');
  });
});

describe('the stepped clock', () => {
  it('goes on only when told, calling what falls due in its order', async () => {
    const clock = createSteppedClock(1_000);
    const called: [string, number][] = [];
    clock.after(200, () => called.push(['second', clock.nowMs()]));
    clock.after(100, () => {
      called.push(['first', clock.nowMs()]);
      clock.after(50, () => called.push(['between', clock.nowMs()]));
    });
    clock.after(300, () => called.push(['later', clock.nowMs()]));
    await clock.advance(250);
    expect(called).toEqual([
      ['first', 1_100],
      ['between', 1_150],
      ['second', 1_200],
    ]);
    expect(clock.nowMs()).toBe(1_250);
  });
});
