import { execFile, spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { write } from '../builders/temporary-folder.ts';
import { SHELLS } from '../host/host.ts';
import { whereIs } from '../host/programs.ts';

/** What shellcheck says of a script; null where it is not installed and nobody counts on it. */
function shellcheck(script: string): string | null {
  const program = whereIs('shellcheck');
  if (program === null && process.env.CI === undefined) return null;
  const { stdout } = spawnSync(program ?? 'shellcheck', ['--shell=sh', '--severity=style', '-'], {
    input: script,
    encoding: 'utf8',
  });
  return stdout;
}

/** Nothing for shellcheck to say, and every shell reads it. */
export function expectClean(script: string): void {
  expect(shellcheck(script) ?? '').toBe('');
  for (const name of SHELLS) {
    const words = [...(name === 'busybox' ? ['sh'] : []), '-n'];
    const { stderr, status } = spawnSync(whereIs(name) ?? name, words, { input: script, encoding: 'utf8' });
    expect({ name, stderr, status }).toEqual({ name, stderr: '', status: 0 });
  }
}

/** Runs a program beside this process, whose servers it may call. */
export function ran(program: string, words: string[], env: NodeJS.ProcessEnv, cwd?: string) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    execFile(program, words, { env, cwd, timeout: 200_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** Where Debian has it. */
export const AWS = '/usr/bin/aws';

/** The environment of shell whose `aws` speaks to the endpoint at that address. */
export function awsBeside(url: string): NodeJS.ProcessEnv {
  const folder = write({ aws: `#!/bin/sh\nexec ${AWS} --endpoint-url ${url} "$@"\n` });
  chmodSync(join(folder, 'aws'), 0o755);
  return {
    PATH: `${folder}:/usr/bin:/bin`,
    HOME: folder,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_DEFAULT_REGION: 'us-west-2',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  };
}
