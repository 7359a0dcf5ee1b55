import { describe, expect, it } from '@jest/globals';
import { tickKey } from '../../src/history/keys.ts';
import { askedAt, type HistoryObjects } from '../../src/history/reading.ts';
import { historyRow } from '../builders/history-rows.ts';

const ID = historyRow().instance_id;

/** A history in which ticks of these times kept a row of one host. */
function ticksAt(...times: string[]): HistoryObjects {
  const rows = new Map(
    times.map((time) => [tickKey('blue', 'tick', Date.parse(time)), historyRow({ time: new Date(Date.parse(time)) })]),
  );
  return {
    list: async (prefix) => [...rows.keys()].filter((key) => key.startsWith(prefix)).map((key) => ({ key, bytes: 1 })),
    rowsOfHost: async ({ key }) => [rows.get(key) ?? historyRow()],
    fold: async () => {},
  };
}

const ask = (objects: HistoryObjects, at: string, now: string) =>
  askedAt(objects, { pod: 'blue', instanceId: ID, atMs: Date.parse(at), nowMs: Date.parse(now), days: 30 });

describe('a moment in a long gap', () => {
  it.each([
    ['the next day', '2026-11-24T09:00:00Z', '2026-11-24T10:00:00Z'],
    // less than two days after the question, and in the third day of it
    ['the day after that', '2026-11-25T10:00:00Z', '2026-11-25T13:00:00Z'],
    ['a week later', '2026-11-30T10:00:00Z', '2026-11-30T13:00:00Z'],
  ])('finds the tick that ended it %s', async (_, next, now) => {
    const objects = ticksAt('2026-11-23T13:55:00Z', next);
    const [sentence] = await ask(objects, '2026-11-23T14:00:00Z', now);
    expect(sentence).toContain(`sampled at 13:55 and ${next.slice(0, 10)} ${next.slice(11, 16)}.`);
  });
});
