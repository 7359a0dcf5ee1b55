import { pollsBetweenAnswers } from '../ntp/reach.ts';
import type { Source } from '../ntp/source.ts';

/** What was heard within a quarter of an hour is fresh however short the poll: eight polls of 64 s, missed, are 512 s. */
const FRESH_SECONDS = 900;

/** A poll may be lost, and the answer to the next come late by a burst. */
const FRESH_POLLS = 2;
const LATE_SECONDS = 60;

/** Within so many seconds a source that polls so often must have been heard for its row to be fresh. */
export function freshSeconds(pollSeconds: number): number {
  return Math.max(FRESH_SECONDS, FRESH_POLLS * pollSeconds + LATE_SECONDS);
}

/**
 * Seconds since the source was last heard: `when`, or where the daemon keeps no such clock (ntpd-rs) the polls without an
 * answer times the poll. null: never heard, or not known (`isFresh` tells the two apart).
 */
export function silenceSeconds({ whenSeconds, unansweredPolls, pollSeconds }: Source): number | null {
  if (whenSeconds !== null) return whenSeconds;
  return unansweredPolls === null || pollSeconds === null ? null : unansweredPolls * pollSeconds;
}

/**
 * Seconds within which the source was heard: `when`, or of a daemon that counts unanswered polls as many polls and one more, which may be about to be
 * asked. null as above. By this a clock may have run off; of a poll of 1024 s that is 15 ms.
 */
export function longestSilenceSeconds({ whenSeconds, unansweredPolls, pollSeconds }: Source): number | null {
  if (whenSeconds !== null) return whenSeconds;
  return unansweredPolls === null || pollSeconds === null ? null : (unansweredPolls + 1) * pollSeconds;
}

/** Seconds between two answers, at the most over the last eight polls; of a daemon without a reach register one poll. null: not known. */
export function betweenAnswersSeconds({ reach, pollSeconds }: Source): number | null {
  return pollSeconds === null ? null : pollsBetweenAnswers(reach ?? 0) * pollSeconds;
}

/**
 * Of a daemon that counts unanswered polls: eight or more, or never heard. ntpd-rs then begins the source anew, so that nothing tells how
 * long it has been silent.
 */
export function isForgotten({ reach, unansweredPolls }: Source): boolean {
  return reach === 0 && unansweredPolls !== null;
}

/**
 * Whether what the row says is recent: heard within `freshSeconds` of its poll. null: a field that decides it could not be
 * read, or was left out of a shortened answer.
 */
export function isFresh(source: Source): boolean | null {
  if (isForgotten(source)) return false;
  const silence = silenceSeconds(source);
  if (silence === null) return source.reach === 0 ? false : null;
  if (silence <= FRESH_SECONDS) return true;
  return source.pollSeconds === null ? null : silence <= freshSeconds(source.pollSeconds);
}
