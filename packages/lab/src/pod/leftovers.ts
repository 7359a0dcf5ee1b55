import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A process, told from a later one of the same number by when it began; null: that cannot be told here. */
interface RecordedProcess {
  pid: number;
  started: string | null;
}

const PREFIX = 'podtime-';
/** One process a line, the owner first; lines are appended whole, so that several processes may write. */
const RECORDS = 'processes.jsonl';
const SOCKET = /^podtime-\d+\.sock$/;
const PROJECT = join(import.meta.dirname, '..', '..', '..', '..');
/** Reads our pipe until its end, which comes with our own however we die, and becomes the program that cleans up. */
const AFTER_US = ['sh', '-c', 'while read -r _; do :; done; exec "$@"', 'sh'];
/** A process in the kernel's hands may outlive its SIGKILL. */
const GONE_WITHIN_MS = 5000;
/** What is being ended may still write for a moment. */
const REMOVAL = { recursive: true, force: true, maxRetries: 10, retryDelay: 200 } as const;

/**
 * A folder of this process's own below the machine's temporary one. When the process is gone, killed or not, a watcher
 * ends the processes recorded here and removes the folder at once. Should the watcher be killed too, the next
 * `cleanLeftovers` does it.
 * Decision 0041.
 */
export class OwnedFolder {
  readonly path: string;
  readonly #watcher: ChildProcess;

  private constructor(path: string, watcher: ChildProcess) {
    this.path = path;
    this.#watcher = watcher;
  }

  static claim(kind: string, parent: string = tmpdir()): OwnedFolder {
    const path = mkdtempSync(join(parent, `${PREFIX}${kind}-`));
    recordProcess(path, process.pid);
    return new OwnedFolder(path, startWatcher(path));
  }

  /** A process that is to end with this one. */
  record(pid: number): void {
    recordProcess(this.path, pid);
  }

  /** The orderly way: removes the folder, and ends no process. */
  release(): void {
    rmSync(this.path, REMOVAL);
    this.#watcher.kill('SIGKILL');
  }
}

/** @param folder of an `OwnedFolder`, perhaps of another process: `pid` ends when that process does. */
export function recordProcess(folder: string, pid: number): void {
  const recorded: RecordedProcess = { pid, started: startOf(pid) };
  appendFileSync(join(folder, RECORDS), `${JSON.stringify(recorded)}\n`);
}

function startWatcher(folder: string): ChildProcess {
  const cleaner = [process.execPath, '--import', 'tsx', join(import.meta.dirname, 'clean.ts'), folder];
  const [program = '', ...args] = [...AFTER_US, ...cleaner];
  // a session of its own, so that Ctrl-C and a closed terminal leave it to its work
  const watcher = spawn(program, args, { cwd: PROJECT, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.once('error', () => {});
  watcher.unref();
  (watcher.stdin as Socket | null)?.unref();
  return watcher;
}

/**
 * Ends and removes what was left behind by processes that were killed: processes they had recorded, their folders,
 * sockets on which nobody listens. Namespaces, mounts and daemons end by themselves. Answers the folders removed. Never
 * touches what belongs to a process that lives, nor what another user left: its file says whom to end.
 */
export async function cleanLeftovers(parent: string = tmpdir()): Promise<string[]> {
  const removed: string[] = [];
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(parent, name);
    if (!isOurs(path)) continue;
    if (SOCKET.test(name) && (await isDeaf(path))) rmSync(path, { force: true });
    const [owner, ...others] = recordsIn(path);
    if (!owner || mayLive(owner)) continue;
    await killAll(others);
    try {
      // what those had claimed in here
      while ((await cleanLeftovers(path)).length > 0);
      rmSync(path, REMOVAL);
      removed.push(path);
    } catch {
      // another watcher is at it, which removes the same
    }
  }
  return removed;
}

/** Whether a socket is there whose process has ended. */
function isDeaf(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = createConnection(socket, () => {
      asking.destroy();
      resolve(false);
    });
    asking.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

/** The owner first; empty when the folder is nobody's, or not yet. */
function recordsIn(folder: string): RecordedProcess[] {
  try {
    const lines = readFileSync(join(folder, RECORDS), 'utf8').split('\n').filter(Boolean);
    const read: RecordedProcess[] = lines.map((line) => JSON.parse(line));
    return read.filter((each) => Number.isInteger(each?.pid) && each.pid > 1);
  } catch {
    return [];
  }
}

/**
 * On Linux field 22 of /proc/PID/stat, ticks since the machine booted; elsewhere what `ps` says, to the second. A process
 * that has ended and only waits to be reaped (Z) has none.
 */
function startOf(pid: number): string | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    const env = { ...process.env, LC_ALL: 'C' };
    const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8', env });
    const [, state = '', started = ''] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout ?? '') ?? [];
    return state === '' || state.startsWith('Z') ? null : started;
  }
}

/** Whether it is there still; also when a process has its number and nothing tells it from another. */
function mayLive({ pid, started }: RecordedProcess): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return started === null || startOf(pid) === started;
}

function isOurs(path: string): boolean {
  const uid = process.getuid?.();
  return uid === undefined || statSync(path, { throwIfNoEntry: false })?.uid === uid;
}

/** Resolves when they are gone, or after a while. */
async function killAll(recorded: readonly RecordedProcess[]): Promise<void> {
  const killed = recorded.filter((each) => each.started !== null && mayLive(each));
  for (const { pid } of killed) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it ended this moment
    }
  }
  for (const gaveUpMs = Date.now() + GONE_WITHIN_MS; killed.some(mayLive) && Date.now() < gaveUpMs; )
    await new Promise((resolve) => setTimeout(resolve, 20));
}
