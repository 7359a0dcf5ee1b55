import { type CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Metrics } from '../watchdog/ports.ts';
import type { Call } from './call.ts';

/** Sends packed requests one after the other; the SDK gzips each that is large. */
export function cloudWatchMetrics(client: CloudWatchClient, call: Call): Metrics {
  return {
    put: (request) =>
      call(`publishing ${request.MetricData.length} metrics to CloudWatch`, async (options) => {
        await client.send(new PutMetricDataCommand(request), options);
      }),
  };
}
