import type { S3ClientConfig } from '@aws-sdk/client-s3';

/** An endpoint of the same region connects within milliseconds. */
export const CONNECTION_TIMEOUT_MS = 1500;
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
export const logger = { trace: nowhere, debug: nowhere, warn: nowhere } as unknown as NonNullable<
  S3ClientConfig['logger']
>;

/**
 * What every client is made with. One-second polling of SSM is throttled in practice, Route 53 admits five requests a second
 * and account, and answers `PriorRequestNotComplete` while a zone is busy: adaptive mode slows the client to what the service
 * takes. An attempt that hangs is given up and repeated within the call's limit.
 * Decision 0043.
 */
export const REPEATING = {
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
