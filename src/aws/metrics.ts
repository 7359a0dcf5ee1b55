import { type CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Metrics } from '../watchdog/ports.ts';
import type { Call } from './call.ts';

/** A request is answered within a second; what CloudWatch does not take in this time is not worth the tick's. */
const PUBLISHING_LIMIT_MS = 5000;

/**
 * Sends packed requests one after the other; the SDK gzips each that is large. One whose answer was lost is repeated: gauges
 * stay what they are, and a distribution weighs twice in its minute, which is less than a minute without it.
 */
export function cloudWatchMetrics(client: CloudWatchClient, call: Call): Metrics {
  return {
    put: (request) =>
      call(
        `publishing ${request.MetricData.length} metrics to CloudWatch`,
        async (options) => void (await client.send(new PutMetricDataCommand(request), options)),
        PUBLISHING_LIMIT_MS,
      ),
  };
}
