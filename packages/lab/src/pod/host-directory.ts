import { findAz } from '../../../../src/fleet/az-names.ts';
import type { Fleet, Pod } from '../../../../src/fleet/fleet.ts';
import { didYouMean } from './client/nearest.mjs';
import type { InventoryHost } from './inventory.ts';

/** What can be cut off and mended: a host, a server outside the pods, or an AZ of a pod. */
export interface Target {
  /** As the hosts' backend knows it: an instance id, a server's name, `blue/us-west-2a`. */
  id: string;
  label: string;
}

/** What an operator asked for that cannot be; told as it stands. */
export class PodError extends Error {
  override readonly name = 'PodError';
}

/** `us-west-2a`, `az-a` or `a`, as `findAz` takes it. */
const AZ_NAME = /^(az-)?[a-z]$|^[a-z]+-[a-z]+-\d[a-z]$/;

/** The fleet and its hosts by the names that an operator gives them. Each look-up throws PodError, which says what there is. */
export class HostDirectory {
  readonly #fleet: Fleet;
  readonly #hosts = new Map<string, InventoryHost>();
  /** Names of hosts that are gone: records and reports still speak of them. */
  readonly #retired = new Map<string, string>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  add(host: InventoryHost): void {
    this.#hosts.set(host.name, host);
  }

  retire(host: InventoryHost): void {
    this.#retired.set(host.instanceId, host.name);
    this.#hosts.delete(host.name);
  }

  /** Names that a host has or had: no other gets them, nor the id that is made of one. */
  get takenNames(): ReadonlySet<string> {
    return new Set([...this.#hosts.keys(), ...this.#retired.values()]);
  }

  /** Servers outside the pods. */
  get externalServers(): readonly string[] {
    return [...this.#fleet.upstreams.map(({ host }) => host), 'time-service'];
  }

  hosts(): InventoryHost[] {
    return [...this.#hosts.values()];
  }

  nameOf(instanceId: string): string {
    const known = this.hosts().find((entry) => entry.instanceId === instanceId);
    return known?.name ?? this.#retired.get(instanceId) ?? instanceId;
  }

  /** By name or id. */
  host(given: string): InventoryHost {
    const found = this.#find(given);
    if (found) return found;
    const meant = didYouMean(given, this.#hostNames());
    throw new PodError(`There is no host ${given}.${meant} The hosts are ${this.#hostNames().join(', ')}.`);
  }

  /** A host by name or id, or a server outside the pods by name. */
  hostOrServer(given: string): Target {
    const host = this.#find(given);
    if (host) return { id: host.instanceId, label: host.name };
    if (this.externalServers.includes(given)) return { id: given, label: given };
    const meant = didYouMean(given, [...this.#hostNames(), ...this.externalServers]);
    throw new PodError(
      `There is no host or server ${given}.${meant} The hosts are ${this.#hostNames().join(', ')}. The servers outside the pods are ${this.externalServers.join(', ')}.`,
    );
  }

  /** A host, a server outside, or an AZ of a pod: of the first, where `podName` names no other. */
  target(given: string, podName: string | undefined): Target {
    const pod = podName === undefined ? undefined : this.pod(podName);
    const host = this.#find(given);
    if (host && pod && host.pod !== pod.name)
      throw new PodError(`${host.name} is a host of pod ${host.pod}, not of ${pod.name}.`);
    if (pod && this.externalServers.includes(given))
      throw new PodError(`${given} stands outside the pods, for all of them: leave ${pod.name} out.`);
    if (host || !AZ_NAME.test(given)) return this.hostOrServer(given);
    const inPod = pod ?? this.firstPod;
    const az = this.az(inPod, given);
    return { id: `${inPod.name}/${az}`, label: `${az} of pod ${inPod.name}` };
  }

  pod(name: string): Pod {
    const pod = this.#fleet.pods.find((known) => known.name === name);
    if (pod) return pod;
    throw new PodError(
      `There is no pod ${name}.${didYouMean(name, this.podNames)} The pods are ${this.podNames.join(', ')}.`,
    );
  }

  get podNames(): string[] {
    return this.#fleet.pods.map((known) => known.name);
  }

  get firstPod(): Pod {
    const [pod] = this.#fleet.pods;
    if (!pod) throw new PodError('The fleet has no pod.');
    return pod;
  }

  az(pod: Pod, given: string): string {
    const az = findAz(pod, given);
    if (az) return az;
    throw new PodError(`Pod ${pod.name} has no AZ ${given}. Its AZs are ${pod.azs.join(', ')}.`);
  }

  boundaryServer(pod: Pod, az: string): InventoryHost {
    const servers = this.hosts().filter((host) => host.pod === pod.name && host.tier === 'boundary');
    const found = servers.find((server) => server.az === az);
    if (found) return found;
    const others = servers.map((server) => `${server.name} in ${server.az}`).join(', ');
    throw new PodError(`Pod ${pod.name} has no boundary server in ${az}. It has ${others}.`);
  }

  #find(given: string): InventoryHost | undefined {
    return this.hosts().find((entry) => entry.name === given || entry.instanceId === given);
  }

  #hostNames(): string[] {
    return this.hosts().map(({ name }) => name);
  }
}
