import type { Judgement } from '../diagnosis/judgement.ts';
import type { Host, Pod, Tier } from '../fleet/fleet.ts';
import type { PublishedRecord } from '../fleet/records.ts';

export type { PublishedRecord } from '../fleet/records.ts';

/** What podtime may do in a pod; SSM parameter `/podtime/STAGE/POD/mode`. Unreadable = `observe`. */
export type Mode = 'observe' | 'act' | 'hold';

export interface RecordChange {
  action: 'UPSERT' | 'DELETE';
  name: string;
  type: 'A' | 'AAAA';
  /** The instance id: the ownership mark. */
  setIdentifier: string;
  address: string;
  ttlSeconds: number;
  /** Why, for people. */
  reason: string;
  /** DELETE: the record as listed. */
  raw?: unknown;
}

/** One command of at most 50 ids. */
export interface CycleCommand {
  tier: Tier;
  instanceIds: string[];
  /** What DNS says, as the `cycle` document takes it: `az-b=10.0.1.5|fd00::5 az-c=…`. */
  records: string;
  force: boolean;
  coolDownSeconds: number;
  /** As SSM takes them. */
  maxConcurrency: string;
  maxErrors: string;
  reason: string;
}

/** Something podtime saw and would not do, with its reason. */
export interface Refusal {
  /** A host, a record name, or the pod. */
  subject: string;
  rule: string;
  sentence: string;
}

/** A roll-out's last wave, kept from report to report. */
export interface RollOut {
  tier: Tier;
  /** Epoch ms. */
  startedAtMs: number;
  /** The records it brings hosts to; another DNS state ends a stopped roll-out. */
  records: string;
  mode: Mode;
  commands: { commandId: string | null; instanceIds: string[] }[];
  /** Stopped because a wave went over its error limit: not repeated until DNS or mode change. */
  stopped: boolean;
  sentence: string;
}

/** How the last wave's commands stand, read from SSM at this tick. */
export interface WaveProgress {
  tier: Tier;
  ended: boolean;
  succeeded: number;
  failed: number;
  /** Within the command's error limit. */
  withinErrorLimit: boolean;
  /** Hosts that decided against it (`verdict nothing …`: not yet resolvable, already right): nothing was done there. */
  undone?: string[];
}

/** What one tick must remember for the next. Part of the report; every field may be absent in an older one. */
export interface Memory {
  /** instance id -> names of the zone it was not joined to. */
  unjoined: Record<string, string[]>;
  /** boundary instance id -> since when (epoch ms) sightings say unsynchronised or adrift; for people. */
  unhealthySinceMs: Record<string, number>;
  /**
   * boundary instance id -> how long sightings have proved that, and when the last one did (null: it has been silent
   * since). Absent in an older report: all the time since `unhealthySinceMs` is then taken as proved.
   */
  unhealthy?: Record<string, { provenMs: number; seenMs: number | null }>;
  /** boundary instance ids withdrawn for their health, with the sentence why. Also read by `register`. */
  withdrawn: Record<string, { sinceMs: number; sentence: string; addresses: string[] }>;
  /** set identifiers whose instance EC2 did not know at the last read. */
  unknownToEc2: string[];
  /** instance id -> epoch ms of its cycles in the last 24 hours. */
  cycles: Record<string, number[]>;
  rollOuts: Partial<Record<Tier, RollOut>>;
  /**
   * Stale hosts that decided against it when they were last asked: instance id -> when that wave began (epoch ms). Who was
   * not asked yet goes first, who was asked longest ago next, so that one that is never ready keeps nobody waiting.
   */
  undoneAtMs?: Record<string, number>;
  /** Pods of association `pool` only: instance id -> since when (epoch ms) it has been stale. */
  staleSinceMs?: Record<string, number>;
}

export const EMPTY_MEMORY: Memory = {
  unjoined: {},
  unhealthySinceMs: {},
  withdrawn: {},
  unknownToEc2: [],
  cycles: {},
  rollOuts: {},
};

export interface PlanInput {
  pod: Pod;
  /** Epoch ms. */
  nowMs: number;
  mode: Mode;
  /** Every instance of the pod that EC2 described, whatever its state; ids read by id that EC2 does not know are in `unknownIds`. */
  hosts: Host[];
  /** Set identifiers, asked for by id, that EC2 says do not exist. */
  unknownIds: string[];
  records: PublishedRecord[];
  judgements: Judgement[];
  memory: Memory;
  progress: WaveProgress[];
}

export interface Plan {
  changes: RecordChange[];
  cycles: CycleCommand[];
  refusals: Refusal[];
  /** Every host that is stale, whether it is cycled, waits or is left alone; instance ids. */
  stale: string[];
  /** Those of them that were cycled as often as a day allows. */
  givenUp: string[];
  /** Unfinished: the schedule's next run does a whole tick. */
  unfinished: boolean;
  stoppedRollOuts: Tier[];
  memory: Memory;
}

/** Nothing to change, cycle or refuse. */
export const EMPTY_PLAN: Plan = {
  changes: [],
  cycles: [],
  refusals: [],
  stale: [],
  givenUp: [],
  unfinished: false,
  stoppedRollOuts: [],
  memory: EMPTY_MEMORY,
};

/** On-demand cycling, `sls invoke -f cycle`. */
export interface CycleRequest {
  tier: Tier | null;
  az: string | null;
  instanceIds: string[] | null;
  force: boolean;
  dryRun: boolean;
}
