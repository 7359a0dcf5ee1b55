import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Clock, ZoneView } from '@podtime/aws-endpoint';
import { readScript } from '../scripts.ts';
import { ChronyDaemon } from './chrony/daemon.ts';
import { DaemonService } from './daemon-service.ts';
import type { ExternalServer } from './external-servers.ts';
import { createHostClock, type HostClock } from './host-clock.ts';
import { installFiles } from './host-files.ts';
import { type HostSpec, INSTALLATIONS } from './host-spec.ts';
import type { Network, ServedState, Station } from './network.ts';
import { createNoise } from './noise.ts';
import { NtpDaemon } from './ntpd/daemon.ts';
import { NO_REPLAY, play, type Replay } from './replay.ts';
import { createResolver, type Resolver } from './resolver.ts';
import { createShell, type Shell, type ToolReply } from './shell.ts';
import type { Timeline } from './timeline.ts';
import { answerTool } from './tools/run-tool.ts';
import { CHRONY_VERSIONS, type ChronyVersion } from './versions.ts';

/** What a host is given. */
export interface Surroundings {
  clock: Clock;
  timeline: Timeline;
  network: Network;
  zone: ZoneView;
  outside: ReadonlyMap<string, ExternalServer>;
  seed: string;
  /** The host's own folder; removed with it. */
  folder: string;
  /** PATH of its scripts. */
  path: string;
  shell: readonly string[];
  graceRealMs: number;
  report(sentence: string): void;
}

/** EC2 instances boot in about so many seconds; the agent comes up a little later. */
const BOOT_SECONDS = { least: 12, most: 25 };
const AGENT_AFTER_BOOT_MS = 2000;
const FIRST_CLOCK_ERROR_MS = 0.8;
const RESIDUAL_FREQUENCY_PPM = 0.05;
/** A daemon that starts steps a clock that is further off: `makestep 1 -1` of podtime's chrony.conf; ntpd -g from 128 ms. */
const STEP_MS = 1000;
/** A boot script that cannot be fetched is fetched again, as a unit with Restart=on-failure would. */
const BOOT_RETRY_MS = 15_000;
const BOOT_TRIES = 8;
/** Generous: dozens of hosts may boot at once, and curl is not sped up. */
const BOOT_TIMEOUT_SECONDS = 900;
const USER_DATA = readScript('user-data.sh');
/** When podtime last cycled the host, as `cycle` writes it: seconds since the epoch. */
const CYCLE_STAMP = 'var/lib/podtime/cycled';

/** A simulated host: a folder for a root, a clock, a resolver, time daemons, and an agent that runs scripts. */
export class SimulatedHost implements Station {
  readonly spec: HostSpec;
  readonly id: string;
  readonly pod: string;
  readonly place: string;
  readonly addresses: readonly string[];
  readonly roundTripMs = null;
  readonly root: string;
  readonly clock: HostClock;
  readonly units: readonly DaemonService[];
  readonly resolver: Resolver;
  readonly agent: Agent;
  /** `booting` until the machine is up; `gone` when it was removed. */
  phase: 'booting' | 'up' | 'gone' = 'booting';
  /** Set by hand, in ms; null: the clock obeys its daemon. */
  drift: number | null = null;
  /** The daemon runs but answers nobody. */
  hangs = false;
  replay: Replay = NO_REPLAY;
  #agentUp = false;
  #agentDead = false;
  readonly #shell: Shell;
  readonly #surroundings: Surroundings;
  readonly #cancelBoot: (() => void)[] = [];

