import type { Agents, Clock, Endpoint } from '@podtime/aws-endpoint';
import { type Fleet, findPod } from '../../../../src/fleet/fleet.ts';
import { type DnsProcess, spawnDnsServer } from '../dns/namespace.ts';
import { RealWorld } from '../real/world.ts';
import type { HostSpec } from '../simulated/spec.ts';
import { createHostWorld } from '../simulated/world.ts';

/** What the pod asks of its hosts, simulated or real. */
export interface PodWorld {
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

export interface WorldParts {
  fleet: Fleet;
  clock: Clock;
  /** A folder of the world's own. */
  folder: string;
  /** Where the API listens on 127.0.0.1. */
  apiPort: number;
  /** Only to be called once hosts are added. */
  endpoint(): Endpoint;
  onReport(hostId: string, sentence: string): void;
}

export type WorldKind = 'simulated' | 'real';

export const MAKE_WORLD: Record<WorldKind, (parts: WorldParts) => Promise<PodWorld>> = {
  async simulated({ fleet, clock, folder, endpoint, onReport }) {
    return createHostWorld({
      clock,
      folder,
      zoneOf: (pod) => endpoint().resolver(findPod(fleet, pod)?.zone.id ?? ''),
      onReport,
    });
  },
  async real({ fleet, folder, apiPort, onReport }) {
    return new ServedWorld(fleet, await RealWorld.create({ fleet, folder, apiPort, onReport }));
  },
};

/** Real hosts and their pods' resolvers, which follow Route 53. */
class ServedWorld implements PodWorld {
  readonly #fleet: Fleet;
  readonly #world: RealWorld;
  readonly #resolvers: DnsProcess[] = [];

  constructor(fleet: Fleet, world: RealWorld) {
    this.#fleet = fleet;
    this.#world = world;
  }

  get agents(): Agents {
    return this.#world.agents;
  }

  async serve(endpoint: Endpoint): Promise<void> {
    const outside = this.#world.upstreams.map(({ name, addresses }) => ({ name, addresses: [...addresses] }));
    await Promise.all(
      this.#fleet.pods.map(async (pod) => {
        const zones = () => [endpoint.servedZone(pod.zone.id)];
        const listen = this.#world
          .resolverAddresses(pod)
          .map((address) => ({ role: 'resolver' as const, address, port: 53 }));
        const prefix = this.#world.services.prefix;
        const resolver = await spawnDnsServer({ prefix, listen, zones: zones(), outside });
        this.#resolvers.push(resolver);
        endpoint.on((event) => {
          // a resolver that has ended is noticed by who asks it
          if (event.kind === 'records in sync') resolver.publish(zones()).catch(() => {});
        });
      }),
    );
  }

  add = (spec: HostSpec) => this.#world.add(spec);
  remove = (id: string) => this.#world.remove(id);
  list = () => this.#world.list();
  cut = (target: string) => this.#world.cut(target);
  mend = (target?: string) => this.#world.mend(target);
  drift = (target: string, errorMs: number) => this.#world.drift(target, errorMs);
  stopDaemon = (id: string) => this.#world.stopDaemon(id);
  killAgent = (id: string) => this.#world.killAgent(id);
  play = (id: string) => this.#world.play(id);

  async close(): Promise<void> {
    await Promise.all(this.#resolvers.map((resolver) => resolver.close()));
    await this.#world.close();
  }
}
