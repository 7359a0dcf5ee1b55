import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, AgentRun } from '@podtime/aws-endpoint';
import { type Fleet, findPod, type Pod } from '../../../../src/fleet/fleet.ts';
import { type Relay, startRelay } from './api-relay.ts';
import type { Authority } from './authority.ts';
import { CommandError } from './commands.ts';
import { Container, type ContainerOptions } from './container.ts';
import { apiUrlFor, TIME_SERVICE, upstreamsOf } from './external-servers.ts';
import { describeHost, type RealHostStatus } from './host-status.ts';
import type { DaemonChoice } from './installations.ts';
import { connectPodBridge, reservedAddresses, routerCommands, serviceCommands } from './link-commands.ts';
import { Namespace } from './namespace.ts';
import { daemonOf, RealHost, type RealHostSpec } from './real-host.ts';
import { type Certificate, type ExternalServerSpec, setServedTime } from './served-time.ts';
import { VethLinks } from './veth-links.ts';

export interface RealHostsOptions {
  fleet: Fleet;
  /** A folder of its own; everything in it goes with `close`. */
  folder: string;
  /** Where podtime's API listens on 127.0.0.1. */
  apiPort: number;
  /** Upstreams with NTS, by name, and who has signed for them: hosts trust it. */
  nts?: { authority: Authority; certificates: Readonly<Record<string, Certificate>> } | undefined;
  /** Hears what happens to hosts. */
  onReport?(hostId: string, sentence: string): void;
}

/** What serves time from outside: it serves at once. */
const SERVING: DaemonChoice = { kind: 'chrony', newer: false };

/**
 * The pods with real hosts: a place of namespaces each, with real daemons, real links, real time. One switch for each
 * pod, a router to the outside, and one place with what every EC2 host has on its own machine: the time service, the
 * resolver's addresses, the way to the API. No interface, route or listening port on the machine's own network.
 */
export class RealHosts {
  readonly agents: ReadonlyMap<string, Agent>;
  /** Names that the resolver must know beside the pods' zones. */
  readonly upstreams: readonly ExternalServerSpec[];
  readonly #options: RealHostsOptions;
  readonly #agents = new Map<string, Agent>();
  readonly #hosts = new Map<string, RealHost>();
  readonly #externalServers = new Map<string, { spec: ExternalServerSpec; container: Container; aheadMs: number }>();
  readonly #opened: { close(): Promise<void> }[] = [];
  #links: VethLinks | null = null;
  #services: Container | null = null;
  #router: Namespace | null = null;
  #relay: Relay | null = null;
  #numbers = 0;
  #closed = false;

  private constructor(options: RealHostsOptions) {
    this.#options = options;
    this.upstreams = upstreamsOf(options.fleet, options.nts?.certificates);
    this.agents = this.#agents;
  }

