import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  ACCOUNT_ID,
  type Agent,
  createScaledClock,
  credentialScope,
  type Endpoint,
  type Exchange,
  readStack,
  resolveValue,
  startEndpoint,
} from '@podtime/aws-endpoint';
import { unzipSync } from 'fflate';
import type { Report } from '../../../src/report/report.ts';
import { type Package, packaged } from '../../builders/packaged-service.ts';
import { write } from '../../builders/temporary-folder.ts';
import { asksOf } from './asks.ts';
import type { Ask, Statement } from './iam.ts';

const REGION = 'us-west-2';
const PSEUDO = { region: REGION, accountId: ACCOUNT_ID, stackName: 'podtime-dev' };

/** Begins the access key id of every function here: by it the recorded calls are known for the product's own. */
const KEY_PREFIX = 'AKIDPODTIME';

/** Delays of the endpoint pass so much faster; the functions themselves wait in real time. */
const TIME_FACTOR = 20;

/** One pod of the fixture's fleet, as EC2 and Route 53 know it. */
export interface FixturePod {
  name: string;
  vpc: string;
  zone: { id: string; name: string };
  network: string;
}

export const BLUE: FixturePod = {
  name: 'blue',
  vpc: 'vpc-0b0b0b0b0b0b0b0b0',
  zone: { id: 'Z0BLUE0BLUE0BLUE', name: 'pod' },
  network: '10.20.0',
};
export const GREEN: FixturePod = {
  name: 'green-2',
  vpc: 'vpc-0c0c0c0c0c0c0c0c0',
  zone: { id: 'Z0GREEN0GREEN0', name: 'green.pod' },
  network: '10.30.0',
};

/** A call that a function made, and all that IAM was asked for it. */
export interface Recorded {
  functionName: string;
  exchange: Exchange;
  asks: Ask[];
}

export interface Deployed {
  package: Package;
  endpoint: Endpoint;
  calls: Recorded[];
  /** The last report that is stored for a pod. */
  report(pod: FixturePod): Report | null;
  /** Runs one function, in a process of its own as in Lambda; answers or throws what it did. */
  invoke(name: string, event: unknown, how?: Invocation): Promise<Record<string, unknown>>;
  /** A running instance, with SSM's agent unless `agent` is null. `prints`: what `collect` prints there. */
  addHost(pod: FixturePod, number: number, tier: string, prints: string | null): string;
  /** Statements of a function's role, intrinsics resolved. */
  statements(functionName: string): Statement[];
  close(): Promise<void>;
}

/** What is not as the template has it. */
export interface Invocation {
  /** What stands before the endpoint. */
  url?: string;
  /** Hears how much of its time the function had left when it answered or threw. */
  ended?: (leftMs: number) => void;
}

