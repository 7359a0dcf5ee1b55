/**
 * Holds the contract of this folder against a real account: `npm run verify:aws -- --vpc vpc-… [--region …] [--yes]`.
 * Says what it will do and asks first. It makes a private zone of its own, writes records there, and removes both; all other
 * calls only read, or are refused. Without credentials it says so and stops.
 */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  Route53Client,
  type VPCRegion,
} from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account } from './clause.ts';
import { CONTRACT } from './contract.ts';
import { emptyZone } from './route53.ts';

/** Ends the run with a sentence; nothing was written before it. */
class Stop extends Error {}

let interrupted = false;
process.once('SIGINT', () => {
  interrupted = true;
  console.log('\nInterrupted: what was made is removed first.');
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { vpc: { type: 'string' }, region: { type: 'string' }, yes: { type: 'boolean', default: false } },
  });
  const config = values.region ? { region: values.region } : {};
  const who = await identify(new STSClient(config));
  const vpc = values.vpc ?? '';
  if (!/^vpc-[0-9a-f]{8,17}$/.test(vpc)) {
    throw new Stop('Name a VPC of this account, for the private zone to belong to: npm run verify:aws -- --vpc vpc-…');
  }
  const mark = randomBytes(6).toString('hex');
  const zoneName = `podtime-verify-${mark}.internal`;
  console.log(plan(who, vpc, zoneName));
  if (!values.yes) await consent(who.account);

  const clients = {
    route53: new Route53Client({ ...config, maxAttempts: 8 }),
    ssm: new SSMClient(config),
    cloudwatch: new CloudWatchClient(config),
    ec2: new EC2Client(config),
    eventbridge: new EventBridgeClient(config),
    s3: new S3Client(config),
  };
  const { HostedZone } = await clients.route53.send(
    new CreateHostedZoneCommand({
      Name: zoneName,
      CallerReference: `podtime-verify-${mark}`,
      HostedZoneConfig: { PrivateZone: true, Comment: 'podtime verify:aws; may be deleted' },
      VPC: { VPCId: vpc, VPCRegion: who.region as VPCRegion },
    }),
  );
  const zone = { id: HostedZone?.Id?.replace('/hostedzone/', '') ?? '', name: zoneName };
  console.log(`Made zone ${zone.name} (${zone.id}).`);
  try {
    return await hold({ ...clients, zone, mark, pause: (ms) => pause(ms) });
  } finally {
    await remove(clients.route53, zone);
  }
}

/** Throws a sentence where there are no credentials, no region, or none that AWS takes. */
async function identify(sts: STSClient): Promise<{ account: string; arn: string; region: string }> {
  const region = await sts.config.region().catch(() => null);
  if (!region) throw new Stop('No region is set: give --region, or set AWS_REGION. Nothing was done.');
  await sts.config.credentials().catch(() => {
    throw new Stop('No AWS credentials were found in the environment or in ~/.aws. Nothing was done.');
  });
  const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({})).catch((error: Error) => {
    throw new Stop(`AWS does not take these credentials (${error.name}: ${error.message}). Nothing was done.`);
  });
  return { account: Account, arn: Arn, region };
}

function plan(who: { account: string; arn: string; region: string }, vpc: string, zoneName: string): string {
  const clauses = Object.values(CONTRACT).flat().length;
  return [
    `Account ${who.account}, region ${who.region}, as ${who.arn}.`,
    `Makes the private zone ${zoneName} in ${vpc}, writes records of its own there, and removes both.`,
    `Holds ${clauses} sentences about ${Object.keys(CONTRACT).join(', ')}: every other call reads, or is refused.`,
    'Needs route53:CreateHostedZone, DeleteHostedZone, ChangeResourceRecordSets, ListResourceRecordSets, GetChange;',
    'ec2:DescribeVpcs, DescribeInstances; ssm:GetParameter, ListCommands, ListCommandInvocations, GetCommandInvocation,',
    'SendCommand; cloudwatch:PutMetricData, ListMetrics; events:PutEvents; s3:GetObject.',
    'Route 53 does not charge for a zone that is deleted within twelve hours (its price list).',
  ].join('\n');
}

async function consent(account: string): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const said = await Promise.race([
    lines.question(`Type ${account} to go on: `),
    new Promise<string>((resolve) => lines.once('close', () => resolve(''))),
  ]);
  lines.close();
  if (said.trim() !== account) throw new Stop('That was not the account. Nothing was done.');
}

/** Answers how many sentences do not hold. */
async function hold(account: Account): Promise<number> {
  let [held, broken] = [0, 0];
  for (const [service, clauses] of Object.entries(CONTRACT)) {
    for (const { says, holds } of clauses) {
      if (interrupted) throw new Stop(`Interrupted after ${held + broken} sentences.`);
      try {
        await holds(account);
        held += 1;
        console.log(`holds     ${service}: ${says}`);
      } catch (error) {
        broken += 1;
        console.log(
          `DIFFERS   ${service}: ${says}\n          ${(error as Error).message.replaceAll('\n', '\n          ')}`,
        );
      }
    }
  }
  console.log(`${held} hold, ${broken} differ. What differs belongs into docs/aws-claims.md and src/.`);
  return broken;
}

/** Only ever the zone that this run made. */
async function remove(route53: Route53Client, zone: Account['zone']): Promise<void> {
  try {
    await pause(1000);
    await emptyZone({ route53, zone });
    await route53.send(new DeleteHostedZoneCommand({ Id: zone.id }));
    console.log(`Removed zone ${zone.name} (${zone.id}).`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`Zone ${zone.name} (${zone.id}) could not be removed: ${(error as Error).message}. Remove it by hand.`);
  }
}

main().then(
  (broken) => {
    if (broken > 0) process.exitCode = 1;
  },
  (error: Error) => {
    console.log(error instanceof Stop ? error.message : `${error.name}: ${error.message}`);
    process.exitCode = 1;
  },
);
