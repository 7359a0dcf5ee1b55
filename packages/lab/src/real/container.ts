import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentRun } from '@podtime/aws-endpoint';
import { type Authority, trustIn } from './authority.ts';
import { CommandError, run } from './commands.ts';
import { type DaemonChoice, INSTALLATIONS, type Installation, type RealKind } from './installations.ts';
import { Namespace } from './namespace.ts';
import { installOwnClock, type OwnClock } from './own-clock.ts';
import { createRootFilesystem } from './root-filesystem.ts';

export interface ContainerOptions {
  /** In messages, and the host name. */
  name: string;
  daemon: DaemonChoice;
  /** A folder of its own, that becomes its `/`. */
  root: string;
  nameservers: readonly string[];
  /** Absent: it reads the machine's clock, and steers none. */
  ownClock?: OwnClock | undefined;
  /** Trusted beside those of the machine. */
  authority?: Authority | undefined;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const ENVIRONMENT = { PATH, HOME: '/root', LC_ALL: 'C', TZ: 'UTC' };

/** A daemon that was asked to start and did not; the message says on which host, and carries its last words. */
export class DaemonError extends Error {
  override readonly name = 'DaemonError';
  /** The same for who knows which host it is. */
  readonly sentence: string;

  constructor(host: string, sentence: string) {
    super(`${host}: ${sentence}`);
    this.sentence = sentence;
  }
}

/** A place with files of its own and one real time daemon, not yet wired to any network. */
export class Container {
  readonly name: string;
  readonly kind: RealKind;
  readonly root: string;
  readonly namespace: Namespace;
  #scripts = 0;

  private constructor({ name, daemon, root }: ContainerOptions, namespace: Namespace) {
    this.name = name;
    this.kind = daemon.kind;
    this.root = root;
    this.namespace = namespace;
  }

  static async create(options: ContainerOptions): Promise<Container> {
    const { ownClock, authority } = options;
    const isSteering = ownClock !== undefined;
    const commands = createRootFilesystem({ ...options, hostName: options.name, isSteering });
    if (isSteering) await installOwnClock(options.root, ownClock);
    if (authority) trustIn(join(options.root, 'etc/ssl/certs'), authority);
    const namespace = await Namespace.create(options.name, { root: options.root, commands });
    return new Container(options, namespace);
  }

  get installation(): Installation {
    return INSTALLATIONS[this.kind];
  }

  /** Runs a script as root in here, with `sh` from a file as SSM's agent does, and ends it after so long. @throws CommandError where all in here has ended */
  async run(script: string, timeoutSeconds = 60, args: readonly string[] = []): Promise<AgentRun> {
    const { end } = this.namespace;
    if (end !== null) throw new CommandError(end);
    this.#scripts += 1;
    const path = `/tmp/script-${this.#scripts}.sh`;
    writeFileSync(join(this.root, path), script);
    try {
      return await run([...this.namespace.inside, '/bin/sh', path, ...args], {
        timeoutMs: timeoutSeconds * 1000,
        environment: ENVIRONMENT,
      });
    } finally {
      rmSync(join(this.root, path), { force: true });
    }
  }

  /** @throws DaemonError when the daemon does not do it. */
  async systemctl(action: 'start' | 'stop' | 'restart'): Promise<void> {
    const ran = await this.run(`systemctl ${action} ${this.installation.services[0]}`);
    if (ran.exitCode === 0) return;
    throw new DaemonError(this.name, ran.stderr.trim() || ran.stdout.trim() || `exit ${ran.exitCode}`);
  }

  /** A file of the daemon's own, put in place whatever was there. */
  configure(text: string): void {
    writeFileSync(join(this.root, this.installation.configPath), text);
  }

  /** Ends all that runs here. */
  async close(): Promise<void> {
    await this.namespace.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}
