import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  ListHostedZonesByNameCommand,
  type VPCRegion,
} from '@aws-sdk/client-route-53';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createClients } from '../src/testing/clients.ts';
import type { Account } from './clause.ts';
import { CONTRACT } from './contract.ts';
import { emptyZone } from './route53.ts';

export interface VerifyOptions {
  /** The VPC that the zone belongs to, `vpc-…`. */
  vpc?: string;
  /** Default: the SDK's own; on a loopback address `us-east-1`. */
  region?: string;
  /** Default: AWS. On a loopback address nobody is asked and no real credentials are sent. */
  endpointUrl?: string;
  /** Asks nobody. */
  yes: boolean;
}

/** Who runs it, and how long a second lasts. */
export interface Terminal {
  print(text: string): void;
  /** The answer that was typed; empty at the end of the input. */
  ask(question: string): Promise<string>;
  pause(ms: number): Promise<void>;
  /** Aborted: what was made is removed, nothing more is tried. */
  interruption: AbortSignal;
}

/** Ends the run with a sentence for the operator. */
export class Stop extends Error {}

/** An implementation of AWS that answers later than this is one that does not answer. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Holds the contract against AWS, or against what stands at `endpointUrl`. Makes a private zone of its own, writes records
 * there, and removes both; all other calls only read, or are refused. Whether every sentence held and the zone is gone.
 * Throws Stop, before anything was written, where it may not or cannot begin.
 */