/** The packaged stack on one machine: functions from their archives, in front of the local endpoint. */
export async function deploy(): Promise<Deployed> {
  const made = await packaged();
  const stack = readStack({ Resources: made.resources }, PSEUDO);
  const agents = new Map<string, Agent>();
  const calls: Recorded[] = [];
  const endpoint: Endpoint = await startEndpoint({
    port: 0,
    region: REGION,
    clock: createScaledClock(TIME_FACTOR),
    agents,
    stack,
    zones: [BLUE, GREEN].map(({ zone, vpc }) => ({ ...zone, vpc, region: REGION })),
    invoke: async () => {},
    rates: 'unlimited',
    record: (exchange) => {
      const functionName = callerOf(exchange);
      calls.push({ functionName, exchange, asks: asksOf(exchange, endpoint.instances.all()) });
    },
  });
  const names = physicalNames(stack.buckets);
  const folder = write({});
  const running: ChildProcess[] = [];
  return {
    package: made,
    endpoint,
    calls,
    report(pod) {
      const stored = endpoint.object(stack.buckets.ReportBucket ?? '', `${pod.name}/report.json`);
      return stored === null ? null : (JSON.parse(stored.body.toString()) as Report);
    },
    async invoke(name, event, how = {}) {
      const { Environment, Timeout } = lambdaOf(made, name);
      const [[path, code] = ['', new Uint8Array()]] = Object.entries(unzipSync(made.archive(name)));
      const module = join(folder, name, path);
      mkdirSync(dirname(module), { recursive: true });
      writeFileSync(module, code);
      const child = fork(join(import.meta.dirname, 'lambda.mjs'), [module], {
        env: { ...settings(Environment, stack.buckets), ...runtimeSettings(name, how.url ?? endpoint.url) },
        execArgv: [],
        silent: true,
      });
      running.push(child);
      return answerOf(child, event, Number(Timeout), how.ended);
    },
    addHost(pod, number, tier, prints) {
      const instanceId = `i-0${pod.name.length}${String(number).padStart(15, '0')}`;
      const tags = { 'ntp-pod': pod.name, 'ntp-tier': tier };
      const az = `${REGION}${number % 2 === 0 ? 'a' : 'b'}`;
      endpoint.instances.adopt({ instanceId, vpc: pod.vpc, az, ipv4: `${pod.network}.${number}`, tags });
      const run = async (script: string) => ({
        exitCode: 0,
        stdout: script.includes('podtime-collect') ? (prints ?? '') : 'verdict cycled\n',
        stderr: '',
        timedOut: false,
      });
      if (prints !== null) agents.set(instanceId, { instanceId, online: true, run });
      return instanceId;
    },
    statements(functionName) {
      const policies = made.properties(`${capital(functionName)}Role`).Policies as {
        PolicyDocument: { Statement: Statement[] };
      }[];
      return policies.flatMap(({ PolicyDocument }) => resolveValue(PolicyDocument.Statement, names) as Statement[]);
    },
    async close() {
      for (const child of running) child.kill();
      await endpoint.close();
    },
  };
}

export function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function lambdaOf(made: Package, name: string) {
  return made.properties(`${capital(name)}LambdaFunction`) as {
    Environment?: { Variables: Record<string, unknown> };
    Timeout: unknown;
  };
}

/** What the template sets, and nothing else of this machine. */
function settings(environment: { Variables: Record<string, unknown> } | undefined, buckets: Record<string, string>) {
  const names = new Map(Object.entries(buckets));
  return resolveValue(environment?.Variables ?? {}, names) as Record<string, string>;
}

function runtimeSettings(name: string, url: string): Record<string, string> {
  return {
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: `${KEY_PREFIX}${name.toUpperCase()}`,
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

function callerOf({ request }: Exchange): string {
  const key = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (credentialScope(request.headers.authorization ?? '', request.query) === null || !key.startsWith(KEY_PREFIX)) {
    throw new Error(`a call of nobody known: ${request.method} ${request.path}`);
  }
  return key.slice(KEY_PREFIX.length).toLowerCase();
}

/** In policies a bucket stands for its ARN. */
function physicalNames(buckets: Record<string, string>): Map<string, string> {
  return new Map([
    ['AWS::Region', REGION],
    ['AWS::AccountId', ACCOUNT_ID],
    ['AWS::Partition', 'aws'],
    ['InstanceEventsQueue', `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:podtime-dev-instances`],
    ...Object.entries(buckets).map(([id, name]): [string, string] => [id, `arn:aws:s3:::${name}`]),
  ]);
}

interface Message {
  ready?: true;
  answer?: Record<string, unknown>;
  failed?: string;
  leftMs?: number;
}

function answerOf(
  child: ChildProcess,
  event: unknown,
  timeoutSeconds: number,
  ended: Invocation['ended'],
): Promise<Record<string, unknown>> {
  let stderrText = '';
  child.stderr?.on('data', (chunk) => {
    stderrText += chunk;
  });
  return new Promise<Record<string, unknown>>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.leftMs !== undefined) ended?.(message.leftMs);
      if (message.ready) child.send({ event, timeoutSeconds });
      else if (message.failed !== undefined) reject(new Error(message.failed));
      else resolve(message.answer ?? {});
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code} and no answer: ${stderrText}`)));
  }).finally(() => child.kill());
}
