import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { BuildError } from '../../infra/errors.ts';
import { fileFrom } from '../../infra/fleet-command.ts';
import { readWholeFleet, TRIAL_STAGE } from '../../infra/stage.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { sortedUnique } from '../../src/fleet/ordering.ts';
import type { Connection } from './connection.ts';
import { judge } from './judge.ts';
import { page } from './page.ts';
import { isNobody, readCaller, readPods } from './read-account.ts';

export const USAGE = [
  'Usage: npm run preflight -- [--fleet FILE] [--stage STAGE] [--region REGION] [--endpoint-url URL] [--json]',
  '',
  'Looks at the account before the first deploy, reading only: instances by tag, their agents and profiles, VPCs, endpoints,',
  'zones and what stands in them, modes, Lambda. Credentials as the SDK finds them (AWS_PROFILE, AWS_ACCESS_KEY_ID, …).',
  '',
  '  --fleet FILE         the fleet file; default: that of the stage (fleet of serverless.yml)',
  `  --stage STAGE        as sls deploy takes it; default: ${TRIAL_STAGE}`,
  "  --region REGION      the pods of one region alone; default: each pod's own region",
  '  --endpoint-url URL   instead of AWS, as AWS_ENDPOINT_URL',
  '  --json               the same as data',
  '',
  'Ends with 0 where nothing stops a deploy, 1 where something does, 2 where it is called wrongly.',
];

/** As osls takes a stage (its schema, provider.stage). */
const STAGE = /^[a-zA-Z0-9-]+$/;
/** Of this machine: no real credentials are sent there, and none are needed. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

export interface Outcome {
  status: 0 | 1 | 2;
  lines: string[];
}

/** Where it is called from. */
export interface Surroundings {
  serviceDir: string;
  /** Where the operator stands. */
  folder: string;
  environment: Readonly<Record<string, string | undefined>>;
  nowMs: () => number;
}

/** `npm run preflight` with these words: what it prints, and its exit status. */
export async function preflight(args: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  const given = wordsOf(args);
  if ('fault' in given) return wrongUse([given.fault]);
  if (given.help) return { status: 0, lines: USAGE };
  const { serviceDir, folder, environment } = surroundings;
  const stage = given.stage ?? TRIAL_STAGE;
  const endpoint = given['endpoint-url'] ?? (environment.AWS_ENDPOINT_URL || undefined);
  const faults = [
    ...(STAGE.test(stage) ? [] : [`--stage ${stage} is no stage: it is made of letters, digits and hyphens.`]),
    ...(endpoint === undefined || isUrl(endpoint)
      ? []
      : [`${endpoint} is no URL of an endpoint, such as http://127.0.0.1:4566.`]),
  ];
  const fleetFile =
    given.fleet === undefined ? fleetOfStage(serviceDir, stage) : fileFrom(given.fleet, folder, serviceDir);
  if (!existsSync(join(serviceDir, fleetFile)) && !existsSync(fleetFile))
    faults.push(`There is no fleet file ${fleetFile}.`);
  if (faults.length > 0) return wrongUse(faults);

  let whole: Fleet;
  try {
    whole = readWholeFleet(serviceDir, { fleetFile, stage });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const lines = error.message.split('\n');
    return given.json ? data({ fleetFile, stage, fleetFaults: lines }, 1) : { status: 1, lines };
  }
  const regions = sortedUnique(whole.pods.map(({ region }) => region));
  if (given.region !== undefined && !regions.includes(given.region))
    return wrongUse([`${fleetFile} has no pod in region ${given.region}; its pods are in ${regions.join(', ')}.`]);
  const pods = whole.pods.filter(({ region }) => given.region === undefined || region === given.region);
  const connection = connectionTo(endpoint);
  const caller = await readCaller(connection, pods[0]?.region as string);
  if ('failure' in caller && isNobody(caller)) {
    const { code, text } = caller.failure;
    const told = `AWS knows nobody by these credentials (${code}: ${text}). Nothing was looked at.`;
    return given.json ? data({ fleetFile, stage, caller: caller.failure }, 1) : { status: 1, lines: [told] };
  }
  const facts = { caller, ...(await readPods(connection, pods, stage)), nowMs: surroundings.nowMs() };
  const judged = judge({ ...whole, pods }, facts);
  const isStopped = judged.isBlind || judged.findings.some(({ severity }) => severity === 'stop');
  const status = isStopped ? 1 : 0;
  if (!given.json) return { status, lines: page({ fleetFile, stage, caller, pods }, judged) };
  return data(
    {
      fleetFile,
      stage,
      caller: 'said' in caller ? caller.said : null,
      pods: pods.map(({ name, region }) => ({ name, region })),
      ...judged,
    },
    status,
  );
}

function wordsOf(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean', default: false } as const;
    const options = {
      fleet: text,
      stage: text,
      region: text,
      'endpoint-url': text,
      json: flag,
      help: { ...flag, short: 'h' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    return { fault: `npm run preflight: ${(error as Error).message.split('. To specify')[0]}` };
  }
}

function wrongUse(faults: readonly string[]): Outcome {
  return { status: 2, lines: [...faults, ...USAGE] };
}

function data(value: Record<string, unknown>, status: 0 | 1): Outcome {
  return { status, lines: [JSON.stringify({ isStopped: status === 1, ...value }, null, 2)] };
}

/** `params` of serverless.yml: the stage's own, else everybody's. */
function fleetOfStage(serviceDir: string, stage: string): string {
  const { params } = parse(readFileSync(join(serviceDir, 'serverless.yml'), 'utf8'));
  return params[stage]?.fleet ?? params.default.fleet;
}

function isUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function connectionTo(endpoint: string | undefined): Connection {
  if (endpoint === undefined) return {};
  const isLocal = LOOPBACK.test(new URL(endpoint).hostname);
  return { endpoint, ...(isLocal && { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }) };
}
