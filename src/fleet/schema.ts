import { z } from 'zod';
import { extraTextFault, leapFileFault } from './daemon-text.ts';
import {
  ALARMS,
  ASSOCIATION,
  BOUNDARY_SERVERS,
  COLLECT_WAIT_SECONDS,
  CYCLING,
  DEFAULT_PROFILE,
  HISTORY_DAYS,
  HOSTS,
  INTERVAL_SECONDS,
  METRICS_BY_AZ,
  MOST_EXTRA_LINES,
  PROFILE_NAMES,
  PUBLIC_POLL_MIN,
  ROLLOUT,
  STEP,
  THRESHOLDS,
  TIME_SERVICE_POLL,
} from './defaults.ts';
import {
  BY_AZ,
  EXTRA_DAEMONS,
  type ExtraDaemon,
  HISTORY_LOCKS,
  ROLLOUTS,
  SMEAR_CLASSES,
  TIME_SERVICE_MODES,
} from './fleet.ts';
import { LEAP_SIGNS, leapDateFault } from './leap-seconds.ts';
import { upstreamFault, zoneNameFault } from './names.ts';
import { networkFault } from './network-faults.ts';
import { MOST_HOSTS } from './watchdog-classes.ts';
import { DAYS, TIME_OF_DAY } from './windows.ts';

/** fleet.yml, field by field; what holds between fields is checked in `checks.ts`. Messages follow the field's path: `is 9; …`. */

function number(min: number, max: number, unit = '', whole = true) {
  const error = ({ input }: { input?: unknown }) =>
    `is ${shown(input)}; it must be a ${whole ? 'whole number' : 'number'} from ${min} to ${max}${unit && ` ${unit}`}`;
  const schema = z.number({ error }).min(min, { error }).max(max, { error });
  return whole ? schema.int({ error }) : schema;
}

function text(example: string) {
  return z.string({ error: ({ input }) => `is ${shown(input)}; it must be text, such as ${example}` });
}

/** A text, or a group of settings where more is to be said. Which of the two is wrong goes by what stands there: see `load.ts`. */
function textOrGroup<T extends z.ZodType, G extends z.ZodType>(short: T, long: G) {
  return z.union([short, long]);
}

function pattern(regex: RegExp, what: string, example: string) {
  return text(example).regex(regex, {
    error: ({ input }) => `is ${shown(input)}, which is not ${what}, such as ${example}`,
  });
}

function checked(example: string, fault: (value: string) => string | null) {
  return text(example).superRefine((value, context) => {
    const sentence = fault(value);
    if (sentence !== null) context.addIssue({ code: 'custom', message: `${shown(value)} ${sentence}` });
  });
}

function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, { error: ({ input }) => `is ${shown(input)}; it must be one of ${values.join(', ')}` });
}

const yesOrNo = z.boolean({ error: ({ input }) => `is ${shown(input)}; it must be true or false` });

function list<T extends z.ZodType>(item: T, what: string, min = 1) {
  return z
    .array(item, { error: ({ input }) => `is ${shown(input)}; it must be a list of ${what}` })
    .min(min, { error: `is empty; it must list ${what}` });
}

function group<T extends z.core.$ZodLooseShape>(shape: T) {
  return z.strictObject(shape, {
    error: ({ code, input }) =>
      code === 'invalid_type' ? `is ${shown(input)}; it must be a group of settings` : undefined,
  });
}

/** Values of a faulty file may be anything and any size. */
export function shown(value: unknown): string {
  // JSON has no word for NaN and Infinity, which YAML has
  const json = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}

const VPC = pattern(/^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, 'a VPC id', 'vpc-0a1b2c3d4e5f60718');
const ENDPOINT = pattern(/^vpce-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, 'a VPC endpoint id', 'vpce-0a1b2c3d4e5f60718');
const SUBNET = pattern(/^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, 'a subnet id', 'subnet-0a1b2c3d4e5f60718');
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
// Above a second of offset nothing would ever be called adrift: ntpd steps at 128 ms.
const OFFSET_LIMIT_MS = 1000;
// The daemons' MAXDIST: a source above it is not selectable.
export const ERROR_BOUND_LIMIT_MS = 1500;

