import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Template } from '../../../infra/template/cloudformation.ts';
import { bill, type Standing, standingOf, totalOf } from '../../../scripts/cost/bill.ts';
import { costPage } from '../../../scripts/cost/page.ts';
import { tickOf } from '../../../scripts/cost/recording.ts';
import { packaged, ROOT } from '../../builders/packaged-service.ts';

const recorded = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/cost/ticks.json'), 'utf8'));

describe('docs/cost.md', () => {
  it('is what the packaged template and the recorded tick give (npm run docs:cost)', async () => {
    const fleet = join(ROOT, 'test/fixtures/infra/cost.yml');
    const { resources } = await packaged('--stage', 'prod', '--param', `fleet=${fleet}`);
    expect(readFileSync(join(ROOT, 'docs/cost.md'), 'utf8')).toBe(costPage({ Resources: resources }, recorded));
  });
});

describe('what stands in a template by the month', () => {
  const template: Template = {
    Resources: {
      Simple: { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'Stale' } },
      // one expression over two metrics
      Ratio: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: { Metrics: [{ Expression: 'a/b' }, { MetricStat: {} }, { MetricStat: {} }] },
      },
      Composite: { Type: 'AWS::CloudWatch::CompositeAlarm', Properties: {} },
      Endpoint: { Type: 'AWS::EC2::VPCEndpoint', Properties: { SubnetIds: ['a', 'b'] } },
      Schedule: { Type: 'AWS::Scheduler::Schedule', Properties: {} },
      WatchdogLambdaFunction: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 512 } },
      ConfigLambdaFunction: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 256 } },
    },
  };

  it('is counted, alarms by the metrics they read', () => {
    const { metrics, ...counted } = standingOf(template, 7);
    expect(counted).toEqual({
      alarmMetrics: 3,
      compositeAlarms: 1,
      dashboards: 0,
      endpointAzs: 2,
      schedules: 1,
      watchdogGigabytes: 0.5,
      configGigabytes: 0.25,
    });
    expect(metrics).toBeGreaterThan(100);
  });
});

describe('a bill', () => {
  const standing: Standing = {
    metrics: 10,
    alarmMetrics: 4,
    compositeAlarms: 0,
    dashboards: 0,
    endpointAzs: 1,
    schedules: 1,
    watchdogGigabytes: 0.5,
    configGigabytes: 0.25,
  };
  const ticks = [
    { hosts: 100, calls: { PutMetricData: 1, ListCommandInvocations: 2 }, reportBytes: 1000, logBytes: 500 },
    { hosts: 200, calls: { PutMetricData: 1, ListCommandInvocations: 4 }, reportBytes: 2000, logBytes: 500 },
  ];
  const amounts = (hosts: number) =>
    Object.fromEntries(bill(hosts, standing, ticks).map(({ what, amount, dollars }) => [what, [amount, dollars]]));

  it('is amounts times prices', () => {
    expect(amounts(100)).toMatchObject({
      'custom metrics': [10, 3],
      alarms: [4, 0.4],
      'the endpoint': [730, 7.3],
      schedule: [43_800, 0.0438],
      'metrics sent': [8760, 0.0876],
    });
    expect(totalOf(bill(100, standing, ticks))).toBeCloseTo(
      Object.values(amounts(100)).reduce((sum, [, dollars]) => sum + (dollars ?? 0), 0),
      10,
    );
  });

  it("grows with the fleet by the hosts' own calls only", () => {
    const [small, large] = [amounts(100), amounts(1000)];
    const grown = Object.keys(small).filter((what) => small[what]?.[0] !== large[what]?.[0]);
    expect(grown).toEqual(["hosts' calls of the API", 'config, runs', 'config, run time', 'logs']);
  });

  it('takes a tick of another size from the line through those recorded', () => {
    expect(tickOf(1000, ticks)).toEqual({
      hosts: 1000,
      calls: { PutMetricData: 1, ListCommandInvocations: 20 },
      reportBytes: 10_000,
      logBytes: 500,
    });
    expect(() => tickOf(1000, [])).toThrow('The recording needs ticks of two sizes.');
  });
});
