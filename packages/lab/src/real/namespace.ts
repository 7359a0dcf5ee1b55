import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CommandError, must } from './commands.ts';

/** A shell that sets the place up, says `ready`, and becomes what holds it. */
const ANCHOR_SECONDS = 20;

/**
 * CAP_SYS_TIME leaves the bounding set, so that nothing started here can ever get it back: whatever a daemon does, the
 * machine's clock stays as it is.
 */
const CLOCK_UNTOUCHED = ['setpriv', '--bounding-set=-sys_time', '--inh-caps=-sys_time', '--'];

/**
 * Namespaces (network, mounts, processes, host name) without a name, held by one anchor process that reads a pipe of ours.
 * When this process ends, however it dies, the anchor reads the end of the pipe and exits, and as it is process 1 of its
 * place the kernel ends all others there, with mounts and interfaces. Nothing is left that would have to be found later.
 */
export class Namespace {
  readonly name: string;
  /** Of process 1 of the place, as the machine numbers it. */
  readonly pid: number;
  /** Path of the folder that is its `/`; null: the machine's. */
  readonly root: string | null;
  readonly #anchor: ChildProcess;
  #closed = false;

  private constructor(name: string, pid: number, root: string | null, anchor: ChildProcess) {
    this.name = name;
    this.pid = pid;
    this.root = root;
    this.#anchor = anchor;
  }

  /**
   * `setup`: shell, run inside before the place is ready; `root`: a folder to be `/` from then on.
   * @throws CommandError with what the setup said.
   */
  static async create(name: string, setup: string, root: string | null = null): Promise<Namespace> {
    // ignored, so that the kernel reaps: process 1 inherits every daemon whose starter has ended
    const hold = `exec ${root === null ? '' : `chroot '${root}' `}env --ignore-signal=CHLD cat`;
    const script = `set -e\nhostname '${name}'\n${setup}\necho "ready"\n${hold} >/dev/null 2>&1`;
    const flags = ['--net', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'];
    const argv = [...flags, ...CLOCK_UNTOUCHED, 'sh', '-c', script];
    // a group of its own, so that Ctrl-C in a terminal reaches us and not the anchors
    const anchor = spawn('unshare', argv, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    let said = '';
    anchor.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-2000);
    });
    anchor.stdin.on('error', () => {});
    await ready(anchor, name, () => said.trim());
    const children = await must(['cat', `/proc/${anchor.pid}/task/${anchor.pid}/children`], `finding ${name}`);
    return new Namespace(name, Number(children.trim()), root, anchor);
  }

  /** What to put before a command so that it runs on this network and ends with the place, on the machine's own files. */
  get prefix(): string[] {
    return ['nsenter', '--target', String(this.pid), '--net', '--pid', '--', ...CLOCK_UNTOUCHED];
  }

  /** As `prefix`, with the place's own files, host name and working folder: as a login there. */
  get inside(): string[] {
    const all = ['--net', '--pid', '--mount', '--uts', '--ipc', ...(this.root === null ? [] : ['--root', '--wd'])];
    return ['nsenter', '--target', String(this.pid), ...all, '--', ...CLOCK_UNTOUCHED];
  }

  /**
   * Commands of `ip`, one a line without the word; those that begin with `-6` come last. @throws CommandError
   */
  async ip(lines: readonly string[]): Promise<void> {
    const enter = ['nsenter', '--target', String(this.pid), '--net', '--'];
    const doing = `setting up the network of ${this.name}`;
    const either = lines.filter((line) => !line.startsWith('-6 '));
    const ipv6 = lines.filter((line) => line.startsWith('-6 ')).map((line) => line.slice('-6 '.length));
    if (either.length > 0) await must([...enter, 'ip', '-batch', '-'], doing, `${either.join('\n')}\n`);
    if (ipv6.length > 0) await must([...enter, 'ip', '-6', '-batch', '-'], doing, `${ipv6.join('\n')}\n`);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#anchor.exitCode !== null || this.#anchor.signalCode !== null) return;
    const ended = once(this.#anchor, 'exit');
    this.#anchor.stdin?.end();
    const timer = setTimeout(() => this.#anchor.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  }
}

async function ready(anchor: ChildProcess, name: string, said: () => string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new CommandError(`the namespaces of ${name} cannot be made: ${why}`));
    anchor.stdout?.once('data', () => resolve());
    anchor.once('error', (error) => fail(error.message));
    anchor.once('close', (code) => fail(said() || `unshare ended with ${code}`));
    timer = setTimeout(() => {
      anchor.kill('SIGKILL');
      fail(`not ready within ${ANCHOR_SECONDS} s`);
    }, ANCHOR_SECONDS * 1000);
  }).finally(() => clearTimeout(timer));
}
