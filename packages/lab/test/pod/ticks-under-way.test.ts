import { expect, it } from '@jest/globals';
import { TicksUnderWay } from '../../src/pod/ticks-under-way.ts';

const scheduled = (pod: string) => ({ pod, scheduled: true, delaySeconds: 0 });
const news = (pod: string) => ({ 'detail-type': 'DNS changed', detail: { pod } });

/** Runs that last until they are ended. */
function watchdog() {
  const ticks = new TicksUnderWay();
  const begun: string[] = [];
  const ends: { end(answer: string): void; fail(error: Error): void }[] = [];
  const call = (name: string, payload: unknown) =>
    ticks.run(payload, () => {
      begun.push(name);
      return new Promise((end, fail) => ends.push({ end, fail }));
    });
  return { begun, ends, call };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('leaves out a scheduled tick while one of its pod is under way, and of no other pod', async () => {
  const { begun, ends, call } = watchdog();
  const first = call('first', scheduled('blue'));
  expect(await call('left out', scheduled('blue'))).toBeUndefined();
  void call('green', scheduled('green'));
  ends[0]?.end('done');
  expect(await first).toBe('done');
  await settled();
  void call('next', scheduled('blue'));
  expect(begun).toEqual(['first', 'green', 'next']);
});

it('goes on after a tick that failed', async () => {
  const { begun, ends, call } = watchdog();
  const first = call('first', scheduled('blue'));
  ends[0]?.fail(new Error('timed out'));
  await expect(first).rejects.toThrow('timed out');
  await settled();
  void call('second', scheduled('blue'));
  expect(begun).toEqual(['first', 'second']);
});

it('keeps news until the tick has ended, all of it for one tick, and leaves out schedules meanwhile', async () => {
  const { begun, ends, call } = watchdog();
  void call('first', scheduled('blue'));
  const [one, two] = [call('news', news('blue')), call('more news', news('blue'))];
  await settled();
  expect(begun).toEqual(['first']);
  ends[0]?.end('first');
  await settled();
  expect(begun).toEqual(['first', 'news']);
  expect(await call('left out', scheduled('blue'))).toBeUndefined();
  ends[1]?.end('of the news');
  expect(await Promise.all([one, two])).toEqual(['of the news', 'of the news']);
  await settled();
  void call('later', scheduled('blue'));
  expect(begun).toEqual(['first', 'news', 'later']);
});

it('is nothing to events that are no tick', () => {
  const { begun, call } = watchdog();
  for (const name of ['one', 'two']) void call(name, { Records: [] });
  expect(begun).toEqual(['one', 'two']);
});
