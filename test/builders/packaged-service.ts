import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource, Resources } from '../../infra/template/cloudformation.ts';
import { write } from './temporary-folder.ts';

export const ROOT = join(import.meta.dirname, '../..');
const SLS = join(ROOT, 'node_modules/serverless/bin/serverless.js');
const FLEET = join(ROOT, 'test/fixtures/infra/two-regions.yml');

/** Runs osls as an operator would, but without any credentials at hand. */
export function sls(...args: string[]): Promise<{ status: number; output: string }> {
  const env = { PATH: process.env.PATH, HOME: write({}), NO_COLOR: '1', SLS_TELEMETRY_DISABLED: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, [SLS, ...args], { cwd: ROOT, env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` });
    });
  });
}

/** What `sls package` wrote. */
export class Package {
  readonly resources: Resources;

  constructor(
    readonly folder: string,
    readonly output: string,
  ) {
    this.resources = JSON.parse(this.file('cloudformation-template-update-stack.json').toString()).Resources;
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

/** Packages the fixture fleet of two regions. Throws with osls' output when that fails. */
export async function packaged(...args: string[]): Promise<Package> {
  const folder = join(write({}), 'package');
  const { status, output } = await sls('package', '--package', folder, '--param', `fleet=${FLEET}`, ...args);
  if (status !== 0) throw new Error(output);
  return new Package(folder, output);
}