export async function verify(options: VerifyOptions, terminal: Terminal): Promise<boolean> {
  const local = options.endpointUrl !== undefined && isLoopback(options.endpointUrl);
  const config = {
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
    ...(options.endpointUrl === undefined ? {} : { endpoint: options.endpointUrl }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(local
      ? { region: options.region ?? 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
      : {}),
  };
  const caller = local
    ? { account: 'local', arn: 'anyone', region: options.region ?? 'us-east-1' }
    : await identify(new STSClient(config));
  const { vpc } = options;
  if (vpc === undefined || vpc === '') {
    throw new Stop('Name a VPC of this account, for the private zone to belong to: npm run verify:aws -- --vpc vpc-…');
  }
  if (!/^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(vpc)) {
    throw new Stop(`--vpc ${vpc} is no id of a VPC: vpc- and 8 or 17 hexadecimal digits. Nothing was done.`);
  }
  const mark = randomBytes(6).toString('hex');
  const zoneName = `verify-aws-${mark}.internal`;
  terminal.print(plan(caller, vpc, zoneName));
  if (!local && !options.yes) await consent(caller.account, terminal);

  const clients = createClients(config, { maxAttempts: 8 });
  const zone = { id: await makeZone(clients, zoneName, vpc, caller.region), name: zoneName };
  terminal.print(`Made zone ${zone.name} (${zone.id}).`);
  const account: Account = Object.assign(clients, { zone, mark, pause: (ms: number) => interruptible(ms, terminal) });
  let differ: number;
  try {
    differ = await holdAll(account, terminal);
  } catch (failure) {
    await remove(account, terminal);
    throw failure;
  }
  return (await remove(account, terminal)) && differ === 0;
}

/** The id of a new private zone. Where the answer is lost the zone is looked for by its name, which nobody else has. */
async function makeZone(
  { route53 }: Pick<Account, 'route53'>,
  name: string,
  vpc: string,
  region: string,
): Promise<string> {
  const idOf = (id: string) => id.replace('/hostedzone/', '');
  try {
    const { HostedZone } = await route53.send(
      new CreateHostedZoneCommand({
        Name: name,
        CallerReference: name,
        HostedZoneConfig: { PrivateZone: true, Comment: 'verify:aws; may be deleted' },
        VPC: { VPCId: vpc, VPCRegion: region as VPCRegion },
      }),
    );
    if (HostedZone?.Id) return idOf(HostedZone.Id);
    throw new Error('CreateHostedZone answered without an id');
  } catch (failure) {
    const listed = await route53
      .send(new ListHostedZonesByNameCommand({ DNSName: name, MaxItems: 1 }))
      .catch(() => null);
    const made = listed?.HostedZones?.find((zone) => zone.Name === `${name}.`);
    if (made?.Id) return idOf(made.Id);
    throw failure;
  }
}

/** Waits. Throws at once when it is interrupted. */
async function interruptible(ms: number, { pause, interruption }: Terminal): Promise<void> {
  interruption.throwIfAborted();
  const over = new AbortController();
  const aborted = once(interruption, 'abort', { signal: over.signal }).catch(() => undefined);
  await Promise.race([pause(ms), aborted]);
  over.abort();
  interruption.throwIfAborted();
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) throw new Stop(`--endpoint-url is no URL: ${url}`);
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
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

function plan(caller: { account: string; arn: string; region: string }, vpc: string, zoneName: string): string {
  const clauses = Object.values(CONTRACT).flat().length;
  return [
    `Account ${caller.account}, region ${caller.region}, as ${caller.arn}.`,
    `Makes the private zone ${zoneName} in ${vpc}, writes records of its own there, and removes both.`,
    `Holds ${clauses} sentences about ${Object.keys(CONTRACT).join(', ')}: every other call reads, or is refused.`,
    'What CloudWatch should refuse and would take is left behind: a metric of namespace VerifyAws…, which nothing can delete.',
    'Needs route53:CreateHostedZone, DeleteHostedZone, ListHostedZonesByName, ChangeResourceRecordSets, ListResourceRecordSets, GetChange;',
    'ec2:DescribeVpcs, DescribeInstances, DescribeTags; ssm:GetParameter, GetParameters, GetParametersByPath, ListCommands,',
    'ListCommandInvocations, GetCommandInvocation, SendCommand; cloudwatch:PutMetricData, ListMetrics, GetDashboard;',
    'events:PutEvents, ListRules; sqs:GetQueueUrl; s3:GetObject, ListBucket, ListBucketVersions, GetBucketVersioning,',
    'ListAllMyBuckets.',
    'Route 53 does not charge for a zone that is deleted within twelve hours (its price list).',
  ].join('\n');
}

async function consent(account: string, { ask }: Terminal): Promise<void> {
  const typed = await ask(`Type ${account} to go on: `);
  if (typed.trim() !== account) throw new Stop('That was not the account. Nothing was done.');
}

/** How many sentences do not hold. */
async function holdAll(account: Account, { print, interruption }: Terminal): Promise<number> {
  const differing: string[] = [];
  let held = 0;
  for (const [service, clauses] of Object.entries(CONTRACT)) {
    const heldBefore = held;
    for (const { says, holds } of clauses) {
      const stopped = () => new Stop(`Interrupted after ${held + differing.length} sentences.`);
      if (interruption.aborted) throw stopped();
      try {
        await holds(account);
        held += 1;
        print(`holds     ${service}: ${says}`);
      } catch (error) {
        if (interruption.aborted) throw stopped();
        differing.push(says);
        print(`DIFFERS   ${service}: ${says}\n          ${(error as Error).message.replaceAll('\n', '\n          ')}`);
      }
    }
    print(`          ${service}: ${held - heldBefore} of ${clauses.length} hold.`);
  }
  print(`${held} hold, ${differing.length} differ. What differs belongs into docs/aws-claims.md and src/.`);
  return differing.length;
}

/** Only ever the zone that this run made. Whether it is gone. */
async function remove({ route53, zone }: Account, { print, pause }: Terminal): Promise<boolean> {
  try {
    await pause(1000);
    await emptyZone({ route53, zone });
    await route53.send(new DeleteHostedZoneCommand({ Id: zone.id }));
    print(`Removed zone ${zone.name} (${zone.id}).`);
    return true;
  } catch (error) {
    print(`Zone ${zone.name} (${zone.id}) could not be removed: ${(error as Error).message}. Remove it by hand.`);
    return false;
  }
}
