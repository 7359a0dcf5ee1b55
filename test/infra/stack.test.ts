import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { overLimits, resourcesBesidePods } from '../../infra/template/limits.ts';
import { generatedResources } from '../../infra/template/resources.ts';
import { inRegion } from '../../src/fleet/deploy.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { FUNCTIONS, SERVICE } from '../builders/functions.ts';
import { type Package, packagedForProduction, ROOT } from '../builders/packaged-service.ts';

// What `npx sls deploy --stage prod` would create, sentence by sentence, on the template that it would send.

const FIXTURES = join(import.meta.dirname, '../fixtures/infra');

let prod: Package;

beforeAll(async () => {
  prod = await packagedForProduction();
});

const podsOfStack = () => inRegion(loadFleet(readFileSync(join(FIXTURES, 'complete.yml'), 'utf8')), 'us-west-2').pods;
const properties = (type: string) => prod.ofType(type).map(([, each]) => each);

describe('the functions', () => {
  it('run on nodejs24.x, arm64, each under a role of its own', () => {
    const functions = properties('AWS::Lambda::Function');
    expect(functions.map(({ FunctionName }) => FunctionName)).toEqual(FUNCTIONS.map((name) => `podtime-prod-${name}`));
    for (const { Runtime, Architectures } of functions) {
      expect({ Runtime, Architectures }).toEqual({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    }
    expect(new Set(functions.map(({ Role }) => JSON.stringify(Role))).size).toBe(FUNCTIONS.length);
  });

  it('log JSON into groups that forget', () => {
    for (const { LoggingConfig } of properties('AWS::Lambda::Function')) {
      expect(LoggingConfig).toMatchObject({ LogFormat: 'JSON' });
    }
    expect(properties('AWS::Logs::LogGroup')).toEqual(
      FUNCTIONS.map((name) => ({ LogGroupName: `/aws/lambda/podtime-prod-${name}`, RetentionInDays: 30 })),
    );
  });

  it('that the watchdog is among are not repeated, neither by Lambda nor by who starts it', () => {
    expect(prod.properties('WatchdogLambdaEvConf')).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
    const rule = properties('AWS::Events::Rule').find(({ EventPattern }) =>
      JSON.stringify(EventPattern).includes('DNS changed'),
    );
    const [target] = (rule?.Targets ?? []) as Record<string, unknown>[];
    expect(target).toMatchObject({
      Arn: { 'Fn::GetAtt': ['WatchdogLambdaFunction', 'Arn'] },
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
    });
    for (const { Target } of properties('AWS::Scheduler::Schedule')) {
      expect(Target).toMatchObject({ RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } });
    }
  });
});

describe('what starts the functions', () => {
  it('is a schedule a pod, every minute, each pod in a second of its own', () => {
    const schedules = properties('AWS::Scheduler::Schedule').map((each) => [
      each.Name,
      each.ScheduleExpression,
      each.FlexibleTimeWindow,
      JSON.parse((each.Target as { Input: string }).Input),
    ]);
    const off = { Mode: 'OFF' };
    expect(schedules).toEqual([
      ['podtime-prod-blue', 'rate(1 minute)', off, { pod: 'blue', scheduled: true, delaySeconds: 0 }],
      ['podtime-prod-yellow-2', 'rate(1 minute)', off, { pod: 'yellow-2', scheduled: true, delaySeconds: 1 }],
      ['podtime-prod_history', 'rate(30 minutes)', off, { fold: true }],
    ]);
  });

  it("is EC2's state change and podtime's own event", () => {
    expect(properties('AWS::Events::Rule').map(({ EventPattern }) => EventPattern)).toEqual([
      { source: ['podtime'], 'detail-type': ['DNS changed'], detail: { pod: ['yellow-2', 'blue'] } },
      {
        source: ['aws.ec2'],
        'detail-type': ['EC2 Instance State-change Notification'],
        detail: { state: ['running', 'shutting-down', 'stopping', 'stopped', 'terminated'] },
      },
    ]);
  });
});

describe("EC2's events", () => {
  it('go to a queue that their rule alone may fill, encrypted, and come to instances in batches', () => {
    const queue = { 'Fn::GetAtt': ['InstanceEventsQueue', 'Arn'] };
    const [rule] = prod
      .ofType('AWS::Events::Rule')
      .filter(([, { EventPattern }]) => JSON.stringify(EventPattern).includes('aws.ec2'));
    const [ruleId, { Targets }] = rule as [string, { Targets: { Arn: unknown }[] }];
    expect(Targets.map(({ Arn }) => Arn)).toEqual([queue]);
    expect(prod.properties('InstanceEventsQueue')).toMatchObject({ SqsManagedSseEnabled: true });
    expect(properties('AWS::SQS::QueuePolicy').map(({ PolicyDocument }) => PolicyDocument)).toMatchObject([
      {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: queue,
            Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [ruleId, 'Arn'] } } },
          },
        ],
      },
    ]);
    expect(properties('AWS::Lambda::EventSourceMapping')).toEqual([
      {
        EventSourceArn: queue,
        FunctionName: { 'Fn::GetAtt': ['InstancesLambdaFunction', 'Arn'] },
        Enabled: true,
        BatchSize: 2000,
        MaximumBatchingWindowInSeconds: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      },
    ]);
  });

  it('come again only when their run is surely over, and no longer than the watchdog takes to know better', () => {
    const { VisibilityTimeout, MessageRetentionPeriod } = prod.properties('InstanceEventsQueue');
    const timeout = Number(prod.properties('InstancesLambdaFunction').Timeout);
    // Lambda developer guide, "Configuring a queue": six times the timeout, and the window
    expect(Number(VisibilityTimeout)).toBeGreaterThanOrEqual(6 * timeout + 10);
    expect(MessageRetentionPeriod).toBe(300);
  });
});

