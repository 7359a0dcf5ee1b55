import { describe, expect, it } from '@jest/globals';
import { freshSeconds, isFresh, silenceSeconds } from '../../src/diagnosis/freshness.ts';
import { source } from '../builders/sightings.ts';

describe('a row is fresh when its source was heard lately enough for its poll', () => {
  it.each([
    { pollSeconds: 16, limit: 900 },
    { pollSeconds: 64, limit: 900 },
    { pollSeconds: 420, limit: 900 },
    { pollSeconds: 1024, limit: 2108 },
    { pollSeconds: 131_072, limit: 262_204 },
  ])('polled every $pollSeconds s: within $limit s', ({ pollSeconds, limit }) => {
    expect(freshSeconds(pollSeconds)).toBe(limit);
    expect(isFresh(source('10.0.1.5', { pollSeconds, whenSeconds: limit }))).toBe(true);
    expect(isFresh(source('10.0.1.5', { pollSeconds, whenSeconds: limit + 1 }))).toBe(false);
  });

  it('counts unanswered polls where the daemon does not tell when it heard', () => {
    const rs = { whenSeconds: null, reach: null, pollSeconds: 64 };
    expect(silenceSeconds(source('10.0.1.5', { ...rs, unansweredPolls: 3 }))).toBe(192);
    expect(isFresh(source('10.0.1.5', { ...rs, unansweredPolls: 14 }))).toBe(true);
    expect(isFresh(source('10.0.1.5', { ...rs, unansweredPolls: 15 }))).toBe(false);
  });

  it('is not fresh after eight unanswered polls, whatever their length', () => {
    const forgotten = { whenSeconds: null, reach: 0, unansweredPolls: 8 };
    expect(isFresh(source('10.0.1.5', { ...forgotten, pollSeconds: 16 }))).toBe(false);
  });

  it('is not fresh where it was never heard', () => {
    expect(isFresh(source('10.0.1.5', { whenSeconds: null, reach: 0 }))).toBe(false);
  });

  it('is not known where the field that decides it is missing', () => {
    expect(isFresh(source('10.0.1.5', { whenSeconds: null }))).toBeNull();
    expect(isFresh(source('10.0.1.5', { whenSeconds: 1000, pollSeconds: null }))).toBeNull();
    expect(isFresh(source('10.0.1.5', { whenSeconds: 900, pollSeconds: null }))).toBe(true);
    expect(isFresh(source('10.0.1.5', { whenSeconds: null, unansweredPolls: 3, pollSeconds: null }))).toBeNull();
  });
});
