import { azName } from '../../src/fleet/az-names.ts';
import { type Fleet, type Pod, type Poll, TIME_SERVICE_ADDRESSES } from '../../src/fleet/fleet.ts';
import { upstreamPoll } from '../../src/fleet/polls.ts';
import { Agenda } from './agenda.ts';
import { DEFAULT_POLL, NO_REPLY, type Reply } from './association.ts';
import { type Configuration, type Polls, TimeDaemon } from './daemon.ts';
import { type Instance, type InstanceSpec, newInstance } from './instance.ts';
import { Random } from './random.ts';
import { Zone } from './zone.ts';

/** A clock outside the pod. */
export interface Reference {
  address: string;
  isUp: boolean;
  errorMs: number;
  stratum: number;
  /** Since when it is as it is. */
  sinceMs: number;
}

/** What podtime is told by the world; without podtime only `register` at boot is heard. */
export interface Listener {
  /** A boundary server's boot.sh asks for its registration; false: nobody could do it. */
  registered(): boolean;
  stateChanged(instanceId: string, state: string): void;
}

/** How a pod is set up; the same in both worlds. */
export interface Setting {
  seed: number;
  fleet: Fleet;
  pod: Pod;
  startMs: number;
  timeService: 'source' | 'reference' | 'none';
  negativeTtlSeconds: number;
  instances: InstanceSpec[];
}

/** boot.sh repeats a registration that failed. */
const REGISTER_TRIES_SECONDS = [0, 15, 45] as const;

/** All that is so, whatever anybody says of it. */
export class World {
  readonly agenda: Agenda;
  readonly zone: Zone;
  readonly instances = new Map<string, Instance>();
  readonly upstreams: Reference[];
  readonly timeService: Reference;
  /** AZs cut off from everything but themselves. */
  readonly cutAzs = new Set<string>();
  isInternetUp = true;
  /** Share of packets between hosts that are lost. */
  loss = 0;
  leap: 'none' | 'add' = 'none';
  leapSinceMs = 0;
  listener: Listener = { registered: () => false, stateChanged: () => undefined };
  private readonly random: Random;
  private version = 0;
  private readonly pathChangedMs = new Map<string, number>();
  /** AZ -> address -> what comes back: worked out once for each version. */
  private readonly replies = new Map<string, Map<string, Reply>>();

  constructor(
    readonly setting: Setting,
    readonly trace: ((line: string) => void) | null = null,
  ) {
    const { startMs, fleet } = setting;
    this.agenda = new Agenda(startMs);
    this.zone = new Zone(setting.negativeTtlSeconds);
    this.random = new Random(setting.seed, 'world');
    const reference = { isUp: true, errorMs: 0, sinceMs: 0 };
    this.upstreams = fleet.upstreams.map(({ host }) => ({ ...reference, address: host, stratum: 2 }));
    const [ipv4 = ''] = TIME_SERVICE_ADDRESSES;
    this.timeService = { ...reference, address: ipv4, stratum: 3, isUp: setting.timeService !== 'none' };
  }

  get nowMs(): number {
    return this.agenda.nowMs;
  }

  hosts(tier: Instance['tier']): Instance[] {
    return [...this.instances.values()].filter((instance) => instance.tier === tier && instance.state === 'running');
  }

  /** Every change of what daemons meet goes through here: up to now all was as before. */
  change(what: string, step: () => void): void {
    this.trace?.(what);
    for (const { daemon } of this.instances.values()) daemon?.catchUp(this.nowMs);
    step();
    this.changed();
  }

  changed(): void {
    this.version += 1;
    this.replies.clear();
  }

  cut(az: string, isCut: boolean): void {
    if (isCut) this.cutAzs.add(az);
    else this.cutAzs.delete(az);
    this.pathChangedMs.set(az, this.nowMs);
  }

  canTalk(azA: string, azB: string): boolean {
    return azA === azB || (!this.cutAzs.has(azA) && !this.cutAzs.has(azB));
  }

  /** Whether SSM and the API reach the host. */
  isReachable({ state, az, isAgentUp }: Instance): boolean {
    return state === 'running' && isAgentUp && !this.cutAzs.has(az);
  }

  serverAt(address: string): Instance | null {
    for (const instance of this.instances.values()) {
      const isServing = instance.tier === 'boundary' && instance.state === 'running';
      if (isServing && (instance.ipv4 === address || instance.ipv6.includes(address))) return instance;
    }
    return null;
  }

  reply(az: string, address: string): Reply {
    let ofAz = this.replies.get(az);
    if (ofAz === undefined) {
      ofAz = new Map();
      this.replies.set(az, ofAz);
    }
    const known = ofAz.get(address);
    if (known !== undefined) return known;
    const reply = this.replyNow(az, address);
    ofAz.set(address, reply);
    return reply;
  }

