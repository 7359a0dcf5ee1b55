import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { takeTurn } from '../../infra/files.ts';
import { shortHash } from '../../infra/hash.ts';
import type { Resource, Resources } from '../../infra/template/cloudformation.ts';
import { write } from './temporary-folder.ts';

export const ROOT = join(import.meta.dirname, '../..');
/** Stands for osls' log where a test runs a step of the build without osls. */
export const SILENT = { notice: () => {}, warning: () => {} };
const SLS = join(ROOT, 'node_modules/serverless/bin/serverless.js');
const FLEET = join(ROOT, 'test/fixtures/infra/two-regions.yml');
const COMPLETE_FLEET = join(ROOT, 'test/fixtures/infra/complete.yml');
/** What packaging reads of the project; of the packages, what the lock says. */
const INPUTS = ['serverless.yml', 'package.json', 'package-lock.json', 'infra', 'handlers', 'src'];
const TEMPLATE = 'cloudformation-template-update-stack.json';
/** How osls ended and what it said, beside the template. */
const OUTCOME = 'outcome.json';
/** A busy machine takes half a minute for a package, and several may be made before it is one's turn. */
const PATIENCE_MS = 600_000;

interface Outcome {
  status: number;
  output: string;
}

/** Runs osls as an operator would, but without any credentials at hand. */
export function sls(...args: string[]): Promise<Outcome> {
  return slsIn(ROOT, args);
}

