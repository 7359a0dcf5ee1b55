import { ANSWERS_PER_NAME } from '../fleet/aws-limits.ts';
import { azName } from '../fleet/az-names.ts';
import { PUBLIC_POLL_MIN } from '../fleet/defaults.ts';
import { hasIpv4, hasIpv6, type Poll, TIME_SERVICE_ADDRESSES } from '../fleet/fleet.ts';
import { upstreamPoll } from '../fleet/polls.ts';
import { listed } from '../fleet/sentences.ts';
import { votesOf } from '../fleet/worst-votes.ts';
import { type Block, layOut } from './layout.ts';
import type { Rendered } from './seal.ts';
import type { Target } from './target.ts';
import { UNTOLD_VERSION } from './versions.ts';

const FILE = 'ntpd-rs.toml';

/** Exponents of two, seconds: ntpd-rs's own `poll-interval-limits`. */
const OWN_POLL = { min: 4, max: 10 };

/** An IPv4 address that comes to a socket of both families: `::ffff:10.20.0.5` (RFC 4291 section 2.5.5.2). */
const MAPPED = { prefix: '::ffff:', bits: 96 };

/** Why podtime has no file for ntpd-rs there, a sentence; null where it has one. Decision 0088. */
export function whyNoNtpdRs(target: Target): string | null {
  const limits = limitsOf(target);
  const [first] = limits;
  if (limits.every(({ min, max }) => min === first?.min && max === first?.max)) return null;
  const each = limits.map(({ host, min, max }) => `${host} ${min} to ${max}`);
  return `ntpd-rs has one pair of limits for the polls of all its sources, and the upstreams have several (${listed(each)}): no boundary server can run it.`;
}

/** ntp.toml for ntpd-rs, 1.0 or later. Throws where `whyNoNtpdRs` says why there is none. */
export function ntpdRsToml(target: Target): Rendered {
  const refusal = whyNoNtpdRs(target);
  if (refusal !== null) throw new Error(refusal);
  const sources = target.tier === 'boundary' ? upstreams(target) : boundaryServers(target);
  return layOut(target, { file: FILE, version: UNTOLD_VERSION }, [
    {
      why: 'Where ntp-ctl asks it. It looks up a name without a record every second, and would log each time that there is none.',
      lines: ['[observability]', 'log-level = "error"', 'observation-path = "/var/run/ntpd-rs/observe"'],
    },
    {
      why: 'A clock that is off is set at the start, however far. So many sources must agree that those which may lie cannot do so alone.',
      lines: [
        '[synchronization]',
        'startup-step-panic-threshold = "inf"',
        `minimum-agreeing-sources = ${agreeingSources(target)}`,
      ],
    },
    polls(target),
    ...serving(target),
    ...timeService(target),
    ...sources.map((lines, index) => ({ ...(index === 0 ? { why: whatSources(target) } : {}), lines })),
  ]);
}

/**
 * One more than may lie (RFC 5905 section 11.2.1) of the sources that the host surely has, so that it follows them while one of three is
 * silent. Its own 3 would leave most pods' clients without time. Of each name it follows one server, and the pod's servers may all stand
 * under as few names as DNS can answer them with, whatever AZs the file lists. Decision 0088.
 */
function agreeingSources({ fleet, pod, tier }: Target): number {
  const followed = fleet.timeService.mode[tier] === 'source' ? 1 : 0;
  const fewestNames = Math.ceil(pod.boundaryServers / ANSWERS_PER_NAME);
  const servers = tier === 'boundary' ? fleet.upstreams.length : fewestNames;
  return votesOf(servers + followed, 0).liesLeft + 1;
}

function polls(target: Target): Block {
  const [{ min, max } = OWN_POLL] = limitsOf(target);
  return {
    why: `Every source is polled each ${2 ** min} to ${2 ** max} s: no source has limits of its own.`,
    lines: ['[source-defaults]', `poll-interval-limits = { min = ${min}, max = ${max} }`],
  };
}

/** The limits that the file means each of its sources to have; those of the time service follow them. */
function limitsOf({ fleet, pod, tier }: Target): { host: string; min: number; max: number }[] {
  if (tier === 'client') return [{ host: '', ...bothLimits(pod.poll, OWN_POLL.min) }];
  // its own least would ask public servers every 16 s
  return fleet.upstreams.map(({ host, poll }) => ({
    host,
    ...bothLimits(upstreamPoll(pod.poll, poll), PUBLIC_POLL_MIN),
  }));
}

/** Both, as ntpd-rs wants them: where the file says none its own, as far as the other lets it. */
function bothLimits({ min, max }: Poll, least: number): { min: number; max: number } {
  const from = min ?? Math.min(least, max ?? least);
  return { min: from, max: max ?? Math.max(OWN_POLL.max, from) };
}

function serving({ pod, tier }: Target): Block[] {
  if (tier === 'client') return [];
  const isMapped = hasIpv6(pod);
  const networks = pod.networks.map((cidr) => JSON.stringify(isMapped ? mapped(cidr) : cidr));
  const families = isMapped ? ' One socket hears both families, IPv4 as ::ffff:.' : '';
  return [
    {
      why: `The pod gets the time, and strangers get no answer.${families} Port 123 wants CAP_NET_BIND_SERVICE, which Debian's service lacks.`,
      lines: [
        '[[server]]',
        `listen = "${isMapped ? '[::]' : '0.0.0.0'}:123"`,
        '[server.allowlist]',
        `filter = [${networks.join(', ')}]`,
        'action = "ignore"',
      ],
    },
  ];
}

/** `10.20.0.0/16` -> `::ffff:10.20.0.0/112` */
function mapped(cidr: string): string {
  const [address = '', prefix] = cidr.split('/');
  return address.includes(':') ? cidr : `${MAPPED.prefix}${address}/${Number(prefix) + MAPPED.bits}`;
}

function timeService({ fleet, pod, tier }: Target): Block[] {
  const [ipv4, ipv6] = TIME_SERVICE_ADDRESSES as [string, string];
  const address = hasIpv4(pod) ? ipv4 : hasIpv6(pod) ? ipv6 : null;
  if (address === null || fleet.timeService.mode[tier] === 'reference') return [];
  const why = "The AWS time service, on this host's own link, by one of its addresses. It smears leap seconds.";
  return [{ why, lines: source(address) }];
}

function upstreams({ fleet }: Target): string[][] {
  return fleet.upstreams.map(({ host, nts }) => source(host, nts ? 'nts' : 'server'));
}

function boundaryServers({ pod, az }: Target): string[][] {
  return [az, ...pod.azs.filter((other) => other !== az)].map((each) => source(azName(pod, each)));
}

function whatSources({ fleet, tier }: Target): string {
  const leftOut =
    fleet.timeService.mode[tier] === 'reference'
      ? ' The AWS time service is left out: ntpd-rs watches no source without following it.'
      : '';
  const what = tier === 'boundary' ? 'Stratum 2 servers.' : "The boundary servers of every AZ, this host's own first.";
  return what + leftOut;
}

/** Never `mode = "pool"`: with fewer addresses than its `count` it looks the name up every second, for good. */
function source(host: string, mode: 'server' | 'nts' = 'server'): string[] {
  return ['[[source]]', `mode = "${mode}"`, `address = ${JSON.stringify(host.includes(':') ? `[${host}]:123` : host)}`];
}
