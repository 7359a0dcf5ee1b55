import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Template } from '../../../infra/template/cloudformation.ts';
import {
  apartOf,
  bill,
  HISTORY_LIMITS,
  historyOf,
  limitOf,
  type Standing,
  standingOf,
  totalOf,
} from '../../../scripts/cost/bill.ts';
import { AZS, costPage, FLEET_FILES, FLEETS } from '../../../scripts/cost/page.ts';
import { tickOf } from '../../../scripts/cost/recording.ts';
import { REQUEST_SECONDS, SHORT_RUN_SECONDS, TICK_SECONDS, tickSeconds } from '../../../scripts/cost/run-times.ts';
import { METRICS_BY_AZ } from '../../../src/fleet/defaults.ts';
import { BY_AZ, type ByAz } from '../../../src/fleet/fleet.ts';
import { metricsOfPod } from '../../../src/metrics/published.ts';
import { packaged, packagedForProduction, ROOT } from '../../builders/packaged-service.ts';

const recorded = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/cost/ticks.json'), 'utf8'));

const templates = new Map<number, Template>();
const templateOf = (hosts: number) => templates.get(hosts) as Template;

beforeAll(async () => {
  for (const hosts of FLEETS) {
    const { resources } = await packaged('--stage', 'prod', '--param', `fleet=${join(ROOT, FLEET_FILES[hosts] ?? '')}`);
    templates.set(hosts, { Resources: resources });
  }
});

describe('docs/cost.md', () => {
  it('is what the packaged templates and the recorded tick give (npm run docs:cost)', () => {
    expect(readFileSync(join(ROOT, 'docs/cost.md'), 'utf8')).toBe(costPage(templateOf, recorded));
  });

  it('counts what is read in pages by pages, and as it was recorded', () => {
    const described = (hosts: number) => tickOf(hosts, recorded).calls.DescribeInstances;
    expect([100, 1000, 10_000, 50_000].map(described)).toEqual([1, 2, 20, 100]);
    for (const { hosts, calls } of recorded) expect(described(hosts)).toBe(calls.DescribeInstances);
  });

  it('counts each size by the watchdog of a pod that is built for it', () => {
    const gigabytes = FLEETS.map((hosts) => [hosts, standingOf(templateOf(hosts), AZS).watchdogGigabytes]);
    expect(gigabytes).toEqual([
      [100, 0.5],
      [1000, 0.5],
      [10_000, 0.625],
    ]);
  });
});

describe('a pod by default', () => {
  const items = (hosts: number, byAz: ByAz) => bill(hosts, byAz, standingOf(templateOf(hosts), AZS), recorded);
  const costs = (hosts: number, byAz: ByAz) => totalOf(items(hosts, byAz)) - historyOf(items(hosts, byAz));

  it.each(FLEETS)('of %d hosts costs at most $25, and $3 for each 1,000 above 100', (hosts) => {
    expect(costs(hosts, METRICS_BY_AZ)).toBeLessThanOrEqual(25 + (3 * (hosts - 100)) / 1000);
    expect(limitOf(hosts)).toBe(25 + (3 * (hosts - 100)) / 1000);
  });

  it.each([
    [1000, 1],
    [10_000, 4],
  ])('of %d hosts has a history for at most $%d', (hosts, dollars) => {
    const cost = historyOf(items(hosts, METRICS_BY_AZ));
    expect(cost).toBeGreaterThan(0);
    expect(cost).toBeLessThanOrEqual(dollars);
    expect(HISTORY_LIMITS).toContainEqual({ hosts, dollars });
  });

  it.each([
    [100, 1000],
    [1000, 10_000],
  ])('costs at most $3 more for each 1,000 hosts from %d to %d', (from, to) => {
    expect(costs(to, METRICS_BY_AZ) - costs(from, METRICS_BY_AZ)).toBeLessThanOrEqual((3 * (to - from)) / 1000);
  });

  it.each(FLEETS)('of %d hosts costs less than with all metrics, and more than with none by AZ', (hosts) => {
    const [all, key, none] = BY_AZ.map((byAz) => costs(hosts, byAz)) as [number, number, number];
    expect(all).toBeGreaterThan(key);
    expect(key).toBeGreaterThan(none);
  });

  it('has no health checks, which would be paid', () => {
    const types = Object.values(templateOf(100).Resources).map(({ Type }) => Type);
    expect(types).toContain('AWS::CloudWatch::Alarm');
    expect(types).not.toContain('AWS::Route53::HealthCheck');
  });
});