const thresholds = group({
  // the profile's
  offsetMs: number(0.01, OFFSET_LIMIT_MS, 'ms', false).optional(),
  timeServiceOffsetMs: number(0.01, OFFSET_LIMIT_MS, 'ms', false).optional(),
  errorBoundMs: number(0.01, ERROR_BOUND_LIMIT_MS, 'ms', false).optional(),
  // A crystal without any discipline is off by 100 ppm at most as a rule; ntpd itself gives up at 500 ppm (NTP_MAXFREQ).
  holdoverPpm: number(0, 500, 'ppm', false).default(THRESHOLDS.holdoverPpm),
  disagreementMs: number(0.01, OFFSET_LIMIT_MS, 'ms', false).default(THRESHOLDS.disagreementMs),
  startingSeconds: number(0, DAY_SECONDS, 'seconds').default(THRESHOLDS.startingSeconds),
  confidentAgeSeconds: number(0, DAY_SECONDS, 'seconds').default(THRESHOLDS.confidentAgeSeconds),
  confidentPolls: number(1, 8, 'of the last eight polls').default(THRESHOLDS.confidentPolls),
  confidentSources: number(1, 10, 'sources').default(THRESHOLDS.confidentSources),
  withdrawAfterSeconds: number(10, DAY_SECONDS, 'seconds').default(THRESHOLDS.withdrawAfterSeconds),
});

const cycling = group({
  coolDownSeconds: number(10, DAY_SECONDS, 'seconds').default(CYCLING.coolDownSeconds),
  waveShare: number(0.001, 1, 'of the tier', false).default(CYCLING.waveShare),
  maxConcurrencyShare: number(0.001, 1, 'of the tier', false).default(CYCLING.maxConcurrencyShare),
  floor: number(1, 100, 'servers').default(CYCLING.floor),
  attemptsPerDay: number(1, 24, 'cycles').default(CYCLING.attemptsPerDay),
  maxErrorShare: number(0, 0.99, 'of the tier', false).default(CYCLING.maxErrorShare),
});

const alarms = group({
  adriftHosts: number(1, MOST_HOSTS, 'hosts').default(ALARMS.adriftHosts),
  adriftFromTimeServiceHosts: number(1, MOST_HOSTS, 'hosts').default(ALARMS.adriftFromTimeServiceHosts),
  unsynchronisedHosts: number(1, MOST_HOSTS, 'hosts').default(ALARMS.unsynchronisedHosts),
  uncertainHosts: number(1, MOST_HOSTS, 'hosts').default(ALARMS.uncertainHosts),
  holdoverHosts: number(1, MOST_HOSTS, 'hosts').default(ALARMS.holdoverHosts),
  clientLowReachShare: number(0, 0.99, 'of the clients', false).default(ALARMS.clientLowReachShare),
  boundaryLowReachShare: number(0, 0.99, 'of the boundary servers', false).default(ALARMS.boundaryLowReachShare),
  coverageShare: number(0.01, 1, 'of the tier', false).default(ALARMS.coverageShare),
  staleHosts: number(1, MOST_HOSTS, 'hosts').default(ALARMS.staleHosts),
  // CloudWatch evaluates a day at most.
  staleSeconds: number(60, DAY_SECONDS, 'seconds').default(ALARMS.staleSeconds),
  givenUpHosts: number(1, MOST_HOSTS, 'hosts').default(ALARMS.givenUpHosts),
  // ntpd selects of 10 survivors at the most (NTP_MAXCLOCK, RFC 5905)
  liesLeft: number(0, 10, 'clocks').default(ALARMS.liesLeft),
  lossesLeft: number(0, 10, 'clocks').default(ALARMS.lossesLeft),
});

const window = group({
  days: list(oneOf(DAYS), `days (${DAYS.join(', ')})`).optional(),
  from: pattern(TIME_OF_DAY, 'a time of day, UTC', '"02:00"'),
  to: pattern(TIME_OF_DAY, 'a time of day, UTC (midnight is "00:00")', '"04:30"'),
});

const POLL_EXAMPLE = 'exponent of two, seconds: 6 is 64 s, 10 is 1024 s';
// ntpd and ntpsec take 4 to 17 (RFC 5905 MINPOLL and MAXPOLL).
const [SHORTEST_POLL, LONGEST_POLL] = [4, 17];
const hostPoll = number(SHORTEST_POLL, LONGEST_POLL, `(${POLL_EXAMPLE})`);
const publicPoll = number(
  PUBLIC_POLL_MIN,
  LONGEST_POLL,
  `(${POLL_EXAMPLE}): public servers are never polled more often than every 64 s`,
);

// 10 s are five and a half hours of slewing to ntpd (500 ppm).
const [LEAST_STEP_SECONDS, MOST_STEP_SECONDS] = [0.01, 10];
// chrony keeps the limit as an int; nobody counts so many updates
const MOST_STEP_UPDATES = 100;

const step = group({
  // each daemon's own
  thresholdSeconds: number(LEAST_STEP_SECONDS, MOST_STEP_SECONDS, 'seconds', false).optional(),
  limit: number(-1, MOST_STEP_UPDATES, 'updates (-1: any)').default(STEP.limit),
  panicSeconds: number(0, DAY_SECONDS, 'seconds (0: no limit)').default(STEP.panicSeconds),
});

