import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { cleanLeftovers } from '../../src/pod/leftovers.ts';
import { anyFreePort } from '../../src/pod/settings.ts';
import { whyNoRealHosts } from '../../src/real/requirements.ts';
import { mountsBelow } from '../real-pod/leftovers.ts';
import { endOwned, spawnOwned } from './owned-process.ts';
import { GUARD_MS } from './pod-status.ts';

// What each end of npm or of the pod's own process leaves behind: nothing. Waited for, whenever it comes.
jest.setTimeout(GUARD_MS);

interface Process {
  pid: number;
  parent: number;
  command: string;
}

let place: string;
let start: (...args: string[]) => void;
let npm: ChildProcess;
let lines: string[];

beforeEach(async () => {
  // all that it makes is its own there, whoever else runs a pod
  place = mkdtempSync(join(tmpdir(), 'ending-'));
  const [port, awsPort] = [await anyFreePort(), await anyFreePort()];
  const env = { ...process.env, TMPDIR: place, PORT: String(port), AWS_PORT: String(awsPort) };
  start = (...args) => {
    npm = spawnOwned('npm', ['start', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    lines = [];
    for (const stream of [npm.stdout, npm.stderr])
      stream?.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n')));
  };
});

afterEach(async () => {
  await endOwned(npm);
  // of a pod that was not cleaned up after: ends its processes too
  await until(async () => ((await cleanLeftovers(place)).length === 0 ? true : null));
  rmSync(place, { recursive: true, force: true });
});

async function until<T>(look: () => Promise<T | null> | T | null): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function said(pattern: RegExp): Promise<string> {
  return until(() => {
    if (npm.exitCode !== null) throw new Error(`it has ended:\n${lines.join('\n')}`);
    return lines.find((line) => pattern.test(line)) ?? null;
  });
}

function processes(): Process[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });
}

/** The process and all that it started, with what these started. */
function familyOf(pid: number, all = processes()): Process[] {
  const children = all.filter(({ parent }) => parent === pid);
  return [...all.filter((each) => each.pid === pid), ...children.flatMap((each) => familyOf(each.pid, all))];
}

/** Those of the family that are there still; a number may have been given to another program since. */
function leftOf(family: readonly Process[]): string[] {
  const now = processes();
  return family
    .filter(({ pid, command }) => now.some((each) => each.pid === pid && each.command === command))
    .map(({ command }) => command);
}

/** Resolves when no process of the family and no file is there; Jest's guard tells of a pod that stays. */
async function allGone(family: readonly Process[]): Promise<void> {
  await until(() => (leftOf(family).length === 0 ? true : null));
  await until(() => (readdirSync(place).some((name) => name.startsWith('podtime-')) ? null : true));
}

const mainProcess = (family: readonly Process[]) =>
  family.find(({ command }) => /^\S*node .*pod\/start\.ts/.test(command))?.pid as number;

it.each(['SIGINT', 'SIGTERM'] as const)('%s to npm ends the whole pod, which says so', async (signal) => {
  start();
  await said(/healthy|collected/);
  const family = familyOf(npm.pid as number);
  expect(family.filter(({ command }) => command.includes('serverless'))).not.toEqual([]);
  npm.kill(signal);
  await allGone(family);
  const told = lines.filter((line) => line.startsWith('podtime: '));
  expect(told.slice(-2)).toEqual([
    `podtime: ${signal === 'SIGINT' ? 'Ctrl-C' : signal}. Hosts, AWS and functions end, and their files go. Ctrl-C again ends it at once.`,
    'podtime: it has ended.',
  ]);
});

it('SIGKILL of npm ends the whole pod while it is being packaged', async () => {
  start();
  await said(/ checked /);
  const family = await until(() => {
    const found = familyOf(npm.pid as number);
    return found.some(({ command }) => command.includes('serverless')) ? found : null;
  });
  npm.kill('SIGKILL');
  await allGone(family);
});

it('SIGKILL of npm ends a pod that runs, which says why', async () => {
  start();
  await said(/host .* booted/);
  const family = familyOf(npm.pid as number);
  npm.kill('SIGKILL');
  await allGone(family);
  expect(lines).toContain(
    'podtime: Who started this pod is gone. Hosts, AWS and functions end, and their files go. Ctrl-C again ends it at once.',
  );
});

it('SIGKILL of the pod itself ends its functions and hosts', async () => {
  start();
  await said(/host .* is up/);
  const family = familyOf(npm.pid as number);
  process.kill(mainProcess(family), 'SIGKILL');
  await allGone(family);
});

it('SIGKILL of the pod and of its watcher ends its functions all the same', async () => {
  start();
  await said(/host .* is up/);
  const family = familyOf(npm.pid as number);
  const watcher = family.find(({ command }) => command.includes('pod/clean.ts'))?.pid as number;
  process.kill(watcher, 'SIGKILL');
  process.kill(mainProcess(family), 'SIGKILL');
  await until(() => (leftOf(family).length === 0 ? true : null));
  // files are left to the next start
  const left = readdirSync(place).filter((name) => name.startsWith('podtime-pod-'));
  expect(left).toHaveLength(1);
  await cleanLeftovers(place);
  expect(left.filter((name) => existsSync(join(place, name)))).toEqual([]);
});

const lacking = whyNoRealHosts();

(lacking.length === 0 ? it : it.skip)(
  `SIGKILL of npm ends real hosts with their namespaces and mounts${lacking.length === 0 ? '' : ` (skipped: ${lacking[0]})`}`,
  async () => {
    start('--', '--real');
    await said(/host .* booted/);
    const family = familyOf(npm.pid as number);
    expect(family.filter(({ command }) => /(ntpd|chronyd)/.test(command))).not.toEqual([]);
    npm.kill('SIGKILL');
    await allGone(family);
    // links go with their namespaces
    expect(mountsBelow(place)).toEqual([]);
  },
);
