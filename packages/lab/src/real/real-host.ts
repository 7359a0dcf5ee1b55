import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, AgentRun } from '@podtime/aws-endpoint';
import { readScript } from '../scripts.ts';
import type { DaemonKind, HostSpec } from '../simulated/host-spec.ts';
import { type Container, DaemonError } from './container.ts';
import { type DaemonStatus, queryDaemon } from './daemon-status.ts';
import type { DaemonChoice } from './installations.ts';
import type { OwnClock } from './own-clock.ts';
import { setHostTime } from './served-time.ts';

/** A boot script that failed is run again, as a unit with Restart=on-failure would. */
const BOOT_RETRY_SECONDS = 5;
const BOOT_TRIES = 8;
const BOOT_TIMEOUT_SECONDS = 120;
const USER_DATA = readScript('user-data.sh');

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/** A simulated host's, and what only real ones have. */
export interface RealHostSpec extends Omit<HostSpec, 'daemon'> {
  /** A classic ntpd becomes ntpsec. */
  daemon: DaemonKind | 'ntpd-rs';
  /** Its chrony is that of Debian's testing, 4.8 or later; absent: as `newer` says. */
  newest?: boolean;
  /** Absent: it reads the machine's clock, which no daemon may steer. */
  ownClock?: OwnClock;
}

export function daemonOf({ daemon, newer = daemon === 'ntpd-rs', newest = false }: RealHostSpec): DaemonChoice {
  return { kind: daemon === 'ntpd' ? 'ntpsec' : daemon, newer, newest };
}

/** A host of the pod: a container, its instance id, and an agent that runs scripts on it. */
export class RealHost {
  readonly spec: RealHostSpec;
  readonly container: Container;
  /** Tells its cable from others'. */
  readonly number: number;
  readonly agent: Agent;
  /** Settles with the last run of its boot script; null when it was given no API to boot from. Never rejects. */
  booted: Promise<AgentRun | null> = Promise.resolve(null);
  #driftMs = 0;
  #agentDead = false;
  #hangs = false;
  #gone = false;

  constructor(spec: RealHostSpec, container: Container, number: number) {
    this.spec = spec;
    this.container = container;
    this.number = number;
    const isOnline = () => !this.#agentDead && !this.#gone;
    this.agent = {
      instanceId: spec.id,
      platform: 'Linux',
      get online() {
        return isOnline();
      },
      run: (script, timeoutSeconds) => this.#runAsAgent(script, timeoutSeconds),
    };
  }

  get id(): string {
    return this.spec.id;
  }

  /** Its AZ, `blue/us-west-2a`. */
  get place(): string {
    return `${this.spec.pod}/${this.spec.az}`;
  }

  get agentDead(): boolean {
    return this.#agentDead;
  }

  /** How far its time is put off by hand, ms ahead. */
  get driftMs(): number {
    return this.#driftMs;
  }

  get hangs(): boolean {
    return this.#hangs;
  }

  /** The folder that is the host's `/`. */
  get root(): string {
    return this.container.root;
  }

  /** Runs a script as root of this host, whatever state the agent is in. */
  run(script: string, timeoutSeconds?: number): Promise<AgentRun> {
    return this.container.run(script, timeoutSeconds);
  }

  /** An agent that dies over a script takes its answer along. */
  async #runAsAgent(script: string, timeoutSeconds: number): Promise<AgentRun> {
    const ran = await this.container.run(script, timeoutSeconds);
    if (this.#agentDead || this.#gone) throw new Error('the agent died');
    return ran;
  }

  /**
   * The file that the host's image came with. A daemon that refuses it is told of and costs nothing else: the host is up,
   * and boots.
   */
  async startOn(config: string, report: (sentence: string) => void): Promise<void> {
    this.container.configure(config);
    try {
      await this.container.systemctl('start');
    } catch (error) {
      if (!(error instanceof DaemonError)) throw error;
      report(error.sentence);
    }
  }

  /** As user data would: fetch boot.sh, run it with the API's address. */
  boot(apiUrl: string, afterMs: number, report: (sentence: string) => void): void {
    const { pod, tier, az } = this.spec;
    const args = [apiUrl, `${pod}/${tier}/${az}`, '/run/podtime-boot.sh'];
    this.booted = pause(afterMs).then(() => (this.#gone ? null : this.#tryBoot(args, report)));
  }

  async #tryBoot(args: readonly string[], report: (sentence: string) => void): Promise<AgentRun | null> {
    let reported = '';
    for (let tries = 1; ; tries += 1) {
      const ran = await this.container.run(USER_DATA, BOOT_TIMEOUT_SECONDS, args).catch(() => null);
      if (this.#gone || ran === null) return null;
      const lastLine = (ran.exitCode === 0 ? ran.stdout : ran.stderr || ran.stdout).trim().split('\n').at(-1) ?? '';
      if (ran.exitCode === 0) {
        report(`booted: ${lastLine}`);
        return ran;
      }
      if (tries >= BOOT_TRIES) {
        report(`gave up on its boot script: ${lastLine} (exit ${ran.exitCode})`);
        return ran;
      }
      const sentence = `its boot script failed: ${lastLine} (exit ${ran.exitCode})`;
      if (sentence !== reported) report(`${sentence}, and is run again every ${BOOT_RETRY_SECONDS} s`);
      reported = sentence;
      await pause(BOOT_RETRY_SECONDS * 1000);
    }
  }

  /** What its daemon says of itself; null: none answers. */
  query(): Promise<DaemonStatus | null> {
    return queryDaemon(this.container);
  }

  killAgent(): void {
    this.#agentDead = true;
  }

  /** The daemon goes on running and answers nobody, not even its query tool. */
  async hang(): Promise<void> {
    this.#hangs = true;
    await this.#signal('STOP');
  }

  /**
   * Puts off the time that it serves and lives by. @throws RangeError on all but chrony: their clock is the machine's, which
   * stays; and on a host that has not booted.
   */
  async drift(aheadMs: number): Promise<void> {
    if (this.container.kind !== 'chrony') {
      throw new RangeError(
        `${this.container.name} runs ${this.container.kind}, which serves the machine's own clock, and that is left alone: drift a host that runs chrony, an upstream or time-service`,
      );
    }
    if (!this.#hasConfig()) {
      throw new RangeError(`${this.container.name} has not booted yet: its chronyd has no file to run on`);
    }
    // first, so that what went half well is mended too
    this.#driftMs = aheadMs;
    await setHostTime(this.container, aheadMs);
  }

  /** The agent lives, the daemon runs on true time. */
  async mend(): Promise<void> {
    this.#agentDead = false;
    if (this.#hangs) await this.#signal('CONT');
    this.#hangs = false;
    if (this.#driftMs !== 0) await this.drift(0);
    // one that has never had a file cannot run
    if (this.#hasConfig()) await this.container.systemctl('start');
  }

  async remove(): Promise<void> {
    this.#gone = true;
    await this.container.close();
  }

  #hasConfig(): boolean {
    try {
      return readFileSync(join(this.root, this.container.installation.configPath)).length > 0;
    } catch {
      return false;
    }
  }

  async #signal(name: string): Promise<void> {
    await this.run(`kill -${name} "$(cat /run/podtime-service.pid)"`);
  }
}
