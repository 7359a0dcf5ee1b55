import { CloudWatchClient, type CloudWatchClientConfig } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { Route53Client, type Route53ClientConfig } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

/** The SDK's client of each service that the endpoint speaks. */
export interface Clients {
  readonly route53: Route53Client;
  readonly ssm: SSMClient;
  readonly cloudwatch: CloudWatchClient;
  readonly ec2: EC2Client;
  readonly eventbridge: EventBridgeClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
}

/** What all clients take alike, and what Route 53's is told beside it: it has the lowest rate. */
export type ClientsConfig = Pick<
  CloudWatchClientConfig & Route53ClientConfig,
  'endpoint' | 'region' | 'credentials' | 'maxAttempts' | 'requestHandler'
>;

/**
 * Each client is made when it is first asked for; `destroyClients` ends those that were. Buckets are addressed by path: an
 * endpoint has no names for them.
 */
export function createClients(
  config: ClientsConfig,
  route53: ClientsConfig = {},
): Clients & { destroyClients(): void } {
  const made: Partial<{ -readonly [service in keyof Clients]: Clients[service] }> = {};
  return {
    get route53() {
      made.route53 ??= new Route53Client({ ...config, ...route53 });
      return made.route53;
    },
    get ssm() {
      made.ssm ??= new SSMClient(config);
      return made.ssm;
    },
    get cloudwatch() {
      made.cloudwatch ??= new CloudWatchClient(config);
      return made.cloudwatch;
    },
    get ec2() {
      made.ec2 ??= new EC2Client(config);
      return made.ec2;
    },
    get eventbridge() {
      made.eventbridge ??= new EventBridgeClient(config);
      return made.eventbridge;
    },
    get s3() {
      made.s3 ??= new S3Client({ ...config, forcePathStyle: config.endpoint !== undefined });
      return made.s3;
    },
    get sqs() {
      // a queue's URL names where it is, which a proxy before the endpoint is not
      made.sqs ??= new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
      return made.sqs;
    },
    destroyClients() {
      for (const client of Object.values(made)) client.destroy();
    },
  };
}
