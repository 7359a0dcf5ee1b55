import type { ServiceName } from './request.ts';

/** A token bucket: `burst` requests at once, refilled at `perSecond`. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/**
 * Request rates, for `service:Operation` or for all of a service (`service:*`). In real seconds, whatever the time factor: a client's
 * retries wait in real time too. Which of these AWS publishes stands in docs/aws-claims.md.
 */
export const RATES: Record<string, Rate> = {
  'route53:*': { perSecond: 5, burst: 5 },
  'ssm:SendCommand': { perSecond: 5, burst: 10 },
  'ssm:GetParameter': { perSecond: 40, burst: 40 },
  'ssm:GetParameters': { perSecond: 40, burst: 40 },
  'ssm:PutParameter': { perSecond: 3, burst: 3 },
  'ssm:*': { perSecond: 10, burst: 20 },
  'monitoring:PutMetricData': { perSecond: 500, burst: 500 },
  'monitoring:GetMetricStatistics': { perSecond: 400, burst: 400 },
  'monitoring:GetMetricData': { perSecond: 50, burst: 50 },
  'monitoring:ListMetrics': { perSecond: 25, burst: 25 },
  'monitoring:DescribeAlarms': { perSecond: 9, burst: 9 },
  'ec2:*': { perSecond: 20, burst: 100 },
  'events:PutEvents': { perSecond: 600, burst: 600 },
  'events:*': { perSecond: 50, burst: 50 },
  's3:*': { perSecond: 3500, burst: 3500 },
  'sqs:*': { perSecond: 3000, burst: 3000 },
  'lambda:Invoke': { perSecond: 10_000, burst: 10_000 },
  'lambda:*': { perSecond: 15, burst: 15 },
  'sts:*': { perSecond: 600, burst: 600 },
};

export interface Throttle {
  /** Takes one token; false when the bucket is empty. */
  admit(service: ServiceName, operation: string): boolean;
}

/** `realNowMs`: the wall clock. An operation without a rate is never throttled. */
export function createThrottle(rates: Record<string, Rate>, realNowMs: () => number): Throttle {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    admit(service, operation) {
      const key = `${service}:${operation}` in rates ? `${service}:${operation}` : `${service}:*`;
      const rate = rates[key];
      if (rate === undefined) return true;
      const nowMs = realNowMs();
      const bucket = buckets.get(key) ?? { tokens: rate.burst, atMs: nowMs };
      const tokens = Math.min(rate.burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * rate.perSecond);
      const admitted = tokens >= 1;
      buckets.set(key, { tokens: admitted ? tokens - 1 : tokens, atMs: nowMs });
      return admitted;
    },
  };
}
