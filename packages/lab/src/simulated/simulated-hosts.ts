import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Clock, ZoneView } from '@podtime/aws-endpoint';
import { canonicalAddress } from '../../../../src/fleet/addresses.ts';
import { linkRealTools, writeShims } from './command-shims.ts';
import {
  createExternalServer,
  type ExternalServer,
  type ServerSpec,
  TIME_SERVICE,
  UPSTREAMS,
} from './external-servers.ts';
import { COMMON_TOOLS, type HostSpec, INSTALLATIONS, SERVICE_TOOLS } from './host-spec.ts';
import { describeHost, type SimulatedHostStatus } from './host-status.ts';
import { createNetwork } from './network.ts';
import { SimulatedHost } from './simulated-host.ts';
import { createTimeline } from './timeline.ts';

export interface SimulatedHostsOptions {
  clock: Clock;
  /** A folder of its own; everything in it goes with `close`. */
  folder: string;
  /** What the DNS of a pod serves. */
  zoneOf(pod: string): ZoneView;
  /** Servers outside the pods; the metadata time service is always there. */
  upstreams?: readonly ServerSpec[];
  /** The same seed gives the same delays. */
  seed?: string;
  /** Hears what happens to hosts: booted, clock stepped, …. */
  onReport?(hostId: string, sentence: string): void;
  /** Path of a POSIX shell and its leading arguments (one at most); absent: `/bin/sh`. */
  shell?: readonly string[];
  /** Where the machine's own tools are looked for; absent: this process's PATH. */
  searchPath?: string;
  /** Real milliseconds that a script may run beyond its simulated time limit. */
  graceRealMs?: number;
}

/** Hosts on one machine, in simulated time. Every call brings all of them up to the present moment first. */
export interface SimulatedHosts {
  /** For the endpoint: an agent for each host, by instance id. */
  readonly agents: ReadonlyMap<string, Agent>;
  /** @throws RangeError when the id or an address is taken, or an address is none. */
  add(spec: HostSpec): SimulatedHost;
  /** The host is gone at once, its scripts ended, its folder removed. Nothing happens when there is no such host. */
  remove(id: string): void;
  get(id: string): SimulatedHost | undefined;
  list(): SimulatedHostStatus[];
  /**
   * Cuts a host, an availability zone of a pod (`blue/us-west-2a`), an upstream by its name or `time-service` off from
   * NTP. Within a cut zone hosts still reach each other, and every host reaches the metadata time service. Agents stay.
   * @throws RangeError when there is none such.
   */
  cut(target: string): void;
  /** Mends one cut, or everything: cuts, drifts, stopped daemons, dead agents, replayed outputs. */
  mend(target?: string): void;
  /**
   * Sets a host's clock, or an outside server's, so far ahead of true time (negative: behind) and holds it there: its
   * daemon measures the error and cannot remove it, until it is mended.
   */
  drift(id: string, errorMs: number): void;
  /** Moves the clock once; the daemon may correct it, by a step if it must. */
  step(id: string, errorMs: number): void;
  stopDaemon(id: string): void;
  /** @returns false when the host has no file to start on. */
  startDaemon(id: string): boolean;
  restartDaemon(id: string): boolean;
  /** The daemon goes on running and answers nobody, not even its query tool; `mend` ends it. */
  hangDaemon(id: string): void;
  /** A source put in by hand at run time, as a line of the daemon's file. */
  addSource(id: string, line: string): void;
  killAgent(id: string): void;
  /** The host answers with a captured output until it is mended. @throws RangeError when it is none of its daemon's. */
  play(id: string, text: string): void;
  /** The leap indicator that an outside server announces: 1 = a second is inserted. */
  announceLeap(server: string, leap: 0 | 1 | 2): void;
  close(): void;
}

const DEFAULT_GRACE_REAL_MS = 5000;

