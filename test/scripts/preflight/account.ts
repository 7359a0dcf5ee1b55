import { afterAll, afterEach, expect } from '@jest/globals';
import type { EndpointOptions } from '@podtime/aws-endpoint';
import { type Bench, hostId, startBench, VPC, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { preflight } from '../../../scripts/preflight/command.ts';
import { ACTIONS } from '../../../scripts/preflight/connection.ts';
import type { Judged } from '../../../scripts/preflight/judge.ts';
import { ROOT } from '../../builders/packaged-service.ts';
import { write } from '../../builders/temporary-folder.ts';
import { snippetsOf } from '../../docs/snippets.ts';

export const ZONE = ZONE_ID;
/** A made-up one of real length: the service model of Route 53 admits one character less. */
export const DOCS_ZONE = 'Z0123456789ABCDEFGHIJ';
export const [SUBNET_A, SUBNET_B] = ['subnet-0a1b2c3d4e5f60718', 'subnet-0b1b2c3d4e5f60718'];
export const ELSEWHERE = 'vpc-00000000000000009';
/** As docs/deploy.md has it. */
export const DOCS_FLEET = (snippetsOf('deploy.md').find(({ language }) => language === 'yaml')?.text ?? '').replace(
  DOCS_ZONE,
  ZONE,
);
export const folder = write({ 'fleet.yml': DOCS_FLEET });

/** Every call of the program that reached the endpoint in this file. The tests' own are left out. */
export const asked = new Set<string>();
let isLooking = false;
let bench: Bench;
afterEach(() => bench?.close());
afterAll(() => {
  expect([...asked].filter((call) => !ACTIONS.some((action) => action === call))).toEqual([]);
});

/** The account of docs/deploy.md. */
export const VPCS: NonNullable<EndpointOptions['vpcs']> = [
  {
    id: VPC,
    subnets: [
      { id: SUBNET_A, az: 'us-west-2a' },
      { id: SUBNET_B, az: 'us-west-2b' },
    ],
  },
];
export const zoneOf = (more: object = {}) => ({
  id: ZONE,
  name: 'pod',
  vpc: VPC,
  region: 'us-west-2',
  soa: { ttlSeconds: 60, minimumSeconds: 60 },
  ...more,
});

/** One that is ready but for its hosts, with these changes. */
export async function account(options: Partial<EndpointOptions> = {}): Promise<Bench> {
  bench = await startBench({
    vpcs: VPCS,
    zones: [zoneOf()],
    ...options,
    record({ service, operation, request }) {
      if (isLooking) asked.add(`${service}:${operation ?? request.body.toString()}`);
    },
  });
  return bench;
}

export function addHost(
  n: number,
  tier: string,
  az: string,
  more: { profile?: string | null; agent?: object | null } = {},
) {
  const instanceId = hostId(n);
  const tags = { 'ntp-pod': 'blue', 'ntp-tier': tier };
  const { profile = 'ntp-host' } = more;
  bench.endpoint.instances.adopt({ instanceId, vpc: VPC, az, ipv4: `10.20.1.${n}`, tags, profile });
  const run = async () => ({ exitCode: 0, stdout: '', stderr: '', timedOut: false });
  if (more.agent !== null) bench.agents.set(instanceId, { instanceId, online: true, run, ...more.agent });
}

/** Two servers and three clients, all heard. */
export function addPod(): void {
  for (const [n, az] of ['us-west-2a', 'us-west-2b'].entries()) addHost(n + 1, 'boundary', az);
  for (const [n, az] of ['us-west-2a', 'us-west-2b', 'us-west-2c'].entries()) addHost(n + 11, 'client', az);
}

const surroundings = (endpoint: string) => ({
  serviceDir: ROOT,
  folder,
  environment: { AWS_ENDPOINT_URL: endpoint },
  nowMs: () => bench.clock.nowMs(),
});

/** Runs it with these words, too. */
export async function look(...words: string[]) {
  isLooking = true;
  const outcome = await preflight(
    ['--fleet', 'fleet.yml', '--stage', 'prod', ...words],
    surroundings(bench.endpoint.url),
  );
  isLooking = false;
  return outcome;
}

/** What is said, by severity, of the fleet file with these changes. */
export async function told(change: (text: string) => string = (text) => text) {
  const given = write({ 'other.yml': change(DOCS_FLEET) });
  const { status, lines } = await look('--json', '--fleet', `${given}/other.yml`);
  const { findings, unread } = JSON.parse(lines.join('')) as Judged;
  const of = (wanted: string) => findings.filter(({ severity }) => severity === wanted).map(({ sentence }) => sentence);
  return { status, findings, unread, stops: of('stop'), warnings: of('warning'), wells: of('well') };
}
