import { azName } from '../fleet/az-names.ts';
import { hasIpv4, hasIpv6, type Poll, TIME_SERVICE_ADDRESSES } from '../fleet/fleet.ts';
import { upstreamPoll } from '../fleet/polls.ts';
import type { Block } from './layout.ts';
import { ntsOption } from './nts.ts';
import type { Target } from './target.ts';

/**
 * The lines by which a daemon polls others. They read the same to ntpd, ntpsec and chrony, but for an option of the sources that it
 * follows. Decision 0011.
 *
 * @param ofUpstreams in place of the polls that fleet.yml gives each
 */
export function sourceBlocks(target: Target, followed = '', ofUpstreams: Poll | null = null): Block[] {
  return [
    ...timeService(target, followed),
    target.tier === 'boundary' ? upstreams(target, followed, ofUpstreams) : boundaryServers(target, followed),
  ];
}

/**
 * The time service has two addresses and is one clock. It is polled by those whose family the pod has; only the first is
 * followed, because twice the same vote would weigh as much as two servers that disagree with it.
 */
function timeService({ fleet, pod, tier }: Target, followed: string): Block[] {
  const { mode, poll } = fleet.timeService;
  const [ipv4, ipv6] = TIME_SERVICE_ADDRESSES as [string, string];
  const [first, second] = [...(hasIpv4(pod) ? [ipv4] : []), ...(hasIpv6(pod) ? [ipv6] : [])];
  const watched = (address: string) => sourceLine(poll, 'server', address, 'noselect');
  const other: Block[] = second === undefined ? [] : [{ why: SAME_CLOCK, lines: [watched(second)] }];
  if (first === undefined) return [];
  return mode[tier] === 'reference'
    ? [{ why: REFERENCE, lines: [first, ...(second === undefined ? [] : [second])].map(watched) }]
    : [{ why: SOURCE, lines: [sourceLine(poll, 'server', first, followed)] }, ...other];
}

const SOURCE = "The AWS time service, on this host's own link. It smears leap seconds.";
const SAME_CLOCK = 'The same clock by its other address: watched, not followed, so that it has one vote.';
const REFERENCE = 'The AWS time service, watched and never followed: how far this clock is from it is worth knowing.';

function upstreams({ fleet, pod }: Target, followed: string, ofAll: Poll | null): Block {
  return {
    why: 'Stratum 2 servers. iburst: the first answer takes seconds, not minutes.',
    lines: fleet.upstreams.map((upstream) =>
      sourceLine(
        ofAll ?? upstreamPoll(pod.poll, upstream.poll),
        'server',
        upstream.host,
        ntsOption(upstream),
        followed,
      ),
    ),
  };
}

function boundaryServers(target: Target, followed: string): Block {
  const { pod } = target;
  const own = "The boundary servers of every AZ, this host's own first. A name without a record does no harm.";
  return {
    why: pod.association === 'pool' ? `${own} pool: the daemon looks each name up again by itself.` : own,
    lines: azNames(target).map((name) => sourceLine(pod.poll, pod.association, name, followed)),
  };
}

/** The names of boundary servers, those of the host's own AZ first. */
export function azNames({ pod, az }: Target): string[] {
  return [az, ...pod.azs.filter((other) => other !== az)].map((each) => azName(pod, each));
}

/** A line of ntpd, ntpsec and chrony. */
export function sourceLine(poll: Poll, directive: 'server' | 'pool', host: string, ...options: string[]): string {
  return [
    directive,
    host,
    'iburst',
    ...options,
    poll.min === null ? '' : `minpoll ${poll.min}`,
    poll.max === null ? '' : `maxpoll ${poll.max}`,
  ]
    .filter((word) => word !== '')
    .join(' ');
}
