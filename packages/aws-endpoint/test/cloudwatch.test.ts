import { GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, refusalOf, startBench } from '../src/testing/index.ts';
import { DIMENSIONS, datum, MINUTE, metricsOf } from './metrics.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const { put, statistics } = metricsOf(() => bench);

describe('reading metrics', () => {
  beforeEach(async () => {
    await put(...[1, 2, 3].map((at) => datum({ Value: at, Timestamp: new Date(MINUTE.getTime() - at * 60_000) })));
    await bench.clock.advance(10_000);
  });
  const query = (Stat: string, more = {}) => ({
    Id: 'q1',
    MetricStat: { Metric: { Namespace: 'Podtime', MetricName: 'Offset', Dimensions: DIMENSIONS }, Period: 60, Stat },
    ...more,
  });
  const window = { StartTime: new Date(MINUTE.getTime() - 600_000), EndTime: new Date(MINUTE.getTime() + 60_000) };

  it('gives series newest first, in pages when asked', async () => {
    const all = await bench.cloudwatch.send(
      new GetMetricDataCommand({ MetricDataQueries: [query('Maximum')], ...window }),
    );
    expect(all.MetricDataResults).toEqual([
      {
        Id: 'q1',
        Label: 'Offset',
        Timestamps: [1, 2, 3].map((at) => new Date(MINUTE.getTime() - at * 60_000)),
        Values: [1, 2, 3],
        StatusCode: 'Complete',
      },
    ]);
    const first = await bench.cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [query('Maximum')],
        ...window,
        MaxDatapoints: 2,
        ScanBy: 'TimestampAscending',
      }),
    );
    expect([first.MetricDataResults?.[0]?.Values, first.MetricDataResults?.[0]?.StatusCode]).toEqual([
      [3, 2],
      'PartialData',
    ]);
    const second = await bench.cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [query('Maximum')],
        ...window,
        MaxDatapoints: 2,
        ScanBy: 'TimestampAscending',
        NextToken: first.NextToken,
      }),
    );
    expect([second.MetricDataResults?.[0]?.Values, second.NextToken]).toEqual([[1], undefined]);
  });

  it('takes percentiles by name and longer periods', async () => {
    const { MetricDataResults } = await bench.cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [{ ...query('p50'), MetricStat: { ...query('p50').MetricStat, Period: 3600 } }],
        ...window,
      }),
    );
    const values = MetricDataResults?.[0]?.Values ?? [];
    expect(values.length).toBeGreaterThan(0);
    expect(values.every((value) => value >= 1 && value <= 3)).toBe(true);
  });

  it('says what it does not have, and what was wrong', async () => {
    const data = (MetricDataQueries: object[]) =>
      refusalOf(
        bench.cloudwatch.send(new GetMetricDataCommand({ MetricDataQueries: MetricDataQueries as never, ...window })),
      );
    expect((await data([{ Id: 'e1', Expression: 'SUM(METRICS())' }])).message).toMatch(/no metric math/);
    expect((await data([query('Median')])).message).toMatch(/^The value Median for parameter Stat is invalid/);
    expect((await data([query('Sum'), query('Sum')])).name).toBe('ValidationException');
    const many = await refusalOf(
      statistics({ StartTime: new Date(MINUTE.getTime() - 2_000 * 60_000), Statistics: ['Sum'] }),
    );
    expect([many.name, many.message]).toEqual([
      'InvalidParameterCombinationException',
      'You have requested up to 2,001 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    ]);
    expect((await refusalOf(statistics({}))).name).toBe('MissingRequiredParameterException');
    expect((await refusalOf(statistics({ Statistics: ['Sum'], ExtendedStatistics: ['p50'] }))).name).toBe(
      'InvalidParameterCombinationException',
    );
    expect((await refusalOf(statistics({ Statistics: ['Sum'], Period: 61 }))).name).toBe(
      'InvalidParameterValueException',
    );
  });

  it('lists 500 metrics a page, filtered by name and dimension', async () => {
    await put(...Array.from({ length: 600 }, (_, at) => datum({ MetricName: `M${at}`, Value: 1 })));
    await bench.clock.advance(200_000);
    const first = await bench.cloudwatch.send(new ListMetricsCommand({ Namespace: 'Podtime' }));
    const second = await bench.cloudwatch.send(
      new ListMetricsCommand({ Namespace: 'Podtime', NextToken: first.NextToken }),
    );
    expect([first.Metrics?.length, second.Metrics?.length, second.NextToken]).toEqual([500, 101, undefined]);
    const named = await bench.cloudwatch.send(
      new ListMetricsCommand({ MetricName: 'M7', Dimensions: [{ Name: 'Pod' }] }),
    );
    expect(named.Metrics?.length).toBe(1);
  });

  it('is inspected without the API as the newest minute of each', () => {
    expect(bench.endpoint.metrics()).toEqual([
      {
        namespace: 'Podtime',
        name: 'Offset',
        dimensions: { Pod: 'blue', Tier: 'client' },
        unit: 'Milliseconds',
        atMs: MINUTE.getTime() - 60_000,
        sampleCount: 1,
        average: 1,
        minimum: 1,
        maximum: 1,
        p50: 1,
        p99: 1,
      },
    ]);
  });
});

