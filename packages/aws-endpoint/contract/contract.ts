import type { Clause } from './clause.ts';
import { CLOUDWATCH } from './cloudwatch.ts';
import { EC2 } from './ec2.ts';
import { EVENTBRIDGE } from './eventbridge.ts';
import { ROUTE53 } from './route53.ts';
import { S3 } from './s3.ts';
import { SQS } from './sqs.ts';
import { SSM } from './ssm.ts';

/**
 * What a client relies on and the endpoint claims of AWS, as far as it can be seen without touching anything: held
 * against the endpoint in the tests, and against a real account by `npm run verify:aws`. All that is written is records of
 * a zone of its own; everything else only reads, or is refused.
 */
export const CONTRACT: Record<string, Clause[]> = {
  'Route 53': ROUTE53,
  'Systems Manager': SSM,
  CloudWatch: CLOUDWATCH,
  EC2,
  EventBridge: EVENTBRIDGE,
  S3,
  SQS,
};