async function slsIn(cwd: string, args: string[]): Promise<Outcome> {
  const env = {
    PATH: process.env.PATH,
    HOME: write({}),
    NO_COLOR: '1',
    SLS_TELEMETRY_DISABLED: '1',
    SLS_SCHEMA_CACHE_BASE_DIR: SCHEMA_CACHE,
  };
  const endTurn = await firstRun();
  return new Promise((resolve) => {
    execFile(process.execPath, [SLS, ...args], { cwd, env }, (error, stdout, stderr) => {
      endTurn();
      resolve({ status: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` });
    });
  });
}

/**
 * osls compiles the schema of serverless.yml when it first meets it, for seconds, and keeps that in a folder, as it does for
 * an operator. Other versions of osls and its plugins have another schema.
 */
const SCHEMA_CACHE = join(
  ROOT,
  'node_modules/.cache/podtime-osls',
  shortHash(readFileSync(join(ROOT, 'package-lock.json'))),
);

/** The first that compiles has it alone, whoever comes meanwhile waits for it. Answers what ends the turn. */
async function firstRun(): Promise<() => void> {
  if (existsSync(SCHEMA_CACHE)) return () => {};
  const endTurn = await takeTurn(`${SCHEMA_CACHE}.turn`, PATIENCE_MS);
  if (existsSync(SCHEMA_CACHE)) endTurn();
  return endTurn;
}

/** What `sls package` or `sls deploy` wrote. */
export class Package {
  readonly resources: Resources;
  readonly outcome: Outcome;

  constructor(readonly folder: string) {
    this.outcome = JSON.parse(this.file(OUTCOME).toString());
    this.resources = JSON.parse(this.file(TEMPLATE).toString()).Resources;
  }

  file(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }

  /** The bytes of a function's archive, as its `S3Key` names it. */
  archive(name: string): Buffer {
    const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`;
    const { S3Key } = this.properties(id).Code as { S3Key: string };
    return this.file(S3Key.split('/').at(-1) as string);
  }

  /** Logical id and properties of every resource of a type, in the template's order. */
  ofType(type: string): [string, Resource['Properties']][] {
    return Object.entries(this.resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties }]) => [id, Properties]);
  }

  properties(id: string): Resource['Properties'] {
    const found = this.resources[id];
    if (!found) throw new Error(`the template has no ${id}; it has ${Object.keys(this.resources).join(', ')}`);
    return found.Properties;
  }
}

/**
 * Packages the fixture fleet of two regions; what one run of the tests packages from the same input, it packages once for
 * all its files. Throws with osls' output when that fails.
 */
export async function packaged(...args: string[]): Promise<Package> {
  return inTurn(args, async (shared) => {
    if (!existsSync(shared)) await packageInto(shared, args);
    return new Package(shared);
  });
}

/** Who is told of alarms, as an operator names them. */
export const TOPICS = {
  pods: 'arn:aws:sns:us-west-2:123456789012:time',
  details: 'arn:aws:sns:us-west-2:123456789012:time-details',
  runbookUrl: 'https://git.example.com/time/podtime/blob/main/docs/runbook.md',
};

/** The bucket for reports, as an operator names one. */
export const REPORT_BUCKET = 'podtime-prod-reports';

/** What `sls deploy` would send of the complete fleet to production: it gets as far as AWS, which wants credentials. */
export function packagedForProduction(): Promise<Package> {
  const { pods, details, runbookUrl } = TOPICS;
  const params = [
    `fleet=${COMPLETE_FLEET}`,
    `alarmTopic=${pods}`,
    `alarmDetailTopic=${details}`,
    `runbookUrl=${runbookUrl}`,
  ];
  const args = ['deploy', '--stage', 'prod', ...[...params, `reportBucket=${REPORT_BUCKET}`].flatMap(asParam)];
  return inTurn(args, async (shared) => {
    if (!existsSync(shared)) await deployInto(shared, args);
    return new Package(shared);
  });
}

const asParam = (param: string) => ['--param', param];

/** The fixture fleet packaged twice, both at once. */
export async function packagedTwiceAtOnce(): Promise<[Package, Package]> {
  return inTurn([], async (shared) => {
    const other = join(write({}), 'package');
    rmSync(shared, { recursive: true, force: true });
    await Promise.all([packageInto(shared, []), packageInto(other, [])]);
    return [new Package(shared), new Package(other)];
  });
}

/** Who first asks for this input packages it; whoever else asks meanwhile waits. */
async function inTurn<T>(args: string[], use: (shared: string) => Promise<T>): Promise<T> {
  const shared = join(tmpdir(), 'podtime-packages', hashOf(args));
  const endTurn = await takeTurn(`${shared}.turn`, PATIENCE_MS);
  try {
    return await use(shared);
  } finally {
    endTurn();
  }
}

/** Whole or not at all. */
async function packageInto(folder: string, args: string[]): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const outcome = await sls('package', '--package', unfinished, '--param', `fleet=${FLEET}`, ...args);
  if (outcome.status !== 0) throw new Error(outcome.output);
  writeFileSync(join(unfinished, OUTCOME), JSON.stringify(outcome));
  renameSync(unfinished, folder);
}

/** A deployment packages into the folder of the service, which others would overwrite: this one has a copy of its own. */
async function deployInto(folder: string, args: string[]): Promise<void> {
  const service = write({});
  for (const name of INPUTS) cpSync(join(ROOT, name), join(service, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(service, 'node_modules'));
  const outcome = await slsIn(service, args);
  const made = join(service, '.serverless');
  if (!existsSync(join(made, TEMPLATE))) throw new Error(outcome.output);
  writeFileSync(join(made, OUTCOME), JSON.stringify(outcome));
  renameSync(made, folder);
}

/** Of all that packaging with these arguments reads. */
function hashOf(args: string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([process.version, FLEET, ...args]));
  const fleets = args.flatMap((arg) => (arg.startsWith('fleet=') ? [arg.slice('fleet='.length)] : []));
  for (const file of [...INPUTS.flatMap(filesOf), FLEET, ...fleets])
    hash.update(`\0${file}\0`).update(readFileSync(resolve(ROOT, file)));
  return hash.digest('hex');
}

function filesOf(path: string): string[] {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path))
    .toSorted()
    .flatMap((name) => filesOf(join(path, name)));
}
