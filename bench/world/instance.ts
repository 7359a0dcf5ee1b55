import type { Host, Tier } from '../../src/fleet/fleet.ts';
import type { Collected, DaemonKind } from '../../src/host/collected.ts';
import type { CycleOutcome } from '../../src/host/verdict.ts';
import type { TimeDaemon } from './daemon.ts';

/** How a compromised or broken host answers. What is absent is answered honestly. */
export interface Lie {
  name: string;
  collected?: (honest: Collected) => Collected;
  cycle?: CycleOutcome;
  /** It shows no trace of a cycle that SSM did not tell of either: what it costs, it costs itself. */
  deniesCycles?: true;
}

/** One EC2 instance, as it is, whatever EC2 and it itself say. */
export interface Instance {
  id: string;
  tier: Tier;
  az: string;
  kind: DaemonKind;
  ipv4: string;
  ipv6: string[];
  held: boolean;
  state: Host['state'];
  createdAtMs: number;
  /** When it was last started, as EC2 says. */
  launchedAtMs: number;
  /** From when on EC2 shows its tags. */
  taggedAtMs: number;
  /** When it died; EC2 describes it for an hour more. */
  diedAtMs: number | null;
  /** When it last stopped or ended: a boot after that is a new beginning. */
  lastDeathMs: number | null;
  isAgentUp: boolean;
  /** null: none runs. */
  daemon: TimeDaemon | null;
  clock: { errorMs: number; driftPpm: number };
  /** When podtime last cycled it, as its stamp says. */
  stampMs: number | null;
  /** Waves that it has begun. */
  waves: string[];
  isBeingCycled: boolean;
  lie: Lie | null;
  /** It serves a time so far off its own clock's. */
  servesOffMs: number;
  /** Its resolver's. */
  cache: Map<string, { addresses: string[]; untilMs: number }>;
}

/** What an instance is made from. */
export interface InstanceSpec {
  id: string;
  tier: Tier;
  az: string;
  kind: DaemonKind;
  ipv4: string;
  ipv6: string[];
  held: boolean;
  driftPpm: number;
}

export function newInstance(spec: InstanceSpec, launchedAtMs: number, taggedAtMs: number): Instance {
  const { driftPpm, ...facts } = spec;
  return {
    ...facts,
    state: 'pending',
    createdAtMs: launchedAtMs,
    launchedAtMs,
    taggedAtMs,
    diedAtMs: null,
    lastDeathMs: null,
    isAgentUp: true,
    daemon: null,
    clock: { errorMs: 0, driftPpm },
    stampMs: null,
    waves: [],
    isBeingCycled: false,
    lie: null,
    servesOffMs: 0,
    cache: new Map(),
  };
}

/** EC2's description of it. */
export function hostOf(instance: Instance, pod: { name: string; vpc: string }): Host {
  const { id, tier, az, state, ipv4, ipv6, held, launchedAtMs } = instance;
  return { instanceId: id, pod: pod.name, tier, az, state, vpc: pod.vpc, ipv4, ipv6, held, launchedAtMs };
}
