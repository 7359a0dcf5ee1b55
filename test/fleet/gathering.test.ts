import { describe, expect, it } from '@jest/globals';
import {
  boundedSentences,
  gather,
  gatheredSentences,
  MOST_SENTENCE_BYTES,
  MOST_SENTENCES,
  type Notice,
} from '../../src/fleet/gathering.ts';

const waiting = (number: number, name = 'ntp.az-b.pod'): Notice[] =>
  Array.from({ length: number }, (_, index) => ({
    subject: `i-${index}`,
    sentence: `i-${index} waits: no server published under ${name} is confident.`,
    cause: `clients wait: no server published under ${name} is confident`,
  }));

describe('sentences of one cause', () => {
  it('are said one by one while they are few', () => {
    const few = waiting(3);
    expect(gatheredSentences(few)).toEqual(few.map(({ sentence }) => sentence));
  });

  it('are counted when they are more, with a few names', () => {
    expect(gatheredSentences(waiting(214))).toEqual([
      '214 clients wait: no server published under ntp.az-b.pod is confident (i-0, i-1 and 212 more).',
    ]);
  });

  it('have the log entry of the first, where each call has one of its own', () => {
    const notices = waiting(5).map((notice, index) => ({
      ...notice,
      cause: 'wait: Throttled',
      example: `log entry t.${index}`,
    }));
    expect(gatheredSentences(notices)).toEqual(['5 wait: Throttled (i-0, i-1 and 3 more; of i-0: log entry t.0).']);
  });

  it('are another cause under another rule, and none without a cause', () => {
    const notices = waiting(8).map((notice, index) => ({ ...notice, rule: index % 2 ? 'odd' : 'even' }));
    expect(gather(notices, ({ rule }) => rule).map(({ notices: { length } }) => length)).toEqual([4, 4]);
    const single = waiting(5).map(({ subject, sentence }) => ({ subject, sentence }));
    expect(gatheredSentences(single)).toHaveLength(5);
  });

  it('come in the order of their first, and name each subject once', () => {
    const sentence = 'A record stands there.';
    const records = Array.from({ length: 4 }, () => ({ subject: 'ntp.az-a.pod', sentence, cause: 'records stand' }));
    expect(gatheredSentences([...waiting(1), ...records, ...waiting(1, 'ntp.az-c.pod')])).toEqual([
      'i-0 waits: no server published under ntp.az-b.pod is confident.',
      '4 records stand (ntp.az-a.pod).',
      'i-0 waits: no server published under ntp.az-c.pod is confident.',
    ]);
  });
});

describe('all sentences of an answer', () => {
  it('are as they are while they have room', () => {
    const all = Array.from({ length: MOST_SENTENCES }, (_, index) => `Sentence ${index}.`);
    expect(boundedSentences(all)).toEqual(all);
  });

  it('end in how many are left out when they are too many, or too long', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `Sentence ${index}.`);
    const bounded = boundedSentences(many);
    expect(bounded).toEqual([...many.slice(0, MOST_SENTENCES - 1), '801 more sentences are left out.']);
    const long = boundedSentences(Array.from({ length: 90 }, () => 'é'.repeat(5000)));
    expect(Buffer.byteLength(JSON.stringify(long))).toBeLessThanOrEqual(MOST_SENTENCE_BYTES + 1);
    const quotes = boundedSentences(Array.from({ length: 90 }, () => '"'.repeat(1500)));
    expect(Buffer.byteLength(JSON.stringify(quotes))).toBeLessThanOrEqual(MOST_SENTENCE_BYTES + 1);
    expect(boundedSentences([`${'a'.repeat(1999)}\u{1f600}b`])).toEqual([`${'a'.repeat(1999)}…`]);
    expect(long.at(-1)).toBe(`${90 - long.length + 1} more sentences are left out.`);
    expect([boundedSentences(bounded), boundedSentences(long)]).toEqual([bounded, long]);
  });

  it('count what was left out before they were bounded again, alone or beside others', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `Sentence ${index}.`);
    const bounded = boundedSentences(many);
    const kept = many.slice(0, MOST_SENTENCES - 2);
    expect(boundedSentences(['Head.', ...bounded])).toEqual(['Head.', ...kept, '802 more sentences are left out.']);
    expect(boundedSentences([...bounded, 'Tail.']).at(-1)).toBe('802 more sentences are left out.');
    expect(boundedSentences([...bounded, ...bounded]).at(-1)).toBe('1801 more sentences are left out.');
    expect(boundedSentences(['One.', '5 more sentences are left out.', 'Two.'])).toEqual([
      'One.',
      'Two.',
      '5 more sentences are left out.',
    ]);
  });
});
