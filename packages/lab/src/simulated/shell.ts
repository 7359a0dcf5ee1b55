import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { AgentRun, Clock } from '@podtime/aws-endpoint';

/** What a tool answers. `waitMs`: simulated milliseconds that it takes. */
export interface ToolReply {
  exitCode: number;
  stdout: string;
  stderr: string;
  waitMs: number;
}

export interface ShellOptions {
  clock: Clock;
  /** Where scripts are put, and the folder that they run in. */
  folder: string;
  /** `sh` and its leading arguments. */
  shell: readonly string[];
  environment: Record<string, string>;
  /**
   * Real milliseconds beyond a script's simulated time limit: the shell itself is not sped up, so a limit of 60 s at
   * factor 30 would leave it two seconds on a busy machine.
   */
  graceRealMs: number;
  /** Answers a shim, at the moment it asks. */
  answer(tool: string, args: readonly string[]): ToolReply;
}

export interface Shell {
  /** @param timeoutSeconds simulated. */
  run(script: string, timeoutSeconds: number, args?: readonly string[]): Promise<AgentRun>;
  /** Ends all that runs; each run rejects. */
  kill(): void;
}

/**
 * File descriptors that a script and its commands talk to the simulator over; command-shim.sh says how. More than the
 * commands of a script that ask at once: one, or those of a pipeline.
 */
const CHANNELS: readonly number[] = [5, 6, 7];

/** Longer output than SSM would ever take is cut. */
const OUTPUT_LIMIT = 1_000_000;

export function createShell(options: ShellOptions): Shell {
  const running = new Set<(reason: Error) => void>();
  let number = 0;
  return {
    run(script, timeoutSeconds, args = []) {
      number += 1;
      return runOnce(options, join(options.folder, `run-${number}`), { script, args, timeoutSeconds }, running);
    },
    kill() {
      for (const end of [...running]) end(new Error('the agent died'));
    },
  };
}

async function runOnce(
  options: ShellOptions,
  folder: string,
  { script, args, timeoutSeconds }: { script: string; args: readonly string[]; timeoutSeconds: number },
  running: Set<(reason: Error) => void>,
): Promise<AgentRun> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, '_script.sh');
  writeFileSync(file, script);
  const [program = 'sh', ...leading] = options.shell;
  const child = spawn(program, [...leading, file, ...args], {
    cwd: folder,
    detached: true, // a process group of its own, which can be ended as a whole
    env: { ...options.environment, PODTIME_CHANNELS: folder, PODTIME_CHANNEL_NUMBERS: CHANNELS.join(' ') },
    stdio: ['ignore', 'pipe', 'pipe', 'ignore', 'ignore', ...CHANNELS.map(() => 'pipe' as const)],
  });
  const stopServing = CHANNELS.map((channel) => serve(child, channel, folder, options));
  let end: (reason: Error) => void = () => {};
  const died = new Promise<never>((_, reject) => {
    end = (reason) => {
      endGroup(child);
      reject(reason);
    };
  });
  running.add(end);
  let timedOut = false;
  let grace: NodeJS.Timeout | undefined;
  const cancelLimit = options.clock.after(timeoutSeconds * 1000, () => {
    grace = setTimeout(() => {
      timedOut = true;
      endGroup(child);
      for (const stop of stopServing) stop();
    }, options.graceRealMs);
  });
  try {
    const exited = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 137));
    });
    const [exitCode, stdout, stderr] = await Promise.race([
      Promise.all([exited, limited(child.stdout), limited(child.stderr)]),
      died,
    ]);
    return { exitCode, stdout, stderr, timedOut };
  } finally {
    cancelLimit();
    clearTimeout(grace);
    running.delete(end);
    for (const stop of stopServing) stop();
    endGroup(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function limited(stream: Readable | null): Promise<string> {
  return stream === null ? '' : (await text(stream)).slice(0, OUTPUT_LIMIT);
}

/** Ends the script and all it started. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Answers what comes over one channel. @returns what closes it: whoever still waits for an answer then ends. */
function serve(child: ChildProcess, channel: number, folder: string, { clock, answer }: ShellOptions): () => void {
  const socket = child.stdio[channel] as Duplex | null;
  if (socket === null) return () => {};
  let cancelReply = () => {};
  socket.on('error', () => {}); // it ends with the script
  createInterface({ input: socket }).on('line', (line) => {
    if (line === 'read') {
      free(join(folder, String(channel)));
      return;
    }
    const [tool = '', ...args] = line.split('\t');
    const reply = answer(tool, args);
    if (reply.waitMs <= 0) socket.write(frame(reply));
    else cancelReply = clock.after(reply.waitMs, () => socket.write(frame(reply)));
  });
  return () => {
    cancelReply();
    socket.destroy();
  };
}

function free(mark: string): void {
  try {
    unlinkSync(mark);
  } catch {
    // the script has ended, and its folder is gone
  }
}

/** `STATUS LINES-OF-OUTPUT LINES-OF-ERRORS`, then these. */
function frame({ exitCode, stdout, stderr }: ToolReply): string {
  const lines = (whole: string) => (whole === '' ? [] : whole.replace(/\n$/, '').split('\n'));
  const output = lines(stdout);
  const errors = lines(stderr);
  return [`${exitCode} ${output.length} ${errors.length}`, ...output, ...errors].map((line) => `${line}\n`).join('');
}
