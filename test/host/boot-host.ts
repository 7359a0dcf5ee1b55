import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
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

export type Shell = 'dash' | 'bash' | 'busybox';

/** What boot.sh may use on a host, besides a daemon, a service manager and the shell. */
const TOOLS = ['awk', 'cat', 'chmod', 'cp', 'cut', 'grep', 'mktemp', 'rm', 'sed', 'sha256sum'];
const SERVICE_MANAGER = join(import.meta.dirname, 'shims/service-manager.sh');
const SLOW_MS = 60_000;

const found = new Map<string, string>();

/** Where a tool of this machine is; throws when it has none. */
function find(tool: string): string {
  const known = found.get(tool) ?? execFileSync('which', [tool], { encoding: 'utf8' }).trim();
  found.set(tool, known);
  return known;
}

/** What this machine lacks to run boot.sh under the shell, or null. */
export function lacking(shell: Shell): string | null {
  return [shell, 'curl', ...TOOLS].find((tool) => spawnSync('which', [tool]).status !== 0) ?? null;
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

  constructor(readonly shell: Shell) {
    mkdirSync(this.#bin);
    const busybox = shell === 'busybox';
    for (const tool of TOOLS) symlinkSync(find(busybox ? 'busybox' : tool), join(this.#bin, tool));
    symlinkSync(find('curl'), join(this.#bin, 'curl'));
    symlinkSync(find(shell), join(this.#bin, 'sh'));
    // whoever waits for the network need not be waited for
    this.command('sleep', '');
    // the one step by which a file takes another's place
    this.command('mv', `echo "mv $*" >>"${this.root}/moves"\nexec ${find('mv')} "$@"`);
    for (const folder of ['etc', 'running']) mkdirSync(join(this.root, folder));
  }

  command(name: string, script: string): this {
    rmSync(join(this.#bin, name), { force: true });
    writeFileSync(join(this.#bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.#bin, name), 0o755);
    return this;
  }

  without(...names: string[]): this {
    for (const name of names) rmSync(join(this.#bin, name), { force: true });
    return this;
  }

  tool(name: string): this {
    symlinkSync(find(name), join(this.#bin, name));
    return this;
  }

  /** A daemon that says this of its version, on stdout as ntpd does. */
  daemon(program: 'ntpd' | 'chronyd', version: string): this {
    return this.command(program, `[ "$*" = --version ] && echo '${version}'`);
  }

  /** A service manager; services named here run. Those in `broken` do not start. */
  services(manager: 'service' | 'systemctl', running: string[], broken = false): this {
    for (const name of running) this.write(`running/${name}`, '');
    if (broken) this.write('broken', '');
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

  run(script: string, args: string[], environment: Record<string, string> = {}): Promise<Outcome> {
    this.write('boot.sh', script);
    const program = this.shell === 'busybox' ? ['busybox', 'sh'] : [this.shell];
    const child = spawn(find(program[0] as string), [...program.slice(1), join(this.root, 'boot.sh'), ...args], {
      env: { PATH: this.#bin, PODTIME_ROOT: this.root, ...environment },
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
