import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { controlPath } from '../../src/pod/client/ask.mjs';
import { serveControl } from '../../src/pod/control.ts';
import type { LocalPod } from '../../src/pod/pod.ts';

// The client as a process, before a pod of which only what it asks is there: its AWS port is a name.

const CLIENT = 'packages/lab/src/pod/client/cli.mjs';
const PORT = 4601;

let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'client-'));
  const { FORCE_COLOR: _, NO_COLOR: __, ...others } = process.env;
  env = { ...others, TMPDIR: folder, AWS_PORT: String(PORT), PORT: '' };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The client, run while this process can answer it. */
async function client(args: string[], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [CLIENT, ...args], { env: { ...env, ...environment } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [status] = await once(child, 'close');
  return { status, stdout, stderr };
}

describe('with a pod', () => {
  let server: Server;
  let answers: () => Promise<void>;
  beforeEach(async () => {
    answers = async () => {};
    const alarm = { name: 'podtime-local-blue', composite: true, state: 'ALARM', reason: 'it is off', sinceMs: 0 };
    const pod = {
      endpoint: { alarms: () => [alarm] },
      directory: { podNames: ['blue'] },
      status: () => answers(),
    } as unknown as LocalPod;
    server = await serveControl(pod, PORT, folder);
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('prints what it answers, without colours in a pipe', async () => {
    const { status, stdout, stderr } = await client(['alarms']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^STATE +SINCE +ALARM +WHY\nALARM +\d\d:\d\d:\d\d +podtime-local-blue \(composite\) +it is off\n$/,
    );
  });

  it.each([
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, false],
  ])('%j decides on colours: %p', async (environment, isColoured) => {
    const { stdout } = await client(['alarms'], environment);
    expect(stdout.includes('\u001b[31m')).toBe(isColoured);
  });

  it('ends in silence where nobody reads on', async () => {
    const child = spawn(process.execPath, [CLIENT, 'status'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    // the answer comes when the reader is gone
    answers = async () => {
      child.stdout.destroy();
      await once(child.stdout, 'close');
      return { pod: 'blue', sentences: Array(5000).fill('All is well with the time of this pod.') } as never;
    };
    const [status] = await once(child, 'exit');
    expect([status, stderr]).toEqual([0, '']);
  });

  it('is named where another port is asked', async () => {
    expect(await client(['hosts', 'blue'], { AWS_PORT: '4602' })).toEqual({
      status: 1,
      stdout: '',
      stderr: `No pod runs with AWS port 4602, or it is not up yet. One runs with ${PORT}: AWS_PORT=${PORT} npm run pod -- hosts blue\n`,
    });
  });
});

describe('without a pod', () => {
  it('says how to start one', async () => {
    expect(await client(['hosts'])).toEqual({
      status: 1,
      stdout: '',
      stderr: `No pod runs with AWS port ${PORT}, or it is not up yet. To start one: npm start\n`,
    });
  });

  it.each([
    [{ AWS_PORT: '80a' }, 'AWS_PORT=80a is no port: it must be a whole number from 1 to 65535.'],
    [{ PORT: String(PORT) }, `PORT and AWS_PORT are both ${PORT}: each needs a port of its own.`],
  ])('refuses %j', async (environment, sentence) => {
    expect(await client(['hosts'], environment)).toEqual({ status: 2, stdout: '', stderr: `${sentence}\n` });
  });

  it.each(['', 'HTTP/1.1 200 OK\r\n\r\n{"ok":tr'])('says that it ended, where all that came is %j', async (part) => {
    const dying = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(part));
    }).listen(controlPath(PORT, folder));
    await once(dying, 'listening');
    try {
      expect(await client(['hosts'])).toEqual({
        status: 1,
        stdout: '',
        stderr: 'The pod ended before it had answered.\n',
      });
    } finally {
      await new Promise((resolve) => dying.close(resolve));
    }
  });

  it('needs no loader: nothing but Node', () => {
    const { stdout } = spawnSync(process.execPath, [CLIENT], { env: { PATH: '' }, encoding: 'utf8' });
    expect(stdout).toMatch(/^Usage: npm run pod -- VERB …\n/);
  });
});
