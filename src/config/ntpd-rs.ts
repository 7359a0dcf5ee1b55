import { ANSWERS_PER_NAME } from '../fleet/aws-limits.ts';
import { azName } from '../fleet/az-names.ts';
import { PUBLIC_POLL_MIN } from '../fleet/defaults.ts';
import {
  hasIpv4,
  hasIpv6,
  type Poll,
  TIME_SERVICE_ADDRESSES,
  type TimeService,
  type Upstream,
} from '../fleet/fleet.ts';
import { upstreamPoll } from '../fleet/polls.ts';
import { listed } from '../fleet/sentences.ts';
import type { SmearingFleet } from '../fleet/smear.ts';
import { votesOf } from '../fleet/worst-votes.ts';
import { extraLines } from './extra.ts';
import { type Block, layOut } from './layout.ts';
import type { Rendered } from './seal.ts';
import { ntpdRsSteps } from './steps.ts';
import type { Target } from './target.ts';
import { UNTOLD_VERSION } from './versions.ts';

const FILE = 'ntpd-rs.toml';

/** Exponents of two, seconds: ntpd-rs's own `poll-interval-limits`. */
const OWN_POLL = { min: 4, max: 10 };

/** An IPv4 address that comes to a socket of both families: `::ffff:10.20.0.5` (RFC 4291 section 2.5.5.2). */
const MAPPED = { prefix: '::ffff:', bits: 96 };

const NO_LEAP_FILE = ' It reads no leap file: of leap seconds it is told by its servers alone.';

/** Whose file it is, whatever its AZ. */
type Tiered = Pick<Target, 'fleet' | 'pod' | 'tier'>;

/** Why podtime has no file for ntpd-rs there, a sentence; null where it has one. Decision 0088. */
export function whyNoNtpdRs(target: Tiered): string | null {
  const limits = limitsOf(target);
  const [first] = limits;
  if (first === undefined && timeServiceAddress(target) === null)
    return `${NO_IPV6} and boundary servers have no other source: none can run it. Give an upstream by its name.`;
  if (limits.every(({ min, max }) => min === first?.min && max === first?.max)) return null;
  const each = limits.map(({ host, min, max }) => `${host} ${min} to ${max}`);
  return `ntpd-rs has one pair of limits for the polls of all its sources, and the upstreams have several (${listed(each)}): no boundary server can run it.`;
}

/** However it is spelt: seen on 1.4.0, which takes it for a name and asks DNS. Of a name it takes an IPv6 address well. */
const NO_IPV6 = 'ntpd-rs asks no server by an IPv6 address that stands in its file,';

/** What ntpd-rs cannot ask of what hosts of a tier are to follow, as sentences name it. */
export function unasked({ fleet, pod, tier }: Tiered): string[] {
  const isFollowed = fleet.timeService.mode[tier] === 'source';
  return [
    ...(isFollowed && !hasIpv4(pod) && hasIpv6(pod) ? ['the AWS time service'] : []),
    ...(tier === 'boundary' ? fleet.upstreams.filter((upstream) => !isAsked(upstream)).map(({ host }) => host) : []),
  ];
}

type Limits = TimeService['poll'];

/**
 * The polls that fleet.yml sets for the time service, and those that ntpd-rs asks it by, where it follows it: limits of one source it does
 * not take (1.4.0: unknown field). null: they are the same, or it does not follow it.
 */
export function timeServicePolls(target: Tiered): { set: Limits; served: Limits } | null {
  if (timeServiceAddress(target) === null || whyNoNtpdRs(target) !== null) return null;
  const set = target.fleet.timeService.poll;
  const served = servedLimits(target);
  return set.min === served.min && set.max === served.max ? null : { set, served };
}

/** `16 s`, `64 to 1024 s`. */
export function pollText({ min, max }: Limits): string {
  return min === max ? `${2 ** min} s` : `${2 ** min} to ${2 ** max} s`;
}

function isAsked({ host }: Upstream): boolean {
  return !host.includes(':');
}

function askedUpstreams({ fleet }: Pick<Target, 'fleet'>): Upstream[] {
  return fleet.upstreams.filter(isAsked);
}

/** Of the time service where it is followed, and can be; null: it is not. */
function timeServiceAddress({ fleet, pod, tier }: Tiered): string | null {
  const [ipv4] = TIME_SERVICE_ADDRESSES as [string, string];
  return askedFleet({ fleet, pod }).timeService.mode[tier] === 'source' ? ipv4 : null;
}

/** What of a fleet file hosts of a pod that run ntpd-rs follow: not what it cannot ask. */
export function askedFleet({ fleet, pod }: Pick<Target, 'fleet' | 'pod'>): SmearingFleet {
  const { mode } = fleet.timeService;
  return {
    upstreams: askedUpstreams({ fleet }),
    timeService: { mode: hasIpv4(pod) ? mode : { boundary: 'reference', client: 'reference' } },
  };
}

