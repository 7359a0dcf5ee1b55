import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findTool } from '../../src/simulated/command-shims.ts';

// The curl for machines without one, held against the real one: what it asks, prints, writes and how it ends.

const OURS = [process.execPath, join(__dirname, '../../src/simulated/curl.mjs')];
const REAL = findTool('curl', process.env.PATH ?? '');
const because = REAL === undefined ? ' (skipped: no curl here)' : '';
const really = REAL === undefined ? it.skip : it;

let server: Server;
let url: string;
let folder: string;
let requests: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'podtime-curl-'));
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    requests.push(`${request.method} ${request.url} ${Buffer.concat(parts)}`);
    if (request.url === '/slow') return;
    const body = `${request.method} ${request.url}\n`.repeat(100);
    // older curls know the size of a file only by what is announced
    const headers = { 'content-length': body.length, ...(request.url === '/later' && { 'retry-after': '7' }) };
    response.writeHead(request.url === '/missing' ? 404 : 200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** All that a caller of curl sees. Of an error its number: its words are each curl's own. */
function run([program = '', ...first]: string[], args: string[]) {
  const file = join(folder, 'fetched');
  writeFileSync(file, 'as it was');
  requests = [];
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH };
    execFile(program, [...first, ...args.map((arg) => arg.replace('FILE', file))], { env }, (error, stdout, stderr) =>
      resolve({
        status: error === null ? 0 : error.code,
        stdout,
        error: /^curl: \(\d+\)/.exec(stderr)?.[0] ?? null,
        file: existsSync(file) ? readFileSync(file, 'utf8') : null,
        requests,
      }),
    );
  });
}

const LIKE_BOOT = ['--fail', '--silent', '--show-error', '--proto', '=http,https', '--connect-timeout', '5'];

describe(`the curl of a machine without one${because}`, () => {
  really.each<[string, string[]]>([
    ['prints what it gets', ['-fsS', 'URL/file']],
    ['writes what it gets', [...LIKE_BOOT, '--max-time', '20', '--output', 'FILE', 'URL/file']],
    ['posts', [...LIKE_BOOT, '--request', 'POST', '--data', '', '--output', 'FILE', 'URL/register']],
    ['posts what it is given', ['-sS', '-X', 'POST', '-d', 'a=1', 'URL/register']],
    ['tells status and header', ['-sS', '--write-out', '%{http_code} %header{retry-after}', 'URL/later']],
    [
      'tells the status of a failure',
      [...LIKE_BOOT, '--write-out', '%{http_code} %header{retry-after}', 'URL/missing'],
    ],
    [
      'tells that there was no status',
      ['-sS', '--write-out', '%{http_code} %header{retry-after}', 'http://127.0.0.1:1/'],
    ],
    ['fails on 404, and leaves the file', [...LIKE_BOOT, '--output', 'FILE', 'URL/missing']],
    ['prints a 404 when it is not to fail', ['-sS', 'URL/missing']],
    ['fails on more than it is to take', [...LIKE_BOOT, '--max-filesize', '100', '--output', 'FILE', 'URL/file']],
    ['fails where nobody listens', [...LIKE_BOOT, 'http://127.0.0.1:1/file']],
    ['fails on one that does not answer in time', [...LIKE_BOOT, '--max-time', '1', 'URL/slow']],
    ['takes no other protocol', [...LIKE_BOOT, 'file:///etc/hostname']],
    ['knows no other option', ['--no-such-option', 'URL/file']],
  ])('%s', async (_, args) => {
    const asked = args.map((arg) => arg.replace('URL', url));
    expect(await run(OURS, asked)).toEqual(await run([REAL as string], asked));
  });
});
