import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CommandError, must } from './commands.ts';

const READY_WITHIN_SECONDS = 20;
/** Run by path: it is the machine's shell that runs it, before there is any other root. */
const INIT = fileURLToPath(new URL('namespace-init.sh', import.meta.url));

export interface NamespaceOptions {
  /** A folder to be its `/`; absent: the machine's. */
  root?: string;
  /** Whether it passes packets on, as a router. */
  forwards?: boolean;
  /** Shell commands, run inside before it is ready. */
  commands?: readonly string[];
}

/**
 * CAP_SYS_TIME leaves the bounding set, so that nothing started here can ever get it back: whatever a daemon does, the
 * machine's clock stays as it is.
 */
const CLOCK_UNTOUCHED = ['setpriv', '--bounding-set=-sys_time', '--inh-caps=-sys_time', '--'];

/**
 * Namespaces (network, mounts, processes, host name) without a name, held by one anchor process that reads a pipe of ours.
 * When this process ends, however it dies, the anchor reads the end of the pipe and exits. As it is process 1 in there,
 * the kernel then ends all others, with mounts and interfaces. Nothing is left that would have to be found later.
 */
export class Namespace {
  readonly name: string;
  /** Of its process 1, as the machine numbers it. */
  readonly pid: number;
  /** Path of the folder that is its `/`; null: the machine's. */
  readonly root: string | null;
  readonly #anchor: ChildProcess;
  readonly #lastWords: () => string;
  #closed = false;

  private constructor(name: string, pid: number, root: string | null, anchor: ChildProcess, lastWords: () => string) {
    this.name = name;
    this.pid = pid;
    this.root = root;
    this.#anchor = anchor;
    this.#lastWords = lastWords;
  }

  /** @throws CommandError with what its setup printed. */
  static async create(name: string, options: NamespaceOptions = {}): Promise<Namespace> {
    const { root = null, forwards = false, commands = [] } = options;
    const flags = ['--net', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'];
    const init = ['sh', INIT, name, root ?? '', forwards ? '1' : '0', commands.join('\n')];
    const argv = [...flags, ...CLOCK_UNTOUCHED, ...init];
    // a group of its own, so that Ctrl-C in a terminal reaches us and not the anchors
    const anchor = spawn('unshare', argv, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    let errors = '';
    anchor.stderr.on('data', (chunk) => {
      errors = (errors + chunk).slice(-2000);
    });
    anchor.stdin.on('error', () => {});
    const lastWords = () => errors.trim();
    await ready(anchor, name, lastWords);
    const children = await must(['cat', `/proc/${anchor.pid}/task/${anchor.pid}/children`], `finding ${name}`);
    return new Namespace(name, Number(children.trim()), root, anchor, lastWords);
  }

  /** Why nothing can run in it any more, where nobody closed it; null: it is there. */
  get end(): string | null {
    const { exitCode, signalCode } = this.#anchor;
    if (this.#closed || (exitCode === null && signalCode === null)) return null;
    const lastWords = this.#lastWords();
    return `the namespaces of ${this.name} have ended (${signalCode ?? `exit ${exitCode}`})${lastWords && `: ${lastWords}`}`;
  }

  /** What to put before a command so that it runs on this network and ends with it, on the machine's own files. */
  get prefix(): string[] {
    return ['nsenter', '--target', String(this.pid), '--net', '--pid', '--', ...CLOCK_UNTOUCHED];
  }

  /** As `prefix`, with its own files, host name and working folder too: as a login there. */
  get inside(): string[] {
    const all = ['--net', '--pid', '--mount', '--uts', '--ipc', ...(this.root === null ? [] : ['--root', '--wd'])];
    return ['nsenter', '--target', String(this.pid), ...all, '--', ...CLOCK_UNTOUCHED];
  }

  /**
   * Commands of `ip`, one a line without the word; those that begin with `-6` come last. @throws CommandError
   */
  async ip(lines: readonly string[]): Promise<void> {
    const enter = ['nsenter', '--target', String(this.pid), '--net', '--'];
    const purpose = `setting up the network of ${this.name}`;
    const either = lines.filter((line) => !line.startsWith('-6 '));
    const ipv6 = lines.filter((line) => line.startsWith('-6 ')).map((line) => line.slice('-6 '.length));
    if (either.length > 0) await must([...enter, 'ip', '-batch', '-'], purpose, `${either.join('\n')}\n`);
    if (ipv6.length > 0) await must([...enter, 'ip', '-6', '-batch', '-'], purpose, `${ipv6.join('\n')}\n`);
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

async function ready(anchor: ChildProcess, name: string, errors: () => string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new CommandError(`the namespaces of ${name} cannot be made: ${why}`));
    anchor.stdout?.once('data', () => resolve());
    anchor.once('error', (error) => fail(error.message));
    anchor.once('close', (code) => fail(errors() || `unshare ended with ${code}`));
    timer = setTimeout(() => {
      anchor.kill('SIGKILL');
      fail(`not ready within ${READY_WITHIN_SECONDS} s`);
    }, READY_WITHIN_SECONDS * 1000);
  }).finally(() => clearTimeout(timer));
}
