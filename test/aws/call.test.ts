import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Call, caller } from '../../src/aws/call.ts';
import { AwsCallError } from '../../src/aws/errors.ts';
import { ec2Instances } from '../../src/aws/instances.ts';
import { s3Reports } from '../../src/aws/reports.ts';
import { leaving, loggedCalls } from '../builders/aws-call.ts';
import { BLUE } from '../builders/endpoint-fleet.ts';
import { type ScriptedAnswer, type ScriptedAws, startScriptedAws } from '../builders/scripted-aws.ts';

let aws: ScriptedAws | undefined;
const clients: { destroy(): void }[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await aws?.close();
  aws = undefined;
});

const LIMIT_MS = 1000;

/** A client that waits for an answer for ever, as the SDK's own does: what ends is ended by the call's limit. */
const PATIENT = { maxAttempts: 1, requestHandler: {} };

async function given(script: readonly ScriptedAnswer[], config = {}) {
  aws = await startScriptedAws(script, config);
  return { aws, config: aws.config };
}
const made = <Client extends { destroy(): void }>(client: Client): Client => {
  clients.push(client);
  return client;
};
const readMode = (config: object, call: Call) => {
  const client = made(new SSMClient(config));
  return call('reading the mode', async (options) => {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: 'mode' }), options);
    return Parameter?.Value;
  });
};
/** The SDK loads the most of itself with its first request. */
beforeAll(async () => {
  const { config } = await given([{ body: '{}' }]);
  await readMode(config, loggedCalls().call);
  const s3 = made(new S3Client({ ...config, forcePathStyle: true }));
  await expect(s3Reports(s3, 'reports', loggedCalls().call).read('blue')).rejects.toThrow('UnreadableAnswer');
  await aws?.close();
});

const HANGING: ScriptedAnswer[] = ['hang', 'head only', 'half a body', 'drip'];

