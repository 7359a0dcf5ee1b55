import { gzipSync } from 'node:zlib';
import {
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, refusalOf, startBench } from '../src/testing/index.ts';
import { DIMENSIONS, datum, MINUTE, metricsOf } from './metrics.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const { put, statistics } = metricsOf(() => bench);

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
      Values: Array.from({ length: 150 }, (_unused, index) => index + 0.123),
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
