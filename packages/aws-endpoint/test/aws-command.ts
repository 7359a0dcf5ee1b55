import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Debian's own (package awscli, 2.9), not what else PATH may find first. */
export const AWS_COMMAND = '/usr/bin/aws';

/** The Python that runs it, from its first line; null where it is not there, or is no script. */
const PYTHON = readPython();
export const isInstalled = PYTHON !== null;

function readPython(): string | null {
  try {
    return /^#!(\S*python\S*)/.exec(readFileSync(AWS_COMMAND, 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Says that tests of the command are skipped, where they are. */
export function tellSkipped(): void {
  if (!isInstalled) process.stderr.write(`skipped: ${AWS_COMMAND} is not installed (Debian package awscli)\n`);
}

export interface AwsCommand {
  /** What it prints, as JSON; rejects with its error output, which says nothing of retries. */
  run(endpointUrl: string, ...words: string[]): Promise<Record<string, never>>;
  /** What it prints, as it stands: `aws s3` prints no JSON. */
  text(endpointUrl: string, ...words: string[]): Promise<string>;
  close(): Promise<void>;
}

/** Calls of the command, each in a process of its own, forked from one that has its modules loaded. */
export function openAwsCommand(): AwsCommand {
  const child: ChildProcess = spawn(PYTHON ?? '', [join(import.meta.dirname, 'aws-forks.py'), AWS_COMMAND], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: '/usr/bin:/bin', PYTHONDONTWRITEBYTECODE: '1' },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const waiting: ((answer: { status: number; stdout: string; stderr: string }) => void)[] = [];
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
    waiting.shift()?.(JSON.parse(line)),
  );
  const text = async (endpointUrl: string, ...words: string[]): Promise<string> => {
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: '/nonexistent',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_DEFAULT_REGION: 'us-west-2',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
      AWS_PAGER: '',
    };
    // Version 2.9 does not know AWS_ENDPOINT_URL.
    const call = { env, words: ['--endpoint-url', endpointUrl, '--output', 'json', ...words] };
    const answer = new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => waiting.push(resolve));
    child.stdin?.write(`${JSON.stringify(call)}\n`);
    const { status, stdout, stderr } = await answer;
    // It retries nothing here, and says so in every message.
    if (status !== 0) throw new Error(stderr.replace(' (reached max retries: 0)', '').trim());
    return stdout;
  };
  return {
    text,
    async run(endpointUrl, ...words) {
      const stdout = await text(endpointUrl, ...words);
      return stdout.trim() === '' ? {} : JSON.parse(stdout);
    },
    close() {
      child.stdin?.end();
      return ended;
    },
  };
}
