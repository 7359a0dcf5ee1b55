import type { LeapSecond } from './leap-seconds.ts';

/** The two roles podtime knows: boundary servers (Stratum 3) and the clients they feed (Stratum 4). */
export type Tier = 'boundary' | 'client';

export const TIERS: readonly Tier[] = ['boundary', 'client'];

/** Hosts of a tier, in sentences about several. */
export const TIER_PLURALS: Readonly<Record<Tier, string>> = { boundary: 'boundary servers', client: 'clients' };

/** Exponents of two, seconds, as ntp.conf writes them: `minpoll` and `maxpoll`. null: the daemon's own (6 and 10). */
export interface Poll {
  min: number | null;
  max: number | null;
}

/**
 * What a server does with a leap second. `utc` takes it as it comes (RFC 5905); the others spread it over hours, each in its own way, and
 * tell nobody: clocks of different classes are up to a second apart around one.
 */
export const SMEAR_CLASSES = ['utc', 'aws', 'google', 'meta'] as const;
export type SmearClass = (typeof SMEAR_CLASSES)[number];

/** A Stratum 2 server that the boundary servers follow. */
export interface Upstream {
  /** Name or address, in canonical form. */
  host: string;
  /** null: the pod's, and never below 64 s (`upstreamPoll`). */
  poll: Poll;
  /** What it does with a leap second. */
  smear: SmearClass;
  /** Asked with Network Time Security (RFC 8915): of a name only, by which its certificate is checked. */
  nts: boolean;
}

/** `source`: followed; `reference`: watched, never followed (`noselect`). */
export const TIME_SERVICE_MODES = ['source', 'reference'] as const;
export type TimeServiceMode = (typeof TIME_SERVICE_MODES)[number];

/** How hosts poll the AWS time service. */
export interface TimeService {
  mode: Readonly<Record<Tier, TimeServiceMode>>;
  poll: { min: number; max: number };
}

/** Limits that a clock is judged by. Every one is a setting of fleet.yml; the defaults stand in `defaults.ts` with their reasons. */
export interface Thresholds {
  /** |offset| of the host's clock above which it is adrift. */
  offsetMs: number;
  /** |offset| from the AWS time service above which a host is adrift. */
  timeServiceOffsetMs: number;
  /** Error bound (|offset| + root dispersion + root delay / 2, and what silence adds) above which a host is uncertain, or in holdover no longer to be trusted. */
  errorBoundMs: number;
  /** How fast a clock that hears nobody is taken to run away; never taken as less than RFC 5905's 15 ppm or the daemon's own rate. */
  holdoverPpm: number;
  /** A witness testifies against a server that lies off where its other sources agree by more than this. */
  disagreementMs: number;
  /** A daemon younger than this may still be starting. */
  startingSeconds: number;
  /** A daemon younger than this is never confident. */
  confidentAgeSeconds: number;
  /** How many of the system peer's last eight polls must have been heard for confidence. */
  confidentPolls: number;
  /** How many usable sources confidence wants. */
  confidentSources: number;
  /** A boundary server is withdrawn that is so bad for so long, in sightings (`assessHealth` says how bad). */
  withdrawAfterSeconds: number;
}

/** How daemons that DNS has left behind are cycled. */
export interface CyclingPolicy {
  /** No host is cycled twice within this time. */
  coolDownSeconds: number;
  /** Share of a tier in one wave, 0 < share <= 1; at least one host. The first wave of a roll-out takes one host of each AZ. */
  waveShare: number;
  /** Share of a tier that may restart at one time, 0 < share <= 1; at least one host. */
  maxConcurrencyShare: number;
  /** Fewest confident boundary servers that must be published, for cycling and for health withdrawals. */
  floor: number;
  /** A host still stale after this many cycles in 24 hours is left alone. */
  attemptsPerDay: number;
  /** Share of the tier that may fail in one roll-out before it stops, 0 <= share < 1; one host always may. */
  maxErrorShare: number;
}

