import type { Template } from '../../infra/template/cloudformation.ts';
import { INTERVAL_SECONDS } from '../../src/fleet/defaults.ts';
import { BY_AZ, type ByAz, type Tier } from '../../src/fleet/fleet.ts';
import { metricsOfPod } from '../../src/metrics/published.ts';
import { CALL_PRICES, PRICES, type PriceName } from './prices.ts';
import { type RecordedTick, tickOf } from './recording.ts';
import {
  DAY_SECONDS_A_THOUSAND,
  FOLD_SECONDS_A_THOUSAND,
  FOLD_START_SECONDS,
  REQUEST_SECONDS,
  SHORT_RUN_SECONDS,
  tickSeconds,
} from './run-times.ts';

export const HOURS_A_MONTH = 730;
const MINUTES_A_MONTH = HOURS_A_MONTH * 60;
export const INTERVAL_MINUTES = INTERVAL_SECONDS / 60;
/** As the timer of docs/deploy.md: the script, and the file. */
export const BOOT_RUNS_A_DAY = 4;
const CALLS_A_BOOT_RUN = 2;
/** Lambda's own lines of a run (start, report), and podtime's short one. */
const RUN_LOG_BYTES = 1200;
const GIGABYTE = 1024 ** 3;

/** An hour's rows by host, as a share of the bytes of its ticks. Measured of 1,000 and of 10,000 hosts. */
export const FOLDED_SHARE = 0.55;
/** A day's rows by host and hour, likewise. */
export const DAY_SHARE = 0.025;
/** Folding looks twice an hour into two days of ticks and of hours, and folds one hour; then into all hours and days that are kept. */
const FOLDS_AN_HOUR = 2;
const LISTS_A_FOLD = 6;
const DAYS_A_MONTH = HOURS_A_MONTH / 24;

/** Under `history.lock`, for each manifest: versions of ticks, hours and the manifest are listed, and the first and the last asked for. */
const LISTS_A_MANIFEST = 3;
/** Each run looks for the last one, and tells its digest. */
const [LISTS_A_RUN, READS_A_RUN] = [1, 1];

/** What `history.lock` adds a month, beside the bytes of manifests: its requests. */
export function lockDollars(): number {
  const [days, runs] = [HOURS_A_MONTH / 24, HOURS_A_MONTH * FOLDS_AN_HOUR];
  const objects = (24 * 60) / INTERVAL_MINUTES + 24;
  const items = [
    item('lists and manifests', 'write', days * (LISTS_A_MANIFEST + 1) + runs * LISTS_A_RUN),
    item('SHA-256 asked for', 'read', days * (objects + 1) + runs * READS_A_RUN),
  ];
  return totalOf(items);
}

/** The most that the history may cost a month. */
export const HISTORY_LIMITS = [
  { hosts: 1000, dollars: 1 },
  { hosts: 10_000, dollars: 4 },
];

/** Lambda looks into a queue by five pollers, each asking for twenty seconds (its guide, "Using Lambda with Amazon SQS"). */
export const POLLERS = 5;
export const POLL_SECONDS = 20;

/** The most that a pod may cost a month with `metrics.byAz: key`, the endpoint and its history apart. Decision 0062. */
export const LIMIT = { hosts: 100, dollars: 25, dollarsPerThousandMore: 3 };

export function limitOf(hosts: number): number {
  return LIMIT.dollars + (LIMIT.dollarsPerThousandMore * (hosts - LIMIT.hosts)) / 1000;
}

/** One line of the bill. */
export interface Item {
  what: string;
  price: PriceName;
  /** Units of the price, a month. */
  amount: number;
  dollars: number;
  /** Paid once for a stack, however many pods it has. */
  ofStack?: boolean;
  /** Only where the VPC has none already: no part of what a pod itself costs. */
  apart?: boolean;
  /** Of the history, which has a limit of its own. */
  ofHistory?: boolean;
}

/** What the template of one pod has that is paid by the month, whoever uses it. */
export interface Standing {
  metrics: Readonly<Record<ByAz, number>>;
  alarmMetrics: number;
  /** Of the alarms on AWS's own metrics: of functions and of the queue, which all pods of a stack share. */
  stackAlarmMetrics: number;
  /** Of those of function `history`. */
  historyAlarmMetrics: number;
  compositeAlarms: number;
  dashboards: number;
  endpointAzs: number;
  schedules: number;
  queues: number;
  /** How long a memory of hosts stays in the bucket. */
  memoryDays: number;
  /** How long its history does. */
  historyDays: number;
  watchdogGigabytes: number;
  historyGigabytes: number;
  configGigabytes: number;
}

