import { spawn } from 'node:child_process';

/** A command of the machine that failed; the message says which, and what it said. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

export interface RunOptions {
  input?: string;
  timeoutMs?: number;
  environment?: NodeJS.ProcessEnv;
}

/** What is kept of either stream. */
const LONGEST_OUTPUT = 1_000_000;
/** A process that outlives its group's SIGKILL is not waited for. */
const AFTER_KILL_MS = 2000;

/** Runs to its end, or ends it with all that it started in its own process group. Rejects only when it cannot be started. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [program = '', ...args] = argv;
  const { input, timeoutMs, environment } = options;
  return new Promise((resolve, reject) => {
    // a group of its own: what it leaves running can be ended with it
    const child = spawn(program, args, { stdio: 'pipe', detached: true, ...(environment && { env: environment }) });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    let deadline: NodeJS.Timeout | undefined;
    const settle = (exitCode: number | null) => {
      clearTimeout(deadline);
      resolve({ exitCode: exitCode ?? 137, stdout, stderr, timedOut });
    };
    child.stdout.on('data', (chunk) => {
      stdout = (stdout + chunk).slice(0, LONGEST_OUTPUT);
    });
    child.stderr.on('data', (chunk) => {
      stderr = (stderr + chunk).slice(0, LONGEST_OUTPUT);
    });
    child.once('error', (error) => {
      clearTimeout(deadline);
      reject(new CommandError(`${program} cannot be run: ${error.message}`, { cause: error }));
    });
    child.once('close', settle);
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    if (timeoutMs === undefined) return;
    deadline = setTimeout(() => {
      timedOut = true;
      try {
        process.kill(-(child.pid as number), 'SIGKILL');
      } catch {
        // it ended this moment
      }
      deadline = setTimeout(() => settle(null), AFTER_KILL_MS);
    }, timeoutMs);
  });
}

/** Its standard output. @throws CommandError when it fails. */
export async function must(argv: readonly string[], purpose: string, input?: string): Promise<string> {
  const ran = await run(argv, { ...(input !== undefined && { input }), timeoutMs: 30_000 });
  if (ran.exitCode === 0) return ran.stdout;
  const reason = ran.timedOut ? 'it did not end within 30 s' : (ran.stderr || ran.stdout).trim();
  throw new CommandError(`${purpose} failed: ${reason || `exit ${ran.exitCode}`}`);
}
