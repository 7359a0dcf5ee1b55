import { type ChildProcess, execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { promisify } from 'node:util';
import { type CommandResult, runCommand } from '../../src/pod/client/run.mjs';
import { anyFreePort } from '../../src/pod/settings.ts';
import { endOwned, spawnOwned } from './owned-process.ts';

/** `npm start` as a user runs it, on ports of its own. */
export interface StartedPod {
  pid: number;
  port: number;
  awsPort: number;
  lambdaPort: number;
  lines: string[];
  /** Waits for a line from `after` on; fails with the last lines when it does not come in time. */
  line(pattern: RegExp, withinMs: number, after?: number): Promise<string>;
  /** `npm run pod -- …`, a process of its own. */
  command(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }>;
  /** The same without the process: what it asks and prints. The pod must have this process's temporary folder. */
  verb(...args: string[]): Promise<CommandResult>;
  /** Ctrl-C, or another signal; answers the exit status. */
  interrupt(signal?: NodeJS.Signals): Promise<number | null>;
}

const run = promisify(execFile);

/** Starts the pod and waits until its API answers. A pod that does not come up is ended. */
export async function startPod(args: string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<StartedPod> {
  const [port, awsPort] = [await anyFreePort(), await anyFreePort()];
  const env = { ...process.env, ...environment, PORT: String(port), AWS_PORT: String(awsPort) };
  const child = spawnOwned(process.execPath, ['--import', 'tsx', 'packages/lab/src/pod/start.ts', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const changed = follow(child, lines);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));

  const line: StartedPod['line'] = async (pattern, withinMs, after = 0) => {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = lines.slice(after).find((candidate) => pattern.test(candidate));
      if (found !== undefined) return found;
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(
          `No line like ${pattern} within ${withinMs / 1000} s. The last lines:\n${lines.slice(-30).join('\n')}`,
        );
      }
      await changed(deadline - Date.now());
    }
  };
  const pod: StartedPod = {
    pid: child.pid ?? 0,
    port,
    awsPort,
    lambdaPort: 0,
    lines,
    line,
    verb: (...args) => runCommand(args, env, process.cwd()),
    async command(...args) {
      try {
        const { stdout, stderr } = await run(process.execPath, ['packages/lab/src/pod/client/cli.mjs', ...args], {
          env,
        });
        return { status: 0, stdout, stderr };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { status: code, stdout, stderr };
      }
    },
    async interrupt(signal = 'SIGINT') {
      child.kill(signal);
      return exited;
    },
  };
  try {
    const lambda = await line(/^ {2}Lambda +http:\/\/127\.0\.0\.1:\d+/, 120_000);
    pod.lambdaPort = Number(/:(\d+)/.exec(lambda.replace('http:', ''))?.[1]);
    return pod;
  } catch (error) {
    await endOwned(child);
    throw error;
  }
}

/** Keeps lines as they come; the answer waits for the next of them, or for so long. */
function follow(child: ChildProcess, lines: string[]): (withinMs: number) => Promise<void> {
  const news = new EventEmitter().setMaxListeners(0);
  let rest = '';
  const read = (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    news.emit('lines');
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  child.once('exit', () => news.emit('lines'));
  return (withinMs) =>
    new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        news.off('lines', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, withinMs));
      news.on('lines', wake);
    });
}

/** By what `npm run pod -- hosts --json` lists. */
export async function instanceIdOf(pod: StartedPod, name: string): Promise<string> {
  const { stdout } = await pod.verb('hosts', '--json');
  const listed: { name: string; instanceId: string }[] = JSON.parse(stdout);
  return listed.find((host) => host.name === name)?.instanceId ?? '';
}
