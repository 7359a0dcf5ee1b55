import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CONTRACT } from '../contract/contract.ts';
import { type VerifyOptions, verify } from '../contract/verify.ts';
import type { Agent } from '../src/agents.ts';
import { createScaledClock } from '../src/clock.ts';
import { type Endpoint, type EndpointOptions, startEndpoint } from '../src/endpoint.ts';
import { EMPTY_STACK } from '../src/stack.ts';

const VPC = 'vpc-0a1b2c3d4e5f60718';
const FACTOR = 60;
const SENTENCES = Object.values(CONTRACT).flat();

let endpoint: Endpoint;
let calls: string[];
/** Ends the command, at the first call of this operation. */
let ended: (() => void) | null = null;
let endedAt = '';

async function start(options: Pick<EndpointOptions, 'rates'> = {}) {
  endpoint = await startEndpoint({
    port: 0,
    region: 'us-west-2',
    clock: createScaledClock(FACTOR),
    agents: new Map<string, Agent>(),
    stack: EMPTY_STACK,
    zones: [],
    invoke: async () => {},
    record: ({ service, operation }) => {
      // whose account it is, it asks before anything else
      if (service !== 'sts') calls.push(operation ?? '');
      if (operation === endedAt) ended?.();
    },
    ...options,
  });
}

beforeEach(async () => {
  calls = [];
  ended = null;
  await start({ rates: 'unlimited' });
});
afterEach(async () => {
  await endpoint.close();
});

/** Real AWS, as far as an operator's environment tells: its address is not on the command line. */
const awsSettings = () => ({ AWS_ENDPOINT_URL: endpoint.url });
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const IN_WEST: VerifyOptions = { vpc: VPC, region: 'us-west-2', yes: false };

/** Runs it, `typed` being what the operator answers; what it printed, its outcome or the sentence that it stopped with. */
async function run(
  options: VerifyOptions,
  typed = '',
  keys: Record<string, string> = KEYS,
  interruption = new AbortController().signal,
) {
  const printed: string[] = [];
  const settings = { ...awsSettings(), ...keys };
  Object.assign(process.env, settings);
  try {
    const outcome = await verify(options, {
      print: (text) => void printed.push(text),
      ask: async () => typed,
      pause: (ms) => pause(ms / FACTOR),
      interruption,
    }).catch((error: Error) => error.message);
    return { outcome, printed: printed.join('\n') };
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
  }
}

