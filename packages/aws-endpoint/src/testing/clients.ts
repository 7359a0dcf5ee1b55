import { CloudWatchClient, type CloudWatchClientConfig } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { Route53Client, type Route53ClientConfig } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';

/** The SDK's client of each service that the endpoint speaks. */
export interface Clients {
  route53: Route53Client;
  ssm: SSMClient;
  cloudwatch: CloudWatchClient;
  ec2: EC2Client;
  eventbridge: EventBridgeClient;
  s3: S3Client;
}

/** What all clients take alike, and what Route 53's is told beside it: it has the lowest rate. */
export type ClientsConfig = Pick<
  CloudWatchClientConfig & Route53ClientConfig,
  'endpoint' | 'region' | 'credentials' | 'maxAttempts' | 'requestHandler'
>;

/** Buckets are addressed by path: an endpoint has no names for them. */
export function createClients(config: ClientsConfig, route53: ClientsConfig = {}): Clients {
  return {
    route53: new Route53Client({ ...config, ...route53 }),
    ssm: new SSMClient(config),
    cloudwatch: new CloudWatchClient(config),
    ec2: new EC2Client(config),
    eventbridge: new EventBridgeClient(config),
    s3: new S3Client({ ...config, forcePathStyle: config.endpoint !== undefined }),
  };
}
