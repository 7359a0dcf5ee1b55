import { describe, expect, it } from '@jest/globals';
import { Association, NO_REPLY, type Reply } from '../../../bench/world/association.ts';

const HEARD: Reply = { answered: 1, sinceMs: 0, errorMs: 0, distanceMs: 30, stratum: 2 };
const DAY_MS = 24 * 3_600_000;
/** What the server answers from when on. The poll interval grows for the first four hours. */
const CHANGES: readonly [atMs: number, reply: Reply][] = [
  [0, HEARD],
  [DAY_MS / 24, NO_REPLY],
  [DAY_MS / 10, HEARD],
  [DAY_MS / 8, { ...HEARD, answered: 0.5 }],
  [DAY_MS / 6, HEARD],
];

/** The row at each change and at the end, looked at every `lookMs` between them. */
function rowsOfDay(client: string, lookMs: number) {
  const poll = { min: 6, max: 10 };
  const row = new Association('10.0.16.5', null, false, 0, { firstAnswerMs: 2000, firstReach: 1, poll, client });
  return CHANGES.map(([atMs, reply], index) => {
    const endMs = CHANGES[index + 1]?.[0] ?? DAY_MS;
    for (let nowMs = atMs + lookMs; nowMs < endMs; nowMs += lookMs) row.advance(nowMs, reply);
    row.advance(endMs, reply);
    return { ...row };
  });
}

describe('a source of a daemon of the model', () => {
  it.each(['i-1', 'i-2', 'i-3'])(
    'of %s is the same whether somebody looks every second, every five minutes or never',
    (client) => {
      const everySecond = rowsOfDay(client, 1000);
      expect(rowsOfDay(client, 300_000)).toEqual(everySecond);
      expect(rowsOfDay(client, DAY_MS)).toEqual(everySecond);
    },
  );
});
