import {
  GetMetricStatisticsCommand,
  type GetMetricStatisticsCommandInput,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import type { Bench } from '../src/testing/index.ts';

export const DIMENSIONS = [
  { Name: 'Pod', Value: 'blue' },
  { Name: 'Tier', Value: 'client' },
];
/** The minute before this one: whole and past. */
export const MINUTE = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 60_000);
export const datum = (more: Partial<MetricDatum>): MetricDatum => ({
  MetricName: 'Offset',
  Dimensions: DIMENSIONS,
  Timestamp: MINUTE,
  Unit: 'Milliseconds',
  ...more,
});

/** CloudWatch through the SDK, on the bench that is set up now. */
export function metricsOf(bench: () => Bench) {
  return {
    put: (...MetricData: MetricDatum[]) =>
      bench().cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Podtime', MetricData })),
    /** Ten minutes of Offset, when what was put can be read. */
    async statistics(more: Partial<GetMetricStatisticsCommandInput>) {
      await bench().clock.advance(10_000);
      const { Datapoints } = await bench().cloudwatch.send(
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
    },
  };
}