/** Waits until no connection is open: the product's side has closed it. */
async function disconnected(server: ScriptedAws): Promise<void> {
  while ((await server.openConnections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a call has a limit', () => {
  it.each(HANGING)('that ends it, its connection included, when AWS does this: %s', async (answer) => {
    const { aws: server, config } = await given([answer], PATIENT);
    const { call, logged } = loggedCalls('tick-1', leaving(LIMIT_MS));
    await expect(readMode(config, call)).rejects.toThrow('reading the mode: TimeoutError (log entry tick-1.1)');
    expect(logged).toEqual([
      expect.objectContaining({ code: 'TimeoutError', text: `TimeoutError: no whole answer within ${LIMIT_MS} ms` }),
    ]);
    expect(server.requests).toHaveLength(1);
    await disconnected(server);
  });

  it.each<ScriptedAnswer>(['head only', 'half a body', 'drip'])(
    'that the reading of an object’s body is within: %s',
    async (answer) => {
      const { aws: server, config } = await given([answer], PATIENT);
      const { call } = loggedCalls('tick-1', leaving(LIMIT_MS));
      const reports = s3Reports(made(new S3Client({ ...config, forcePathStyle: true })), 'reports', call);
      await expect(reports.read('blue')).rejects.toThrow('reading the last report of pod blue: TimeoutError');
      await disconnected(server);
    },
  );

  it('that ends it while the SDK pauses before its next attempt, and that attempt is never made', async () => {
    // the SDK pauses for so long: at the limit no attempt is under way
    const headers = { 'retry-after': '3' };
    const throttled = { status: 400, body: JSON.stringify({ __type: 'ThrottlingException' }), headers };
    const { aws: server, config } = await given([throttled], { maxAttempts: 50, retryMode: 'standard' });
    const { call } = loggedCalls('tick-1', leaving(700));
    await expect(readMode(config, call)).rejects.toThrow('TimeoutError');
    await new Promise((resolve) => setTimeout(resolve, 4500));
    expect(server.requests).toHaveLength(1);
  });

  it('that is the call’s own where the run has longer', async () => {
    const call = caller({ deadline: leaving(60_000), tickId: 'tick-1', log: () => {} });
    await expect(call('waiting', () => new Promise(() => {}), 20)).rejects.toThrow(
      'waiting: TimeoutError (log entry tick-1.1)',
    );
  });

  it('of nothing once the run’s time is up: it is not begun', async () => {
    const call = caller({ deadline: leaving(0), tickId: 'tick-1', log: () => {} });
    let begun = false;
    const step = async () => {
      begun = true;
    };
    await expect(call('looking', step)).rejects.toThrow('looking: NoTimeLeft (log entry tick-1.1)');
    expect(begun).toBe(false);
  });
});

describe('an attempt that hangs', () => {
  const mode = { body: JSON.stringify({ Parameter: { Value: 'act' } }) };

  it.each(HANGING.filter((answer) => answer !== 'drip'))('is repeated within the limit: %s', async (answer) => {
    const { aws: server, config } = await given([answer, mode]);
    const { call, logged } = loggedCalls();
    expect(await readMode(config, call)).toBe('act');
    expect(server.requests).toHaveLength(2);
    expect(logged).toEqual([]);
  });

  it('is repeated page by page, each with the limit of a call', async () => {
    const page = (token: string) => ({
      body: `<DescribeInstancesResponse><reservationSet/><nextToken>${token}</nextToken></DescribeInstancesResponse>`,
    });
    const script = ['hang', page('a'), 'hang', page('b'), 'half a body', page('')] as const;
    const { aws: server, config } = await given(script);
    const { call } = loggedCalls();
    const instances = ec2Instances(made(new EC2Client(config)), call);
    expect(await instances.ofPod(BLUE, [])).toEqual({ hosts: [], refused: [], faults: [], unread: [] });
    expect(server.requests).toHaveLength(6);
  });
});

describe('a failed call', () => {
  const call = (log: (entry: unknown) => void = () => {}) =>
    caller({ deadline: leaving(1000), tickId: '0a1b2c3d4e5f', log });
  const arn = 'User: arn:aws:sts::123456789012:assumed-role/podtime-dev-register/x is not authorized';
  const denied = Object.assign(new Error(arn), {
    name: 'AccessDenied',
    $fault: 'client',
    $metadata: { httpStatusCode: 403, requestId: 'r-1', attempts: 1 },
  });
  const failing = (error: unknown) => async () => {
    throw error;
  };

  it('tells its action, the code and its entry in the log; the log has the service’s own words', async () => {
    const logged: unknown[] = [];
    const run = call((entry) => void logged.push(entry));
    await expect(run('reading the zone', failing(denied))).rejects.toThrow(AwsCallError);
    await expect(run('reading the zone', failing(denied))).rejects.toThrow(
      /^reading the zone: AccessDenied \(log entry 0a1b2c3d4e5f\.2\)$/,
    );
    expect(logged[0]).toEqual({
      entry: '0a1b2c3d4e5f.1',
      failed: 'reading the zone',
      code: 'AccessDenied',
      text: `AccessDenied: ${arn}`,
      requestId: 'r-1',
      httpStatus: 403,
      attempts: 1,
    });
  });

  it('logs the first failures of a run that has thousands', async () => {
    const logged: unknown[] = [];
    const run = call((entry) => void logged.push(entry));
    const failures: string[] = [];
    for (let n = 0; n < 1000; n += 1) {
      await run('reading', failing(denied)).catch(({ message }: Error) => void failures.push(message));
    }
    expect(logged).toHaveLength(200);
    expect(failures.slice(199, 201)).toEqual([
      'reading: AccessDenied (log entry 0a1b2c3d4e5f.200)',
      'reading: AccessDenied (not logged: 200 failures of the run are)',
    ]);
  });

  it('logs the first words of a service that names each of ten thousand ids', async () => {
    const logged: unknown[] = [];
    const ids = Array.from({ length: 10_000 }, (_, index) => `i-${index}`).join(', ');
    const refused = Object.assign(new Error(`The instance IDs '${ids}' do not exist`), {
      name: 'InvalidInstanceID.NotFound',
    });
    await expect(call((entry) => void logged.push(entry))('reading hosts', failing(refused))).rejects.toThrow(
      AwsCallError,
    );
    const [{ text } = { text: '' }] = logged as { text: string }[];
    expect(text).toMatch(/^InvalidInstanceID\.NotFound: The instance IDs 'i-0, i-1, /);
    expect(text).toHaveLength(4001);
  });

  it.each<[string, unknown, string]>([
    ['a code that is text', Object.assign(new Error(arn), { name: arn }), 'UnknownError'],
    ['no error at all', arn, 'UnknownError'],
    ['an error of the system', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [
      'a page of HTML',
      Object.assign(new SyntaxError('<html>'), { $metadata: { httpStatusCode: 200 } }),
      'UnreadableAnswer: HTTP 200 without what AWS answers',
    ],
    [
      'a status without a code',
      Object.assign(new Error('UnknownError'), {
        name: 'Unknown',
        $fault: 'client',
        $metadata: { httpStatusCode: 403 },
      }),
      'UnknownError: HTTP 403 without what AWS answers',
    ],
  ])('shows no text but podtime’s own: %s', async (_, error, reason) => {
    await expect(call()('looking', failing(error))).rejects.toThrow(
      new AwsCallError('looking', `${reason} (log entry 0a1b2c3d4e5f.1)`, '', {}).message,
    );
  });
});
