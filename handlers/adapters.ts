import {
  cloudWatchClient,
  ec2Client,
  eventBridgeClient,
  route53Client,
  s3Client,
  ssmClient,
} from '../src/aws/clients.ts';
import { ssmCommands } from '../src/aws/commands.ts';
import { eventBridgeEvents } from '../src/aws/events.ts';
import { ec2Instances } from '../src/aws/instances.ts';
import { cloudWatchMetrics } from '../src/aws/metrics.ts';
import { ssmModes } from '../src/aws/modes.ts';
import { s3Reports } from '../src/aws/reports.ts';
import { route53Zone } from '../src/aws/zone.ts';
import type { Commands, Membership, Metrics, Ports, Reports } from '../src/watchdog/ports.ts';
import { setting } from './setting.ts';

// One client a service and process. Each function calls only what it needs, so that its bundle carries no other client.

export function reports(): Reports {
  return s3Reports(s3Client(), setting('REPORT_BUCKET'));
}

/** What registering and withdrawing needs. */
export function membership(): Membership {
  return {
    instances: ec2Instances(ec2Client()),
    zone: route53Zone(route53Client()),
    reports: reports(),
    modes: ssmModes(ssmClient(), setting('STAGE')),
    events: eventBridgeEvents(eventBridgeClient()),
  };
}

export function commands(): Commands {
  const documents = { collect: setting('COLLECT_DOCUMENT'), cycle: setting('CYCLE_DOCUMENT') };
  return ssmCommands(ssmClient(), documents);
}

export function metrics(): Metrics {
  return cloudWatchMetrics(cloudWatchClient());
}

/** What a whole tick needs. */
export function everything(): Ports {
  return { ...membership(), commands: commands(), metrics: metrics() };
}
