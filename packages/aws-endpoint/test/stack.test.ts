import { describe, expect, it } from '@jest/globals';
import { readDocument, renderScript } from '../src/ssm/documents.ts';
import { listedOutput } from '../src/ssm/output.ts';
import { readStack } from '../src/stack.ts';
import { ECHO_DOCUMENT } from '../src/testing/bench.ts';

const PSEUDO = { region: 'us-west-2', accountId: '123456789012', stackName: 'podtime-local' };

describe('the packaged template', () => {
  it('gives documents, rules, buckets, parameters and asynchronous settings by their physical names', () => {
    const stack = readStack(
      {
        Resources: {
          CollectDocument: {
            Type: 'AWS::SSM::Document',
            Properties: {
              // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholder
              Name: { 'Fn::Sub': '${AWS::StackName}-collect' },
              DocumentType: 'Command',
              Content: ECHO_DOCUMENT,
            },
          },
          Other: { Type: 'AWS::SSM::Document', Properties: { Name: 'x', DocumentType: 'Automation', Content: {} } },
          ReportBucket: { Type: 'AWS::S3::Bucket' },
          NamedBucket: {
            Type: 'AWS::S3::Bucket',
            Properties: { BucketName: { 'Fn::Join': ['-', ['podtime', { Ref: 'AWS::AccountId' }]] } },
          },
          Mode: {
            Type: 'AWS::SSM::Parameter',
            Properties: {
              Name: '/podtime/local/blue/mode',
              Type: 'String',
              Value: 'observe',
              AllowedPattern: '^(observe|act|hold)$',
            },
          },
          WatchdogLambdaFunction: {
            Type: 'AWS::Lambda::Function',
            Properties: { FunctionName: 'podtime-local-watchdog' },
          },
          WatchdogEventInvokeConfig: {
            Type: 'AWS::Lambda::EventInvokeConfig',
            Properties: {
              FunctionName: { Ref: 'WatchdogLambdaFunction' },
              Qualifier: '$LATEST',
              MaximumRetryAttempts: 0,
              MaximumEventAgeInSeconds: 60,
            },
          },
          Schedule: {
            Type: 'AWS::Events::Rule',
            Properties: {
              ScheduleExpression: 'rate(1 minute)',
              State: 'ENABLED',
              Targets: [
                {
                  Arn: { 'Fn::GetAtt': ['WatchdogLambdaFunction', 'Arn'] },
                  Id: 'watchdogSchedule',
                  Input: '{"pod":"blue"}',
                },
              ],
            },
          },
          ScheduleBlue: {
            Type: 'AWS::Scheduler::Schedule',
            Properties: {
              Name: 'podtime-local-blue',
              ScheduleExpression: 'rate(1 minute)',
              FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1 },
              Target: { Arn: { 'Fn::GetAtt': ['WatchdogLambdaFunction', 'Arn'] }, Input: '{"pod":"blue"}' },
            },
          },
          Changed: {
            Type: 'AWS::Events::Rule',
            Properties: {
              Name: 'dns-changed',
              State: 'DISABLED',
              EventPattern: { source: ['podtime'] },
              Targets: [{ Arn: { 'Fn::GetAtt': 'WatchdogLambdaFunction.Arn' }, Id: 'x', InputPath: '$.detail' }],
            },
          },
        },
      },
      PSEUDO,
    );
    expect(stack).toEqual({
      alarms: [],
      dashboards: {},
      functions: [
        {
          name: 'podtime-local-watchdog',
          description: '',
          runtime: '',
          handler: '',
          role: '',
          timeoutSeconds: 3,
          memoryMib: 128,
          architecture: 'x86_64',
          variables: {},
        },
      ],
      queues: [],
      mappings: [],
      documents: { 'podtime-local-collect': ECHO_DOCUMENT },
      buckets: { ReportBucket: 'podtime-local-reportbucket', NamedBucket: 'podtime-123456789012' },
      bucketConfigs: {
        'podtime-local-reportbucket': { versioning: null, objectLock: null },
        'podtime-123456789012': { versioning: null, objectLock: null },
      },
      parameters: [
        { name: '/podtime/local/blue/mode', type: 'String', value: 'observe', allowedPattern: '^(observe|act|hold)$' },
      ],
      invokeConfigs: { 'podtime-local-watchdog': { maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 } },
      schedules: [
        {
          name: 'podtime-local-blue',
          enabled: true,
          expression: 'rate(1 minute)',
          windowMinutes: 1,
          target: { functionName: 'podtime-local-watchdog', input: '{"pod":"blue"}', inputPath: null },
        },
      ],
      rules: [
        {
          name: 'podtime-local-schedule',
          enabled: true,
          pattern: null,
          schedule: 'rate(1 minute)',
          targets: [{ functionName: 'podtime-local-watchdog', input: '{"pod":"blue"}', inputPath: null }],
        },
        {
          name: 'dns-changed',
          enabled: false,
          pattern: { source: ['podtime'] },
          schedule: null,
          targets: [{ functionName: 'podtime-local-watchdog', input: null, inputPath: '$.detail' }],
        },
      ],
    });
  });

  it('whose rule aims at nothing the template has is an error that names the rule', () => {
    const target = { Arn: 'arn:aws:sns:us-west-2:123456789012:topic', Id: 'x' };
    expect(() =>
      readStack(
        { Resources: { R: { Type: 'AWS::Events::Rule', Properties: { Name: 'lost', Targets: [target] } } } },
        PSEUDO,
      ),
    ).toThrow('rule lost: its target is no function of the template');
  });
});