/** ntp.toml for ntpd-rs, 1.0 or later. Throws where `whyNoNtpdRs` says why there is none. */
export function ntpdRsToml(target: Target): Rendered {
  const refusal = whyNoNtpdRs(target);
  if (refusal !== null) throw new Error(refusal);
  const steps = ntpdRsSteps(target.pod);
  const sources = target.tier === 'boundary' ? upstreams(target) : boundaryServers(target);
  return layOut(target, { file: FILE, version: UNTOLD_VERSION }, [
    {
      why: 'Where ntp-ctl asks it. It looks up a name without a record every second, and would log each time that there is none.',
      lines: ['[observability]', 'log-level = "error"', 'observation-path = "/var/run/ntpd-rs/observe"'],
    },
    {
      why: `${steps.why}${target.pod.leapFile === null ? '' : NO_LEAP_FILE} So many sources must agree that those which may lie cannot do so alone.`,
      lines: ['[synchronization]', ...steps.lines, `minimum-agreeing-sources = ${agreeingSources(target)}`],
    },
    polls(target),
    ...serving(target),
    ...timeService(target),
    ...sources.map((lines, index) => ({ ...(index === 0 ? { why: whatSources(target) } : {}), lines })),
    extraLines(target.pod, 'ntpd-rs'),
  ]);
}

/**
 * One more than may lie (RFC 5905 section 11.2.1) of the sources that the host surely has, so that it follows them while one of three is
 * silent. Its own 3 would leave most pods' clients without time. Of each name it follows one server, and the pod's servers may all stand
 * under as few names as DNS can answer them with, whatever AZs the file lists. Decision 0088.
 */
function agreeingSources(target: Target): number {
  const followed = timeServiceAddress(target) === null ? 0 : 1;
  const fewestNames = Math.ceil(target.pod.boundaryServers / ANSWERS_PER_NAME);
  const servers = target.tier === 'boundary' ? askedUpstreams(target).length : fewestNames;
  return votesOf(servers + followed, 0).liesLeft + 1;
}

function polls(target: Target): Block {
  const { min, max } = servedLimits(target);
  const ofTimeService = timeServicePolls(target);
  const unkept =
    ofTimeService === null
      ? ''
      : ` So the AWS time service is not polled each ${pollText(ofTimeService.set)}, as other daemons do.`;
  return {
    why: `Every source is polled each ${pollText({ min, max })}: no source has limits of its own.${unkept}`,
    lines: ['[source-defaults]', `poll-interval-limits = { min = ${min}, max = ${max} }`],
  };
}

/** Of all sources alike: `whyNoNtpdRs` refuses others. */
function servedLimits(target: Tiered): Limits {
  const [{ min, max } = OWN_POLL] = limitsOf(target);
  return { min, max };
}

/** The limits that the file means each of its sources to have; those of the time service follow them. */
function limitsOf(target: Tiered): { host: string; min: number; max: number }[] {
  const { pod, tier } = target;
  if (tier === 'client') return [{ host: '', ...bothLimits(pod.poll, OWN_POLL.min) }];
  // its own least would ask public servers every 16 s
  return askedUpstreams(target).map(({ host, poll }) => ({
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

function timeService(target: Target): Block[] {
  const address = timeServiceAddress(target);
  if (address === null) return [];
  const why = "The AWS time service, on this host's own link, by one of its addresses. It smears leap seconds.";
  const isAlone = target.tier === 'boundary' && askedUpstreams(target).length === 0;
  return [{ why: isAlone ? why + literalsLeftOut(target) : why, lines: source(address) }];
}

function upstreams(target: Target): string[][] {
  return askedUpstreams(target).map(({ host, nts }) => source(host, nts ? 'nts' : 'server'));
}

function boundaryServers({ pod, az }: Target): string[][] {
  return [az, ...pod.azs.filter((other) => other !== az)].map((each) => source(azName(pod, each)));
}

function whatSources(target: Target): string {
  const { fleet, tier } = target;
  const reference =
    fleet.timeService.mode[tier] === 'reference'
      ? ' The AWS time service is left out: ntpd-rs watches no source without following it.'
      : '';
  const what = tier === 'boundary' ? 'Stratum 2 servers.' : "The boundary servers of every AZ, this host's own first.";
  return what + reference + literalsLeftOut(target);
}

function literalsLeftOut(target: Target): string {
  const names = unasked(target);
  return names.length === 0 ? '' : ` ${NO_IPV6} so ${listed(names)} ${names.length === 1 ? 'is' : 'are'} left out.`;
}

/** Never `mode = "pool"`: with fewer addresses than its `count` it looks the name up every second, for good. */
function source(host: string, mode: 'server' | 'nts' = 'server'): string[] {
  return ['[[source]]', `mode = "${mode}"`, `address = ${JSON.stringify(host)}`];
}
