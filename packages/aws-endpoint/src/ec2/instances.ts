import { randomBytes } from 'node:crypto';
import type { Delays } from '../delays.ts';
import { AwsError } from '../errors.ts';
import type { Announce } from '../events.ts';
import type { Timers } from '../timers.ts';

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

/** What an instance is started with. */
export interface InstanceSpec {
  /** Default: a new id. */
  instanceId?: string;
  vpc: string;
  /** Full name, `us-west-2e`. */
  az: string;
  subnet?: string;
  ipv4: string | null;
  ipv6?: string[];
  tags: Record<string, string>;
  /** The name of its instance profile; default: null, none. */
  profile?: string | null;
}

export interface Instance extends Required<InstanceSpec> {
  state: InstanceState;
  /** Real epoch ms. */
  launchedAtMs: number;
  /** Simulated ms from which DescribeInstances shows the tags. */
  taggedAtMs: number;
  /** What its end was for; empty while it runs. */
  stateReason: string;
}

/** The registry behind DescribeInstances, and the source of the state-change events. */
export interface Instances {
  /** Starts a new instance: pending, later running, an event for each. */
  run(spec: InstanceSpec): Instance;
  /** Takes in one that has been running all along: no events, its tags shown at once. */
  adopt(spec: InstanceSpec): Instance;
  start(instanceId: string): void;
  stop(instanceId: string): void;
  terminate(instanceId: string): void;
  /** Changes tags; null takes one away. */
  tag(instanceId: string, tags: Record<string, string | null>): void;
  find(instanceId: string): Instance | null;
  /** Every one that EC2 still describes, terminated ones for an hour. */
  all(): Instance[];
  /** The tags that EC2 tells now: they lag behind the instance. */
  tagsOf(instance: Instance): Record<string, string>;
}

export interface InstancesDeps {
  timers: Timers;
  delays: Delays;
  announce: Announce;
  /** Puts the state-change event on the default bus. */
  stateChanged(instanceId: string, state: InstanceState): void;
}

/** From which states each call is taken; else IncorrectInstanceState. */
const FROM: Record<'start' | 'stop' | 'terminate', readonly InstanceState[]> = {
  start: ['stopped'],
  stop: ['running'],
  terminate: ['pending', 'running', 'stopping', 'stopped'],
};

export function createInstances({ timers, delays, announce, stateChanged }: InstancesDeps): Instances {
  const instances = new Map<string, Instance>();

  const enter = (instance: Instance, state: InstanceState) => {
    instance.state = state;
    announce({ kind: 'instance state', instanceId: instance.instanceId, state });
    stateChanged(instance.instanceId, state);
  };
  /** Goes on to `state` later, unless something else happened to the instance in between. */
  const later = (instance: Instance, state: InstanceState, then: () => void = () => {}) => {
    const from = instance.state;
    timers.after(delays.stateChangeMs, () => {
      if (instance.state !== from) return;
      enter(instance, state);
      then();
    });
  };
  const add = (spec: InstanceSpec, taggedAtMs: number, state: InstanceState): Instance => {
    const instanceId = spec.instanceId ?? newInstanceId();
    if (instances.has(instanceId)) throw new Error(`instance ${instanceId} exists already`);
    const subnet = spec.subnet ?? `subnet-${spec.az}`;
    const instance: Instance = {
      ...spec,
      instanceId,
      subnet,
      ipv6: spec.ipv6 ?? [],
      profile: spec.profile ?? null,
      tags: { ...spec.tags },
      state,
      launchedAtMs: Date.now(),
      taggedAtMs,
      stateReason: '',
    };
    instances.set(instanceId, instance);
    return instance;
  };
  const expect = (instanceId: string, call: keyof typeof FROM): Instance => {
    const instance = instances.get(instanceId);
    if (instance === undefined) throw new Error(`The instance ID '${instanceId}' does not exist`);
    if (!FROM[call].includes(instance.state)) throw new Error(`cannot ${call} ${instanceId}: it is ${instance.state}`);
    return instance;
  };

  return {
    run(spec) {
      const instance = add(spec, timers.nowMs() + delays.tagLagMs, 'pending');
      enter(instance, 'pending');
      later(instance, 'running');
      return instance;
    },
    adopt: (spec) => add(spec, Number.NEGATIVE_INFINITY, 'running'),
    start(instanceId) {
      const instance = expect(instanceId, 'start');
      instance.stateReason = '';
      instance.launchedAtMs = Date.now();
      enter(instance, 'pending');
      later(instance, 'running');
    },
    stop(instanceId) {
      const instance = expect(instanceId, 'stop');
      instance.stateReason = 'Client.UserInitiatedShutdown';
      enter(instance, 'stopping');
      later(instance, 'stopped');
    },
    terminate(instanceId) {
      const instance = expect(instanceId, 'terminate');
      instance.stateReason = 'Client.UserInitiatedShutdown';
      enter(instance, 'shutting-down');
      later(instance, 'terminated', () => timers.after(delays.terminatedShownMs, () => instances.delete(instanceId)));
    },
    tag(instanceId, tags) {
      const instance = instances.get(instanceId);
      if (instance === undefined) throw new Error(`The instance ID '${instanceId}' does not exist`);
      for (const [key, value] of Object.entries(tags)) {
        if (value === null) delete instance.tags[key];
        else instance.tags[key] = value;
      }
    },
    find: (instanceId) => instances.get(instanceId) ?? null,
    all: () => [...instances.values()],
    tagsOf: (instance) => (timers.nowMs() >= instance.taggedAtMs ? instance.tags : {}),
  };
}

function newInstanceId(): string {
  return `i-${randomBytes(9).toString('hex').slice(0, 17)}`;
}

/** Throws InvalidInstanceID for ids that are none, or that nobody has: all of those are told. */
export function checkIds(ids: string[], instances: Pick<Instances, 'find'>): void {
  const malformed = ids.find((id) => !/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
  if (malformed !== undefined) throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);
  const unknown = ids.filter((id) => instances.find(id) === null);
  if (unknown.length === 1)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${unknown[0]}' does not exist`);
  if (unknown.length > 1)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance IDs '${unknown.join(', ')}' do not exist`);
}
