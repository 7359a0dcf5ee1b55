import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CONTRACT } from '../contract/contract.ts';
import type { Agent } from '../src/agents.ts';
import { createScaledClock } from '../src/clock.ts';
import { type Endpoint, startEndpoint } from '../src/endpoint.ts';
import { EMPTY_STACK } from '../src/stack.ts';

const ROOT = join(import.meta.dirname, '../../..');
const VPC = 'vpc-0a1b2c3d4e5f60718';
const SLOW_MS = 120_000;

/** The one answer that the local endpoint does not have: whose account it is. */
const IDENTITY =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
  '<Arn>arn:aws:iam::123456789012:user/tester</Arn><UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account>' +
  '</GetCallerIdentityResult></GetCallerIdentityResponse>';

/** A home without settings of AWS. */
const home = mkdtempSync(join(tmpdir(), 'aws-endpoint-home-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let endpoint: Endpoint;
let sts: Server;
let calls: string[];

beforeEach(async () => {
  calls = [];
  endpoint = await startEndpoint({
    port: 0,
    region: 'us-west-2',
    clock: createScaledClock(60),
    agents: new Map<string, Agent>(),
    stack: EMPTY_STACK,
    zones: [],
    invoke: async () => {},
    record: ({ operation }) => void calls.push(operation ?? ''),
  });
  sts = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/xml' }).end(IDENTITY));
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  sts.close();
  await endpoint.close();
});

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

/** `npm run verify:aws` as an operator runs it, but for where AWS is. */
function verify(args: string[], typed: string, keys: Record<string, string> = KEYS) {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'packages/aws-endpoint/contract/verify-aws.ts'), ...args],
    {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        AWS_ENDPOINT_URL: endpoint.url,
        AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(sts.address() as AddressInfo).port}`,
        AWS_EC2_METADATA_DISABLED: 'true',
        ...keys,
      },
    },
  );
  child.stdin.end(typed);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  return new Promise<{ status: number | null; said: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, said }));
  });
}

const IN_WEST = ['--vpc', VPC, '--region', 'us-west-2'];

describe('npm run verify:aws', () => {
  it(
    'says that there are no credentials, and stops',
    async () => {
      expect(await verify(IN_WEST, '', {})).toEqual({
        status: 1,
        said: 'No AWS credentials were found in the environment or in ~/.aws. Nothing was done.\n',
      });
      expect(calls).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'wants a region and a VPC',
    async () => {
      expect((await verify([], '')).said).toContain('No region is set');
      expect((await verify(['--region', 'us-west-2'], '')).said).toContain('Name a VPC of this account');
      expect(calls).toEqual([]);
    },
    SLOW_MS,
  );

  it.each([
    ['another account', '999999999999\n'],
    ['nothing', ''],
  ])(
    'does nothing when the operator types %s',
    async (_, typed) => {
      const { status, said } = await verify(IN_WEST, typed);
      expect(said).toContain('Account 123456789012, region us-west-2, as arn:aws:iam::123456789012:user/tester.');
      expect(said).toMatch(/Nothing was done\.\n$/);
      expect([status, calls]).toEqual([1, []]);
    },
    SLOW_MS,
  );

  it(
    'holds every sentence once the account is typed, and removes what it made',
    async () => {
      const { status, said } = await verify(IN_WEST, '123456789012\n');
      const sentences = Object.values(CONTRACT).flat();
      for (const { says } of sentences) expect(said).toContain(`: ${says}\n`);
      expect(said).toContain(`${sentences.length} hold, 0 differ.`);
      expect(said).toMatch(/Removed zone podtime-verify-[0-9a-f]+\.internal \(Z[A-Z0-9]+\)\.\n$/);
      expect(status).toBe(0);
      expect(calls[0]).toBe('CreateHostedZone');
      expect(calls.at(-1)).toBe('DeleteHostedZone');
      expect(endpoint.records()).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'tells what differs, fails, and removes what it made all the same',
    async () => {
      endpoint.faults.next('DescribeInstances', 'UnauthorizedOperation', { times: 9 });
      const { status, said } = await verify([...IN_WEST, '--yes'], '');
      expect(said).toMatch(
        /DIFFERS {3}EC2: a filter by an id that nobody has finds nothing, and is no error\n {10}You are not/,
      );
      expect(status).toBe(1);
      expect(endpoint.records()).toEqual([]);
    },
    SLOW_MS,
  );
});
