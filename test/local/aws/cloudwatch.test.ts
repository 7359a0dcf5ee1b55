import { gzipSync } from 'node:zlib';
import {
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  type GetMetricStatisticsCommandInput,
  ListMetricsCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, refusalOf, startBench } from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const DIMENSIONS = [
  { Name: 'Pod', Value: 'blue' },
  { Name: 'Tier', Value: 'client' },
];
/** The minute before this one: whole and past. */
const MINUTE = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 60_000);
const put = (...MetricData: MetricDatum[]) =>
  bench.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Podtime', MetricData }));
const datum = (more: Partial<MetricDatum>): MetricDatum => ({
  MetricName: 'Offset',
  Dimensions: DIMENSIONS,
  Timestamp: MINUTE,
  Unit: 'Milliseconds',
  ...more,
});
const statistics = async (more: Partial<GetMetricStatisticsCommandInput>) => {
  await bench.clock.advance(10_000);
  const { Datapoints } = await bench.cloudwatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'Podtime',
      MetricName: 'Offset',
      Dimensions: DIMENSIONS,
      StartTime: new Date(MINUTE.getTime() - 600_000),
      EndTime: new Date(MINUTE.getTime() + 60_000),
      Period: 60,
      ...more,
    }),
  );
  return Datapoints ?? [];
};

