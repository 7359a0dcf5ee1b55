import { planInstanceEvent, planRegistration, type RecordChange } from '../../src/plan/plan.ts';
import type { Ec2 } from './ec2.ts';
import type { Invariants } from './invariants.ts';
import type { StateStore } from './state-store.ts';
import { orNull, type Weather } from './weather.ts';
import type { World } from './world.ts';

/** What changes the pod's records: `register`, events of EC2's, and ticks. */
export class Registrar {
  constructor(
    private readonly world: World,
    private readonly weather: Weather,
    private readonly ec2: Ec2,
    private readonly store: StateStore,
    private readonly invariants: Invariants | null,
    /** DNS changed: podtime's own event. */
    private readonly announce: () => void,
  ) {}

  /** `POST /{pod}/register`; false: refused, or no answer. */
  register(): boolean {
    const { mode, route53, isPodtimeDown } = this.weather;
    if (isPodtimeDown || route53 !== 'well' || !this.store.isReadable()) return false;
    const { last } = this.store;
    const instances = orNull(this.world, () => this.ec2.ofPod(serversOf(last)));
    if (instances === null) return false;
    const withdrawn = last?.memory.withdrawn ?? {};
    const records = this.world.zone.list();
    const { pod } = this.world.setting;
    this.change(planRegistration({ pod, mode, hosts: instances.hosts, records, withdrawn }).changes, 'register');
    return true;
  }

  /** EC2 says that an instance's state changed. */
  followInstance(instanceId: string, state: string): void {
    const { weather, world } = this;
    const { last } = this.store;
    const instance = world.instances.get(instanceId);
    if (weather.isPodtimeDown || weather.route53 !== 'well' || !this.store.isReadable()) return;
    if (instance === undefined || instance.taggedAtMs > world.nowMs) return;
    const instances = orNull(world, () => this.ec2.ofPod(serversOf(last)));
    if (instances === null) return;
    const host = instances.hosts.find((each) => each.instanceId === instanceId) ?? null;
    const withdrawn = last?.memory.withdrawn ?? {};
    const records = world.zone.list();
    const event = { instanceId, state };
    const { pod } = world.setting;
    const planned = planInstanceEvent({ pod, mode: weather.mode, event, host, records, withdrawn });
    this.change(planned.changes, 'event');
  }

  /** One atomic batch, visible to resolvers some time later; false: Route 53 refused it. */
  change(changes: readonly RecordChange[], by: 'tick' | 'register' | 'event'): boolean {
    if (changes.length === 0) return true;
    if (this.weather.route53 !== 'well') return false;
    this.invariants?.changed(changes, by);
    for (const { action, name, address, setIdentifier, reason } of changes) {
      const verb = action === 'UPSERT' ? 'publishes' : 'withdraws';
      this.world.trace?.(`${by} ${verb} ${name} ${address} of ${setIdentifier}: ${reason}`);
    }
    this.world.agenda.in(this.weather.inSyncSeconds, this.world.zone.change(changes));
    this.announce();
    return true;
  }
}

/** Boundary servers alone stand in the state. */
function serversOf(last: StateStore['last']): NonNullable<StateStore['last']>['hosts'] {
  return (last?.hosts ?? []).filter(({ tier }) => tier === 'boundary');
}