describe('a document', () => {
  it('is rendered as text, without quoting', () => {
    const document = readDocument('d', {
      ...ECHO_DOCUMENT,
      mainSteps: [
        {
          action: 'aws:runShellScript',
          name: 'speak',
          inputs: { runCommand: ['{{ Words }}', 'x="{{Words}}" {{ Unknown }}'] },
        },
      ],
    });
    const [step] = document.steps;
    expect([step?.timeoutSeconds, document.platforms]).toEqual([3600, ['Linux', 'MacOS']]);
    expect(step && renderScript(step, { Words: ["it's $HOME"] })).toBe('it\'s $HOME\nx="it\'s $HOME" {{ Unknown }}\n');
  });

  it.each<[string, object]>([
    ['schemaVersion is "0.3", the local endpoint runs 2.2', { ...ECHO_DOCUMENT, schemaVersion: '0.3' }],
    ['it has no mainSteps', { ...ECHO_DOCUMENT, mainSteps: [] }],
    [
      'it has a step of aws:downloadContent',
      { ...ECHO_DOCUMENT, mainSteps: [{ action: 'aws:downloadContent', name: 'x', inputs: {} }] },
    ],
    [
      'parameter Words has an interpolationType, which older agents ignore silently',
      { ...ECHO_DOCUMENT, parameters: { Words: { type: 'String', interpolationType: 'ENV_VAR' } } },
    ],
  ])('%s', (message, content) => {
    expect(() => readDocument('d', content)).toThrow(`SSM document d: ${message}`);
  });
});

describe("the agent's output", () => {
  const words = 'This is a sample text. '.repeat(40);
  // The same cases as the agent's own test has, at a capacity of 100 bytes.
  it.each<[string, string, RegExp]>([
    ['', '', /^$/],
    ['out', '', /^out$/],
    ['', 'err', /^\n-{10}ERROR-{7}\nerr$/],
    ['out', 'err', /^out\n-{10}ERROR-{7}\nerr$/],
    [words, '', /^.{77}\n---Output truncated---$/],
    ['', words, /^\n-{10}ERROR-{7}\n.{53}\n---Error truncated----$/],
    [words, words, /^.{15}\n---Output truncated---\n-{10}ERROR-{7}\n.{15}\n---Error truncated----$/],
    [words, 'err', /^.{50}\n---Output truncated---\n-{10}ERROR-{7}\nerr$/],
  ])('%#', (stdout, stderr, expected) => {
    expect(listedOutput(stdout, stderr, 100)).toMatch(expected);
  });

  it('counts bytes: a character of two may be cut in half', () => {
    const cut = listedOutput('é'.repeat(60), '', 100);
    expect(cut).toBe(`${'é'.repeat(38)}\ufffd\n---Output truncated---`);
  });
});

describe('queues of the template', () => {
  const QUEUE = {
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName: 'q', VisibilityTimeout: 130, MessageRetentionPeriod: 300 },
  };
  const arn = { 'Fn::GetAtt': ['Q', 'Arn'] };

  it('are targets of rules, and sources of functions, by their names', () => {
    const stack = readStack(
      {
        Resources: {
          Q: QUEUE,
          Plain: { Type: 'AWS::SQS::Queue' },
          F: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'f' } },
          R: {
            Type: 'AWS::Events::Rule',
            Properties: { Name: 'r', EventPattern: { source: ['aws.ec2'] }, Targets: [{ Id: 't', Arn: arn }] },
          },
          M: {
            Type: 'AWS::Lambda::EventSourceMapping',
            Properties: {
              EventSourceArn: arn,
              FunctionName: { 'Fn::GetAtt': ['F', 'Arn'] },
              BatchSize: 2000,
              MaximumBatchingWindowInSeconds: 10,
              FunctionResponseTypes: ['ReportBatchItemFailures'],
              ScalingConfig: { MaximumConcurrency: 2 },
            },
          },
          Off: {
            Type: 'AWS::Lambda::EventSourceMapping',
            Properties: { EventSourceArn: arn, FunctionName: 'f', Enabled: false },
          },
        },
      },
      PSEUDO,
    );
    expect(stack.queues).toEqual([
      { name: 'q', visibilitySeconds: 130, retentionSeconds: 300, delaySeconds: 0, waitSeconds: 0 },
      {
        name: 'podtime-local-plain',
        visibilitySeconds: 30,
        retentionSeconds: 345_600,
        delaySeconds: 0,
        waitSeconds: 0,
      },
    ]);
    expect(stack.rules.map(({ targets }) => targets)).toEqual([[{ queueName: 'q', input: null, inputPath: null }]]);
    expect(stack.mappings).toEqual([
      {
        functionName: 'f',
        queueName: 'q',
        batchSize: 2000,
        windowSeconds: 10,
        maximumConcurrency: 2,
        reportsFailures: true,
      },
    ]);
  });

  it.each(['FifoQueue', 'RedrivePolicy'])('with %s stop the start', (property) => {
    const Properties = { ...QUEUE.Properties, [property]: true };
    expect(() => readStack({ Resources: { Q: { ...QUEUE, Properties } } }, PSEUDO)).toThrow(
      `queue q: the local endpoint has no ${property}`,
    );
  });

  it.each(['FilterCriteria', 'ProvisionedPollerConfig'])('with a mapping of %s stop the start', (property) => {
    const Properties = { EventSourceArn: arn, FunctionName: 'f', [property]: {} };
    const M = { Type: 'AWS::Lambda::EventSourceMapping', Properties };
    expect(() => readStack({ Resources: { Q: QUEUE, M } }, PSEUDO)).toThrow(
      `mapping M: the local endpoint has no ${property}`,
    );
  });
});
