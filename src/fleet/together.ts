import { PUBLIC_POLL_MIN } from './defaults.ts';
import type { Fleet, Pod } from './fleet.ts';
import { upstreamPoll } from './polls.ts';

/**
 * The stratum of a clock that follows itself, as podtime's files have it, and chrony's own for `local`. No chain of servers from a true
 * clock is as long: a pod's clients are of stratum 4. What is of this stratum or more ends in somebody's undisciplined clock.
 */
export const LOCAL_STRATUM = 10;

/**
 * After six polls without an answer a boundary server serves its own clock as one that nobody vouches for (`LOCAL_STRATUM`); its sources count
 * as unreachable after eight, and from then on others may be followed. Later than these the others would still call themselves true, disagree,
 * and nobody would follow anybody; so it was seen. Sooner, one lost answer or two would do. Decision 0095.
 */
const POLLS_UNTIL_ALONE = 6;

/** The one poll, exponent of two, seconds, of all that boundary servers ask who keep one time: they leave sources by polls, and must do so at one time. */
export function togetherPoll({ upstreams }: Pick<Fleet, 'upstreams'>, pod: Pick<Pod, 'poll'>): number {
  return Math.max(...upstreams.map(({ poll }) => upstreamPoll(pod.poll, poll).min ?? PUBLIC_POLL_MIN));
}

/** For how long a boundary server that polls so must have followed nobody before it serves its own clock. */
export function aloneSeconds(exponent: number): number {
  return POLLS_UNTIL_ALONE * 2 ** exponent;
}
