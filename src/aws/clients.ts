import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';

/** An endpoint of the same region connects within milliseconds. */
const CONNECTION_TIMEOUT_MS = 1500;
/**
 * After so long without an answer, or with silence in the middle of one, an attempt hangs: two fit into a call's limit
 * (`CALL_LIMIT_MS`). The slowest request, a page of DescribeInstances, is answered within 3 s.
 */
export const ATTEMPT_TIMEOUT_MS = 4000;

const nowhere = () => {};

/**
 * Where the SDK logs. Its own default writes nothing either, but has a whole copy of each request and answer made for it, without
 * what is sensitive: 4 % of a tick of 10,000 hosts. Without `info` and `error` none is made. Failed calls are logged by `caller`.
 * Decision 0065.
 */
const logger = { trace: nowhere, debug: nowhere, warn: nowhere } as unknown as NonNullable<SSMClientConfig['logger']>;

/**
 * What every client is made with. One-second polling of SSM is throttled in practice, Route 53 admits five requests a second
 * and account, and answers `PriorRequestNotComplete` while a zone is busy: adaptive mode slows the client to what the service
 * takes. An attempt that hangs is given up and repeated within the call's limit.
 * Decision 0043.
 */
const REPEATING = {
  logger,
  retryMode: 'adaptive',
  maxAttempts: 8,
  requestHandler: {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: ATTEMPT_TIMEOUT_MS,
    // without it the SDK only warns
    throwOnRequestTimeout: true,
    socketTimeout: ATTEMPT_TIMEOUT_MS,
  },
} as const;

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
export const s3Client = () => new S3Client(REPEATING);
export const ssmClient = () => new SSMClient(REPEATING);
export const ssmClientThatAsksOnce = () => new SSMClient(ASKING_ONCE);