/** When CloudWatch raises an alarm. Counts are of hosts of one tier: that many, or more, raise it. */
export interface AlarmPolicy {
  adriftHosts: number;
  adriftFromTimeServiceHosts: number;
  unsynchronisedHosts: number;
  uncertainHosts: number;
  holdoverHosts: number;
  /** Share of the sampled clients with a source not heard in all of its last eight polls above which reach is low. */
  clientLowReachShare: number;
  /** The same of the boundary servers. */
  boundaryLowReachShare: number;
  /** Share of the expected hosts that must answer. */
  coverageShare: number;
  staleHosts: number;
  /** How long so many hosts must have been stale without a break, by when cycling should have healed them. */
  staleSeconds: number;
  givenUpHosts: number;
  /** Clocks that may lie before a boundary server is outvoted: fewer of any of them raise it. 0: none is too few. */
  liesLeft: number;
  /** Clocks that may fall silent before a boundary server is not confident, likewise. */
  lossesLeft: number;
}

/** Which metrics are published by AZ: all that can be, the few that an operator acts on (`key`), or none. */
export const BY_AZ = ['all', 'key', 'none'] as const;
export type ByAz = (typeof BY_AZ)[number];

/** Modes of S3 Object Lock: what `governance` keeps some may remove (s3:BypassGovernanceRetention), what `compliance` keeps nobody may. */
export const HISTORY_LOCKS = ['governance', 'compliance'] as const;
export type HistoryLock = (typeof HISTORY_LOCKS)[number];

/** A weekly span in which podtime may cycle. A pod without any is always open. Times are UTC. */
export interface MaintenanceWindow {
  /** 0 = Sunday. */
  days: number[];
  /** Minutes after midnight UTC. `end` before `start` runs past midnight. */
  startMinute: number;
  endMinute: number;
}

/** How a clock that is far off is set. Decision 0092. */
export interface StepPolicy {
  /** A clock further off is stepped, a nearer one slewed; null: each daemon's own. */
  thresholdSeconds: number | null;
  /** chrony steps in so many of its first updates only; -1: in any. The others know no such limit. */
  limit: number;
  /** A daemon ends rather than to correct a clock by more, but for the first time; 0: it corrects any. */
  panicSeconds: number;
}

/** Daemons that a fleet file may give lines of the operator's own. */
export const EXTRA_DAEMONS = ['chrony', 'ntpd', 'ntpsec', 'ntpd-rs'] as const;
export type ExtraDaemon = (typeof EXTRA_DAEMONS)[number];

/** How a changed file reaches hosts: one tries it before the others get it, or all at their next boot.sh. Decision 0143. */
export const ROLLOUTS = ['gentle', 'at-once'] as const;
export type Rollout = (typeof ROLLOUTS)[number];

export interface Pod {
  name: string;
  region: string;
  /** VPC id, `vpc-…`; empty while AWS has not given it: packaging refuses that for any stage but local. */
  vpc: string;
  /** Ids of the execute-api endpoints that reach the API, `vpce-…`; empty as `vpc`. */
  endpoints: string[];
  /** An execute-api endpoint that the stack makes in the pod's VPC, or null: those in `endpoints` are there already. */
  newEndpoint: { subnets: string[]; privateDns: boolean } | null;
  /** `id` is empty as `vpc`. */
  zone: { name: string; id: string };
  /** CIDRs of the pod, IPv4 and IPv6. */
  networks: string[];
  /** Full names, `us-west-2e`, in order. */
  azs: string[];
  /** How many hosts of both tiers it is to be built for: the API's throttles, and which watchdog runs its ticks. */
  hosts: number;
  /** How many boundary servers the pod is meant to have. */
  boundaryServers: number;
  association: 'server' | 'pool';
  /** Boundary servers that have lost all else keep one time among themselves. Decision 0095. */
  together: boolean;
  poll: Poll;
  step: StepPolicy;
  /** Where its hosts have the list of leap seconds (`leap-seconds.list`); null: their daemons are told by their servers alone. Decision 0093. */
  leapFile: string | null;
  rollout: Rollout;
  /** Lines of the operator's own, for what podtime does not know. Decision 0094. */
  extra: Readonly<Record<ExtraDaemon, readonly string[]>>;
  /** A scheduled run does a whole tick when this long has passed since the last report. */
  intervalSeconds: number;
  /** How long a tick waits for the hosts' answers; who has not answered by then is unknown. */
  collectWaitSeconds: number;
  thresholds: Thresholds;
  cycling: CyclingPolicy;
  maintenance: MaintenanceWindow[];
  alarms: AlarmPolicy;
  metrics: { byAz: ByAz };
  /** For how many days each tick's rows of hosts are kept. Decision 0112. */
  history: {
    days: number;
    /** How S3 keeps what was written from being removed for those days; null: it does not. Decision 0135. */
    lock: HistoryLock | null;
  };
}