describe('PutMetricData', () => {
  it('takes values with their counts, which statistics and percentiles are made of', async () => {
    await put(datum({ Values: [1, 2, 10], Counts: [50, 49, 1] }));
    expect(await statistics({ Statistics: ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'] })).toEqual([
      { Timestamp: MINUTE, Unit: 'Milliseconds', Sum: 158, Average: 1.58, Minimum: 1, Maximum: 10, SampleCount: 100 },
    ]);
    expect(await statistics({ ExtendedStatistics: ['p50', 'p90', 'p99', 'p100'] })).toEqual([
      { Timestamp: MINUTE, Unit: 'Milliseconds', ExtendedStatistics: { p50: 1, p90: 2, p99: 2, p100: 10 } },
    ]);
  });

  it('shows nothing of it at once', async () => {
    await put(datum({ Value: 1 }));
    const now = {
      StartTime: MINUTE,
      EndTime: new Date(MINUTE.getTime() + 60_000),
      Period: 60,
      Statistics: ['Sum' as const],
    };
    const { Datapoints } = await bench.cloudwatch.send(
      new GetMetricStatisticsCommand({ Namespace: 'Podtime', MetricName: 'Offset', Dimensions: DIMENSIONS, ...now }),
    );
    expect(Datapoints).toEqual([]);
    expect((await bench.cloudwatch.send(new ListMetricsCommand({}))).Metrics).toEqual([]);
    expect((await statistics({ Statistics: ['Sum'] })).map((point) => point.Sum)).toEqual([1]);
    await bench.clock.advance(120_000);
    expect((await bench.cloudwatch.send(new ListMetricsCommand({}))).Metrics).toEqual([
      { Namespace: 'Podtime', MetricName: 'Offset', Dimensions: DIMENSIONS },
    ]);
  });

  it('has no percentiles when any value is negative, nor from a statistic set', async () => {
    await put(
      datum({ Values: [-1, 2], Counts: [1, 99] }),
      datum({ MetricName: 'Jitter', StatisticValues: { SampleCount: 3, Sum: 6, Minimum: 1, Maximum: 3 } }),
    );
    await put(datum({ MetricName: 'Delay', StatisticValues: { SampleCount: 3, Sum: 6, Minimum: 2, Maximum: 2 } }));
    expect(await statistics({ ExtendedStatistics: ['p50'] })).toEqual([]);
    expect((await statistics({ Statistics: ['Minimum'] })).map((point) => point.Minimum)).toEqual([-1]);
    expect(await statistics({ MetricName: 'Jitter', ExtendedStatistics: ['p50'] })).toEqual([]);
    expect((await statistics({ MetricName: 'Jitter', Statistics: ['Average'] })).map((point) => point.Average)).toEqual(
      [2],
    );
    // All of one value: as good as raw.
    expect(
      (await statistics({ MetricName: 'Delay', ExtendedStatistics: ['p50'] })).map((point) => point.ExtendedStatistics),
    ).toEqual([{ p50: 2 }]);
  });

  it('keeps dimension sets apart', async () => {
    await put(
      datum({ Value: 1 }),
      datum({ Dimensions: [...DIMENSIONS, { Name: 'AZ', Value: 'us-west-2a' }], Value: 5 }),
    );
    expect((await statistics({ Statistics: ['Sum'] })).map((point) => point.Sum)).toEqual([1]);
    expect(await statistics({ Dimensions: [{ Name: 'Pod', Value: 'blue' }], Statistics: ['Sum'] })).toEqual([]);
  });

  it('takes bodies of over 10 KB, which the SDK packs with gzip', async () => {
    const Values = Array.from({ length: 150 }, (_, at) => at + 0.123456789);
    await put(...Array.from({ length: 20 }, (_, at) => datum({ MetricName: `M${at}`, Values })));
    expect(bench.events).toContainEqual({ kind: 'metrics put', namespace: 'Podtime', data: 20, metrics: 20 });
    expect(
      (await statistics({ MetricName: 'M19', Statistics: ['SampleCount'] })).map((point) => point.SampleCount),
    ).toEqual([150]);
  });

  const values = (count: number) => Array.from({ length: count }, (_, at) => at);
  it.each<[string, MetricDatum[], string, string]>([
    [
      'more than 1,000 data',
      Array.from({ length: 1_001 }, () => datum({ Value: 1 })),
      'InvalidParameterValueException',
      'The collection MetricData must not have a size greater than 1000.',
    ],
    ['no data', [], 'MissingRequiredParameterException', 'The parameter MetricData is required.'],
    [
      'NaN',
      [datum({ Value: Number.NaN })],
      'InvalidParameterValueException',
      'The value NaN for parameter MetricData.member.1.Value is invalid.',
    ],
    [
      'Infinity',
      [datum({ Values: [1, Number.POSITIVE_INFINITY] })],
      'InvalidParameterValueException',
      'The value Infinity for parameter MetricData.member.1.Values.member.2 is invalid.',
    ],
    [
      'numbers beyond 2^360',
      [datum({ Value: 2 ** 361 })],
      'InvalidParameterValueException',
      `The value ${2 ** 361} for parameter MetricData.member.1.Value is invalid.`,
    ],
    [
      'more than 150 values',
      [datum({ Values: values(151) })],
      'InvalidParameterValueException',
      'The collection MetricData.member.1.Values must not have a size greater than 150.',
    ],
    [
      'values without all their counts',
      [datum({ Values: [1, 2], Counts: [1] })],
      'InvalidParameterCombinationException',
      'The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.',
    ],
    [
      'a value and values',
      [datum({ Value: 1, Values: [1] })],
      'InvalidParameterCombinationException',
      'The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.',
    ],
    [
      'no value at all',
      [datum({})],
      'MissingRequiredParameterException',
      'The parameter MetricData.member.1.Value, MetricData.member.1.Values or MetricData.member.1.StatisticValues is required.',
    ],
    [
      'a time over two weeks ago',
      [datum({ Value: 1, Timestamp: new Date(Date.now() - 15 * 86_400_000) })],
      'InvalidParameterValueException',
      'The parameter MetricData.member.1.Timestamp must specify a time no more than two weeks in the past.',
    ],
    [
      'a time over two hours ahead',
      [datum({ Value: 1, Timestamp: new Date(Date.now() + 7_300_000) })],
      'InvalidParameterValueException',
      'The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in the future.',
    ],
    [
      'more than 30 dimensions',
      [datum({ Value: 1, Dimensions: values(31).map((at) => ({ Name: `D${at}`, Value: 'x' })) })],
      'InvalidParameterValueException',
      'The collection MetricData.member.1.Dimensions must not have a size greater than 30.',
    ],
    [
      'an empty dimension',
      [datum({ Value: 1, Dimensions: [{ Name: 'AZ', Value: '' }] })],
      'MissingRequiredParameterException',
      'The parameter MetricData.member.1.Dimensions.member.1.Value is required.',
    ],
  ])('refuses %s, and then stores nothing', async (_what, data, name, message) => {
    expect(await refusalOf(put(...data))).toEqual({ name, message, status: 400 });
    expect(bench.endpoint.metrics()).toEqual([]);
  });

  it("refuses AWS's own namespaces", async () => {
    const refusal = await refusalOf(
      bench.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'AWS/EC2', MetricData: [datum({ Value: 1 })] })),
    );
    expect([refusal.name, refusal.message]).toEqual([
      'InvalidParameterValueException',
      'The value AWS/EC2 for parameter Namespace is invalid.',
    ]);
  });

  it('refuses a body of over 1 MB, unpacked', async () => {
    const MetricData = Array.from({ length: 1_000 }, (_, at) => ({
      MetricName: `M${at}`,
      Values: Array.from({ length: 150 }, (_unused, one) => one + 0.123),
    }));
    const response = await fetch(bench.endpoint.url, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/monitoring/aws4_request',
        'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData',
        'content-encoding': 'gzip',
      },
      body: gzipSync(JSON.stringify({ Namespace: 'Podtime', MetricData })),
    });
    expect([response.status, response.headers.get('x-amzn-query-error')]).toEqual([
      413,
      'RequestEntityTooLarge;Sender',
    ]);
  });
});

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