it('has the documents of src/host/, and a bucket for reports: private, encrypted', () => {
  expect(properties('AWS::SSM::Document').map(({ Name }) => Name)).toEqual([
    'podtime-prod-collect',
    'podtime-prod-cycle',
  ]);
  expect(prod.properties('ReportBucket')).toMatchObject({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
  });
});

it('keeps the bucket, and what lets it be read over TLS only, when the stack is removed', () => {
  const kept = ['ReportBucket', 'ReportBucketPolicy'].map((id) => prod.resources[id]);
  for (const resource of kept)
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
});

it('has as many resources as are expected before it is built', () => {
  const ofPods = Object.keys(generatedResources(ROOT, 'prod', podsOfStack()));
  const beside = Object.keys(prod.resources).filter((id) => !ofPods.includes(id) && id !== 'ApiGatewayRestApi');
  expect(beside).toHaveLength(resourcesBesidePods(SERVICE.functions));
});

describe('a template', () => {
  const podsWith = (isNew: boolean, count: number) => {
    const like = podsOfStack().find(({ newEndpoint }) => (newEndpoint !== null) === isNew) as Pod;
    const pods = Array.from({ length: count }, (_, index) => ({ ...like, name: `pod-${index}` }));
    return generatedResources(ROOT, 'prod', pods);
  };

  it.each([
    [false, 30, 13, 517],
    [true, 32, 12, 513],
  ])(
    'has room for as many pods as documents say (newEndpoint: %s; %d resources a pod, %d pods)',
    (isNew, each, most, tooMany) => {
      const ofPods = Object.keys(generatedResources(ROOT, 'prod', podsOfStack()));
      const beside = Object.fromEntries(Object.entries(prod.resources).filter(([id]) => !ofPods.includes(id)));
      const withPods = (count: number) => overLimits({ Resources: { ...beside, ...podsWith(isNew, count) } }, count);
      expect(Object.keys(podsWith(isNew, 2)).length - Object.keys(podsWith(isNew, 1)).length).toBe(each);
      expect(withPods(most)).toEqual([]);
      expect(withPods(most + 1)).toEqual([expect.stringContaining(`${tooMany} resources, the limit is 500`)]);
    },
  );

  it.each(['architecture.md', 'decisions/0025-what-raises-an-alarm.md'])('has room for what docs/%s says', (page) => {
    const words = readFileSync(join(ROOT, 'docs', page), 'utf8').replace(/\s+/g, ' ');
    expect(words).toMatch(
      /\b30 (?:of them|resources a pod), so (?:that a stack|a template of 500) holds 13 pods \(12 with `newEndpoint`, two more\)/,
    );
  });
});

describe('a stack without a locked history', () => {
  it('has nothing of one', () => {
    expect(JSON.stringify(prod.resources)).not.toMatch(/HistoryBucket|HISTORY_BUCKET|ObjectLock|ListBucketVersions/);
  });
});
