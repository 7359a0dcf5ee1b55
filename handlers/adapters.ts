import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { ssmCommands } from '../src/aws/commands.ts';
import { eventBridgeEvents } from '../src/aws/events.ts';
import { ec2Instances } from '../src/aws/instances.ts';
import { cloudWatchMetrics } from '../src/aws/metrics.ts';
import { ssmModes } from '../src/aws/modes.ts';
import { s3Reports } from '../src/aws/reports.ts';
import { RETRYING } from '../src/aws/retrying.ts';
import { route53Zone } from '../src/aws/zone.ts';
import type { Commands, Membership, Metrics, Ports, Reports } from '../src/watchdog/ports.ts';
import { setting } from './setting.ts';

// One client a service and process. Each function calls only what it needs, so that its bundle carries no other client.

export function reports(): Reports {
  return s3Reports(new S3Client(RETRYING), setting('REPORT_BUCKET'));
}

/** What registering and withdrawing needs. */
export function membership(): Membership {
  return {
    instances: ec2Instances(new EC2Client(RETRYING)),
    zone: route53Zone(new Route53Client(RETRYING)),
    reports: reports(),
    modes: ssmModes(new SSMClient(RETRYING), setting('STAGE')),
    events: eventBridgeEvents(new EventBridgeClient(RETRYING)),
  };
}

export function commands(): Commands {
  const documents = { collect: setting('COLLECT_DOCUMENT'), cycle: setting('CYCLE_DOCUMENT') };
  return ssmCommands(new SSMClient(RETRYING), documents);
}

export function metrics(): Metrics {
  return cloudWatchMetrics(new CloudWatchClient(RETRYING));
}

/** What a whole tick needs. */
export function everything(): Ports {
  return { ...membership(), commands: commands(), metrics: metrics() };
}