const extraLines = list(checked('hwtimestamp *', extraTextFault), 'lines of its configuration', 0)
  .max(MOST_EXTRA_LINES, { error: `has too many lines; it must have at most ${MOST_EXTRA_LINES}` })
  .default([]);

const pod = group({
  region: pattern(/^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/, 'an AWS region', 'us-west-2'),
  vpc: VPC.optional(),
  endpoints: list(ENDPOINT, 'ids of VPC endpoints', 0).default([]),
  newEndpoint: group({
    subnets: list(SUBNET, 'ids of subnets'),
    privateDns: yesOrNo.default(false),
  }).optional(),
  zone: group({
    name: checked('pod', zoneNameFault),
    id: pattern(/^Z[A-Z0-9]{1,31}$/, 'a hosted zone id without /hostedzone/', 'Z0123456789ABCDEFGHIJ').optional(),
  }),
  networks: list(checked('10.20.0.0/16', networkFault), 'networks'),
  azs: list(text('us-west-2e'), 'availability zones'),
  hosts: number(1, MOST_HOSTS, 'hosts').default(HOSTS),
  boundaryServers: number(2, 100, 'servers').default(BOUNDARY_SERVERS),
  association: oneOf(['server', 'pool']).default(ASSOCIATION),
  together: yesOrNo.default(false),
  rollout: oneOf(ROLLOUTS).default(ROLLOUT),
  poll: group({ min: hostPoll.optional(), max: hostPoll.optional() }).prefault({}),
  step: step.prefault({}),
  leapFile: checked('/usr/share/zoneinfo/leap-seconds.list', leapFileFault).optional(),
  extra: group(
    Object.fromEntries(EXTRA_DAEMONS.map((daemon) => [daemon, extraLines])) as Record<ExtraDaemon, typeof extraLines>,
  ).prefault({}),
  intervalSeconds: number(5, HOUR_SECONDS, 'seconds').default(INTERVAL_SECONDS),
  // The watchdogs' time limits count on it.
  collectWaitSeconds: number(2, 90, 'seconds').default(COLLECT_WAIT_SECONDS),
  profile: oneOf(PROFILE_NAMES).default(DEFAULT_PROFILE),
  thresholds: thresholds.prefault({}),
  cycling: cycling.prefault({}),
  maintenance: list(window, 'windows', 0).default([]),
  alarms: alarms.prefault({}),
  metrics: group({ byAz: oneOf(BY_AZ).default(METRICS_BY_AZ) }).prefault({}),
  // ten years: what auditors ask for is seven
  history: group({
    days: number(1, 3653, 'days').default(HISTORY_DAYS),
    lock: oneOf(HISTORY_LOCKS).optional(),
  }).prefault({}),
});

// Nobody is known to have been given more, and one at a time, as a tick reads, makes no more than some tens a second.
const MOST_READS_PER_SECOND = 100;

const upstreamHost = checked('us-west-2b.stratum-2.invalid', upstreamFault);

const upstream = textOrGroup(
  upstreamHost,
  group({
    host: upstreamHost,
    poll: group({ min: publicPoll.optional(), max: publicPoll.optional() }).optional(),
    smear: oneOf(SMEAR_CLASSES).optional(),
    nts: yesOrNo.default(false),
  }),
);

const timeServiceMode = oneOf(TIME_SERVICE_MODES);

const timeService = textOrGroup(
  timeServiceMode,
  group({
    boundary: timeServiceMode,
    client: timeServiceMode,
    poll: group({
      min: hostPoll.default(TIME_SERVICE_POLL.min),
      max: hostPoll.default(TIME_SERVICE_POLL.max),
    }).prefault({}),
  }),
);

const leapDate = checked('2016-12-31', leapDateFault);

export const FLEET_FILE = group({
  upstreams: list(upstream, 'Stratum 2 servers'),
  timeService,
  leapSmear: oneOf(['accepted']).optional(),
  leapSecond: textOrGroup(leapDate, group({ date: leapDate, sign: oneOf(LEAP_SIGNS).default('add') })).optional(),
  ntsRequired: yesOrNo.default(false),
  operatorVpcs: list(VPC, 'VPC ids', 0).default([]),
  ssm: group({ readsPerSecond: number(1, MOST_READS_PER_SECOND, 'reads a second', false).optional() }).prefault({}),
  pods: z
    .record(z.string(), pod, { error: ({ input }) => `is ${shown(input)}; it must be a group of pods by name` })
    .refine((pods) => Object.keys(pods).length > 0, { error: 'is empty; a fleet has at least one pod' }),
});

export type FleetFile = z.output<typeof FLEET_FILE>;
export type WrittenFleet = z.input<typeof FLEET_FILE>;
export type WrittenPod = z.input<typeof pod>;
