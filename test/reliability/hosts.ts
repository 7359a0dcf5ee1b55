import type { Agent, AgentRun, Endpoint } from '@podtime/aws-endpoint';
import { client, settledServer } from '../infra/deployed/printed.ts';
import { PODS, type PodName } from './programs.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How long a host is without its daemon when it is cycled: `sleep 10`, and its sources come back. */
const CYCLE_MS = 20_000;

/** Every daemon has run for so long when its host appears here. */
const SETTLED_MS = 7_200_000;

/** What a host was told, as SSM writes it into the script. */
const PARAMETER = /^PODTIME_([A-Z_]+)='([^']*)'$/gm;

export interface CycledHost {
  instanceId: string;
  atMs: number;
}

/** The hosts of both pods: what they print, and what cycling does to them. They keep the rules that the script keeps. */
export interface Hosts {
  /** A server number is its last octet too; `published` servers are polled by clients. */
  addServer(pod: PodName, number: number, az: string): string;
  /** A client that hears these servers; `gone` = an address that DNS has left. */
  addClient(pod: PodName, number: number, az: string, heard: number[], gone?: number): string;
  remove(pod: PodName, number: number): void;
  cycled: CycledHost[];
  /** The most that were without their daemon at one time, by tier. */
  mostAtOnce(): Record<'boundary' | 'client', number>;
}

export function hostId(pod: PodName, number: number): string {
  return `i-0${pod === 'blue' ? 'b' : 'c'}${String(number).padStart(15, '0')}`;
}

export function createHosts(endpoint: () => Endpoint, agents: Map<string, Agent>, time: VirtualTime): Hosts {
  const cycled: CycledHost[] = [];
  const atOnce = { boundary: 0, client: 0 };
  const most = { boundary: 0, client: 0 };

  const add = (pod: PodName, number: number, tier: 'boundary' | 'client', az: string, host: SimulatedHost) => {
    const instanceId = hostId(pod, number);
    const tags = { 'ntp-pod': pod, 'ntp-tier': tier };
    endpoint().instances.adopt({
      instanceId,
      vpc: PODS[pod].vpc,
      az: `us-west-2${az}`,
      ipv4: `${PODS[pod].network}.0.${number}`,
      tags,
    });
    const run = async (script: string): Promise<AgentRun> => {
      if (!script.includes('PODTIME_RECORDS=')) return ended(host.prints(time.nowMs()));
      const parameters = Object.fromEntries(
        [...script.matchAll(PARAMETER)].map(([, name = '', value = '']) => [name, value]),
      );
      const refusal = host.refusal(parameters, time.nowMs());
      if (refusal !== null) return ended(`verdict nothing ${refusal}\nend\n`);
      cycled.push({ instanceId, atMs: time.nowMs() });
      atOnce[tier] += 1;
      most[tier] = Math.max(most[tier], atOnce[tier]);
      await new Promise<void>((resolve) => void time.after(CYCLE_MS, resolve));
      atOnce[tier] -= 1;
      host.restarted(parameters, time.nowMs());
      return ended('verdict cycled\nend\n');
    };
    agents.set(instanceId, { instanceId, online: true, run });
    return instanceId;
  };

  return {
    cycled,
    mostAtOnce: () => ({ ...most }),
    addServer: (pod, number, az) => add(pod, number, 'boundary', az, new SimulatedHost(time.nowMs(), settledServer)),
    addClient(pod, number, az, heard, gone) {
      const addressOf = (server: number) => `${PODS[pod].network}.0.${server}`;
      const polled = { heard: heard.map(addressOf), gone: gone === undefined ? [] : [addressOf(gone)] };
      const host: SimulatedHost = new SimulatedHost(time.nowMs(), () =>
        client(PODS[pod].zone.name, host.polled.heard, host.polled.gone),
      );
      host.polled = polled;
      return add(pod, number, 'client', az, host);
    },
    remove(pod, number) {
      endpoint().instances.terminate(hostId(pod, number));
    },
  };
}

const ended = (stdout: string): AgentRun => ({ exitCode: 0, stdout, stderr: '', timedOut: false });

class SimulatedHost {
  polled: { heard: string[]; gone: string[] } = { heard: [], gone: [] };
  #waves = new Set<string>();
  #cycledAtMs: number | null = null;

  constructor(
    private readonly bornMs: number,
    readonly print: () => string,
  ) {}

  prints(nowMs: number): string {
    const age = Math.floor((nowMs - (this.#cycledAtMs ?? this.bornMs - SETTLED_MS)) / 1000);
    const cycled = this.#cycledAtMs === null ? '-' : Math.floor((nowMs - this.#cycledAtMs) / 1000);
    return this.print()
      .replace(/^age .*$/m, `age ${age}`)
      .replace(/^cycled .*$/m, `cycled ${cycled}`);
  }

  /** Why it does nothing, in the script's words; null when it acts. */
  refusal(parameters: Record<string, string>, nowMs: number): string | null {
    const wave = parameters.WAVE ?? '';
    if (wave !== '' && this.#waves.has(wave)) return 'same-wave';
    this.#waves.add(wave);
    if (parameters.FORCE === 'yes') return null;
    if (this.polled.gone.length === 0) return 'already-right';
    const seconds = this.#cycledAtMs === null ? Number.POSITIVE_INFINITY : (nowMs - this.#cycledAtMs) / 1000;
    return seconds < Number(parameters.COOL_DOWN_SECONDS)
      ? `cool-down ${Math.ceil(Number(parameters.COOL_DOWN_SECONDS) - seconds)}`
      : null;
  }

  restarted(parameters: Record<string, string>, nowMs: number): void {
    this.#cycledAtMs = nowMs;
    this.polled = {
      heard: [...(parameters.RECORDS ?? '').matchAll(/\d+(?:\.\d+){3}/g)].map(([address]) => address),
      gone: [],
    };
  }
}
