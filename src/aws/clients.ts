import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';

/**
 * Every client's retry setting. One-second polling of SSM is throttled in practice, Route 53 admits five requests a second and
 * account, and answers `PriorRequestNotComplete` while a zone is busy: adaptive mode slows the client to what the service takes.
 */
const RETRYING = { retryMode: 'adaptive', maxAttempts: 8 } as const;

// Functions, so that a bundle carries only the clients that are made.
export const cloudWatchClient = () => new CloudWatchClient(RETRYING);
export const ec2Client = () => new EC2Client(RETRYING);
export const eventBridgeClient = () => new EventBridgeClient(RETRYING);
export const route53Client = () => new Route53Client(RETRYING);
export const s3Client = () => new S3Client(RETRYING);
export const ssmClient = () => new SSMClient(RETRYING);
