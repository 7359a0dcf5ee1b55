import type { Judgement } from '../diagnosis/judgement.ts';
import type { Tier } from '../fleet/fleet.ts';
import type { CycleOutcome } from '../host/verdict.ts';
import type { CycleCommand, Memory, Mode, RecordChange, Refusal } from '../plan/plan.ts';

/** What a tick saw, did and refused: the one S3 object a pod has. JSON of this shape is `…/status.json`. */
export interface Report {
  version: 1;
  pod: string;
  /** Names the tick in every command's comment and every log line. */
  tickId: string;
  startedAtMs: number;
  /** null while the tick is under way: written before anything is sent. */
  endedAtMs: number | null;
  mode: Mode;
  dryRun: boolean;
  hosts: HostReport[];
  /** null = the roll-up could not be judged. */
  summary: { expected: number; sampled: number; confident: number; stale: number; unknown: number };
  changes: (Omit<RecordChange, 'raw'> & { outcome: Outcome })[];
  cycles: (CycleCommand & { commandIds: string[]; outcome: Outcome })[];
  /** What hosts said that the last waves did not cycle, as SSM told it at this tick. */
  verdicts: HostVerdict[];
  refusals: Refusal[];
  /** Faults that cost a part of the tick, each a sentence. */
  faults: string[];
  /** SSM command ids of the collection, by which raw outputs are fetched. */
  collectCommandIds: string[];
  unfinished: boolean;
  memory: Memory;
}

export type Outcome = 'planned' | 'done' | 'not done' | `failed: ${string}`;

/** Why one host was not cycled by the wave that it was in. */
export interface HostVerdict extends Pick<CycleOutcome, 'kind' | 'reason'> {
  instanceId: string;
  tier: Tier;
  sentence: string;
}

export interface HostReport extends Omit<Judgement, 'host'> {
  instanceId: string;
  tier: string;
  az: string;
  addresses: string[];
}