  constructor(spec: HostSpec, surroundings: Surroundings) {
    const { timeline, network, zone, outside, seed, folder } = surroundings;
    this.spec = spec;
    this.id = spec.id;
    this.pod = spec.pod;
    this.place = `${spec.pod}/${spec.az}`;
    this.addresses = [spec.ipv4, ...(spec.ipv6 ? [spec.ipv6] : [])];
    this.root = join(folder, 'root');
    this.#surroundings = surroundings;
    const noise = createNoise(`${seed} ${spec.id}`);
    const errorMs = spec.clockErrorMs ?? noise.between(-FIRST_CLOCK_ERROR_MS, FIRST_CLOCK_ERROR_MS);
    const ppm = noise.between(-RESIDUAL_FREQUENCY_PPM, RESIDUAL_FREQUENCY_PPM);
    this.clock = createHostClock(errorMs, ppm, timeline.nowMs());
    this.resolver = createResolver({ nowMs: () => timeline.nowMs(), zone, outside, hasIpv6: Boolean(spec.ipv6) });
    const environment = {
      chronyVersion: this.#chronyVersion,
      clock: this.clock,
      noise,
      resolver: this.resolver,
      addresses: this.addresses,
      nowMs: () => timeline.nowMs(),
      after: (waitMs: number, then: () => void) => timeline.at(timeline.nowMs() + waitMs, then),
      ask: (address: string) => network.exchange(this, address, timeline.nowMs(), noise),
      report: surroundings.report,
    };
    const kinds = [spec.daemon, ...(spec.alsoRuns === undefined ? [] : [spec.alsoRuns])];
    this.units = kinds.map((kind) => new DaemonService(INSTALLATIONS[kind], this.root, environment));
    installFiles(this.root, this.units, spec.config);
    this.#shell = createShell({
      clock: surroundings.clock,
      folder,
      shell: surroundings.shell,
      environment: { PATH: surroundings.path, HOME: this.root, LC_ALL: 'C', TZ: 'UTC', PODTIME_ROOT: this.root },
      graceRealMs: surroundings.graceRealMs,
      answer: (tool, args) => this.answer(tool, args),
    });
    this.agent = this.#createAgent();
    const bootSeconds = spec.bootSeconds ?? noise.between(BOOT_SECONDS.least, BOOT_SECONDS.most);
    this.#later(bootSeconds * 1000, () => this.#boot());
  }

  get #chronyVersion(): ChronyVersion {
    return this.spec.newer === true ? CHRONY_VERSIONS.newer : CHRONY_VERSIONS.stable;
  }

  get unit(): DaemonService {
    return this.units[0] as DaemonService;
  }

  clockErrorMs(atMs: number): number {
    return this.clock.errorMs(atMs);
  }

  servedErrorMs(atMs: number): number {
    return this.clock.errorMs(atMs) + (this.unit.daemon?.servedAheadMs ?? 0);
  }

  serve(asker: Station, atMs: number): ServedState | null {
    const { daemon } = this.unit;
    if (this.phase !== 'up' || this.hangs || daemon === null || asker.pod !== this.pod) return null;
    return daemon.serves ? daemon.serve(asker, atMs) : null;
  }

  /** What a tool on this host answers now. */
  answer(tool: string, args: readonly string[]): ToolReply {
    const { timeline, clock } = this.#surroundings;
    timeline.advance();
    const ntp = this.units.find(({ installation }) => installation.program === 'ntpd');
    const chrony = this.units.find(({ installation }) => installation.program === 'chronyd');
    return answerTool(
      {
        id: this.id,
        units: this.units,
        resolver: this.resolver,
        hangs: this.hangs,
        replay: this.replay,
        nowMs: clock.nowMs(),
        ntp:
          ntp === undefined
            ? null
            : {
                kind: ntp.installation.kind === 'ntpsec' ? 'ntpsec' : 'ntpd',
                daemon: ntp.daemon instanceof NtpDaemon ? ntp.daemon : null,
              },
        chrony:
          chrony === undefined
            ? null
            : {
                version: this.#chronyVersion,
                daemon: chrony.daemon instanceof ChronyDaemon ? chrony.daemon : null,
              },
      },
      tool,
      args,
    );
  }

  play(text: string): void {
    this.replay = play(this.replay, this.spec.daemon, text);
  }

  mend(): void {
    this.replay = NO_REPLAY;
    this.hangs = false;
    this.#agentDead = false;
    if (this.drift !== null) this.#letClockGo();
    this.drift = null;
    if (this.phase === 'up') for (const unit of this.units) if (!unit.running) unit.start();
  }

  /**
   * The clock obeys its daemon again. chronyd steps at its first updates alone and then slews by 83,333 ppm at most (half a day for
   * an hour), and ntpd waits before it steps: a clock that is a step off is put right as an operator would, by a restart.
   */
  #letClockGo(): void {
    const nowMs = this.#surroundings.timeline.nowMs();
    const errorMs = this.clock.errorMs(nowMs);
    this.clock.set(nowMs, errorMs, true);
    if (Math.abs(errorMs) <= STEP_MS || !this.unit.running) return;
    this.unit.start();
    this.#surroundings.report(`restarted its daemon, which steps the clock by ${Math.abs(errorMs) / 1000} s`);
  }

  /** The agent dies with all it runs; SSM hears nothing more of it. */
  killAgent(): void {
    this.#agentDead = true;
    this.#shell.kill();
  }

  /** Runs a script as root of this host, whatever state the agent is in. */
  run(script: string, timeoutSeconds: number): ReturnType<Agent['run']> {
    this.#ageCycleStamp();
    return this.#shell.run(script, timeoutSeconds);
  }

  remove(): void {
    this.phase = 'gone';
    for (const cancel of this.#cancelBoot) cancel();
    this.#shell.kill();
    for (const unit of this.units) unit.stop();
    this.#surroundings.network.remove(this.id);
    rmSync(this.#surroundings.folder, { recursive: true, force: true });
  }

  #createAgent(): Agent {
    const isOnline = () => this.phase === 'up' && !this.#agentDead && this.#agentUp;
    return {
      instanceId: this.id,
      platform: 'Linux',
      graceRealMs: this.#surroundings.graceRealMs,
      get online() {
        return isOnline();
      },
      run: (script, timeoutSeconds) =>
        isOnline() ? this.run(script, timeoutSeconds) : Promise.reject(new Error('the agent does not run')),
    };
  }

  /**
   * The host tells how long ago it was cycled, and podtime takes that from its own clock, which no factor speeds up: told in
   * simulated seconds, the same cycle would be a new one at each tick. So the stamp is kept as old as its file really is.
   */
  #ageCycleStamp(): void {
    const { clock } = this.#surroundings;
    const stamp = join(this.root, CYCLE_STAMP);
    const written = statSync(stamp, { throwIfNoEntry: false })?.mtime;
    if (clock.factor === 1 || written === undefined) return;
    const ageMs = clock.wallMs() - written.getTime();
    writeFileSync(stamp, `${Math.floor((clock.nowMs() - ageMs) / 1000)}\n`);
    utimesSync(stamp, written, written);
  }

  #later(waitMs: number, then: () => void): void {
    const { timeline } = this.#surroundings;
    this.#cancelBoot.push(timeline.at(timeline.nowMs() + waitMs, then));
  }

  #boot(): void {
    this.phase = 'up';
    this.#surroundings.network.add(this);
    for (const unit of this.units) unit.start();
    this.#later(AGENT_AFTER_BOOT_MS, () => {
      this.#agentUp = true;
      this.#surroundings.report('is up');
    });
    const { apiUrl } = this.spec;
    if (apiUrl !== undefined) this.#runBootScript(apiUrl, BOOT_TRIES);
  }

  /** As user data would: fetch boot.sh, run it with the API's address. */
  #runBootScript(apiUrl: string, triesLeft: number): void {
    const { report, folder } = this.#surroundings;
    const file = join(folder, 'boot.sh');
    const { pod, tier, az } = this.spec;
    const retry = (reason: string) => {
      if (this.phase === 'gone') return;
      if (triesLeft <= 1) report(`gave up on its boot script: ${reason}`);
      else this.#later(BOOT_RETRY_MS, () => this.#runBootScript(apiUrl, triesLeft - 1));
    };
    this.#shell.run(USER_DATA, BOOT_TIMEOUT_SECONDS, [apiUrl, `${pod}/${tier}/${az}`, file]).then(
      ({ exitCode, stderr, stdout }) => {
        const lastLine = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
        if (exitCode === 0) report(`booted${lastLine === '' ? '' : `: ${lastLine}`}`);
        else retry(`${lastLine || 'it printed nothing'} (exit ${exitCode})`);
      },
      (error: unknown) => retry(error instanceof Error ? error.message : String(error)),
    );
  }
}
