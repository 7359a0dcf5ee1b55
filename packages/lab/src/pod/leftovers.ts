import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A process that a pod started, told from a later one of the same number by when it began; null: that cannot be told here. */
interface Known {
  pid: number;
  started: string | null;
}

const PREFIX = 'podtime-';
const OWNER = 'owner.json';
const SOCKET = /^podtime-\d+\.sock$/;

/** Where the pod that has this AWS port listens for `npm run pod`: a socket, so that no further port is taken. */
export function controlPath(awsPort: number, parent: string = tmpdir()): string {
  return join(parent, `${PREFIX}${awsPort}.sock`);
}

/** A folder of a pod's own below the machine's temporary one, that says whose it is. */
export function claimFolder(kind: string, parent: string = tmpdir()): string {
  const folder = mkdtempSync(join(parent, `${PREFIX}${kind}-`));
  write(folder, [knownOf(process.pid)]);
  return folder;
}

/** A process that is to be ended with the pod, should the pod die before it can. */
export function recordProcess(folder: string, pid: number): void {
  write(folder, [...read(folder), knownOf(pid)]);
}

/**
 * Ends and removes what pods left behind that were killed: processes they had recorded, their folders, sockets on which
 * nobody listens. Namespaces, mounts and daemons end with the pod by themselves. Answers the folders removed. Never
 * touches a pod whose process lives, nor what another user left: its file says whom to end.
 */
export async function cleanLeftovers(parent: string = tmpdir()): Promise<string[]> {
  const removed: string[] = [];
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    if (!isOurs(folder)) continue;
    if (SOCKET.test(name) && (await isDeaf(folder))) rmSync(folder, { force: true });
    const [owner, ...others] = read(folder);
    if (!owner || mayLive(owner)) continue;
    for (const other of others) if (other.started !== null && mayLive(other)) end(other.pid);
    rmSync(folder, { recursive: true, force: true });
    removed.push(folder);
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

const knownOf = (pid: number): Known => ({ pid, started: startOf(pid) });

function write(folder: string, known: readonly Known[]): void {
  writeFileSync(join(folder, OWNER), `${JSON.stringify(known)}\n`);
}

/** The pod's own process first; empty when the folder is nobody's, or not yet. */
function read(folder: string): Known[] {
  try {
    const known: unknown = JSON.parse(readFileSync(join(folder, OWNER), 'utf8'));
    return Array.isArray(known) ? known.filter((each) => Number.isInteger(each?.pid) && each.pid > 1) : [];
  } catch {
    return [];
  }
}

/** On Linux field 22 of /proc/PID/stat, ticks since the machine booted; elsewhere what `ps` says, to the second. */
function startOf(pid: number): string | null {
  try {
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? null
    );
  } catch {
    const env = { ...process.env, LC_ALL: 'C' };
    const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env });
    return stdout?.trim() || null;
  }
}

/** Whether it is there still; also when a process has its number and nothing tells it from another. */
function mayLive({ pid, started }: Known): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return started === null || startOf(pid) === started;
}

function isOurs(folder: string): boolean {
  const uid = process.getuid?.();
  return uid === undefined || statSync(folder, { throwIfNoEntry: false })?.uid === uid;
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended this moment
  }
}
