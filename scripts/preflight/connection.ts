import { EC2Client } from '@aws-sdk/client-ec2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Call } from '../../src/aws/call.ts';
import { codeOf, isCode, reasonOf } from '../../src/aws/errors.ts';
import { cutText } from '../../src/fleet/sentences.ts';
import type { Read } from './facts.ts';

/** Every call that the program makes, as IAM names it: all of them read. docs/deploy.md has them as a policy. Decision 0141. */
export const ACTIONS = [
  'ec2:DescribeInstances',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcAttribute',
  'ec2:DescribeVpcEndpoints',
  'lambda:GetAccountSettings',
  'route53:GetHostedZone',
  'route53:ListResourceRecordSets',
  'ssm:DescribeInstanceInformation',
  'ssm:GetParameters',
  'sts:GetCallerIdentity',
] as const;
type Action = (typeof ACTIONS)[number];

/** One request with its repeats: an account where nothing answers is told of within the minute. */
const REQUEST_LIMIT_MS = 20_000;
const TEXT_CHARACTERS = 300;

/** Where AWS is, and who asks; what is missing the SDK finds by itself. */
export interface Connection {
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

export type Clients = ReturnType<typeof clientsOf>;

export function clientsOf(connection: Connection, region: string) {
  const config = settings(connection, region);
  return {
    ec2: new EC2Client(config),
    lambda: new LambdaClient(config),
    route53: new Route53Client(config),
    ssm: new SSMClient(config),
  };
}

export function settings(connection: Connection, region: string) {
  return {
    ...connection,
    region,
    retryMode: 'adaptive',
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 3000, requestTimeout: 8000, throwOnRequestTimeout: true },
  } as const;
}

export const call: Call = (_action, step, limitMs = REQUEST_LIMIT_MS) => step(limit(limitMs));

export function limit(ms = REQUEST_LIMIT_MS): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(ms) };
}

/** One read; never throws. */
export async function asked<T>(action: Action, read: () => Promise<T>): Promise<Read<T>> {
  try {
    return { said: await read() };
  } catch (error) {
    const code = codeOf(error);
    return { failure: { action, code, text: textOf(error, code) } };
  }
}

/** podtime's words where it has any, such as for a page of a proxy; else AWS's, as a terminal may be sent them. */
function textOf(error: unknown, code: string): string {
  const reason = reasonOf(error);
  const text = reason.startsWith(`${code}: `) ? reason.slice(code.length + 2) : (error as Error).message;
  return cutText(
    String(text)
      .replace(/[^\x20-\x7e]+/g, ' ')
      .trim(),
    TEXT_CHARACTERS,
  );
}

/** null where AWS says by one of these codes that there is no such thing. */
export async function orNothing<T>(codes: readonly string[], read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (isCode(error, ...codes)) return null;
    throw error;
  }
}
