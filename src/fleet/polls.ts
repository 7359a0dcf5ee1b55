import { POLL_MAX, PUBLIC_POLL_MIN } from './defaults.ts';
import { type Poll, TIERS, type Tier, type TimeService, type Upstream } from './fleet.ts';

/**
 * The polls of a boundary server's line for an upstream: the upstream's own, else the pod's, which for a public server are never below
 * 64 s. null: the daemon's own. Decision 0078.
 */
export function upstreamPoll(pod: Poll, upstream: Poll): Poll {
  return { min: upstream.min ?? publicPoll(pod.min), max: upstream.max ?? publicPoll(pod.max) };
}

function publicPoll(exponent: number | null): number | null {
  return exponent === null ? null : Math.max(exponent, PUBLIC_POLL_MIN);
}

/** The longest poll of lines that a pod's hosts follow. */
export interface LongestPoll {
  /** Exponent of two, seconds. */
  max: number;
  /** The upstream, or the time service, whose own setting it is; `floor`: upstreams are polled no more often; `pod`: the pod's. */
  by: 'pod' | 'floor' | { upstream: string } | { timeServiceOf: Tier[] };
}

/** What the polls of a pod's hosts come from, beside the pod's own; `timeService` null: it cannot be read. */
export interface PolledSources {
  upstreams: readonly Pick<Upstream, 'host' | 'poll'>[];
  timeService: TimeService | null;
}

/**
 * The longest polls that a pod's hosts come to once they are settled, each by the setting that it comes from. Short polls of one source make
 * no other's shorter, as a host may follow any; the time service's count where a tier follows it. Decision 0079.
 */
export function longestPolls(pod: Poll, { upstreams, timeService }: PolledSources): LongestPoll[] {
  const podMax = pod.max ?? POLL_MAX;
  const isFloored = podMax < PUBLIC_POLL_MIN && upstreams.some(({ poll }) => poll.max === null);
  return [
    { max: podMax, by: 'pod' },
    ...(isFloored ? [{ max: PUBLIC_POLL_MIN, by: 'floor' } as const] : []),
    ...upstreams.flatMap(({ host, poll }) => (poll.max === null ? [] : [{ max: poll.max, by: { upstream: host } }])),
    ...(timeService === null ? [] : timeServicePolls(timeService)),
  ];
}

function timeServicePolls({ mode, poll }: TimeService): LongestPoll[] {
  const timeServiceOf = TIERS.filter((tier) => mode[tier] === 'source');
  return timeServiceOf.length === 0 ? [] : [{ max: poll.max, by: { timeServiceOf } }];
}