describe('what stands in a template by the month', () => {
  const template: Template = {
    Resources: {
      Simple: { Type: 'AWS::CloudWatch::Alarm', Properties: { Namespace: 'Podtime', MetricName: 'Stale' } },
      // one expression over two metrics
      Ratio: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: { Metrics: [{ Expression: 'a/b' }, { MetricStat: {} }, { MetricStat: {} }] },
      },
      Errors: { Type: 'AWS::CloudWatch::Alarm', Properties: { Namespace: 'AWS/Lambda', MetricName: 'Errors' } },
      HistoryErrors: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          Namespace: 'AWS/Lambda',
          MetricName: 'Errors',
          Dimensions: [{ Name: 'FunctionName', Value: 'podtime-prod-history' }],
        },
      },
      Age: { Type: 'AWS::CloudWatch::Alarm', Properties: { Namespace: 'AWS/SQS', MetricName: 'Age' } },
      Composite: { Type: 'AWS::CloudWatch::CompositeAlarm', Properties: {} },
      Endpoint: { Type: 'AWS::EC2::VPCEndpoint', Properties: { SubnetIds: ['a', 'b'] } },
      Schedule: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: { Target: { Arn: { 'Fn::GetAtt': ['Watchdog10kLambdaFunction', 'Arn'] } } },
      },
      HistorySchedule: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          Name: 'podtime-prod_history',
          Target: { Arn: { 'Fn::GetAtt': ['HistoryLambdaFunction', 'Arn'] } },
        },
      },
      DeploymentBucket: { Type: 'AWS::S3::Bucket', Properties: {} },
      ReportBucket: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          LifecycleConfiguration: {
            Rules: [
              { Prefix: 'blue/memory/', ExpirationInDays: 20 },
              { Prefix: 'history/ticks/pod=blue/', ExpirationInDays: 31 },
              { Prefix: 'blue/other/', ExpirationInDays: 90 },
            ],
          },
        },
      },
      Queue: { Type: 'AWS::Lambda::EventSourceMapping', Properties: {} },
      Watchdog10kLambdaFunction: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 512 } },
      HistoryLambdaFunction: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 1536 } },
      ConfigLambdaFunction: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 256 } },
    },
  };

  it('is counted, alarms by the metrics they read', () => {
    const { metrics, ...counted } = standingOf(template, { boundary: 2, client: 7 });
    expect(counted).toEqual({
      alarmMetrics: 3,
      stackAlarmMetrics: 2,
      historyAlarmMetrics: 1,
      compositeAlarms: 1,
      dashboards: 0,
      endpointAzs: 2,
      schedules: 1,
      queues: 1,
      memoryDays: 20,
      historyDays: 31,
      watchdogGigabytes: 0.5,
      historyGigabytes: 1.5,
      configGigabytes: 0.25,
    });
    expect(metrics).toEqual(
      Object.fromEntries(BY_AZ.map((byAz) => [byAz, metricsOfPod(byAz, { boundary: 2, client: 7 })])),
    );
  });
});

describe('a second pod in a stack', () => {
  it('adds what the first has, but for what the page says is paid once', async () => {
    const ofOnePod = standingOf(templateOf(100), AZS);
    const two = standingOf({ Resources: (await packagedForProduction()).resources }, AZS);
    const { alarmMetrics, compositeAlarms, dashboards, schedules } = ofOnePod;
    expect(two).toMatchObject({
      alarmMetrics: 2 * alarmMetrics,
      compositeAlarms: 2 * compositeAlarms,
      dashboards: 2 * dashboards,
      schedules: 2 * schedules,
      queues: ofOnePod.queues,
    });
    const once = bill(100, METRICS_BY_AZ, ofOnePod, recorded).filter(({ ofStack }) => ofStack);
    expect(once.map(({ what }) => what)).toEqual([
      'alarms of functions and queue',
      'history: alarms of its function',
      "queue of EC2's events, looked into",
    ]);
  });
});

