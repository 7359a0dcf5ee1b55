import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readOptions, readTemplate, Stop } from '../src/start-options.ts';
import { AWS_COMMAND, isInstalled, tellSkipped } from './aws-command.ts';

const PACKAGE = join(import.meta.dirname, '..');
const INSTANCE = 'i-0123456789abcdef0';

const TEMPLATE = {
  Resources: {
    Echo: {
      Type: 'AWS::SSM::Document',
      Properties: {
        Name: 'echo',
        DocumentType: 'Command',
        Content: {
          schemaVersion: '2.2',
          mainSteps: [{ action: 'aws:runShellScript', name: 'speak', inputs: { runCommand: ['echo hello'] } }],
        },
      },
    },
    TooLate: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'too-late',
        Namespace: 'App',
        MetricName: 'Delay',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      },
    },
  },
};

/** The package's start script, without npm before it. */
function start(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/start.ts', ...args], { cwd: PACKAGE });
  const lines = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (lines.stdout += chunk));
  child.stderr.on('data', (chunk) => (lines.stderr += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, lines, ended };
}

/** Waits until it has printed where it is. */
async function url({ child, lines }: ReturnType<typeof start>): Promise<string> {
  for (;;) {
    const found = /^export AWS_ENDPOINT_URL=(\S+)/m.exec(lines.stdout)?.[1];
    if (found !== undefined) return found;
    if (child.exitCode !== null) throw new Error(`it ended: ${lines.stdout}${lines.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('npm start', () => {
  let folder: string;
  let running: ReturnType<typeof start>;
  let endpoint: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aws-endpoint-start-'));
    const template = join(folder, 'template.json');
    writeFileSync(template, JSON.stringify(TEMPLATE));
    running = start(
      ...['--port', '0', '--region', 'eu-west-1', '--factor', '60', '--bucket', 'reports'],
      ...['--template', template, '--instance', `${INSTANCE},role=server`],
    );
    endpoint = await url(running);
  });
  afterAll(async () => {
    (running?.child as ChildProcess | undefined)?.kill('SIGKILL');
    await running?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is what the package starts', () => {
    expect(JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')).scripts.start).toBe('tsx src/start.ts');
  });

  it('says what it speaks, and where', () => {
    expect(running.lines.stdout.split('\n').slice(0, 2)).toEqual([
      `AWS at ${endpoint}, region eu-west-1, speaking Route 53 (8), SSM (11), CloudWatch (7), EC2 (7), EventBridge (2), S3 (15), SQS (7), Lambda (4), STS (1). Any credentials do:`,
      `export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
    ]);
  });

  it('answers the SDK: a zone that is made, and what options and template name', async () => {
    const config = {
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 5,
    };
    const zone = await new Route53Client(config).send(
      new CreateHostedZoneCommand({ Name: 'example', CallerReference: 'one' }),
    );
    expect(zone.HostedZone?.Name).toBe('example.');
    const Filters = [{ Name: 'tag:role', Values: ['server'] }];
    const { Reservations } = await new EC2Client(config).send(new DescribeInstancesCommand({ Filters }));
    expect(Reservations?.[0]?.Instances?.[0]?.InstanceId).toBe(INSTANCE);
    await new S3Client(config).send(new PutObjectCommand({ Bucket: 'reports', Key: 'one', Body: 'x' }));
    const { MetricAlarms } = await new CloudWatchClient(config).send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['too-late']);
    const ssm = new SSMClient(config);
    const { Command } = await ssm.send(new SendCommandCommand({ DocumentName: 'echo', InstanceIds: [INSTANCE] }));
    const CommandId = Command?.CommandId;
    let content: string | undefined;
    while (!content) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const answer = await ssm
        .send(new GetCommandInvocationCommand({ CommandId, InstanceId: INSTANCE }))
        .catch(() => null);
      content = answer?.StandardOutputContent;
    }
    expect(content).toContain('echo hello');
    expect(running.lines.stdout).toContain('invocation ended {');
  });

  (isInstalled ? it : it.skip)('answers the aws command', async () => {
    const { stdout } = await promisify(execFile)(
      AWS_COMMAND,
      ['--endpoint-url', endpoint, '--output', 'json', 'cloudwatch', 'describe-alarms'],
      {
        env: {
          PATH: process.env.PATH,
          AWS_ACCESS_KEY_ID: 'a',
          AWS_SECRET_ACCESS_KEY: 'b',
          AWS_DEFAULT_REGION: 'eu-west-1',
        },
      },
    );
    expect(JSON.parse(stdout).MetricAlarms).toHaveLength(1);
  });
  tellSkipped();

  it('says that the port is taken', async () => {
    const { port } = new URL(endpoint);
    const second = start('--port', port);
    expect([await second.ended, second.lines]).toEqual([
      1,
      { stdout: '', stderr: `Port ${port} of 127.0.0.1 is taken. Name another with --port.\n` },
    ]);
  });

  it('refuses an option that is none in a sentence', async () => {
    const refused = start('--port', '0', '--colour', 'red');
    expect(await refused.ended).toBe(1);
    expect(refused.lines.stderr).toContain("Unknown option '--colour'");
    expect(refused.lines.stderr).not.toContain('    at ');
  });

  it.each([
    [['--instance', 'web'], '--instance is no instance id with tags, i-0123456789abcdef0,key=value: web'],
    [['--template', 'nowhere.json'], '--template nowhere.json cannot be read: ENOENT'],
    [['--port', '65536'], '--port is no port: 65536'],
    [['--factor', '0'], '--factor must be a number above 0: 0'],
  ])('stops at %j with a sentence', (args, sentence) => {
    const read = () => readTemplate(readOptions(args));
    expect(read).toThrow(Stop);
    expect(read).toThrow(sentence);
  });

  it('ends with Ctrl-C', async () => {
    running.child.kill('SIGINT');
    expect(await running.ended).toBe(0);
    expect(running.lines.stderr).toBe('');
  });
});
