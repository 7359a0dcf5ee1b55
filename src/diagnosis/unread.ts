import type { Host } from '../fleet/fleet.ts';
import { NOTHING_MEASURED } from './facts.ts';
import type { Judgement } from './judgement.ts';
import { VOTES_UNKNOWN } from './votes.ts';

/** What is said of a host that EC2 did not describe. */
export const UNREAD_SENTENCE = 'Nothing is known of it: EC2 did not describe it at this tick.';
export const UNREAD_CAUSE = 'EC2 did not describe them at this tick';

/** All hosts of a pod that may run, also those that EC2 did not describe: these count, as unknown. Decision 0077. */
export function withUnread(judgements: readonly Judgement[], unread: readonly Host[]): readonly Judgement[] {
  return unread.length === 0 ? judgements : [...judgements, ...unread.map(unreadJudgement)];
}

function unreadJudgement(host: Host): Judgement {
  return {
    host,
    state: 'unknown',
    findings: ['unknown'],
    sentence: UNREAD_SENTENCE,
    cause: UNREAD_CAUSE,
    remarks: [],
    confident: false,
    confidence: '',
    measures: NOTHING_MEASURED,
    votes: VOTES_UNKNOWN,
    stale: null,
    unjoinedNames: [],
    unmanaged: false,
    leapAnnounced: false,
    polled: [],
    cycledSecondsAgo: null,
  };
}
