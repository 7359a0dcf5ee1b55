import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { resourcesBesidePods } from '../../infra/template/limits.ts';
import { generatedResources } from '../../infra/template/resources.ts';
import { inRegion } from '../../src/fleet/deploy.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { FUNCTIONS, SERVICE } from '../builders/functions.ts';
import { type Package, packagedForProduction, ROOT } from '../builders/packaged-service.ts';

// What `npx sls deploy --stage prod` would create, sentence by sentence, on the template that it would send.

const FIXTURES = join(import.meta.dirname, '../fixtures/infra');

let prod: Package;

beforeAll(async () => {
  prod = await packagedForProduction();
});

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

describe('the API', () => {
  it('is PRIVATE, reached by the endpoints of the pods, those that are there and those that it makes', () => {
    expect(prod.properties('ApiGatewayRestApi').EndpointConfiguration).toEqual({
      Types: ['PRIVATE'],
      VpcEndpointIds: ['vpce-0b0b0b0b0b0b0b0b0', { Ref: 'EndpointYellowDash2' }].toSorted(byPod),
    });
  });

  it('compresses large answers itself, and no served file: its ETag is of the bytes that the function gave', () => {
    const { MinimumCompressionSize, BinaryMediaTypes } = prod.properties('ApiGatewayRestApi');
    expect([MinimumCompressionSize, BinaryMediaTypes]).toEqual([65_536, undefined]);
  });

  it("admits a pod's VPC to that pod's paths, operators' VPCs to all, and nobody else to anything", () => {
    const { Statement } = prod.properties('ApiGatewayRestApi').Policy as {
      Statement: { Effect: string; Principal: unknown; Resource: string | string[]; Condition: unknown }[];
    };
    const paths = (pod: string) => ['GET', 'HEAD', 'POST'].map((method) => `execute-api:/prod/${method}/${pod}/*`);
    const admit = (vpc: string | string[], resource: string | string[]) => ({
      Effect: 'Allow',
      Principal: '*',
      Action: ['execute-api:Invoke'],
      Resource: resource,
      Condition: { StringEquals: { 'aws:SourceVpc': vpc } },
    });
    expect(Statement.toSorted(byResource)).toEqual(
      [
        admit('vpc-0c0c0c0c0c0c0c0c0', paths('yellow-2')),
        admit('vpc-0b0b0b0b0b0b0b0b0', paths('blue')),
        admit(['vpc-0a0a0a0a0a0a0a0a0'], 'execute-api:/prod/*'),
      ].toSorted(byResource),
    );
  });

  it('answers unknown routes by 404, and all that the gateway says itself as problem+json', () => {
    const responses = properties('AWS::ApiGateway::GatewayResponse');
    const types = responses.map(({ ResponseType, StatusCode }) => [ResponseType, StatusCode]);
    expect(types).toEqual([
      ['MISSING_AUTHENTICATION_TOKEN', '404'],
      ['ACCESS_DENIED', '403'],
      ['THROTTLED', '429'],
      ['INTEGRATION_TIMEOUT', '504'],
      // every other one
      ['DEFAULT_4XX', undefined],
      ['DEFAULT_5XX', undefined],
    ]);
    for (const { ResponseParameters } of responses) {
      expect(ResponseParameters).toMatchObject({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
      });
    }
  });

  it('throttles every path, by what it costs, at a stage that stands for the newest deployment', () => {
    const [deployment] = prod.ofType('AWS::ApiGateway::Deployment').map(([id]) => id);
    const throttle = (ResourcePath: string, HttpMethod: string, rate: number, burst: number) => ({
      ResourcePath,
      HttpMethod,
      ThrottlingRateLimit: rate,
      ThrottlingBurstLimit: burst,
    });
    expect(properties('AWS::ApiGateway::Stage')).toEqual([
      {
        RestApiId: { Ref: 'ApiGatewayRestApi' },
        DeploymentId: { Ref: deployment },
        StageName: 'prod',
        // of two pods of a thousand hosts
        MethodSettings: [
          throttle('/*', '*', 2, 10),
          throttle('/~1{pod}~1{tier}~1{az}~1{file}', 'GET', 14, 140),
          throttle('/~1{pod}~1{tier}~1{az}~1{file}', 'HEAD', 2, 10),
          throttle('/~1{pod}~1register', 'POST', 1, 5),
          throttle('/~1{pod}~1status.json', 'GET', 2, 10),
          throttle('/~1{pod}~1status.json', 'HEAD', 2, 10),
        ],
      },
    ]);
    expect(prod.properties(String(deployment))).not.toHaveProperty('StageName');
  });

  it("tells each pod's base URL", () => {
    const { Outputs } = JSON.parse(prod.file('cloudformation-template-update-stack.json').toString());
    const urlBy = (endpoint: unknown) => ({
      'Fn::Join': [
        '',
        [
          'https://',
          { Ref: 'ApiGatewayRestApi' },
          '-',
          endpoint,
          '.execute-api.',
          { Ref: 'AWS::Region' },
          '.',
          { Ref: 'AWS::URLSuffix' },
          '/prod',
        ],
      ],
    });
    expect(Outputs.ApiUrlBlue.Value).toEqual(urlBy('vpce-0b0b0b0b0b0b0b0b0'));
    expect(Outputs.ApiUrlYellowDash2.Value).toEqual(urlBy({ Ref: 'EndpointYellowDash2' }));
  });
});

describe('the endpoint that a pod asked for', () => {
  it("is an execute-api endpoint in the pod's VPC and subnets, which answers for no other API", () => {
    expect(prod.ofType('AWS::EC2::VPCEndpoint')).toEqual([
      [
        'EndpointYellowDash2',
        {
          VpcEndpointType: 'Interface',
          ServiceName: { 'Fn::Join': ['.', ['com.amazonaws', { Ref: 'AWS::Region' }, 'execute-api']] },
          VpcId: 'vpc-0c0c0c0c0c0c0c0c0',
          SubnetIds: ['subnet-0c0c0c0c0c0c0c0c0', 'subnet-0d0d0d0d0d0d0d0d0'],
          SecurityGroupIds: [{ 'Fn::GetAtt': ['EndpointGroupYellowDash2', 'GroupId'] }],
          PrivateDnsEnabled: false,
          Tags: [{ Key: 'Name', Value: 'podtime-prod-yellow-2' }],
        },
      ],
    ]);
  });

  it('lets in HTTPS from the pod alone, and begins no connection', () => {
    expect(prod.properties('EndpointGroupYellowDash2')).toMatchObject({
      VpcId: 'vpc-0c0c0c0c0c0c0c0c0',
      SecurityGroupIngress: [
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.30.0.0/16' },
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv6: '2001:db8:30::/56' },
      ],
      SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '127.0.0.1/32' }],
    });
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
  const fleet = loadFleet(readFileSync(join(FIXTURES, 'complete.yml'), 'utf8'));
  const ofPods = Object.keys(generatedResources(ROOT, 'prod', inRegion(fleet, 'us-west-2').pods));
  const beside = Object.keys(prod.resources).filter((id) => !ofPods.includes(id) && id !== 'ApiGatewayRestApi');
  expect(beside).toHaveLength(resourcesBesidePods(SERVICE.functions));
});

function byPod(a: unknown, b: unknown): number {
  return typeof a === typeof b ? 0 : typeof a === 'object' ? -1 : 1;
}

function byResource(a: { Resource: unknown }, b: { Resource: unknown }): number {
  return JSON.stringify(a.Resource) < JSON.stringify(b.Resource) ? -1 : 1;
}
