import { join } from 'node:path';
import {
  createScaledClock,
  type Delays,
  type Endpoint,
  type EndpointEvent,
  startEndpoint,
} from '@podtime/aws-endpoint';
import { type Fleet, findPod, type Pod, TAGS } from '../../../../src/fleet/fleet.ts';
import type { HostReport, Report, Staleness } from '../../../../src/report/report.ts';
import { type DnsProcess, spawnDnsServer } from '../../src/dns/spawn-server.ts';
import { OwnedFolder } from '../../src/pod/leftovers.ts';
import { wholeHost } from '../../src/pod/stored-report.ts';
import type { RealHost, RealHostSpec } from '../../src/real/real-host.ts';
import { RealHosts, type RealHostsOptions } from '../../src/real/real-hosts.ts';
import { type Product, REPORT_BUCKET, stackOf, startProduct } from './product.ts';

export interface RealPodOptions {
  fleet: Fleet;
  delays?: Partial<Delays>;
  soa?: { ttlSeconds: number; minimumSeconds: number };
  print?: (line: string) => void;
  nts?: RealHostsOptions['nts'];
}

/** What is launched: a host, and what EC2 says of it. */
export interface Launch extends Omit<RealHostSpec, 'apiUrl'> {
  tags?: Record<string, string>;
  /** By default it boots from the API; false: it runs on `config`, or on nothing. */
  boots?: boolean;
}

/** A report's host with what its row leaves out. */
export type WholeHost = ReturnType<typeof wholeHost<HostReport, Staleness>>;
export type WholeReport = Omit<Report, 'hosts'> & { hosts: WholeHost[] };

/** Shorter than a test may take, so that it says why. Real hosts are waited for some 10 s. */
const LONGEST_TURN_MS = 150_000;

/** Real daemons in namespaces, real DNS, the product's bundles, and the local AWS endpoint between them. */
export class RealPod {
  readonly fleet: Fleet;
  readonly endpoint: Endpoint;
  readonly hosts: RealHosts;
  readonly events: EndpointEvent[] = [];
  /** What hosts functionOutput of their boot. */
  readonly functionOutput: string[] = [];
  readonly #product: Product;
  readonly #dns: ReadonlyMap<string, DnsProcess>;
  readonly #folder: OwnedFolder;
  #closing: Promise<void> | null = null;
  /** Those that are up, or still starting. */
  static readonly #all = new Set<Promise<RealPod>>();

  private constructor(parts: {
    fleet: Fleet;
    endpoint: Endpoint;
    hosts: RealHosts;
    product: Product;
    dns: Map<string, DnsProcess>;
    folder: OwnedFolder;
    functionOutput: string[];
  }) {
    this.fleet = parts.fleet;
    this.endpoint = parts.endpoint;
    this.hosts = parts.hosts;
    this.functionOutput = parts.functionOutput;
    this.#product = parts.product;
    this.#dns = parts.dns;
    this.#folder = parts.folder;
    this.endpoint.on((event) => void this.events.push(event));
  }

