import type { Agents, Clock, Endpoint } from '@podtime/aws-endpoint';
import { type Fleet, findPod } from '../../../../src/fleet/fleet.ts';
import { type DnsProcess, spawnDnsServer } from '../dns/spawn-server.ts';
import { RealHosts } from '../real/real-hosts.ts';
import { upstreamServers } from '../simulated/external-servers.ts';
import type { HostSpec } from '../simulated/host-spec.ts';
import { createSimulatedHosts } from '../simulated/simulated-hosts.ts';

/** What the pod asks of its hosts, simulated or real. */
export interface HostBackend {
  readonly agents: Agents;
  /** Called once, before the first host, when Route 53 answers. */
  serve?(endpoint: Endpoint): Promise<void>;
  add(spec: HostSpec): unknown;
  remove(id: string): void | Promise<void>;
  list(): HostStatus[] | Promise<HostStatus[]>;
  cut(target: string): void | Promise<void>;
  mend(target?: string): void | Promise<void>;
  drift(target: string, errorMs: number): void | Promise<void>;
  stopDaemon(id: string): void | Promise<void>;
  killAgent(id: string): void;
  play(id: string, text: string): void;
  close(): void | Promise<void>;
}

export interface HostStatus {
  id: string;
  /** Of a simulated host the truth, of a real one what its daemon says; null: nothing is known. */
  clockErrorMs: number | null;
  sentence: string;
}

export interface BackendOptions {
  fleet: Fleet;
  clock: Clock;
  /** A folder of the backend's own. */
  folder: string;
  /** Where the API listens on 127.0.0.1. */
  apiPort: number;
  /** Only to be called once hosts are added. */
  endpoint(): Endpoint;
  onReport(hostId: string, sentence: string): void;
}

export type BackendKind = 'simulated' | 'real';

export const START_BACKEND: Record<BackendKind, (parts: BackendOptions) => Promise<HostBackend>> = {
  async simulated({ fleet, clock, folder, endpoint, onReport }) {
    return createSimulatedHosts({
      clock,
      folder,
      upstreams: upstreamServers(fleet.upstreams.map(({ host }) => host)),
      zoneOf: (pod) => endpoint().resolver(findPod(fleet, pod)?.zone.id ?? ''),
      onReport,
    });
  },
  async real({ fleet, folder, apiPort, onReport }) {
    return new RealHostBackend(fleet, await RealHosts.create({ fleet, folder, apiPort, onReport }));
  },
};

/** Real hosts and their pods' resolvers, which follow Route 53. */
class RealHostBackend implements HostBackend {
  readonly #fleet: Fleet;
  readonly #hosts: RealHosts;
  readonly #resolvers: DnsProcess[] = [];

  constructor(fleet: Fleet, hosts: RealHosts) {
    this.#fleet = fleet;
    this.#hosts = hosts;
  }

  get agents(): Agents {
    return this.#hosts.agents;
  }

  async serve(endpoint: Endpoint): Promise<void> {
    const outside = this.#hosts.upstreams.map(({ name, addresses }) => ({ name, addresses: [...addresses] }));
    await Promise.all(
      this.#fleet.pods.map(async (pod) => {
        const zones = () => [endpoint.servedZone(pod.zone.id)];
        const listen = this.#hosts
          .resolverAddresses(pod)
          .map((address) => ({ role: 'resolver' as const, address, port: 53 }));
        const prefix = this.#hosts.services.prefix;
        const resolver = await spawnDnsServer({ prefix, listen, zones: zones(), outside });
        this.#resolvers.push(resolver);
        endpoint.on((event) => {
          // a resolver that has ended is noticed by who asks it
          if (event.kind === 'records in sync') resolver.publish(zones()).catch(() => {});
        });
      }),
    );
  }

  add = (spec: HostSpec) => this.#hosts.add(spec);
  remove = (id: string) => this.#hosts.remove(id);
  list = () => this.#hosts.list();
  cut = (target: string) => this.#hosts.cut(target);
  mend = (target?: string) => this.#hosts.mend(target);
  drift = (target: string, errorMs: number) => this.#hosts.drift(target, errorMs);
  stopDaemon = (id: string) => this.#hosts.stopDaemon(id);
  killAgent = (id: string) => this.#hosts.killAgent(id);
  play = (id: string) => this.#hosts.play(id);

  async close(): Promise<void> {
    await Promise.all(this.#resolvers.map((resolver) => resolver.close()));
    await this.#hosts.close();
  }
}
