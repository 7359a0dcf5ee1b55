import type { Judgement } from '../diagnosis/judgement.ts';
import type { Host, Pod } from '../fleet/fleet.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import type { WaveProgress } from './cycling/progress.ts';
import type { Memory } from './memory.ts';
import type { Mode } from './mode.ts';

/** The current state of a pod: all that a plan is made from. */
export interface PlanInput {
  pod: Pod;
  /** Names the tick that plans; ids of waves begin with it. */
  tickId: string;
  /** Epoch ms. */
  nowMs: number;
  mode: Mode;
  /** Every instance of the pod that EC2 described, whatever its state. */
  hosts: Host[];
  /** Set identifiers, asked for by id, that EC2 says do not exist. */
  unknownIds: string[];
  records: PublishedRecord[];
  judgements: Judgement[];
  memory: Memory;
  progress: WaveProgress[];
}
