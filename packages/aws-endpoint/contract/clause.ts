import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Route53Client } from '@aws-sdk/client-route-53';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SSMClient } from '@aws-sdk/client-ssm';

/** Where the contract is held: the local endpoint, or an account of AWS. */
export interface Account {
  route53: Route53Client;
  ssm: SSMClient;
  cloudwatch: CloudWatchClient;
  ec2: EC2Client;
  eventbridge: EventBridgeClient;
  s3: S3Client;
  /** The contract's own private zone, empty at first but for NS and SOA. */
  zone: { id: string; name: string };
  /** Letters and digits that name nothing else in the account. */
  mark: string;
  pause(ms: number): Promise<void>;
}

/** One sentence of the contract. `holds` throws when AWS does otherwise. */
export interface Clause {
  says: string;
  holds(account: Account): Promise<void>;
}
