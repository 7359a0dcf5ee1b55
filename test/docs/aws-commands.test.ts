import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AwsCommand,
  isInstalled,
  openAwsCommand,
  tellSkipped,
} from '../../packages/aws-endpoint/test/aws-command.ts';
import { pageText } from './snippets.ts';

// The command checks what it is told against AWS's own descriptions of each call before it asks. Here whatever it asks is refused.

/** These do more than one call; other tests run them. */
const HIGH_LEVEL = /^(s3 |cloudformation deploy )/;
const PAGES = [
  'deploy.md',
  'runbook.md',
  'release.md',
  'alarms.md',
  'history.md',
  '../README.md',
  '../events/README.md',
];

/** As the older services say it, and EC2 in its own way. */
const REFUSED =
  '<Response><Errors><Error><Code>Refused</Code></Error></Errors><Error><Code>Refused</Code></Error></Response>';

/** Commands that begin a line of shell or are shown between words, whole: a quotation may go over several lines. */
function awsCommandsOf(page: string): string[] {
  const text = pageText(page);
  const found: string[] = [];
  for (const [, shell = ''] of text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)) {
    let command: string | null = null;
    for (const line of shell.split('\n')) {
      if (command === null && !line.startsWith('aws ')) continue;
      command = command === null ? line : `${command}\n${line}`;
      if (line.endsWith('\\') || spawnSync('sh', ['-nc', command]).status !== 0) continue;
      found.push(command);
      command = null;
    }
  }
  const inline = text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`(aws [^`]+ --[^`]+)`/g);
  return [...found, ...[...inline].map(([, command = '']) => command)];
}

/** The words of a command, as a shell hands them to `aws`; variables are all `x`. */
function wordsOf(command: string): string[] {
  const names = [...command.matchAll(/\$\{?(\w+)/g)].map(([, name]) => `${name}=x`);
  const script = `${names.join('\n')}\naws() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync('sh', ['-euc', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

const commands = PAGES.flatMap((page) => awsCommandsOf(page).map((command) => ({ page, words: wordsOf(command) })));
const low = commands.filter(({ words }) => !HIGH_LEVEL.test(`${words.join(' ')} `));

tellSkipped();
const withAws = isInstalled ? describe : describe.skip;

withAws('the aws command understands', () => {
  let aws: AwsCommand;
  let url: string;
  const server = createServer((request, response) => {
    const isJson = String(request.headers['content-type'] ?? request.headers['x-amz-target']).includes('json');
    response.writeHead(400, { 'x-amzn-errortype': 'Refused' }).end(isJson ? '{"__type":"Refused"}' : REFUSED);
  });
  beforeAll(async () => {
    aws = openAwsCommand();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await aws.close();
    server.close();
  });

  it.each(low.map(({ page, words }) => [page, words.join(' '), words] as const))('of %s: %s', async (_, __, words) => {
    await expect(aws.text(url, ...words)).rejects.toThrow(/^An error occurred \(\w+\) when calling the \w+ operation/);
  });

  it('nothing that is not there', async () => {
    const strange = ['ssm', 'put-parameter', '--name', 'x', '--value', 'x', '--kind', 'String'];
    await expect(aws.text(url, ...strange)).rejects.toThrow('--kind');
  });
});

it('pages show such commands', () => {
  expect(new Set(low.map(({ page }) => page))).toEqual(
    new Set(['deploy.md', 'runbook.md', 'release.md', 'alarms.md', '../README.md', '../events/README.md']),
  );
  // what a file:// names is there
  const files = commands.flatMap(({ words }) => words).filter((word) => word.startsWith('file://'));
  for (const file of files)
    expect(readFileSync(join(import.meta.dirname, '../..', file.slice('file://'.length))).length).toBeGreaterThan(0);
});