  private replyNow(az: string, address: string): Reply {
    const { timeService } = this;
    const pathMs = this.pathChangedMs.get(az) ?? 0;
    if (address === timeService.address)
      return timeService.isUp ? { ...NO_REPLY, ...timeService, answered: 1 } : NO_REPLY;
    const upstream = this.upstreams.find((each) => each.address === address);
    if (upstream !== undefined) {
      if (!upstream.isUp || !this.isInternetUp || this.cutAzs.has(az)) return NO_REPLY;
      return { ...NO_REPLY, ...upstream, answered: 1, sinceMs: Math.max(upstream.sinceMs, pathMs) };
    }
    const server = this.serverAt(address);
    if (server === null || server.daemon === null || !this.canTalk(az, server.az)) return NO_REPLY;
    const { syncedSinceMs, errorMs, startedMs } = server.daemon;
    const serverPathMs = az === server.az ? 0 : Math.max(pathMs, this.pathChangedMs.get(server.az) ?? 0);
    return {
      answered: 1 - this.loss,
      sinceMs: Math.max(syncedSinceMs ?? startedMs, serverPathMs),
      errorMs: errorMs + server.servesOffMs,
      distanceMs: server.daemon.distanceMs(this.nowMs),
      stratum: syncedSinceMs === null ? 16 : 3,
    };
  }

  launch(spec: InstanceSpec, options: { tagsLateSeconds?: number } = {}): void {
    const instance = newInstance(spec, this.nowMs, this.nowMs + (options.tagsLateSeconds ?? 0) * 1000);
    this.trace?.(`${spec.id} (${spec.tier}, ${spec.az}, ${spec.kind}, ${spec.ipv4}) is launched`);
    this.instances.set(spec.id, instance);
    this.agenda.in(this.random.between(15, 40), () => this.run(instance));
  }

  /** EC2's `running`: the host boots, its daemon starts, and boot.sh registers a server. */
  run(instance: Instance): void {
    if (instance.state !== 'pending') return;
    instance.state = 'running';
    this.listener.stateChanged(instance.id, 'running');
    this.agenda.in(this.random.between(15, 60), () => this.boot(instance));
  }

  boot(instance: Instance): void {
    if (instance.state !== 'running' || instance.daemon !== null) return;
    this.startDaemon(instance);
    if (instance.tier !== 'boundary') return;
    const { id } = instance;
    const register = (tries: readonly number[]) => {
      const [seconds, ...later] = tries;
      if (seconds === undefined || instance.state !== 'running') return;
      this.agenda.in(seconds, () => {
        const isDone = this.listener.registered();
        this.trace?.(`${id} asks to be registered: ${isDone ? 'done' : 'nobody could'}`);
        if (!isDone) register(later);
      });
    };
    register(REGISTER_TRIES_SECONDS);
  }

  startDaemon(instance: Instance): void {
    this.change(`${instance.id} starts its ${instance.kind}`, () => {
      const { clock, daemon } = instance;
      const errorMs = daemon?.errorMs ?? clock.errorMs;
      const started = { ...clock, errorMs };
      const surroundings = {
        host: instance.id,
        az: instance.az,
        resolve: (name: string, nowMs: number) => this.zone.resolve(instance, name, nowMs),
        hasName: (name: string) => this.zone.answers(name).length > 0,
        reply: (address: string) => this.reply(instance.az, address),
        azOf: (address: string) => this.serverAt(address)?.az ?? null,
        changed: () => this.changed(),
        version: () => this.version,
      };
      const configuration = this.configurationOf(instance);
      instance.daemon = new TimeDaemon(instance.kind, this.nowMs, configuration, surroundings, started);
    });
  }

  stopDaemon(instance: Instance, why: string): void {
    this.change(`${instance.id}: its daemon ends (${why})`, () => {
      instance.clock.errorMs = instance.daemon?.errorMs ?? instance.clock.errorMs;
      instance.daemon = null;
    });
  }

  /** Ends an instance, or stops it. */
  kill(instance: Instance, state: 'terminated' | 'stopped'): void {
    if (instance.state === 'terminated') return;
    this.stopDaemon(instance, `the instance is ${state}`);
    instance.state = state === 'terminated' ? 'shutting-down' : 'stopping';
    instance.diedAtMs = this.nowMs;
    instance.lastDeathMs = this.nowMs;
    this.changed();
    this.listener.stateChanged(instance.id, instance.state);
    this.agenda.in(this.random.between(10, 60), () => {
      if (instance.state !== 'shutting-down' && instance.state !== 'stopping') return;
      instance.state = state;
      this.listener.stateChanged(instance.id, state);
    });
  }

  private configurationOf({ tier, az }: Instance): Configuration {
    const { fleet, pod, timeService } = this.setting;
    const [ipv4 = ''] = TIME_SERVICE_ADDRESSES;
    const isNoselect = timeService === 'reference';
    const own = timeService === 'none' ? [] : [{ address: ipv4, isNoselect, poll: fleet.timeService.poll }];
    const poll = pollsOf(pod.poll);
    if (tier === 'boundary') {
      const upstreams = fleet.upstreams.map((upstream) => ({
        address: upstream.host,
        isNoselect: false,
        poll: pollsOf(upstreamPoll(pod.poll, upstream.poll)),
      }));
      return { servers: [...own, ...upstreams], names: [], association: 'server', poll };
    }
    const names = [az, ...pod.azs.filter((other) => other !== az)].map((each) => azName(pod, each));
    return { servers: own, names, association: pod.association, poll };
  }
}

function pollsOf({ min, max }: Poll): Polls {
  return { min: min ?? DEFAULT_POLL.min, max: max ?? DEFAULT_POLL.max };
}