describe('a bill', () => {
  const standing: Standing = {
    metrics: { all: 30, key: 10, none: 5 },
    alarmMetrics: 4,
    stackAlarmMetrics: 3,
    historyAlarmMetrics: 2,
    compositeAlarms: 0,
    dashboards: 0,
    endpointAzs: 1,
    schedules: 1,
    queues: 1,
    memoryDays: 30,
    historyDays: 31,
    watchdogGigabytes: 0.5,
    historyGigabytes: 1.75,
    configGigabytes: 0.25,
  };
  const calls = { PutMetricData: 1, PutObject: 2, GetObject: 3, SendCommand: 1 };
  const ticks = [
    {
      hosts: 100,
      calls: { ...calls, ListCommandInvocations: 2 },
      reportBytes: 1000,
      memoryBytes: 400,
      historyBytes: 3000,
      logBytes: 500,
    },
    {
      hosts: 200,
      calls: { ...calls, ListCommandInvocations: 4 },
      reportBytes: 2000,
      memoryBytes: 800,
      historyBytes: 6000,
      logBytes: 500,
    },
  ];
  const amounts = (hosts: number, byAz: ByAz = 'key') =>
    Object.fromEntries(
      bill(hosts, byAz, standing, ticks).map(({ what, amount, dollars }) => [what, [amount, dollars]]),
    );

  it('is amounts times prices', () => {
    expect(amounts(100)).toMatchObject({
      'custom metrics': [10, 3],
      alarms: [4, 0.4],
      'alarms of functions and queue': [3, expect.closeTo(0.3, 10)],
      'the endpoint': [730, 7.3],
      schedule: [43_800, 0.0438],
      'metrics sent': [8760, 0.0876],
      // two of a tick, one of which are its rows
      'objects written': [8760, 0.0438],
      // three of a tick, which goes on from its last read of the state, and one of each run before that
      'objects read': [3 * 8760 + 43_800, expect.closeTo(0.028032, 10)],
      // five pollers, three times a minute
      "queue of EC2's events, looked into": [657_000, expect.closeTo(0.2628, 10)],
      // 30 days of 288 ticks
      'memories, kept': [(400 * 8640) / 1024 ** 3, expect.closeTo((0.023 * 400 * 8640) / 1024 ** 3, 10)],
      // 8,760 ticks, 730 hours and their days, and six lists of each of 1,460 runs
      'history: rows written, and listed': [
        expect.closeTo(18_250 + 730 / 24, 6),
        expect.closeTo((0.005 * (18_250 + 730 / 24)) / 1000, 10),
      ],
      // 31 days of 288 ticks, their hours and days
      'history: rows kept': [
        (3000 * 1.575 * 31 * 288) / 1024 ** 3,
        expect.closeTo((0.023 * 3000 * 1.575 * 31 * 288) / 1024 ** 3, 10),
      ],
      // each tick, and each hour
      'history: rows read to be folded': [8760 + 730, expect.closeTo(0.003796, 10)],
      // a second of each run, a quarter of one for each 1,000 hosts of an hour, and 0.87 of a day
      'history: run time': [
        expect.closeTo((1460 + 730 * 0.025 + (730 / 24) * 0.087) * 1.75, 8),
        expect.closeTo(0.0346, 4),
      ],
      'history: alarms of its function': [2, 0.2],
    });
  });

  it('has the endpoint apart', () => {
    const items = bill(100, 'key', standing, ticks);
    const sum = Object.values(amounts(100)).reduce((total, [, dollars]) => total + (dollars ?? 0), 0);
    expect(apartOf(items)).toBe(7.3);
    expect(totalOf(items)).toBeCloseTo(sum - 7.3, 10);
  });

  it('counts the metrics that each setting of metrics.byAz publishes', () => {
    expect(BY_AZ.map((byAz) => amounts(100, byAz)['custom metrics'])).toEqual([
      [30, 9],
      [10, 3],
      [5, 1.5],
    ]);
  });

  it("grows with the fleet by the hosts' own calls, the history and what a tick itself has to do", () => {
    const [small, large] = [amounts(100), amounts(10_000)];
    const grown = Object.keys(small).filter((what) => small[what]?.[0] !== large[what]?.[0]);
    expect(grown).toEqual([
      'watchdog, run time',
      'memories, kept',
      'history: rows kept',
      'history: run time',
      "hosts' calls of the API",
      'config, runs',
      'config, run time',
      'config, objects read',
      'logs',
      'logs, kept',
    ]);
  });

  it('refuses a call of a tick that has no price', () => {
    const strange = ticks.map((tick) => ({ ...tick, calls: { ...tick.calls, PutItem: 1 } }));
    expect(() => bill(100, 'key', standing, strange)).toThrow(
      'A tick calls PutItem, which has no price in scripts/cost/prices.ts.',
    );
  });

  it('takes a tick of another size from the line through those recorded', () => {
    expect(tickOf(1000, ticks)).toEqual({
      hosts: 1000,
      calls: { ...calls, ListCommandInvocations: 20 },
      reportBytes: 10_000,
      historyBytes: 30_000,
      memoryBytes: 4000,
      logBytes: 500,
    });
    expect(() => tickOf(1000, [])).toThrow('The recording needs ticks of two sizes.');
  });

  it('counts a tick on the lines through those that were measured', () => {
    const [small = 0, medium = 0, large = 0] = TICK_SECONDS.map(({ seconds }) => seconds);
    expect(TICK_SECONDS.map(({ hosts }) => hosts)).toEqual(FLEETS);
    expect([1, 100, 1000, 10_000].map(tickSeconds)).toEqual([small, small, medium, large]);
    expect(tickSeconds(5500)).toBeCloseTo((medium + large) / 2, 10);
    // beyond what was measured the last line goes on
    expect(tickSeconds(19_000)).toBeCloseTo(2 * large - medium, 10);
  });

  it('counts the run times that docs/scale.md shows as measured', () => {
    const page = readFileSync(join(ROOT, 'docs/scale.md'), 'utf8');
    const measured = (measure: string) =>
      page.split('\n').find((line) => line.startsWith(`| billed time of ${measure} |`));
    for (const { hosts, seconds } of TICK_SECONDS) {
      expect(measured(`a tick, ${hosts.toLocaleString('en')} hosts, one silent`)).toContain(` ${seconds} s |`);
    }
    expect(measured('a run that is not due, cold')).toContain(` ${SHORT_RUN_SECONDS} s |`);
    expect(measured('a request for a file, cold')).toContain(` ${REQUEST_SECONDS} s |`);
  });
});
