import { readFileSync } from 'node:fs';
import { PutMetricDataCommand, type PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand, type DescribeInstancesCommandInput } from '@aws-sdk/client-ec2';
import { PutEventsCommand, type PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import { ListResourceRecordSetsCommand, type ListResourceRecordSetsCommandInput } from '@aws-sdk/client-route-53';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import {
  GetParameterCommand,
  type GetParameterCommandInput,
  GetParametersCommand,
  type GetParametersCommandInput,
  ListCommandInvocationsCommand,
  type ListCommandInvocationsCommandInput,
  ListCommandsCommand,
  type ListCommandsCommandInput,
  SendCommandCommand,
  type SendCommandCommandInput,
} from '@aws-sdk/client-ssm';
import {
  cloudWatchClient,
  ec2Client,
  eventBridgeClient,
  route53Client,
  s3Client,
  ssmClient,
} from '../../src/aws/clients.ts';
import type { ReplayedCall } from './replayed-calls.ts';

/*
 * The calls of a tick by the SDK alone, with podtime's clients: the answers are thrown away. What a tick costs beside this is
 * podtime's own.
 */

const cloudWatch = cloudWatchClient();
const ec2 = ec2Client();
const eventBridge = eventBridgeClient();
const route53 = route53Client();
const s3 = s3Client();
const ssm = ssmClient();

const SENDERS: Record<string, (input: object) => Promise<unknown>> = {
  DescribeInstances: (input) => ec2.send(new DescribeInstancesCommand(input as DescribeInstancesCommandInput)),
  ListResourceRecordSets: (input) =>
    route53.send(new ListResourceRecordSetsCommand(input as ListResourceRecordSetsCommandInput)),
  GetObject: async (input) => {
    const { Body } = await s3.send(new GetObjectCommand(input as GetObjectCommandInput));
    await Body?.transformToByteArray();
  },
  PutObject: (input) => s3.send(new PutObjectCommand(input as PutObjectCommandInput)),
  GetParameter: (input) => ssm.send(new GetParameterCommand(input as GetParameterCommandInput)),
  GetParameters: (input) => ssm.send(new GetParametersCommand(input as GetParametersCommandInput)),
  SendCommand: (input) => ssm.send(new SendCommandCommand(input as SendCommandCommandInput)),
  ListCommands: (input) => ssm.send(new ListCommandsCommand(input as ListCommandsCommandInput)),
  ListCommandInvocations: (input) =>
    ssm.send(new ListCommandInvocationsCommand(input as ListCommandInvocationsCommandInput)),
  PutMetricData: (input) => cloudWatch.send(new PutMetricDataCommand(input as PutMetricDataCommandInput)),
  PutEvents: (input) => eventBridge.send(new PutEventsCommand(input as PutEventsCommandInput)),
};

let calls: { operation: string; input: object }[] = [];

/** First `{ file }`, which is read, then anything else: the calls are made. */
export async function handler({ file }: { file?: string }): Promise<void> {
  if (file !== undefined) {
    calls = (JSON.parse(readFileSync(file, 'utf8')) as ReplayedCall[]).map(withTypes);
    return;
  }
  for (const { operation, input } of calls) {
    const send = SENDERS[operation];
    if (!send) throw new Error(`The replay knows no ${operation}.`);
    try {
      await send(input);
    } catch (error) {
      // as the tick met it
      if (!(error instanceof Error && ['NoSuchKey', 'ParameterNotFound'].includes(error.name))) throw error;
    }
  }
}

/** Times and bytes, which JSON does not have. */
function withTypes({ operation, input }: ReplayedCall): { operation: string; input: object } {
  if (operation === 'PutMetricData') {
    const data = input.MetricData as { Timestamp: number }[];
    const MetricData = data.map((datum) => ({ ...datum, Timestamp: new Date(datum.Timestamp * 1000) }));
    return { operation, input: { ...input, MetricData } };
  }
  if (operation === 'PutObject')
    return { operation, input: { ...input, Body: Buffer.from(String(input.Body), 'base64') } };
  return { operation, input };
}