describe('the query protocol, which older aws commands speak', () => {
  const call = (fields: Record<string, string>) =>
    fetch(bench.endpoint.url, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/monitoring/aws4_request',
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      },
      body: new URLSearchParams({ Version: '2010-08-01', ...fields }),
    });

  it('puts and reads', async () => {
    const taken = await call({
      Action: 'PutMetricData',
      Namespace: 'Podtime',
      'MetricData.member.1.MetricName': 'Offset',
      'MetricData.member.1.Dimensions.member.1.Name': 'Pod',
      'MetricData.member.1.Dimensions.member.1.Value': 'blue',
      'MetricData.member.1.Timestamp': MINUTE.toISOString(),
      'MetricData.member.1.Values.member.1': '3',
      'MetricData.member.1.Values.member.2': '4',
      'MetricData.member.1.Counts.member.1': '1',
      'MetricData.member.1.Counts.member.2': '2',
    });
    expect(taken.status).toBe(200);
    expect(await taken.text()).toMatch(
      /<PutMetricDataResponse xmlns="http:\/\/monitoring.amazonaws.com\/doc\/2010-08-01\/"><ResponseMetadata><RequestId>/,
    );
    await bench.clock.advance(10_000);
    const read = await call({
      Action: 'GetMetricStatistics',
      Namespace: 'Podtime',
      MetricName: 'Offset',
      'Dimensions.member.1.Name': 'Pod',
      'Dimensions.member.1.Value': 'blue',
      StartTime: MINUTE.toISOString(),
      EndTime: new Date(MINUTE.getTime() + 60_000).toISOString(),
      Period: '60',
      'ExtendedStatistics.member.1': 'p50',
    });
    expect(await read.text()).toContain(
      `<GetMetricStatisticsResult><Label>Offset</Label><Datapoints><member><Timestamp>${MINUTE.toISOString()}</Timestamp><Unit>None</Unit><ExtendedStatistics><entry><key>p50</key><value>4</value></entry></ExtendedStatistics></member></Datapoints></GetMetricStatisticsResult>`,
    );
  });

  it('has its own error shape', async () => {
    const refused = await call({ Action: 'PutMetricData', Namespace: 'Podtime' });
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining(
        '<Error><Type>Sender</Type><Code>MissingParameter</Code><Message>The parameter MetricData is required.</Message></Error>',
      ),
    ]);
    expect(await (await call({ Action: 'PutDashboard' })).text()).toContain('<Code>InvalidAction</Code>');
  });
});