  static start(options: RealPodOptions): Promise<RealPod> {
    const starting = RealPod.#start(options);
    RealPod.#all.add(starting);
    starting.catch(() => RealPod.#all.delete(starting));
    return starting;
  }

  /** What a test left open: it failed, or timed out while its pod was still starting. */
  static async closeAll(): Promise<void> {
    const all = [...RealPod.#all].map((starting) => starting.then((pod) => pod.close()));
    RealPod.#all.clear();
    await Promise.allSettled(all);
  }

  static async #start(options: RealPodOptions): Promise<RealPod> {
    const { fleet, print = () => {} } = options;
    const folder = OwnedFolder.claim('real-pod');
    const region = fleet.pods[0]?.region ?? 'us-west-2';
    const opened: { close(): Promise<void> }[] = [];
    const functionOutput: string[] = [];
    let product: Product | null = null;
    let hosts: RealHosts | null = null;
    try {
      const endpoint = await startEndpoint({
        port: 0,
        region,
        clock: createScaledClock(1),
        // asked for at every command, so the hosts may come later
        agents: lateMap(() => hosts?.agents ?? new Map()),
        stack: stackOf(fleet),
        zones: fleet.pods.map((pod) => ({
          ...pod.zone,
          vpc: pod.vpc,
          region,
          soa: options.soa ?? { ttlSeconds: 60, minimumSeconds: 30 },
        })),
        delays: options.delays ?? {},
        invoke: async (name, payload) => product?.invoke(name, payload),
      });
      opened.push(endpoint);
      product = await startProduct({
        fleet,
        folder: join(folder.path, 'bundles'),
        environment: {
          AWS_ENDPOINT_URL: endpoint.url,
          AWS_REGION: region,
          AWS_ACCESS_KEY_ID: 'local',
          AWS_SECRET_ACCESS_KEY: 'local',
          STAGE: 'local',
          REPORT_BUCKET,
          COLLECT_DOCUMENT: 'podtime-local-collect',
          CYCLE_DOCUMENT: 'podtime-local-cycle',
        },
      });
      opened.push(product);
      hosts = await RealHosts.create({
        fleet,
        folder: join(folder.path, 'hosts'),
        apiPort: product.port,
        nts: options.nts,
        onReport: (id, sentence) => {
          functionOutput.push(`${id} ${sentence}`);
          print(`${id} ${sentence}`);
        },
      });
      opened.push(hosts);
      const dns = await resolversOf(fleet, hosts, endpoint);
      opened.push(...dns.values());
      for (const pod of fleet.pods) {
        endpoint.parameters.put(`/podtime/local/${pod.name}/mode`, 'act', { type: 'String', overwrite: true });
      }
      return new RealPod({ fleet, endpoint, hosts, product, dns, folder, functionOutput });
    } catch (error) {
      for (const part of opened.reverse()) await part.close();
      folder.release();
      throw error;
    }
  }

  pod(name: string): Pod {
    const found = findPod(this.fleet, name);
    if (!found) throw new Error(`there is no pod ${name}`);
    return found;
  }

  dns(pod: string): DnsProcess {
    return this.#dns.get(pod) as DnsProcess;
  }

  /** Brings the host up without EC2's knowing of it. */
  add(launch: Launch): Promise<RealHost> {
    const { tags: _, boots = true, ...spec } = launch;
    return this.hosts.add({ ...spec, ...(boots && { apiUrl: 'the API' }) });
  }

  /** EC2 tells of it from now on: `run` with its events, as a launch; `adopt` as if it had been there all along. */
  tell(how: 'run' | 'adopt', { id, name, pod, tier, az, ipv4, ipv6, tags }: Launch): void {
    this.endpoint.instances[how]({
      instanceId: id,
      vpc: this.pod(pod).vpc,
      az,
      ipv4: ipv4 || null,
      ipv6: ipv6 ? [ipv6] : [],
      tags: { [TAGS.pod]: pod, [TAGS.tier]: tier, Name: name ?? id, ...tags },
    });
  }

  async launch(launch: Launch): Promise<RealHost> {
    this.tell('run', launch);
    return this.add(launch);
  }

  /** EC2 ends it, and it is gone at once. */
  async terminate(id: string): Promise<void> {
    this.endpoint.instances.terminate(id);
    await this.hosts.remove(id);
  }

  /** Of two ticks at once one gives way: it is tried until the turn is its own. Throws what was said last where that takes too long. */
  async tick(pod: string): Promise<WholeReport> {
    for (const gaveUpMs = Date.now() + LONGEST_TURN_MS; ; ) {
      const answer = (await this.#product.invoke('podtime-local-watchdog', { pod })) as { sentences?: string[] };
      const report = this.report(pod);
      if (report && !answer.sentences?.some((sentence) => sentence.includes('gives way'))) return report;
      if (Date.now() > gaveUpMs) throw new Error(`The tick found no turn: ${answer.sentences?.join(' ')}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  invoke(name: string, payload: unknown): Promise<unknown> {
    return this.#product.invoke(`podtime-local-${name}`, payload);
  }

  /** What the document printed on the host, as SSM shows it, wherever it succeeded: the last first. */
  outputsOf(document: 'collect' | 'cycle', id: string): string[] {
    return this.endpoint
      .commands()
      .filter((command) => command.document === `podtime-local-${document}`)
      .toSorted((a, b) => b.requestedAtMs - a.requestedAtMs)
      .flatMap(({ invocations }) => invocations.filter(({ instanceId }) => instanceId === id))
      .filter(({ statusDetails }) => statusDetails === 'Success')
      .map(({ stdout }) => stdout);
  }

  report(pod: string): WholeReport | null {
    const stored = this.endpoint.object(REPORT_BUCKET, `${pod}/report.json`);
    if (!stored) return null;
    const { hosts, ...others } = JSON.parse(stored.body.toString()) as Report;
    return { ...others, hosts: hosts.map((row) => wholeHost(row, others)) };
  }

  judged(pod: string, id: string): WholeHost | undefined {
    return this.report(pod)?.hosts.find((host) => host.instanceId === id);
  }

  /** Addresses of a name as its zone's servers answer now. */
  served(pod: string, name: string): string[] {
    const { sets } = this.endpoint.servedZone(this.pod(pod).zone.id);
    return sets
      .filter((set) => set.name === `${name}.` && ['A', 'AAAA'].includes(set.type))
      .flatMap((set) => set.values);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#dns.values()].map((dns) => dns.close()));
    await this.hosts.close();
    await this.#product.close();
    await this.endpoint.close();
    this.#folder.release();
  }
}

/** Each pod's resolver at its reserved addresses, fed by Route 53's changes. */
async function resolversOf(fleet: Fleet, hosts: RealHosts, endpoint: Endpoint): Promise<Map<string, DnsProcess>> {
  const outside = hosts.upstreams.map(({ name, addresses }) => ({ name, addresses: [...addresses] }));
  const all = new Map<string, DnsProcess>();
  await Promise.all(
    fleet.pods.map(async (pod) => {
      const zones = () => [endpoint.servedZone(pod.zone.id)];
      const dns = await spawnDnsServer({
        prefix: hosts.services.prefix,
        listen: hosts.resolverAddresses(pod).map((address) => ({ role: 'resolver', address, port: 53 })),
        zones: zones(),
        outside,
      });
      all.set(pod.name, dns);
      endpoint.on((event) => {
        // a server that has ended is noticed by who asks it
        if (event.kind === 'records in sync') dns.publish(zones()).catch(() => {});
      });
    }),
  );
  return all;
}

/** A read-only map that is looked up anew at every call. */
function lateMap<K, V>(now: () => ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  return new Proxy(new Map<K, V>(), {
    get(_, property) {
      const map = now();
      const value = Reflect.get(map, property, map);
      return typeof value === 'function' ? value.bind(map) : value;
    },
  });
}
