import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ChronyDaemon } from './chrony/daemon.ts';
import { readConfig } from './config-file.ts';
import type { Daemon, DaemonEnvironment } from './daemon.ts';
import type { Installation } from './host-spec.ts';
import { NtpDaemon } from './ntpd/daemon.ts';
import type { Unit } from './tools/system-tools.ts';
import { knowsRefresh } from './versions.ts';

/** A daemon of a host under its service manager: it starts on the file that stands there, and leaves a pid file. */
export class DaemonService implements Unit {
  readonly installation: Installation;
  readonly names: readonly string[];
  readonly program: string;
  processId = 0;
  daemon: Daemon | null = null;
  readonly #root: string;
  readonly #environment: Omit<DaemonEnvironment, 'config'>;
  /** Ends with the daemon; what it planned then never happens. */
  #life = { over: true };

  constructor(installation: Installation, root: string, environment: Omit<DaemonEnvironment, 'config'>) {
    this.installation = installation;
    this.names = installation.services;
    this.program = installation.program;
    this.#root = root;
    this.#environment = environment;
  }

  get running(): boolean {
    return this.daemon !== null;
  }

  get configPath(): string {
    return join(this.#root, this.installation.configPath);
  }

  /** @returns false when there is no file to start on, or one with a line that the daemon dies of. */
  start(): boolean {
    if (!existsSync(this.configPath)) return false;
    this.stop();
    const { kind, pidPath } = this.installation;
    const config = readConfig(kind, readFileSync(this.configPath, 'utf8'));
    if (kind === 'chrony' && config.refreshSeconds !== null && !knowsRefresh(this.#environment.chronyVersion)) {
      this.#environment.report('chronyd: Fatal error : Invalid directive refresh');
      return false;
    }
    const life = { over: false };
    this.#life = life;
    const environment: DaemonEnvironment = {
      ...this.#environment,
      config,
      after: (waitMs, then) =>
        this.#environment.after(waitMs, () => {
          if (!life.over) then();
        }),
    };
    const started = kind === 'chrony' ? new ChronyDaemon(environment) : new NtpDaemon(kind, environment);
    this.daemon = started;
    this.processId = 400 + ((this.processId * 7 + 211) % 30_000);
    const pidFile = join(this.#root, pidPath);
    mkdirSync(dirname(pidFile), { recursive: true });
    writeFileSync(pidFile, `${this.processId}\n`);
    // Its time tells the daemon's age where nothing else does, so it must be of the host's time.
    const startedSeconds = started.startedMs / 1000;
    utimesSync(pidFile, startedSeconds, startedSeconds);
    return true;
  }

  stop(): void {
    this.#life.over = true;
    this.daemon?.stop();
    this.daemon = null;
    rmSync(join(this.#root, this.installation.pidPath), { force: true });
  }
}