  /** Networks, upstreams, time service and the way to the API; no hosts yet. Rejects with what failed, having cleaned up. */
  static async create(options: RealHostsOptions): Promise<RealHosts> {
    const hosts = new RealHosts(options);
    try {
      await hosts.#open();
      return hosts;
    } catch (error) {
      await hosts.close();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { fleet, folder, apiPort } = this.#options;
    mkdirSync(folder, { recursive: true });
    const place = async (name: string) => this.#keep(await Namespace.create(name, { forwards: true }));
    const [router, services, ...pods] = await Promise.all([
      place('router'),
      this.#container('aws', SERVING, []),
      ...fleet.pods.map((pod) => place(`switch-${pod.name}`)),
    ]);
    this.#router = router;
    this.#services = services;
    await Promise.all([router.ip(routerCommands()), services.namespace.ip(serviceCommands(fleet))]);
    for (const [index, pod] of fleet.pods.entries())
      await connectPodBridge(pod, index, pods[index] as Namespace, router);
    this.#links = new VethLinks({
      router,
      services: services.namespace,
      switches: new Map(fleet.pods.map((pod, index) => [pod.name, pods[index] as Namespace])),
    });
    await this.#serve(TIME_SERVICE, services);
    await Promise.all(this.upstreams.map((spec) => this.addExternalServer(spec)));
    this.#relay = await startRelay({
      namespace: services.namespace,
      addresses: fleet.pods.flatMap((pod) => reservedAddresses(pod, 'api')),
      socketPath: join(folder, 'api.sock'),
      toPort: apiPort,
    });
  }

  /** Holds the time service and, for all pods, the addresses of resolver and API: DNS servers are to run here. */
  get services(): Namespace {
    return (this.#services as Container).namespace;
  }

  get router(): Namespace {
    return this.#router as Namespace;
  }

  /** Of the pod's resolver (its networks' second address), in the place `services`. */
  resolverAddresses(pod: Pod): string[] {
    return reservedAddresses(pod, 'resolver');
  }

  /** A server, or just a stranger, outside the pods. */
  async addExternalServer(spec: ExternalServerSpec): Promise<Container> {
    const number = this.#number();
    const container = await this.#container(`outside-${number}`, SERVING, []);
    await this.links.attachExternalServer(spec.name, number, container.namespace, spec.addresses);
    await this.#serve(spec, container);
    return container;
  }

  /** Of an upstream, `time-service`, or what was added. @throws RangeError */
  externalServer(name: string): Container {
    const found = this.#externalServers.get(name);
    if (found) return found.container;
    throw new RangeError(`there is no server ${name}; there are ${[...this.#externalServers.keys()].join(', ')}`);
  }

  /**
   * A host with its network, booting (after `bootSeconds`, by default at once) when the spec says where the API is: by its
   * pod's own address of it. A classic ntpd becomes ntpsec. A daemon that refuses the spec's own `config` is reported.
   * @throws RangeError on an id or address that cannot be.
   */
  async add(spec: RealHostSpec): Promise<RealHost> {
    const pod = findPod(this.#options.fleet, spec.pod);
    if (pod === null) throw new RangeError(`${spec.id}: there is no pod ${spec.pod}`);
    if (this.#hosts.has(spec.id)) throw new RangeError(`there is a host ${spec.id} already`);
    const addresses = { ipv4: spec.ipv4 || null, ipv6: spec.ipv6 || null };
    const nameservers = this.resolverAddresses(pod).filter((each) =>
      each.includes(':') ? addresses.ipv6 : addresses.ipv4,
    );
    const number = this.#number();
    const container = await this.#container(spec.name ?? spec.id, daemonOf(spec), nameservers, String(number), {
      authority: this.#options.nts?.authority,
      ownClock: spec.ownClock,
    });
    const host = new RealHost(spec, container, number);
    await this.links.attachHost(pod, host, addresses);
    if (this.#closed) return host;
    this.#hosts.set(spec.id, host);
    this.#agents.set(spec.id, host.agent);
    const report = (sentence: string) => this.#options.onReport?.(spec.id, sentence);
    if (spec.config !== undefined) await host.startOn(spec.config, report);
    if (spec.apiUrl !== undefined) host.boot(apiUrlFor(pod, spec), (spec.bootSeconds ?? 0) * 1000, report);
    return host;
  }

  /** The host is gone at once, with all that runs on it. Nothing happens when there is no such host. */
  async remove(id: string): Promise<void> {
    const host = this.#hosts.get(id);
    if (!host) return;
    this.#hosts.delete(id);
    this.#agents.delete(id);
    await host.remove();
    this.links.forget(host);
  }

  get(id: string): RealHost | undefined {
    return this.#hosts.get(id);
  }

  /** Runs a script as root of a host, whatever state its agent is in. @throws RangeError */
  run(id: string, script: string, timeoutSeconds?: number): Promise<AgentRun> {
    return this.#host(id).run(script, timeoutSeconds);
  }

  list(): Promise<RealHostStatus[]> {
    return Promise.all(
      [...this.#hosts.values()].map((host) => {
        const { id, place } = host;
        return describeHost(host, this.links.isCut(id) || this.links.isCut(place));
      }),
    );
  }

  /**
   * Pulls a cable: of a host, of an AZ (`blue/us-west-2a`) or of an outside server by its name. Hosts of an AZ still reach
   * each other, and every host its time service, its resolver and the API. @throws RangeError when there is none such.
   */
  async cut(target: string): Promise<void> {
    await this.links.cut(target);
  }

  /**
   * Mends one target, or everything: links, lies, hung and stopped daemons, dead agents.
   * @throws CommandError with a line for each daemon that will not start; all else is mended then.
   */
  async mend(target?: string): Promise<void> {
    await this.links.mend(target);
    for (const [name, server] of this.#externalServers) {
      if (target !== undefined && name !== target) continue;
      if (server.aheadMs !== 0) await this.drift(name, 0);
    }
    const hosts = [...this.#hosts.values()].filter(({ id }) => target === undefined || id === target);
    const mended = await Promise.allSettled(hosts.map((host) => host.mend()));
    const faults = mended.flatMap((each) => (each.status === 'rejected' ? [String(each.reason.message)] : []));
    if (faults.length > 0) throw new CommandError(faults.join('\n'));
  }

  /**
   * Makes an outside server, or a host that runs chrony, serve time so far ahead (negative: behind), until it is mended.
   * @throws RangeError when it is neither.
   */
  async drift(target: string, aheadMs: number): Promise<void> {
    const host = this.#hosts.get(target);
    if (host) {
      await host.drift(aheadMs);
      return;
    }
    const container = this.externalServer(target);
    const server = this.#externalServers.get(target);
    if (!server) return;
    await setServedTime(container, server.spec, aheadMs);
    server.aheadMs = aheadMs;
  }

  /** Real hosts answer for themselves. @throws RangeError always */
  play(id: string): never {
    throw new RangeError(
      `${this.#host(id).container.name} is a real host and answers for itself: only simulated ones play`,
    );
  }

  async stopDaemon(id: string): Promise<void> {
    await this.#host(id).container.systemctl('stop');
  }

  async startDaemon(id: string): Promise<void> {
    await this.#host(id).container.systemctl('start');
  }

  async restartDaemon(id: string): Promise<void> {
    await this.#host(id).container.systemctl('restart');
  }

  async hangDaemon(id: string): Promise<void> {
    await this.#host(id).hang();
  }

  killAgent(id: string): void {
    this.#host(id).killAgent();
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#relay?.close();
    await Promise.all([...this.#hosts.values()].map((host) => host.remove()));
    await Promise.all(this.#opened.map((opened) => opened.close()));
    rmSync(this.#options.folder, { recursive: true, force: true });
  }

  /** What pulls and plugs. */
  get links(): VethLinks {
    return this.#links as VethLinks;
  }

  #host(id: string): RealHost {
    const host = this.#hosts.get(id);
    if (host) return host;
    throw new RangeError(`there is no host ${id}; there are ${[...this.#hosts.keys()].join(', ') || 'none'}`);
  }

  #number(): number {
    this.#numbers += 1;
    return this.#numbers;
  }

  /** What was opened while the hosts was closing is closed with it. */
  async #keep<T extends { close(): Promise<void> }>(opened: T): Promise<T> {
    if (this.#closed) {
      await opened.close();
      throw new CommandError('the pod is being closed');
    }
    this.#opened.push(opened);
    return opened;
  }

  async #container(
    name: string,
    daemon: DaemonChoice,
    nameservers: readonly string[],
    at = name,
    more: Pick<ContainerOptions, 'authority' | 'ownClock'> = {},
  ): Promise<Container> {
    const root = join(this.#options.folder, at);
    return this.#keep(await Container.create({ name, daemon, root, nameservers, ...more }));
  }

  async #serve(spec: ExternalServerSpec, container: Container): Promise<void> {
    this.#externalServers.set(spec.name, { spec, container, aheadMs: 0 });
    await setServedTime(container, spec, 0);
  }
}
