import { describe, expect, it } from '@jest/globals';
import { type LastTick, tickDue } from '../../src/plan/due.ts';
import { NOW, POD, SECOND } from '../builders/plan-input.ts';

const began = (secondsAgo: number, overrides: Partial<LastTick> = {}): LastTick => ({
  startedAtMs: NOW - secondsAgo * SECOND,
  endedAtMs: NOW - secondsAgo * SECOND + 20 * SECOND,
  untilMs: NOW - secondsAgo * SECOND + 105 * SECOND,
  unfinished: false,
  ...overrides,
});

describe('a scheduled run', () => {
  it.each<[string, LastTick | null, boolean, string]>([
    ['without a report', null, true, 'A tick of pod blue is due: there is no report to go by.'],
    [
      'within the interval',
      began(269),
      false,
      'No tick of pod blue is due: the last began 4 min ago and left nothing unfinished, the interval is 5 min.',
    ],
    ['a little early', began(270), true, 'A tick of pod blue is due: the last began 5 min ago, the interval is 5 min.'],
    [
      'with unfinished business',
      began(60, { unfinished: true }),
      true,
      'A tick of pod blue is due: the last began 60 s ago and left unfinished business.',
    ],
    [
      'while another is under way, unfinished business or not',
      began(105, { endedAtMs: null, unfinished: true }),
      false,
      'No tick of pod blue is due: the last began 105 s ago and is under way.',
    ],
    [
      'after one that died',
      began(106, { endedAtMs: null }),
      true,
      'A tick of pod blue is due: the last began 106 s ago and never ended.',
    ],
    [
      'after a clock was set back',
      began(-3600),
      true,
      'A tick of pod blue is due: the last report is 60 min in the future.',
    ],
  ])('%s', (_, last, expected, sentence) => {
    expect(tickDue(last, NOW, POD)).toEqual({ due: expected, sentence });
  });

  it('of a pod with a short interval is early by a tenth of it at most', () => {
    const pod = { ...POD, intervalSeconds: 20 };
    expect(tickDue(began(17), NOW, pod).due).toBe(false);
    expect(tickDue(began(18), NOW, pod).due).toBe(true);
  });
});
