import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, AgentRun } from '@podtime/aws-endpoint';
import { type Fleet, findPod, type Pod } from '../../../../src/fleet/fleet.ts';
import type { HostSpec } from '../simulated/spec.ts';
import { apiUrlFor, TIME_SERVICE, upstreamsOf } from './addresses.ts';
import { Cables } from './cables.ts';
import { CommandError } from './commands.ts';
import { RealHost } from './host.ts';
import { describeHost, type RealHostLine } from './line.ts';
import { Machine } from './machine.ts';
import { Namespace } from './namespace.ts';
import { FORWARDING, layPod, PLAIN_NETWORK, reservedAddresses, routerPlan, servicesPlan } from './network.ts';
import { type OutsideSpec, setServedTime } from './outside.ts';
import type { RealKind } from './programs.ts';
import { type Relay, startRelay } from './relay.ts';

export interface RealWorldOptions {
  fleet: Fleet;
  /** A folder of its own; everything in it goes with `close`. */
  folder: string;
  /** Where podtime's API listens on 127.0.0.1. */
  apiPort: number;
  /** Hears what happens to hosts. */
  onReport?(hostId: string, sentence: string): void;
}

/**
 * The pods with real hosts: a place of namespaces each, with real daemons, real cables, real time. One switch for each
 * pod, a router to the outside, and one place with what every EC2 host has at its own machine: the time service, the
 * resolver's addresses, the way to the API. No interface, route or listening port on the machine's own network.
 */
export class RealWorld {
  readonly agents: ReadonlyMap<string, Agent>;
  /** Names that the resolver must know beside the pods' zones. */
  readonly upstreams: readonly OutsideSpec[];
  readonly #options: RealWorldOptions;
  readonly #agents = new Map<string, Agent>();
  readonly #hosts = new Map<string, RealHost>();
  readonly #outside = new Map<string, { spec: OutsideSpec; machine: Machine; aheadMs: number }>();
  readonly #opened: { close(): Promise<void> }[] = [];
  #cables: Cables | null = null;
  #services: Machine | null = null;
  #router: Namespace | null = null;
  #relay: Relay | null = null;
  #numbers = 0;
  #closed = false;

  private constructor(options: RealWorldOptions) {
    this.#options = options;
    this.upstreams = upstreamsOf(options.fleet);
    this.agents = this.#agents;
  }

