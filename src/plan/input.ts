import type { Judgement } from '../diagnosis/judgement.ts';
import type { Host, Pod, Tier } from '../fleet/fleet.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import type { WaveProgress } from './cycling/progress.ts';
import type { Memory } from './memory.ts';
import type { Mode, ModeLimit } from './mode.ts';

/** The current state of a pod: all that a plan is made from. */
export interface PlanInput {
  pod: Pod;
  /** Names the tick that plans; ids of waves begin with it. */
  tickId: string;
  /** Epoch ms. */
  nowMs: number;
  /** The operator's. Roll-outs are remembered by it, whatever limits it for a while. */
  mode: Mode;
  /** What may be done is the stricter of the two. Absent: the mode alone counts. */
  limit?: ModeLimit | undefined;
  /** Every instance of the pod that EC2 described, whatever its state. */
  hosts: Host[];
  /** Set identifiers of which EC2 said, asked by that one id, that there is no such instance (`InvalidInstanceID.NotFound`). */
  unknownIds: string[];
  /** Set identifiers that are not among `hosts`, asked for by id, and the state in which EC2 describes them. */
  ownerStates: Record<string, string>;
  /** Ids that may live though neither `hosts` nor `ownerStates` names them: EC2 could not be read there. Nothing is concluded of them. */
  unread: string[];
  /** Of them the hosts that the last tick knew: they count as running, and have not answered. */
  unreadByTier: Readonly<Record<Tier, number>>;
  records: PublishedRecord[];
  judgements: Judgement[];
  memory: Memory;
  progress: WaveProgress[];
}
