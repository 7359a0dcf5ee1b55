import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SSMClient } from '@aws-sdk/client-ssm';
import { CONNECTION_TIMEOUT_MS, logger, REPEATING } from './client-settings.ts';

export { ATTEMPT_TIMEOUT_MS } from './client-settings.ts';
export { s3Client } from './s3-client.ts';

/**
 * What asks once, for what must not be done twice. A kept connection may have died while Lambda slept: each request has a new
 * one, so that its end is no lost answer. The call's limit is the only one: nothing comes after it.
 * Decision 0044.
 */
const ASKING_ONCE = {
  logger,
  retryMode: 'standard',
  maxAttempts: 1,
  requestHandler: {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    httpAgent: { keepAlive: false },
    httpsAgent: { keepAlive: false },
  },
} as const;

// Functions, so that a bundle carries only the clients that are made.
export const cloudWatchClient = () => new CloudWatchClient(REPEATING);
export const ec2Client = () => new EC2Client(REPEATING);
export const eventBridgeClient = () => new EventBridgeClient(REPEATING);
export const route53Client = () => new Route53Client(REPEATING);
export const ssmClient = () => new SSMClient(REPEATING);
export const ssmClientThatAsksOnce = () => new SSMClient(ASKING_ONCE);
