/** List prices of us-west-2 in US dollars, without free tiers, discounts and taxes. */
export interface Price {
  what: string;
  dollars: number;
  /** One of these is so many units. */
  per: number;
  unit: string;
}

export const PRICES_OF = '2026-11';

/** Unconfirmed: none was held against AWS's own price list, which is to be done before anybody counts on them. */
export const PRICES = {
  metric: { what: 'CloudWatch custom metric, of the first 10,000', dollars: 0.3, per: 1, unit: 'metric and month' },
  alarmMetric: { what: 'CloudWatch standard alarm', dollars: 0.1, per: 1, unit: 'metric in an alarm and month' },
  compositeAlarm: { what: 'CloudWatch composite alarm', dollars: 0.5, per: 1, unit: 'alarm and month' },
  dashboard: { what: 'CloudWatch dashboard', dollars: 3, per: 1, unit: 'dashboard and month' },
  metricCall: { what: 'CloudWatch PutMetricData', dollars: 0.01, per: 1000, unit: 'requests' },
  logs: { what: 'CloudWatch Logs, taken in', dollars: 0.5, per: 1, unit: 'GB' },
  keptLogs: { what: 'CloudWatch Logs, kept', dollars: 0.03, per: 1, unit: 'GB and month' },
  endpoint: { what: 'VPC interface endpoint', dollars: 0.01, per: 1, unit: 'AZ and hour' },
  apiCall: { what: 'API Gateway, REST', dollars: 3.5, per: 1_000_000, unit: 'requests' },
  invocation: { what: 'Lambda, arm64', dollars: 0.2, per: 1_000_000, unit: 'requests' },
  gigabyteSecond: { what: 'Lambda, arm64, run time', dollars: 0.0000133334, per: 1, unit: 'GB and second' },
  schedule: { what: 'EventBridge Scheduler', dollars: 1, per: 1_000_000, unit: 'invocations' },
  write: { what: 'S3 PUT', dollars: 0.005, per: 1000, unit: 'requests' },
  read: { what: 'S3 GET', dollars: 0.0004, per: 1000, unit: 'requests' },
  kept: { what: 'S3, kept', dollars: 0.023, per: 1, unit: 'GB and month' },
  event: { what: 'EventBridge, events of podtime', dollars: 1, per: 1_000_000, unit: 'events' },
  queueCall: { what: 'SQS', dollars: 0.4, per: 1_000_000, unit: 'requests' },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

/** What each call of a tick costs; null: AWS charges nothing for it. A call that is not here has no price yet, and no bill. */
export const CALL_PRICES: Readonly<Record<string, PriceName | null>> = {
  PutMetricData: 'metricCall',
  PutObject: 'write',
  GetObject: 'read',
  PutEvents: 'event',
  DescribeInstances: null,
  ChangeResourceRecordSets: null,
  GetHostedZone: null,
  ListResourceRecordSets: null,
  GetParameters: null,
  SendCommand: null,
  ListCommands: null,
  ListCommandInvocations: null,
};

/** What AWS does not charge, as far as podtime asks it. */
export const FREE = [
  'EC2 DescribeInstances',
  'Route 53 API calls',
  'Run Command on EC2 (SSM)',
  'standard parameters (SSM)',
  'events of AWS on the default bus',
];
