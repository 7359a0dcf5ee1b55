import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListCommandInvocationsCommand, ListCommandsCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FLEET, POD } from '../../../bench/scale/fleet.ts';
import { StandIn } from '../../../bench/scale/stand-in.ts';

const SIZE = 120;
const standIn = new StandIn(SIZE);
const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' };
let settings: { endpoint: string; region: string; credentials: typeof credentials; maxAttempts: number };

beforeAll(async () => {
  settings = { endpoint: await standIn.start(), region: 'us-west-2', credentials, maxAttempts: 1 };
});
afterAll(() => standIn.stop());

describe('the stand-in for AWS', () => {
  it('describes each host of the pod once, page by page, and boundary servers by themselves', async () => {
    const ec2 = new EC2Client(settings);
    const ids: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const Filters = [{ Name: 'tag:ntp-pod', Values: [POD.name] }];
      const page = await ec2.send(new DescribeInstancesCommand({ Filters, MaxResults: 50, NextToken }));
      ids.push(...(page.Reservations ?? []).map(({ Instances }) => Instances?.[0]?.InstanceId));
      NextToken = page.NextToken;
    } while (NextToken);
    expect([ids.length, new Set(ids).size]).toEqual([SIZE, SIZE]);
    const Filters = [
      { Name: 'tag:ntp-pod', Values: [POD.name] },
      { Name: 'tag:ntp-tier', Values: ['boundary'] },
    ];
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }));
    expect(Reservations).toHaveLength(POD.boundaryServers);
    const held = [
      { Name: 'tag:ntp-pod', Values: [POD.name] },
      { Name: 'tag-key', Values: ['ntp-hold'] },
    ];
    expect((await ec2.send(new DescribeInstancesCommand({ Filters: held }))).Reservations ?? []).toEqual([]);
  });

  it('fills commands with answers, and lists those that have answered by themselves', async () => {
    const ssm = new SSMClient(settings);
    const DocumentName = 'podtime-bench-collect';
    const { Command } = await ssm.send(new SendCommandCommand({ DocumentName, Targets: [] }));
    const CommandId = Command?.CommandId;
    const first = await ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true, MaxResults: 50 }));
    expect(first.CommandInvocations?.map(({ Status }) => Status)).toEqual(Array(50).fill('InProgress'));
    expect(first.NextToken).toBe('50');
    const Filters = [{ key: 'Status' as const, value: 'Success' }];
    const heard = await ssm.send(new ListCommandInvocationsCommand({ CommandId, Filters }));
    expect(heard.CommandInvocations).toEqual([]);
    const { Commands } = await ssm.send(new ListCommandsCommand({ CommandId }));
    expect(Commands?.map(({ TargetCount, CompletedCount }) => [TargetCount, CompletedCount])).toEqual([[SIZE, 0]]);
  });

  it('shows clients that DNS left behind until they are cycled', async () => {
    const ssm = new SSMClient(settings);
    const [, , , leftBehind] = standIn.pages.hosts.slice(50);
    standIn.leaveBehind(leftBehind?.number ?? 0, 1);
    const shown = () => standIn.pages.invocations(50, 100, 100, null).toString().includes('10.255.0.1');
    expect(shown()).toBe(true);
    const InstanceIds = [leftBehind?.instanceId ?? ''];
    const sent = await ssm.send(new SendCommandCommand({ DocumentName: 'podtime-bench-cycle', InstanceIds }));
    const CommandId = sent.Command?.CommandId;
    const { CommandInvocations } = await ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true }));
    expect(CommandInvocations?.map(({ InstanceId }) => InstanceId)).toEqual(InstanceIds);
    expect(shown()).toBe(false);
  });

  it('lists hosts that stay silent as under way', () => {
    const statuses = JSON.parse(standIn.pages.invocations(0, 50, 48, null).toString()).CommandInvocations;
    expect(statuses.map(({ Status }: { Status: string }) => Status)).toEqual([
      ...Array(48).fill('Success'),
      'InProgress',
      'InProgress',
    ]);
  });

  it('refuses reads of SSM beyond the bucket', async () => {
    const ssm = new SSMClient(settings);
    standIn.throttle({ perSecond: 0.001, burst: 1 });
    try {
      await ssm.send(new ListCommandsCommand({}));
      await expect(ssm.send(new ListCommandsCommand({}))).rejects.toMatchObject({ name: 'ThrottlingException' });
    } finally {
      standIn.throttle(null);
    }
  });

  it('writes objects on conditions only', async () => {
    const s3 = new S3Client(settings);
    const object = { Bucket: 'reports', Key: 'blue/state.json' };
    await expect(s3.send(new GetObjectCommand(object))).rejects.toMatchObject({ name: 'NoSuchKey' });
    const { ETag } = await s3.send(new PutObjectCommand({ ...object, Body: 'one', IfNoneMatch: '*' }));
    await s3.send(new PutObjectCommand({ ...object, Body: 'two', IfMatch: ETag }));
    const late = s3.send(new PutObjectCommand({ ...object, Body: 'three', IfMatch: ETag }));
    await expect(late).rejects.toMatchObject({ name: 'PreconditionFailed' });
    const { Body } = await s3.send(new GetObjectCommand(object));
    expect(await Body?.transformToString()).toBe('two');
  });

  it('lists the records of all boundary servers but one that is to be registered', async () => {
    const route53 = new Route53Client(settings);
    const list = new ListResourceRecordSetsCommand({ HostedZoneId: POD.zone.id });
    const all = await route53.send(list);
    standIn.unpublished = 3;
    const without = await route53.send(list);
    expect([all.ResourceRecordSets?.length, without.ResourceRecordSets?.length]).toEqual([
      2 * POD.boundaryServers,
      2 * POD.boundaryServers - 2,
    ]);
    expect(FLEET.pods).toHaveLength(1);
  });
});