/** The template of a stack with one pod. Counts it; `azs`: in how many each tier of the pod has hosts. */
export function standingOf({ Resources }: Template, azs: Readonly<Record<Tier, number>>): Standing {
  const ofType = (type: string) =>
    Object.values(Resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties);
  const memoryOf = (id: string) => Number(Resources[id]?.Properties.MemorySize) / 1024;
  const [watchdog = ''] = ofType('AWS::Scheduler::Schedule').map(
    ({ Target }) => (Target as { Arn: { 'Fn::GetAtt': [string, string] } }).Arn['Fn::GetAtt'][0],
  );
  const [ofPod, ofStack] = [false, true].map((wanted) =>
    ofType('AWS::CloudWatch::Alarm').filter(({ Namespace }) => String(Namespace).startsWith('AWS/') === wanted),
  ) as [Record<string, unknown>[], Record<string, unknown>[]];
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    metrics: Object.fromEntries(BY_AZ.map((byAz) => [byAz, metricsOfPod(byAz, azs)])) as Standing['metrics'],
    alarmMetrics: sum(ofPod.map(metricsIn)),
    stackAlarmMetrics: sum(ofStack.filter((alarm) => !isOfHistory(alarm)).map(metricsIn)),
    historyAlarmMetrics: sum(ofStack.filter(isOfHistory).map(metricsIn)),
    compositeAlarms: ofType('AWS::CloudWatch::CompositeAlarm').length,
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
    endpointAzs: sum(ofType('AWS::EC2::VPCEndpoint').map(({ SubnetIds }) => (SubnetIds as unknown[]).length)),
    schedules: ofType('AWS::Scheduler::Schedule').filter((schedule) => !isOfHistory(schedule)).length,
    queues: ofType('AWS::Lambda::EventSourceMapping').length,
    memoryDays: Math.max(...ofType('AWS::S3::Bucket').flatMap((bucket) => daysOf(bucket, /\/memory\/$/))),
    historyDays: Math.max(...ofType('AWS::S3::Bucket').flatMap((bucket) => daysOf(bucket, /^history\/ticks\//))),
    watchdogGigabytes: memoryOf(watchdog),
    historyGigabytes: memoryOf('HistoryLambdaFunction'),
    configGigabytes: memoryOf('ConfigLambdaFunction'),
  };
}

/** An alarm of metric math is paid for each metric that it reads. */
function metricsIn({ MetricName, Metrics }: Record<string, unknown>): number {
  if (MetricName !== undefined) return 1;
  return (Metrics as { MetricStat?: unknown }[]).filter(({ MetricStat }) => MetricStat !== undefined).length;
}

/** An alarm, or a schedule. */
function isOfHistory({ Dimensions, Name }: Record<string, unknown>): boolean {
  const [{ Value = '' } = {}] = (Dimensions ?? []) as { Value?: string }[];
  return Value.endsWith('-history') || String(Name).endsWith('_history');
}

/** How long a bucket keeps what lies under such a prefix, by its rules. */
function daysOf({ LifecycleConfiguration }: Record<string, unknown>, prefix: RegExp): number[] {
  const { Rules = [] } = (LifecycleConfiguration ?? {}) as {
    Rules?: { Prefix?: string; ExpirationInDays?: number }[];
  };
  return Rules.filter(({ Prefix = '' }) => prefix.test(Prefix)).map(({ ExpirationInDays }) => Number(ExpirationInDays));
}

/** A month of one pod with so many hosts under a setting of `metrics.byAz`. */
export function bill(hosts: number, byAz: ByAz, standing: Standing, recorded: RecordedTick[]): Item[] {
  const { calls, logBytes, memoryBytes, historyBytes } = tickOf(hosts, recorded);
  const runs = standing.schedules * MINUTES_A_MONTH;
  const ticks = runs / INTERVAL_MINUTES;
  const apiCalls = (hosts * BOOT_RUNS_A_DAY * CALLS_A_BOOT_RUN * HOURS_A_MONTH) / 24;
  const polls = (standing.queues * POLLERS * (MINUTES_A_MONTH * 60)) / POLL_SECONDS;
  const seconds = ticks * tickSeconds(hosts) + (runs - ticks) * SHORT_RUN_SECONDS;
  const keptGigabytes = (bytesATick: number, days: number) =>
    (bytesATick * days * 24 * 60) / INTERVAL_MINUTES / GIGABYTE;
  const logGigabytes = (ticks * logBytes + (runs + apiCalls) * RUN_LOG_BYTES) / GIGABYTE;
  const folds = HOURS_A_MONTH * FOLDS_AN_HOUR;
  const thousands = hosts / 1000;
  const foldSeconds =
    folds * FOLD_START_SECONDS +
    HOURS_A_MONTH * FOLD_SECONDS_A_THOUSAND * thousands +
    DAYS_A_MONTH * DAY_SECONDS_A_THOUSAND * thousands;
  const keptShare = 1 + FOLDED_SHARE + DAY_SHARE;
  const ofHistory = (...made: Parameters<typeof item>): Item => ({ ...item(...made), ofHistory: true });
  const priced = (price: PriceName) => ticks * callsAt(price, calls);
  return [
    item('custom metrics', 'metric', standing.metrics[byAz]),
    item('alarms', 'alarmMetric', standing.alarmMetrics),
    { ...item('alarms of functions and queue', 'alarmMetric', standing.stackAlarmMetrics), ofStack: true },
    item('composite alarms', 'compositeAlarm', standing.compositeAlarms),
    item('dashboards', 'dashboard', standing.dashboards),
    item('watchdog, run time', 'gigabyteSecond', seconds * standing.watchdogGigabytes),
    item('watchdog, runs', 'invocation', runs),
    item('schedule', 'schedule', runs),
    item('metrics sent', 'metricCall', priced('metricCall')),
    // but for the rows
    item('objects written', 'write', priced('write') - ticks),
    // a run reads the state to learn whether a tick is due; one that waits for its turn reads it again, and the tick goes on from that
    item('objects read', 'read', priced('read') + runs),
    item('memories, kept', 'kept', keptGigabytes(memoryBytes, standing.memoryDays)),
    ofHistory(
      'history: rows written, and listed',
      'write',
      ticks + HOURS_A_MONTH + DAYS_A_MONTH + folds * LISTS_A_FOLD,
    ),
    ofHistory('history: rows kept', 'kept', keptGigabytes(historyBytes * keptShare, standing.historyDays)),
    ofHistory('history: rows read to be folded', 'read', ticks + HOURS_A_MONTH),
    ofHistory('history: run time', 'gigabyteSecond', foldSeconds * standing.historyGigabytes),
    { ...ofHistory('history: alarms of its function', 'alarmMetric', standing.historyAlarmMetrics), ofStack: true },
    { ...item("queue of EC2's events, looked into", 'queueCall', polls), ofStack: true },
    item("hosts' calls of the API", 'apiCall', apiCalls),
    item('config, runs', 'invocation', apiCalls),
    item('config, run time', 'gigabyteSecond', apiCalls * REQUEST_SECONDS * standing.configGigabytes),
    // which revisions have settled, for each file but boot.sh: at the most, as a process keeps what it has read for some seconds
    item('config, objects read', 'read', apiCalls / CALLS_A_BOOT_RUN),
    item('logs', 'logs', logGigabytes),
    item('logs, kept', 'keptLogs', logGigabytes),
    { ...item('the endpoint', 'endpoint', standing.endpointAzs * HOURS_A_MONTH), apart: true },
  ];
}

function item(what: string, price: PriceName, amount: number): Item {
  const { dollars, per } = PRICES[price];
  return { what, price, amount, dollars: (amount / per) * dollars };
}

/** How many calls of a tick are paid at a price. Throws for a call that has none in `CALL_PRICES`, free or not. */
function callsAt(price: PriceName, calls: Readonly<Record<string, number>>): number {
  return Object.entries(calls).reduce((sum, [name, count]) => {
    const paid = CALL_PRICES[name];
    if (paid === undefined) throw new Error(`A tick calls ${name}, which has no price in scripts/cost/prices.ts.`);
    return paid === price ? sum + count : sum;
  }, 0);
}

/** All of it, but for what is apart. */
export function totalOf(items: Item[]): number {
  return items.reduce((total, { dollars, apart }) => (apart ? total : total + dollars), 0);
}

/** What the history costs. */
export function historyOf(items: Item[]): number {
  return totalOf(items.filter((item) => item.ofHistory));
}

/** What is apart. */
export function apartOf(items: Item[]): number {
  return items.reduce((total, { dollars, apart }) => (apart ? total + dollars : total), 0);
}