export function createSimulatedHosts(options: SimulatedHostsOptions): SimulatedHosts {
  const { clock, folder, zoneOf, seed = 'podtime', shell = ['/bin/sh'], searchPath = process.env.PATH ?? '' } = options;
  const timeline = createTimeline(clock);
  const network = createNetwork();
  const outside = new Map<string, ExternalServer>();
  for (const spec of [...(options.upstreams ?? UPSTREAMS), TIME_SERVICE]) {
    const server = createExternalServer(spec, clock.nowMs());
    outside.set(spec.name, server);
    network.add(server);
  }
  const hosts = new Map<string, SimulatedHost>();
  const agents = new Map<string, Agent>();
  const tools = join(folder, 'tools');
  mkdirSync(folder, { recursive: true });
  linkRealTools(tools, searchPath);

  const hostOf = (id: string) => {
    timeline.advance();
    const host = hosts.get(id);
    if (host === undefined)
      throw new RangeError(`there is no host ${id}; there are ${[...hosts.keys()].join(', ') || 'none'}`);
    return host;
  };

  /** Shims are the same on all hosts with the same daemons: written once, since scripts may be running them. */
  const furnished = new Set<string>();
  const shimsOf = ({ daemon, alsoRuns }: HostSpec) => {
    const kinds = [daemon, ...(alsoRuns === undefined ? [] : [alsoRuns])];
    const place = join(folder, `shims-${kinds.join('-')}`);
    if (furnished.has(place)) return place;
    furnished.add(place);
    const own = kinds.flatMap((kind) => [...INSTALLATIONS[kind].tools, ...SERVICE_TOOLS[kind]]);
    writeShims(place, [...new Set([...COMMON_TOOLS, ...own])], shell.join(' '));
    return place;
  };

  const claim = (spec: HostSpec): HostSpec => {
    if (hosts.has(spec.id)) throw new RangeError(`there is a host ${spec.id} already`);
    const taken = new Set([...hosts.values()].flatMap((host) => [...host.addresses]));
    const canonical = (given: string) => {
      const address = canonicalAddress(given);
      if (address === null) throw new RangeError(`${spec.id}: ${given} is not an address`);
      if (taken.has(address)) throw new RangeError(`${spec.id}: another host has the address ${address}`);
      return address;
    };
    return { ...spec, ipv4: canonical(spec.ipv4), ipv6: spec.ipv6 ? canonical(spec.ipv6) : null };
  };

  const targets = () => [...hosts.keys(), ...new Set([...hosts.values()].map(({ place }) => place)), ...outside.keys()];

  const simulated: SimulatedHosts = {
    agents,
    add(given) {
      timeline.advance();
      const spec = claim(given);
      const host = new SimulatedHost(spec, {
        clock,
        timeline,
        network,
        zone: zoneOf(spec.pod),
        outside,
        seed,
        folder: join(folder, spec.id),
        path: `${shimsOf(spec)}:${tools}`,
        shell,
        graceRealMs: options.graceRealMs ?? DEFAULT_GRACE_REAL_MS,
        report: (sentence) => options.onReport?.(spec.id, sentence),
      });
      hosts.set(spec.id, host);
      agents.set(spec.id, host.agent);
      return host;
    },
    remove(id) {
      timeline.advance();
      hosts.get(id)?.remove();
      hosts.delete(id);
      agents.delete(id);
    },
    get(id) {
      timeline.advance();
      return hosts.get(id);
    },
    list() {
      timeline.advance();
      return [...hosts.values()].map((host) => describeHost(host, network, clock.nowMs()));
    },
    cut(target) {
      timeline.advance();
      if (!targets().includes(target)) {
        throw new RangeError(`there is no ${target} to cut; there are ${targets().join(', ')}`);
      }
      network.cut(target);
    },
    mend(target) {
      timeline.advance();
      network.mend(target);
      for (const host of hosts.values()) if (target === undefined || host.id === target) host.mend();
      for (const server of outside.values()) {
        if (target !== undefined && server.name !== target) continue;
        server.leap = 0;
        server.clock.set(clock.nowMs(), 0, true);
      }
    },
    drift(id, errorMs) {
      timeline.advance();
      const server = outside.get(id);
      if (server !== undefined) {
        server.clock.set(clock.nowMs(), errorMs, true);
        return;
      }
      const host = hostOf(id);
      host.drift = errorMs;
      host.clock.set(clock.nowMs(), errorMs, false);
    },
    step(id, errorMs) {
      hostOf(id).clock.set(clock.nowMs(), errorMs, true);
    },
    stopDaemon: (id) => hostOf(id).unit.stop(),
    startDaemon: (id) => hostOf(id).unit.running || hostOf(id).unit.start(),
    restartDaemon: (id) => hostOf(id).unit.start(),
    hangDaemon(id) {
      hostOf(id).hangs = true;
    },
    addSource: (id, line) => hostOf(id).unit.daemon?.addSource(line),
    killAgent: (id) => hostOf(id).killAgent(),
    play: (id, text) => hostOf(id).play(text),
    announceLeap(name, leap) {
      timeline.advance();
      const server = outside.get(name);
      if (server === undefined)
        throw new RangeError(`there is no server ${name}; there are ${[...outside.keys()].join(', ')}`);
      server.leap = leap;
    },
    close() {
      timeline.close();
      for (const id of [...hosts.keys()]) simulated.remove(id);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return simulated;
}