  /** Networks, upstreams, time service and the way to the API; no hosts yet. Rejects with what failed, having cleaned up. */
  static async create(options: RealWorldOptions): Promise<RealWorld> {
    const world = new RealWorld(options);
    try {
      await world.#open();
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { fleet, folder, apiPort } = this.#options;
    mkdirSync(folder, { recursive: true });
    const place = async (name: string) => this.#keep(await Namespace.create(name, `${PLAIN_NETWORK}\n${FORWARDING}`));
    const [router, services, ...pods] = await Promise.all([
      place('router'),
      this.#machine('aws', 'chrony', []),
      ...fleet.pods.map((pod) => place(`switch-${pod.name}`)),
    ]);
    this.#router = router;
    this.#services = services;
    await Promise.all([router.ip(routerPlan()), services.namespace.ip(servicesPlan(fleet))]);
    for (const [index, pod] of fleet.pods.entries()) await layPod(pod, index, pods[index] as Namespace, router);
    this.#cables = new Cables({
      router,
      services: services.namespace,
      switches: new Map(fleet.pods.map((pod, index) => [pod.name, pods[index] as Namespace])),
    });
    await this.#serve(TIME_SERVICE, services);
    await Promise.all(this.upstreams.map((spec) => this.addOutside(spec)));
    this.#relay = await startRelay({
      namespace: services.namespace,
      addresses: fleet.pods.flatMap((pod) => reservedAddresses(pod, 'api')),
      socketPath: join(folder, 'api.sock'),
      toPort: apiPort,
    });
  }

  /** Holds the time service and, for all pods, the addresses of resolver and API: DNS servers are to run here. */
  get services(): Namespace {
    return (this.#services as Machine).namespace;
  }

  get router(): Namespace {
    return this.#router as Namespace;
  }

  /** Of the pod's resolver (its networks' second address), in the place `services`. */
  resolverAddresses(pod: Pod): string[] {
    return reservedAddresses(pod, 'resolver');
  }

  /** A server, or just a stranger, outside the pods. */
  async addOutside(spec: OutsideSpec): Promise<Machine> {
    const number = this.#number();
    const machine = await this.#machine(`outside-${number}`, 'chrony', []);
    await this.cables.plugOutside(spec.name, number, machine.namespace, spec.addresses);
    await this.#serve(spec, machine);
    return machine;
  }

  /** Of an upstream, `time-service`, or what was added. @throws RangeError */
  outside(name: string): Machine {
    const found = this.#outside.get(name);
    if (found) return found.machine;
    throw new RangeError(`there is no server ${name}; there are ${[...this.#outside.keys()].join(', ')}`);
  }

  /**
   * A host with its network, booting (after `bootSeconds`, by default at once) when the spec says where the API is: by its
   * pod's own address of it. A classic ntpd becomes ntpsec. A daemon that refuses the spec's own `config` is reported.
   * @throws RangeError on an id or address that cannot be.
   */
  async add(spec: HostSpec): Promise<RealHost> {
    const pod = findPod(this.#options.fleet, spec.pod);
    if (pod === null) throw new RangeError(`${spec.id}: there is no pod ${spec.pod}`);
    if (this.#hosts.has(spec.id)) throw new RangeError(`there is a host ${spec.id} already`);
    const addresses = { ipv4: spec.ipv4 || null, ipv6: spec.ipv6 || null };
    const nameservers = this.resolverAddresses(pod).filter((each) =>
      each.includes(':') ? addresses.ipv6 : addresses.ipv4,
    );
    const kind: RealKind = spec.daemon === 'chrony' ? 'chrony' : 'ntpsec';
    const number = this.#number();
    const machine = await this.#machine(spec.name ?? spec.id, kind, nameservers, String(number));
    const host = new RealHost(spec, machine, number);
    await this.cables.plugHost(pod, host, addresses);
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
    this.cables.forget(host);
  }

  get(id: string): RealHost | undefined {
    return this.#hosts.get(id);
  }

  /** Runs a script as root of a host, whatever state its agent is in. @throws RangeError */
  run(id: string, script: string, timeoutSeconds?: number): Promise<AgentRun> {
    return this.#host(id).run(script, timeoutSeconds);
  }

  list(): Promise<RealHostLine[]> {
    return Promise.all(
      [...this.#hosts.values()].map((host) => {
        const { id, place } = host;
        return describeHost(host, this.cables.isCut(id) || this.cables.isCut(place));
      }),
    );
  }

  /**
   * Pulls a cable: of a host, of an AZ (`blue/us-west-2a`) or of an outside server by its name. Hosts of an AZ still reach
   * each other, and every host its time service, its resolver and the API. @throws RangeError when there is none such.
   */
  async cut(target: string): Promise<void> {
    await this.cables.cut(target);
  }

  /**
   * Mends one target, or everything: cables, lies, hung and stopped daemons, dead agents.
   * @throws CommandError with a line for each daemon that will not start; all else is mended then.
   */
  async mend(target?: string): Promise<void> {
    await this.cables.mend(target);
    for (const [name, server] of this.#outside) {
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
    const machine = this.outside(target);
    const server = this.#outside.get(target);
    if (!server) return;
    await setServedTime(machine, server.spec.stratum, aheadMs);
    server.aheadMs = aheadMs;
  }

  /** Real hosts answer for themselves. @throws RangeError always */
  play(id: string): never {
    throw new RangeError(
      `${this.#host(id).machine.name} is a real host and answers for itself: only simulated ones play`,
    );
  }

  async stopDaemon(id: string): Promise<void> {
    await this.#host(id).machine.unit('stop');
  }

  async startDaemon(id: string): Promise<void> {
    await this.#host(id).machine.unit('start');
  }

  async restartDaemon(id: string): Promise<void> {
    await this.#host(id).machine.unit('restart');
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
  get cables(): Cables {
    return this.#cables as Cables;
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

  /** What was opened while the world was closing is closed with it. */
  async #keep<T extends { close(): Promise<void> }>(opened: T): Promise<T> {
    if (this.#closed) {
      await opened.close();
      throw new CommandError('the pod is being closed');
    }
    this.#opened.push(opened);
    return opened;
  }

  async #machine(name: string, kind: RealKind, nameservers: readonly string[], folder = name): Promise<Machine> {
    const root = join(this.#options.folder, folder);
    return this.#keep(await Machine.create({ name, kind, root, nameservers }));
  }

  async #serve(spec: OutsideSpec, machine: Machine): Promise<void> {
    this.#outside.set(spec.name, { spec, machine, aheadMs: 0 });
    await setServedTime(machine, spec.stratum, 0);
  }
}
