import { type CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Metrics } from '../watchdog/ports.ts';
import { namingAction } from './errors.ts';

/** Sends packed requests one after the other; the SDK gzips each that is large. */
export function cloudWatchMetrics(client: CloudWatchClient): Metrics {
  return {
    put: (request) =>
      namingAction(`publishing ${request.MetricData.length} metrics to CloudWatch`, async () => {
        await client.send(new PutMetricDataCommand(request));
      }),
  };
}
