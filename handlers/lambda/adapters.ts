import {
  cloudWatchClient,
  ec2Client,
  eventBridgeClient,
  route53Client,
  s3Client,
  ssmClient,
} from '../../src/aws/clients.ts';
import { ssmCommands } from '../../src/aws/commands.ts';
import { eventBridgeEvents } from '../../src/aws/events.ts';
import { ec2Instances } from '../../src/aws/instances.ts';
import { cloudWatchMetrics } from '../../src/aws/metrics.ts';
import { ssmModes } from '../../src/aws/modes.ts';
import { s3Reports } from '../../src/aws/reports.ts';
import { route53Zone } from '../../src/aws/zone.ts';
import type { Commands, Events, Metrics, Reading, Reports, Zone } from '../../src/watchdog/ports.ts';
import { setting } from './setting.ts';

// One client a service and process. Each function builds only what it uses, so that its bundle carries no other client.

let ssm: ReturnType<typeof ssmClient> | undefined;

function oneSsmClient() {
  ssm ??= ssmClient();
  return ssm;
}

export function reports(): Reports {
  return s3Reports(s3Client(), setting('REPORT_BUCKET'));
}

/** What every run reads by. The zone can be changed as well, by a function whose role may. */
export function reading(): Reading & { zone: Zone } {
  return {
    instances: ec2Instances(ec2Client()),
    zone: route53Zone(route53Client()),
    reports: reports(),
    modes: ssmModes(oneSsmClient(), setting('STAGE')),
  };
}

/** For functions that change DNS. */
export function events(): Events {
  return eventBridgeEvents(eventBridgeClient());
}

export function commands(): Commands {
  const documents = { collect: setting('COLLECT_DOCUMENT'), cycle: setting('CYCLE_DOCUMENT') };
  return ssmCommands(oneSsmClient(), documents);
}

export function metrics(): Metrics {
  return cloudWatchMetrics(cloudWatchClient());
}
