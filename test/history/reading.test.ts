import { describe, expect, it } from '@jest/globals';
import { hoursBetween, unfoldedDays } from '../../src/history/days.ts';
import { hourOfHost } from '../../src/history/host-hours.ts';
import { DAY_MS, dayKey, HOUR_MS, hourKey, tickKey } from '../../src/history/keys.ts';
import { askedAt, type Readable } from '../../src/history/reading.ts';
import { historyRow } from '../builders/history-rows.ts';

const ID = historyRow().instance_id;

/** A history in which ticks of these times kept a row of one host. */
function ticksAt(...times: string[]): Readable {
  const rows = new Map(
    times.map((time) => [tickKey('blue', 'tick', Date.parse(time)), historyRow({ time: new Date(Date.parse(time)) })]),
  );
  return {
    list: async (prefix) => [...rows.keys()].filter((key) => key.startsWith(prefix)).map((key) => ({ key, bytes: 1 })),
    rowsOfHost: async ({ key }) => [rows.get(key) ?? historyRow()],
  };
}

const ask = (objects: Readable, at: string, now: string) =>
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

describe('days that are over', () => {
  const TODAY = Date.UTC(2026, 10, 24);
  const hours = (dayMs: number, count: number) =>
    Array.from({ length: count }, (_, hour) => hourKey('blue', dayMs + hour * HOUR_MS));
  const listing = (...keys: string[]) => ({
    list: async (prefix: string) =>
      keys
        .filter((key) => key.startsWith(prefix))
        .sort()
        .map((key) => ({ key, bytes: 1 })),
  });

  it('are folded once, the newest first, when the last tick of them can be no later', async () => {
    const all = listing(
      ...[1, 2, 3].flatMap((days) => hours(TODAY - days * DAY_MS, 24 - days)),
      ...hours(TODAY, 2),
      dayKey('blue', TODAY - 2 * DAY_MS),
      'history/days/pod=blue/day=2026-11-20/notes.txt',
    );
    const early = await unfoldedDays(all, 'blue', TODAY + 14 * 60_000);
    expect([...early.keys()]).toEqual([TODAY - 3 * DAY_MS]);
    const later = await unfoldedDays(all, 'blue', TODAY + 15 * 60_000);
    expect([...later.keys()]).toEqual([TODAY - DAY_MS, TODAY - 3 * DAY_MS]);
    expect(later.get(TODAY - DAY_MS)?.map(({ hourMs }) => hourMs)).toEqual(
      Array.from({ length: 23 }, (_, hour) => TODAY - DAY_MS + hour * HOUR_MS),
    );
  });

  it('are read for one host, without those outside, and one that is damaged costs no other', async () => {
    const days = [1, 2, 3, 40].map((ago) => TODAY - ago * DAY_MS);
    const objects = {
      ...listing(...days.map((dayMs) => dayKey('blue', dayMs))),
      hoursOfHost: async ({ key }: { key: string }) => {
        if (key === dayKey('blue', TODAY - 2 * DAY_MS)) throw new Error('no rows');
        const dayMs = Date.parse(`${key.slice(26, 36)}T00:00:00Z`);
        return [2, 22].map((hour) => hourOfHost([historyRow()], dayMs + hour * HOUR_MS));
      },
    };
    const asked = { pod: 'blue', instanceId: ID, fromMs: TODAY - 3 * DAY_MS + 3 * HOUR_MS, toMs: TODAY };
    const { rows, faults } = await hoursBetween(objects, asked);
    expect(rows.map(({ hour }) => hour.toISOString().slice(0, 13))).toEqual([
      '2026-11-21T22',
      '2026-11-23T02',
      '2026-11-23T22',
    ]);
    expect(faults).toEqual([`reading ${dayKey('blue', TODAY - 2 * DAY_MS)}: no rows: its rows are missing.`]);
  });
});