export interface Fleet {
  upstreams: Upstream[];
  timeService: TimeService;
  leapSmear: 'accepted' | null;
  /** One that the IERS has announced; null: the file tells of none. */
  leapSecond: LeapSecond | null;
  /** Boundary servers follow sources with NTS only. Decision 0089. */
  ntsRequired: boolean;
  /** VPCs that may read every pod's paths. */
  operatorVpcs: string[];
  /** Of the account's reads of SSM's lists all pods of a region together take so many a second at the most; null: no limit of podtime's own. */
  ssm: { readsPerSecond: number | null };
  pods: Pod[];
}

/** The AWS metadata time service, IPv4 and IPv6 (Amazon Time Sync Service). */
export const TIME_SERVICE_ADDRESSES: readonly string[] = ['169.254.169.123', 'fd00:ec2::123'];

/** Tags podtime reads from instances. */
export const TAGS = { pod: 'ntp-pod', tier: 'ntp-tier', hold: 'ntp-hold' } as const;

/** One EC2 instance that carries podtime's tags. */
export interface Host {
  /** `i-…` */
  instanceId: string;
  pod: string;
  tier: Tier;
  /** Full name, `us-west-2e`. */
  az: string;
  state: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
  vpc: string;
  /** Private addresses in canonical form (IPv6 compressed, lower case). */
  ipv4: string | null;
  ipv6: string[];
  /** `ntp-hold`: look, never touch. */
  held: boolean;
  /** Epoch milliseconds. */
  launchedAtMs: number;
}

/** How many hosts are of each tier. */
export function countByTier(hosts: readonly Pick<Host, 'tier'>[]): Record<Tier, number> {
  const boundary = hosts.filter(({ tier }) => tier === 'boundary').length;
  return { boundary, client: hosts.length - boundary };
}

/** EC2's states in which an instance serves no time and will not, without booting again. */
export const DEAD_STATES: readonly string[] = ['shutting-down', 'terminated', 'stopping', 'stopped'];

/** Those of them that an instance never leaves for another life: its id is not used again. */
export const FINAL_STATES: readonly string[] = ['shutting-down', 'terminated'];

/** EC2's ids: 8 hexadecimal digits once, 17 now. */
/** Of the set identifier that marks a record as podtime's, for one. */
export const INSTANCE_ID = /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

/** Whether a text is an instance id, such as a set identifier that marks a record as podtime's. */
export function isInstanceId(text: string): boolean {
  return INSTANCE_ID.test(text);
}

export function findPod(fleet: Fleet, name: string): Pod | null {
  return fleet.pods.find((pod) => pod.name === name) ?? null;
}

/** What a caller is told who asks for a pod that there is not. */
export function noSuchPod(fleet: Fleet): string {
  return `There is no such pod; the pods are ${fleet.pods.map(({ name }) => name).join(', ')}.`;
}

/** Whether the pod's networks hold any IPv4. */
export function hasIpv4(pod: Pod): boolean {
  return pod.networks.some((cidr) => !cidr.includes(':'));
}

/** Whether the pod's networks hold any IPv6; only then are AAAA records published. */
export function hasIpv6(pod: Pod): boolean {
  return pod.networks.some((cidr) => cidr.includes(':'));
}
