import { azLetter } from '../../../../src/fleet/az-names.ts';
import { type Pod, TIME_SERVICE_ADDRESSES } from '../../../../src/fleet/fleet.ts';
import {
  azBridge,
  azBridgeCommands,
  azUplink,
  externalInterfaceCommands,
  externalVethCommands,
  type HostAddresses,
  hostInterfaceCommands,
  hostRoute,
  hostVethCommands,
  port,
  serviceVethCommands,
} from './link-commands.ts';
import type { Namespace } from './namespace.ts';
import type { RealHost } from './real-host.ts';

/** A port of a switch: unplugged by taking it out of the switch. */
interface Plug {
  at: Namespace;
  device: string;
  switchName: string;
}

/** All veth links, by what they belong to: a host's id, `pod/az`, an outside server's name. */
export class VethLinks {
  readonly #router: Namespace;
  readonly #services: Namespace;
  readonly #switches: ReadonlyMap<string, Namespace>;
  readonly #plugs = new Map<string, Plug>();
  readonly #azs = new Map<string, Promise<void>>();
  readonly #cut = new Set<string>();

  constructor(places: { router: Namespace; services: Namespace; switches: ReadonlyMap<string, Namespace> }) {
    this.#router = places.router;
    this.#services = places.services;
    this.#switches = places.switches;
  }

  isCut(target: string): boolean {
    return this.#cut.has(target);
  }

  async attachHost(pod: Pod, host: RealHost, addresses: HostAddresses): Promise<void> {
    const { namespace } = host.container;
    const at = this.#switchOf(pod.name);
    const letter = azLetter(host.spec.az);
    await this.#az(pod, host.spec.az);
    await Promise.all([
      at.ip(hostVethCommands(host.number, letter, namespace)),
      this.#services.ip(serviceVethCommands(host.number, namespace)),
    ]);
    await namespace.ip(hostInterfaceCommands(pod, host.number, addresses));
    if (addresses.ipv6 !== null) await this.#services.ip([hostRoute(host.number, addresses.ipv6)]);
    this.#plugs.set(host.id, { at, device: port(host.number), switchName: azBridge(letter) });
  }

  /** Of a host that is gone: its links went with it. */
  forget(host: RealHost): void {
    this.#plugs.delete(host.id);
    this.#cut.delete(host.id);
  }

  async attachExternalServer(
    name: string,
    number: number,
    server: Namespace,
    addresses: readonly string[],
  ): Promise<void> {
    await this.#router.ip(externalVethCommands(number, server));
    await server.ip(externalInterfaceCommands(addresses));
    this.#plugs.set(name, { at: this.#router, device: port(number), switchName: 'outside' });
  }

  /** @throws RangeError when there is none such. */
  async cut(target: string): Promise<void> {
    if (this.#cut.has(target)) return;
    if (target === TIME_SERVICE) await this.#services.ip(silence('add'));
    else {
      const plug = this.#plugs.get(target);
      if (!plug)
        throw new RangeError(
          `there is no ${target} to cut; there are ${[...this.#plugs.keys(), TIME_SERVICE].join(', ')}`,
        );
      await plug.at.ip([`link set dev ${plug.device} nomaster`]);
    }
    this.#cut.add(target);
  }

  /** One, or all. */
  async mend(target?: string): Promise<void> {
    for (const each of [...this.#cut]) {
      if (target !== undefined && each !== target) continue;
      const plug = this.#plugs.get(each);
      if (each === TIME_SERVICE) await this.#services.ip(silence('del'));
      else if (plug) await plug.at.ip([`link set dev ${plug.device} master ${plug.switchName}`]);
      this.#cut.delete(each);
    }
  }

  #switchOf(pod: string): Namespace {
    const found = this.#switches.get(pod);
    if (found) return found;
    throw new RangeError(`there is no pod ${pod}`);
  }

  /** An AZ's switch is there from its first host on. */
  #az(pod: Pod, az: string): Promise<void> {
    const name = `${pod.name}/${az}`;
    const known = this.#azs.get(name);
    if (known) return known;
    const at = this.#switchOf(pod.name);
    const letter = azLetter(az);
    const laid = at.ip(azBridgeCommands(letter));
    this.#azs.set(name, laid);
    this.#plugs.set(name, { at, device: azUplink(letter), switchName: azBridge(letter) });
    return laid;
  }
}

const TIME_SERVICE = 'time-service';

/** The time service is at every host's own machine: there is no cable to pull, so its answers are lost. */
function silence(how: 'add' | 'del'): string[] {
  return TIME_SERVICE_ADDRESSES.map(
    (address) => `${address.includes(':') ? '-6 ' : ''}rule ${how} from ${address} pref 10 blackhole`,
  );
}