describe('verify:aws', () => {
  it('says that there are no credentials, and stops', async () => {
    expect(await run(IN_WEST, '', {})).toEqual({
      outcome: 'No AWS credentials were found in the environment or in ~/.aws. Nothing was done.',
      printed: '',
    });
    expect(calls).toEqual([]);
  });

  it('wants a region and a VPC', async () => {
    expect((await run({ yes: false })).outcome).toContain('No region is set');
    expect((await run({ region: 'us-west-2', yes: false })).outcome).toContain('Name a VPC of this account');
    for (const vpc of ['vpc-1', 'vpc-0A1B2C3D', 'pod', 'vpc-0a1b2c3d4'])
      expect((await run({ region: 'us-west-2', yes: false, vpc })).outcome).toContain(
        `--vpc ${vpc} is no id of a VPC: vpc- and 8 or 17 hexadecimal digits. Nothing was done.`,
      );
    expect(calls).toEqual([]);
  });

  it.each([
    ['another account', '999999999999'],
    ['nothing', ''],
  ])('does nothing when the operator types %s', async (_, typed) => {
    const { outcome, printed } = await run(IN_WEST, typed);
    expect(printed).toContain('Account 123456789012, region us-west-2, as arn:aws:iam::123456789012:user/local.');
    expect(outcome).toBe('That was not the account. Nothing was done.');
    expect(calls).toEqual([]);
  });

  it('holds every sentence once the account is typed, and removes what it made', async () => {
    await endpoint.close();
    await start(); // at AWS's rates
    const { outcome, printed } = await run(IN_WEST, '123456789012\n');
    for (const { says } of SENTENCES) expect(`${printed}\n`).toContain(`: ${says}\n`);
    expect(printed).toContain(`${SENTENCES.length} hold, 0 differ.`);
    expect(printed).toMatch(/Removed zone verify-aws-[0-9a-f]+\.internal \(Z[A-Z0-9]+\)\.$/);
    expect(outcome).toBe(true);
    expect(calls[0]).toBe('CreateHostedZone');
    expect(calls.at(-1)).toBe('DeleteHostedZone');
    expect(endpoint.records()).toEqual([]);
  });

  it('tells what differs, fails, and removes what it made all the same', async () => {
    endpoint.faults.next('DescribeInstances', 'UnauthorizedOperation', { times: 9 });
    const { outcome, printed } = await run({ ...IN_WEST, yes: true });
    expect(printed).toMatch(
      /DIFFERS {3}EC2: a filter by an id that nobody has finds nothing, and is no error\n {10}You are not/,
    );
    expect(printed).toContain('EC2: 3 of 6 hold.');
    expect(outcome).toBe(false);
    expect(endpoint.records()).toEqual([]);
  });

  it('asks nobody, and wants no credentials, when --endpoint-url is on this machine', async () => {
    const { outcome } = await run({ ...IN_WEST, endpointUrl: endpoint.url }, 'nobody is asked', {});
    expect([outcome, endpoint.records()]).toEqual([true, []]);
  });

  it('says before it begins what a sentence that does not hold could leave behind', async () => {
    const { printed } = await run(IN_WEST, 'no');
    expect(printed).toContain('a metric of namespace VerifyAws…, which nothing can delete');
  });

  it('finds the zone that it made when the answer is lost, and removes it', async () => {
    endpoint.faults.next('CreateHostedZone', 'InternalFailure', { when: 'answer lost' });
    const { outcome, printed } = await run({ ...IN_WEST, yes: true });
    expect(printed).toContain('Removed zone');
    expect([outcome, endpoint.records()]).toEqual([true, []]);
  });

  it.each([
    ['http://aws.invalid:4566', 'AWS does not take these credentials'],
    ['aws.invalid', '--endpoint-url is no URL: aws.invalid'],
  ])('does not take %s for an endpoint on this machine', async (endpointUrl, sentence) => {
    expect((await run({ ...IN_WEST, endpointUrl })).outcome).toContain(sentence);
    expect(calls).toEqual([]);
  });
});

describe('the command', () => {
  /** `npm run verify:aws` as an operator runs it, who may end it at the first call of an operation. */
  function command(
    args: string[],
    environment: Record<string, string>,
    end: { at: string; signal: NodeJS.Signals } | null = null,
  ) {
    const script = join(import.meta.dirname, '../contract/verify-aws.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      env: {
        PATH: process.env.PATH,
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        ...environment,
      },
    });
    child.stdin.end();
    ended = end && (() => child.kill(end.signal));
    endedAt = end?.at ?? '';
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    return new Promise<{ status: number | null; output: string }>((resolve) => {
      child.once('close', (status) => resolve({ status, output }));
    });
  }

  it('takes its endpoint from AWS_ENDPOINT_URL, prints what it does and fails with what it cannot do', async () => {
    const { status, output } = await command(['--region', 'us-west-2'], { AWS_ENDPOINT_URL: endpoint.url });
    expect(output).toBe(
      'Name a VPC of this account, for the private zone to belong to: npm run verify:aws -- --vpc vpc-…\n',
    );
    expect(status).toBe(1);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'removes what it made when %s comes while it waits',
    async (signal) => {
      const { AWS_ENDPOINT_URL } = awsSettings();
      const { status, output } = await command(
        ['--vpc', VPC, '--region', 'us-west-2'],
        { AWS_ENDPOINT_URL },
        // it waits for a record to be in sync then
        { at: 'GetChange', signal },
      );
      expect(output).toMatch(
        /Interrupted: what was made is removed first\.\n(.*\n)*Removed zone .*\nInterrupted after 1 sentences\.\n$/,
      );
      expect([status, calls.at(-1), endpoint.records()]).toEqual([1, 'DeleteHostedZone', []]);
    },
  );

  it('asks on the terminal, and takes the end of the input for no', async () => {
    const { status, output } = await command(['--vpc', VPC, '--region', 'us-west-2'], {
      AWS_ENDPOINT_URL_STS: endpoint.url,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...KEYS,
    });
    expect(output).toContain('Type 123456789012 to go on: ');
    expect(output).toMatch(/That was not the account\. Nothing was done\.\n$/);
    expect([status, calls]).toEqual([1, []]);
  });
});
