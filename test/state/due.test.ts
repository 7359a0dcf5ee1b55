import { describe, expect, it } from '@jest/globals';
import { nextDueMs, type Turn, tickDue } from '../../src/state/due.ts';
import { MINUTE, NOW, POD, SECOND } from '../builders/plan-input.ts';

const ended = (
  secondsAgo: number,
  { unfinished = false, ...overrides }: Partial<Turn> & { unfinished?: boolean } = {},
): Turn => {
  const startedAtMs = NOW - secondsAgo * SECOND;
  const endedAtMs = startedAtMs + 20 * SECOND;
  const dueAtMs = nextDueMs({ startedAtMs, endedAtMs, unfinished }, POD);
  return { claim: null, last: { tickId: 'tick-0', startedAtMs, endedAtMs }, dueAtMs, again: false, ...overrides };
};
const claimed = (secondsAgo: number, overrides: Partial<Turn> = {}): Turn => {
  const startedAtMs = NOW - secondsAgo * SECOND;
  return { ...ended(400), claim: { tickId: 'tick-1', startedAtMs, untilMs: startedAtMs + 105 * SECOND }, ...overrides };
};

describe('a scheduled run', () => {
  it.each<[string, Turn, boolean, string]>([
    ['without a state', { ...ended(60), last: null }, true, 'A tick of pod blue is due: there is no state to go by.'],
    [
      'within the interval',
      ended(269),
      false,
      'No tick of pod blue is due: the last began 4 min ago and left nothing unfinished, the interval is 5 min.',
    ],
    ['a little early', ended(270), true, 'A tick of pod blue is due: the last began 5 min ago, the interval is 5 min.'],
    [
      'with unfinished business',
      ended(60, { unfinished: true }),
      true,
      'A tick of pod blue is due: the last began 60 s ago and left unfinished business.',
    ],
    [
      'after news that nobody has seen to yet',
      ended(60, { again: true }),
      true,
      'A tick of pod blue is due: the last began 60 s ago and left unfinished business.',
    ],
    [
      'in the very moment the last began in',
      ended(0),
      false,
      'No tick of pod blue is due: the last began 0 s ago and left nothing unfinished, the interval is 5 min.',
    ],
    [
      'of a pod whose interval was longer when the due time was written',
      ended(299, { dueAtMs: NOW + 3600 * SECOND }),
      true,
      'A tick of pod blue is due: the last began 5 min ago, the interval is 5 min.',
    ],
    [
      'while another is under way, news or not',
      claimed(105, { again: true }),
      false,
      'No tick of pod blue is due: the last began 105 s ago and is under way.',
    ],
    [
      'whose claim ends later than any run does: a clock was set back, or it is damaged',
      claimed(-3600),
      true,
      'A tick of pod blue is due: no run has the turn for so long as the last claims it.',
    ],
    [
      'while one is under way whose clock is ahead',
      claimed(-60),
      false,
      'No tick of pod blue is due: the last began 60 s in the future and is under way.',
    ],
    ['after one that died', claimed(106), true, 'A tick of pod blue is due: the last began 106 s ago and never ended.'],
    [
      'after a clock was set back',
      ended(-3600),
      true,
      'A tick of pod blue is due: the last tick is 60 min in the future.',
    ],
  ])('%s', (_, last, expected, sentence) => {
    expect(tickDue(last, NOW, POD)).toEqual({ due: expected, sentence });
  });

  it('is due from the very moment that was set for it', () => {
    expect(tickDue(ended(60, { dueAtMs: NOW + 1 }), NOW, POD).due).toBe(false);
    expect(tickDue(ended(60, { dueAtMs: NOW }), NOW, POD).due).toBe(true);
  });

  it('believes a claim of 16 minutes, and none that is longer', () => {
    const claimedFor = (ms: number) => claimed(0, { claim: { tickId: 'tick-1', startedAtMs: NOW, untilMs: NOW + ms } });
    expect(tickDue(claimedFor(16 * MINUTE), NOW, POD).due).toBe(false);
    expect(tickDue(claimedFor(16 * MINUTE + 1), NOW, POD).due).toBe(true);
  });

  it('of a pod with a short interval is early by a tenth of it at most', () => {
    const pod = { ...POD, intervalSeconds: 20 };
    expect(tickDue(ended(17), NOW, pod).due).toBe(false);
    expect(tickDue(ended(18), NOW, pod).due).toBe(true);
  });
});
