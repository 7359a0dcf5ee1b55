import type { Template } from '../../infra/template/cloudformation.ts';
import { metricsOfPod } from '../../src/metrics/catalogue.ts';
import { PRICES, type PriceName } from './prices.ts';
import { type RecordedTick, tickOf } from './recording.ts';

export const HOURS_A_MONTH = 730;
const MINUTES_A_MONTH = HOURS_A_MONTH * 60;
/** The default of fleet.yml. */
export const INTERVAL_MINUTES = 5;
/** As the timer of docs/deploy.md: the script, and the file. */
export const BOOT_RUNS_A_DAY = 4;
const CALLS_A_BOOT_RUN = 2;
/** A tick as long as one silent host makes it: waiting for it, and its own work. */
export const TICK_SECONDS = 50;
/** A run that finds no tick due, a call of the API: cold starts among them. Assumed, never measured on AWS. */
export const SHORT_RUN_SECONDS = 0.3;
/** Lambda's own lines of a run (start, report), and podtime's short one. */
const RUN_LOG_BYTES = 1200;
const GIGABYTE = 1024 ** 3;

/** One line of the bill. */
export interface Item {
  what: string;
  price: PriceName;
  /** Units of the price, a month. */
  amount: number;
  dollars: number;
}

/** What the template of one pod has that is paid by the month, whoever uses it. */
export interface Standing {
  metrics: number;
  alarmMetrics: number;
  compositeAlarms: number;
  dashboards: number;
  endpointAzs: number;
  schedules: number;
  watchdogGigabytes: number;
  configGigabytes: number;
}

/** Counts the template; `azs`: in how many the pod's two tiers have hosts. */
export function standingOf({ Resources }: Template, azs: number): Standing {
  const ofType = (type: string) =>
    Object.values(Resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties);
  const memoryOf = (id: string) => Number(Resources[id]?.Properties.MemorySize) / 1024;
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    metrics: metricsOfPod(azs),
    alarmMetrics: sum(ofType('AWS::CloudWatch::Alarm').map(metricsIn)),
    compositeAlarms: ofType('AWS::CloudWatch::CompositeAlarm').length,
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
    endpointAzs: sum(ofType('AWS::EC2::VPCEndpoint').map(({ SubnetIds }) => (SubnetIds as unknown[]).length)),
    schedules: ofType('AWS::Scheduler::Schedule').length,
    watchdogGigabytes: memoryOf('WatchdogLambdaFunction'),
    configGigabytes: memoryOf('ConfigLambdaFunction'),
  };
}

/** An alarm of metric math is paid for each metric that it reads. */
function metricsIn({ MetricName, Metrics }: Record<string, unknown>): number {
  if (MetricName !== undefined) return 1;
  return (Metrics as { MetricStat?: unknown }[]).filter(({ MetricStat }) => MetricStat !== undefined).length;
}

/** A month of one pod with so many hosts. */
export function bill(hosts: number, standing: Standing, recorded: RecordedTick[]): Item[] {
  const { calls, logBytes } = tickOf(hosts, recorded);
  const runs = standing.schedules * MINUTES_A_MONTH;
  const ticks = (standing.schedules * MINUTES_A_MONTH) / INTERVAL_MINUTES;
  const apiCalls = (hosts * BOOT_RUNS_A_DAY * CALLS_A_BOOT_RUN * HOURS_A_MONTH) / 24;
  const per = (name: string) => (calls[name] ?? 0) * ticks;
  const seconds = ticks * TICK_SECONDS + (runs - ticks) * SHORT_RUN_SECONDS;
  const item = (what: string, price: PriceName, amount: number): Item => {
    const { dollars, per: units } = PRICES[price];
    return { what, price, amount, dollars: (amount / units) * dollars };
  };
  return [
    item('custom metrics', 'metric', standing.metrics),
    item('alarms', 'alarmMetric', standing.alarmMetrics),
    item('composite alarms', 'compositeAlarm', standing.compositeAlarms),
    item('dashboards', 'dashboard', standing.dashboards),
    item('the endpoint', 'endpoint', standing.endpointAzs * HOURS_A_MONTH),
    item('watchdog, run time', 'gigabyteSecond', seconds * standing.watchdogGigabytes),
    item('watchdog, runs', 'invocation', runs),
    item('schedule', 'schedule', runs),
    item('metrics sent', 'metricCall', per('PutMetricData')),
    item('reports written', 'write', per('PutObject')),
    // a run reads the report to learn whether a tick is due, and twice when it waits for its turn
    item('reports read', 'read', per('GetObject') + runs + ticks),
    item("hosts' calls of the API", 'apiCall', apiCalls),
    item('config, runs', 'invocation', apiCalls),
    item('config, run time', 'gigabyteSecond', apiCalls * SHORT_RUN_SECONDS * standing.configGigabytes),
    item('logs', 'logs', (ticks * logBytes + (runs + apiCalls) * RUN_LOG_BYTES) / GIGABYTE),
  ];
}

export function totalOf(items: Item[]): number {
  return items.reduce((total, { dollars }) => total + dollars, 0);
}
