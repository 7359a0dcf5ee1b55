import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { whereIs } from './programs.ts';

export type Shell = 'dash' | 'bash' | 'busybox';

/** What boot.sh may use on a host, besides a daemon, a service manager and the shell. */
const TOOLS = [
  ...['awk', 'cat', 'chmod', 'cp', 'cut', 'date', 'grep', 'ln', 'mkdir', 'mktemp', 'od', 'readlink', 'rm', 'sed'],
  ...['sha256sum', 'timeout', 'tr'],
];
const SERVICE_MANAGER = join(import.meta.dirname, 'shims/service-manager.sh');
const SLOW_MS = 60_000;

/** Where a tool of this machine is; throws when it has none. */
function find(tool: string): string {
  const place = whereIs(tool);
  if (place === null) throw new Error(`This machine has no ${tool}`);
  return place;
}

const toolFolders = new Map<Shell, string>();

/** A folder with all that a host has at first, for all hosts with this shell; it goes with the run's temporary folder. */
function toolsFor(shell: Shell): string {
  const folder = toolFolders.get(shell) ?? linkTools(shell, mkdtempSync(join(tmpdir(), 'podtime-boot-tools-')), []);
  toolFolders.set(shell, folder);
  return folder;
}

function linkTools(shell: Shell, folder: string, without: readonly string[]): string {
  const link = (tool: string, program: string) => {
    if (!without.includes(tool)) symlinkSync(find(program), join(folder, tool));
  };
  for (const tool of TOOLS) link(tool, shell === 'busybox' ? 'busybox' : tool);
  link('curl', 'curl');
  link('sh', shell);
  // whoever waits for the network need not be waited for
  writeCommand(folder, 'sleep', '');
  // the one step by which a file takes another's place
  writeCommand(folder, 'mv', `echo "mv $*" >>"$PODTIME_ROOT/moves"\nexec ${find('mv')} "$@"`);
  return folder;
}

function writeCommand(folder: string, name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** What this machine lacks to run boot.sh under the shell, or null. */
export function lacking(shell: Shell): string | null {
  return [shell, 'curl', ...TOOLS].find((tool) => whereIs(tool) === null) ?? null;
}

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/**
 * A host as boot.sh sees it: a tree of files, and a PATH on which there is nothing but the tools it may use, a daemon
 * that tells a version, and a service manager that notes what it is told.
 */
export class BootHost {
  readonly root = mkdtempSync(join(tmpdir(), 'podtime-boot-'));
  readonly #bin = join(this.root, 'bin');
  readonly #lacks: string[] = [];
  #tools: string;

  constructor(readonly shell: Shell) {
    this.#tools = toolsFor(shell);
    for (const folder of ['bin', 'etc', 'running', 'var/lib']) mkdirSync(join(this.root, folder), { recursive: true });
  }

  command(name: string, script: string): this {
    rmSync(join(this.#bin, name), { force: true });
    writeCommand(this.#bin, name, script);
    return this;
  }

  without(...names: string[]): this {
    for (const name of names) rmSync(join(this.#bin, name), { force: true });
    this.#lacks.push(...names);
    this.#tools = linkTools(this.shell, mkdtempSync(join(this.root, 'tools-')), this.#lacks);
    return this;
  }

  tool(name: string): this {
    symlinkSync(find(name), join(this.#bin, name));
    return this;
  }

  /** A daemon that says this of its version, on stdout as ntpd does. A chronyd takes every file that it is to check. */
  daemon(program: 'ntpd' | 'chronyd' | 'ntp-daemon', version: string): this {
    const checks = program === 'chronyd' ? '[ "$1 $2" = "-p -f" ] && exec cat "$3"\n' : '';
    return this.command(program, `${checks}[ "$*" = --version ] && echo '${version}'`);
  }

  /** A service manager; services named here run. None starts where they are `broken`; on a file of podtime's, where they `refuse` it. */
  services(manager: 'service' | 'systemctl', running: string[], fault: 'broken' | 'refuses' | null = null): this {
    for (const name of running) this.write(`running/${name}`, '');
    if (fault !== null) this.write(fault, '');
    rmSync(join(this.#bin, manager), { force: true });
    copyFileSync(SERVICE_MANAGER, join(this.#bin, manager));
    return this;
  }

  /** The service's daemon stops. */
  stop(service: string): this {
    rmSync(join(this.root, 'running', service));
    return this;
  }

  write(path: string, text: string): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
    return this;
  }

  forget(path: string): this {
    rmSync(join(this.root, path));
    return this;
  }

  read(path: string): string | null {
    const whole = join(this.root, path);
    return existsSync(whole) ? readFileSync(whole, 'utf8') : null;
  }

  list(folder: string): string[] {
    return readdirSync(join(this.root, folder)).toSorted();
  }

  /** `restart ntpsec`, one for each. */
  get restarts(): string[] {
    return (this.read('restarts') ?? '').split('\n').filter(Boolean);
  }

  /** Every move, below the root. */
  get moves(): string[] {
    return (this.read('moves') ?? '').replaceAll(this.root, '').split('\n').filter(Boolean);
  }

  /** The shell, and its leading arguments. */
  get program(): string[] {
    return this.shell === 'busybox' ? [find('busybox'), 'sh'] : [find(this.shell)];
  }

  get environment(): Record<string, string> {
    return { PATH: `${this.#bin}:${this.#tools}`, PODTIME_ROOT: this.root };
  }

  run(
    script: string,
    args: string[],
    environment: Record<string, string> = {},
    options: readonly string[] = [],
  ): Promise<Outcome> {
    // another run may be reading it
    if (this.read('boot.sh') !== script) this.write('boot.sh', script);
    const [program = '', ...leading] = this.program;
    const child = spawn(program, [...leading, ...options, join(this.root, 'boot.sh'), ...args], {
      env: { ...this.environment, ...environment },
      timeout: SLOW_MS,
    });
    const outcome: Outcome = { status: null, stdout: '', stderr: '' };
    child.stdout.on('data', (text) => {
      outcome.stdout += text;
    });
    child.stderr.on('data', (text) => {
      outcome.stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => {
        const below = (text: string) => text.replaceAll(this.root, '');
        resolve({ status, stdout: below(outcome.stdout), stderr: below(outcome.stderr) });
      });
    });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
