import { type Host, isInstanceId } from '../../src/fleet/fleet.ts';
import { hostOf, type Instance } from './instance.ts';
import { chanceOf } from './random.ts';
import { Failed, type Weather } from './weather.ts';
import type { World } from './world.ts';

/** EC2 describes a terminated instance for about an hour. */
const DESCRIBED_AFTER_DEATH_MS = 3_600_000;
/** A new id may be unknown for minutes. */
const NEW_ID_UNKNOWN_MS = 30_000;
/** How much of the pod a missing page holds. */
const MISSING_SHARE = 0.4;

/** What EC2 says to podtime. */
export class Ec2 {
  constructor(
    private readonly world: World,
    private readonly weather: Weather,
  ) {}

  /** Instances by tag. `unread`: ids that could not be asked for. */
  ofPod(known: readonly { instanceId: string; az: string }[]): { hosts: Host[]; unread: string[] } {
    const { ec2 } = this.weather;
    if (ec2 === 'fails') throw new Failed('EC2 does not answer');
    if (ec2 === 'empty') return { hosts: [], unread: [] };
    const { pod } = this.world.setting;
    const tagged = this.described().filter(({ taggedAtMs }) => taggedAtMs <= this.world.nowMs);
    if (ec2 === 'by-az') {
      const [lostAz] = pod.azs;
      const unread = known.filter(({ az }) => az === lostAz).map(({ instanceId }) => instanceId);
      const asked = new Set(known.map(({ instanceId }) => instanceId));
      const read = tagged.filter(({ id, az }) => asked.has(id) && az !== lostAz);
      if (read.length === 0) throw new Failed('EC2 answers in no AZ');
      return { hosts: read.map((instance) => hostOf(instance, pod)), unread };
    }
    const shown = tagged.filter(({ id }) => ec2 === 'well' || !this.isHidden(id));
    return { hosts: shown.map((instance) => hostOf(instance, pod)), unread: [] };
  }

  /** Each id asked for by itself. */
  statesOf(instanceIds: readonly string[]): { states: Map<string, string>; unknown: string[] } {
    const { ec2 } = this.weather;
    if (ec2 === 'fails') throw new Failed('EC2 does not answer');
    const states = new Map<string, string>();
    const unknown: string[] = [];
    const described = new Map(this.described().map((instance) => [instance.id, instance]));
    for (const id of instanceIds.filter(isInstanceId)) {
      const instance = described.get(id);
      const isLiedAbout = ec2 === 'not-found' && this.isHidden(id);
      if (instance === undefined || isLiedAbout) unknown.push(id);
      // an empty set is no answer, and neither is a failure
      else if (ec2 === 'well' || ec2 === 'partial') states.set(id, instance.state);
    }
    return { states, unknown };
  }

  /** Whether EC2 names this instance now, by tag or where it is known by its id. */
  names({ id, az }: Instance): boolean {
    try {
      return this.ofPod([{ instanceId: id, az }]).hosts.some(({ instanceId }) => instanceId === id);
    } catch (error) {
      if (error instanceof Failed) return false;
      throw error;
    }
  }

  private described(): Instance[] {
    const { nowMs } = this.world;
    return [...this.world.instances.values()].filter(
      ({ diedAtMs, createdAtMs }) =>
        nowMs - createdAtMs > NEW_ID_UNKNOWN_MS && (diedAtMs === null || nowMs - diedAtMs < DESCRIBED_AFTER_DEATH_MS),
    );
  }

  private isHidden(id: string): boolean {
    return chanceOf(this.world.setting.seed, 'hidden', id) < MISSING_SHARE;
  }
}
