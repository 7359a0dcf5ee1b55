import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DocumentName } from '../../infra/template/documents.ts';
import { type Authority, trustIn } from '../../packages/lab/src/real/authority.ts';
import { interpolated, type Outcome } from './host.ts';
import { whereIs } from './programs.ts';

const SERVICE = join(import.meta.dirname, 'shims/service.sh');

const PROGRAMS = ['ip', 'setpriv', 'mount', 'ntpd', 'ntpq', 'chronyd', 'chronyc'];
/** Of iproute2: Debian's package, not npm's. */
const IP = 'ip';
const ETC_NETNS = '/etc/netns';
/** Then the process that made it (`ownerOf`). */
const PREFIX = 'podtime-test-';

/** Why no host can be a network namespace here, or null. */
export function cannotHaveNamespaces(): string | null {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  const missing = PROGRAMS.filter((program) => whereIs(program) === null);
  if (missing.length > 0) return `${missing.join(', ')} not installed`;
  const probe = namespaceOf('probe');
  try {
    ip('netns', 'add', probe);
    ip('netns', 'del', probe);
    return null;
  } catch {
    return 'network namespaces are not permitted';
  }
}

function ip(...args: string[]): void {
  linesOf(IP, ...args);
}

/** A bridge with one namespace a host. Everything it makes is named by this process, and taken away by `remove`. */
export class Network {
  private readonly bridge = namespaceOf('br');
  private readonly hosts: RealHost[] = [];

  constructor() {
    sweep();
    ip('netns', 'add', this.bridge);
    ip('-n', this.bridge, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', this.bridge, 'link', 'set', 'br0', 'up');
  }

  host(name: string, ...addresses: string[]): RealHost {
    const namespace = namespaceOf(name);
    ip('netns', 'add', namespace);
    const host = new RealHost(namespace);
    this.hosts.push(host);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    ip('-n', this.bridge, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    ip('-n', this.bridge, 'link', 'set', name, 'master', 'br0', 'up');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    for (const address of addresses)
      ip('-n', namespace, 'addr', 'add', address, 'dev', 'eth0', ...(address.includes(':') ? ['nodad'] : []));
    return host;
  }

  remove(): void {
    for (const host of this.hosts) host.remove();
    ip('netns', 'del', this.bridge);
    if (existsSync(ETC_NETNS) && readdirSync(ETC_NETNS).length === 0) rmdirSync(ETC_NETNS);
  }
}

/** A host that is a network namespace, with a file tree and a /run of its own. */
export class RealHost {
  readonly root: string;
  private readonly etc: string;

  constructor(readonly namespace: string) {
    this.root = treeOf(namespace);
    this.etc = join(ETC_NETNS, namespace);
    mkdirSync(this.etc, { recursive: true });
    mkdirSync(join(this.root, 'run/chrony'), { recursive: true, mode: 0o750 });
    symlinkSync('/proc', join(this.root, 'proc'));
    writeFileSync(join(this.etc, 'resolv.conf'), 'nameserver 127.0.0.1\n');
    this.names({});
  }

  /** What the host's resolver knows; in place, so that running daemons see it. */
  names(names: Record<string, string>): void {
    const lines = Object.entries({ localhost: '127.0.0.1', ...names }).map(([name, address]) => `${address} ${name}\n`);
    writeFileSync(join(this.etc, 'hosts'), lines.join(''));
  }

  /** Makes it trust this authority and no other. */
  trusts(authority: Authority): void {
    trustIn(join(this.etc, 'ssl/certs'), authority);
  }

  file(path: string, text: string, mode = 0o644): void {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text, { mode });
  }

  /** A `service` command that knows one daemon, started by `command`, which names its pid file itself. */
  service(name: string, command: string, pidFile: string): void {
    const call = `sh '${SERVICE}' ${name} ${pidFile} '${this.root}/log' '${command}' "$@"`;
    this.file('/bin/service', `#!/bin/sh\nexec ${call}\n`, 0o755);
  }

  /** Runs a program in the host; resolves when it has ended. */
  async run(program: string, ...args: string[]): Promise<Outcome> {
    const inside =
      'mount --bind "$0/run" /run && PATH=$0/bin:$PATH:/usr/local/sbin:/usr/sbin && export PATH && exec "$@"';
    const child = spawn(IP, ['netns', 'exec', this.namespace, 'sh', '-c', inside, this.root, program, ...args], {
      env: { ...process.env, PODTIME_ROOT: this.root },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const status = await new Promise<number | null>((ended) => child.on('close', ended));
    return { stdout, stderr, status, verdict: stdout.split('\n')[0] ?? '' };
  }

  async document(name: DocumentName, parameters: Record<string, string> = {}): Promise<Outcome> {
    this.file(`/${name}.sh`, interpolated(name, parameters));
    return this.run('sh', join(this.root, `${name}.sh`));
  }

  /** Waits until a command prints what is wanted; gives up after 30 s with what it printed last. */
  async until(wanted: RegExp, program: string, ...args: string[]): Promise<void> {
    let last = '';
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
      last = (await this.run(program, ...args)).stdout;
      if (wanted.test(last)) return;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    throw new Error(`${program} ${args.join(' ')} never printed ${wanted}, but last:\n${last}`);
  }

  takeAddress(address: string): void {
    ip('-n', this.namespace, 'addr', 'del', address, 'dev', 'eth0');
  }

  remove(): void {
    removeNamespace(this.namespace);
  }
}

function treeOf(namespace: string): string {
  return join(tmpdir(), namespace);
}

/** Ends what runs in the namespace, by process id, and takes it away. */
function removeNamespace(namespace: string): void {
  for (const id of linesOf(IP, 'netns', 'pids', namespace)) {
    try {
      process.kill(Number(id), 'SIGKILL');
    } catch {
      // it ended by itself
    }
  }
  ip('netns', 'del', namespace);
  for (const folder of [join(ETC_NETNS, namespace), treeOf(namespace)])
    rmSync(folder, { recursive: true, force: true });
}

/** What a run that was killed has left behind. */
function sweep(): void {
  for (const line of linesOf(IP, 'netns', 'list')) {
    const [namespace = ''] = line.split(' ');
    const [owner = ''] = namespace.startsWith(PREFIX) ? namespace.slice(PREFIX.length).split('-') : [];
    if (owner !== '' && !isRunning(owner)) removeNamespace(namespace);
  }
}

/** An id alone is an owner of an older checkout, whose tests may run beside these. */
function isRunning(owner: string): boolean {
  const [pid = '', start] = owner.split('.');
  return start === undefined ? existsSync(`/proc/${pid}`) : owner === ownerOf(Number(pid));
}

/** The namespace of a host of this process. */
export function namespaceOf(host: string, owner = ownerOf(process.pid)): string {
  return `${PREFIX}${owner}-${host}`;
}

/** A process by its id and its start, in ticks since boot (field 22 of /proc/PID/stat), for ids are used again; null: it runs no more. */
function ownerOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid}.${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return null;
  }
}

function linesOf(program: string, ...args: string[]): string[] {
  return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' }).split('\n').filter(Boolean);
}
