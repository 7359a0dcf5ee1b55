import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest } from '@jest/globals';
import { cleanLeftovers } from '../../src/pod/leftovers.ts';
import { anyFreePort } from '../../src/pod/settings.ts';
import { spawnOwned } from '../pod/owned-process.ts';
import { expectNothingLeft, interfaces, joinTraces, SOME_NAMESPACES, type Traces, tracesOf } from './leftovers.ts';
import { PROJECT } from './product.ts';
import { because, eventually, here, really } from './setup.ts';

const JEST = join(PROJECT, 'node_modules', 'jest', 'bin', 'jest.js');
/** Jest's own, beside the folder of this run: one of the run itself would be cold. */
const CACHES = dirname(process.env.PODTIME_TEST_RUN ?? tmpdir());
const CACHE = `--cacheDirectory=${join(CACHES, `jest_${process.getuid?.().toString(36)}`)}`;
// a busy machine takes its time to bring up what is then killed
jest.setTimeout(300_000);

const START = ['--import', 'tsx', 'packages/lab/src/pod/start.ts'];

/** A run of cases that leave pods open. */
const cases = (...names: string[]) => [
  ...[JEST, '-c', 'packages/lab/test/real-pod/jest.config.mjs', CACHE],
  ...['--testMatch', `**/left-open/+(${names.join('|')}).case.ts`],
];

describe(`what fails, times out or is killed leaves nothing behind${because}`, () => {
  let scratch: string;
  const before = interfaces();

  beforeAll(() => {
    // all files below are of what is started here, whoever else runs a pod
    if (here) scratch = mkdtempSync(join(tmpdir(), 'leaving-'));
  });
  afterAll(async () => {
    if (!here) return;
    await cleanLeftovers(scratch);
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  const start = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
    const env = { ...process.env, TMPDIR: scratch, TSX_DISABLE_CACHE: '1', ...environment };
    return spawnOwned(process.execPath, args, { cwd: PROJECT, env, stdio: 'ignore' });
  };
  const seen = (child: ChildProcess, what: string, isThere: (traces: Traces) => boolean) =>
    eventually(what, 240, () => tracesOf(child.pid as number), isThere, 0.3);
  const runs = ({ processes }: Traces, command: RegExp) => processes.some((each) => command.test(each.command));
  const nothingIsLeftOf = (traces: Traces) => expectNothingLeft({ traces, folder: scratch, interfaces: before });

  const interrupted = async (child: ChildProcess, isThere: (traces: Traces) => boolean, signal: NodeJS.Signals) => {
    const traces = await seen(child, 'what is to be ended', isThere);
    const ended = once(child, 'exit');
    child.kill(signal);
    const [status] = await ended;
    await nothingIsLeftOf(traces);
    return status;
  };
  const hasBegun = ({ namespaces }: Traces) => namespaces.size > SOME_NAMESPACES;

  /** All that was seen of a run until it ended by itself. */
  const untilItEnds = async (child: ChildProcess) => {
    let traces = tracesOf(child.pid as number);
    let most = traces;
    while (child.exitCode === null && child.signalCode === null) {
      const now = tracesOf(child.pid as number);
      if (now.namespaces.size > most.namespaces.size) most = now;
      traces = joinTraces(traces, now);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return { traces, most };
  };

  really(
    'a setup that times out, one that throws half-way and a test that times out: the run ends, and fails',
    async () => {
      const run = start(cases('setup-times-out', 'setup-throws', 'test-times-out'));
      const { traces, most } = await untilItEnds(run);
      expect({ status: run.exitCode, hasBegun: hasBegun(most) }).toEqual({ status: 1, hasBegun: true });
      await nothingIsLeftOf(traces);
    },
  );

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    really(`${signal} to a run of one file`, async () => {
      await interrupted(start(cases('waits')), (traces) => hasBegun(traces) && runs(traces, /sbin.ntpd/), signal);
    });
  }

  really('SIGKILL to a run whose workers wait, one of them for a pod of yet another process', async () => {
    const run = start(cases('waits', 'waits-for-started'));
    const isWaiting = (traces: Traces) =>
      runs(traces, /sbin.ntpd/) && runs(traces, /pod.start\.ts --real/) && runs(traces, /serverless.js offline/);
    await interrupted(run, isWaiting, 'SIGKILL');
  });

  const ports = async () => ({ PORT: String(await anyFreePort()), AWS_PORT: String(await anyFreePort()) });

  really('SIGINT to npm start -- --real while it starts', async () => {
    expect(await interrupted(start([...START, '--real'], await ports()), hasBegun, 'SIGINT')).toBe(0);
  });

  for (const [hosts, flags] of [
    ['real', ['--real']],
    ['simulated', []],
  ] as const) {
    really(`SIGKILL to npm start with ${hosts} hosts`, async () => {
      const pod = start([...START, ...flags], await ports());
      await interrupted(pod, (traces) => runs(traces, /serverless.js offline/), 'SIGKILL');
    });
  }
});
