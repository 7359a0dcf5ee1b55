import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACCOUNT_ID, readStack, type Stack } from '@podtime/aws-endpoint';
import { bundleHandlers } from '../../../../infra/bundle/bundle.ts';
import { generatedResources } from '../../../../infra/template/resources.ts';
import type { Fleet } from '../../../../src/fleet/fleet.ts';
import { FUNCTIONS } from '../../../../test/builders/functions.ts';

export const PROJECT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
export const REPORT_BUCKET = 'podtime-test-reports';

const UP_WITHIN_MS = 60_000;

/** What the build makes of a fleet, and the rules of serverless.yml, for the endpoint. */
export function stackOf(fleet: Fleet): Stack {
  const target = (name: string) => [{ Arn: { 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] }, Id: name }];
  const functionNamed = (name: string, logicalId: string) => [
    `${logicalId}LambdaFunction`,
    { Type: 'AWS::Lambda::Function', Properties: { FunctionName: `podtime-local-${name}` } },
  ];
  return readStack(
    {
      Resources: {
        ...generatedResources(PROJECT, 'local', fleet.pods),
        ...Object.fromEntries([
          functionNamed('watchdog', 'Watchdog'),
          functionNamed('instances', 'Instances'),
          functionNamed('history', 'History'),
        ]),
        ReportBucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: REPORT_BUCKET } },
        InstanceEvents: {
          Type: 'AWS::SQS::Queue',
          Properties: { QueueName: 'podtime-local-instances', VisibilityTimeout: 130, MessageRetentionPeriod: 300 },
        },
        InstanceMapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['InstanceEvents', 'Arn'] },
            FunctionName: 'podtime-local-instances',
            BatchSize: 2000,
            MaximumBatchingWindowInSeconds: 10,
            FunctionResponseTypes: ['ReportBatchItemFailures'],
          },
        },
        DnsChanged: {
          Type: 'AWS::Events::Rule',
          Properties: {
            Name: 'dns-changed',
            EventPattern: { source: ['podtime'], 'detail-type': ['DNS changed'] },
            Targets: target('Watchdog'),
          },
        },
        InstanceState: {
          Type: 'AWS::Events::Rule',
          Properties: {
            Name: 'instance-state',
            EventPattern: {
              source: ['aws.ec2'],
              'detail-type': ['EC2 Instance State-change Notification'],
              detail: { state: ['running', 'shutting-down', 'stopping', 'stopped', 'terminated'] },
            },
            Targets: [{ Arn: { 'Fn::GetAtt': ['InstanceEvents', 'Arn'] }, Id: 'queue' }],
          },
        },
      },
    },
    { region: fleet.pods[0]?.region ?? 'us-west-2', accountId: ACCOUNT_ID, stackName: 'podtime-local' },
  );
}

export interface Product {
  /** Of API and functions, on 127.0.0.1. */
  port: number;
  /** Calls a function as Lambda would; rejects when it failed. */
  invoke(functionName: string, payload: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** The bundles that would be deployed for this fleet, in a process of their own. `folder`: where they may be written. */
export async function startProduct(options: {
  fleet: Fleet;
  folder: string;
  environment: Record<string, string>;
}): Promise<Product> {
  const { fleet, folder, environment } = options;
  const handlers = Object.fromEntries(FUNCTIONS.map((name) => [name, `handlers/${name}.handler`]));
  for (const { path, code } of await bundleHandlers(PROJECT, handlers, fleet)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
  const child = spawn(
    process.execPath,
    [join(PROJECT, 'packages', 'lab', 'test', 'real-pod', 'functions.mjs'), folder],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    },
  );
  const port = await portOf(child);
  return {
    port,
    async invoke(functionName, payload) {
      const url = `http://127.0.0.1:${port}/2015-03-31/functions/${functionName}/invocations`;
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(payload) });
      const body = await answer.text();
      if (!answer.ok) throw new Error(`${functionName} failed: ${body.slice(0, 500)}`);
      return JSON.parse(body);
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin?.end();
      await ended;
    },
  };
}

/** Rejects, having ended the process, when it does not come up. */
function portOf(child: ChildProcess): Promise<number> {
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk).slice(-4000);
  };
  child.stdin?.on('error', () => {});
  child.stderr?.on('data', keep);
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      keep(chunk);
      const found = /port (\d+)/.exec(output);
      if (!found) return;
      clearTimeout(timer);
      resolve(Number(found[1]));
    });
    child.once('error', reject);
    const timer = setTimeout(() => child.kill('SIGKILL'), UP_WITHIN_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`the functions ended before they were up: ${output.trim()}`));
    });
  });
}
