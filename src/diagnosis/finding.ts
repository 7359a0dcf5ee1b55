import type { Facts } from './facts.ts';
import type { State } from './judgement.ts';

/** One thing seen on a host. */
export interface Finding {
  /** The state it puts the host in; null: a remark that changes none. */
  state: State | null;
  sentence: string;
  /** Of one with a state: the same of several hosts, without numbers of their own: `the offset is over the limit of 50 ms`. */
  cause?: string;
  /** Normal while the daemon is young: not told of one that is starting. */
  settles?: true;
}

/** A pure look at one thing. Never throws; a field that could not be read is no bad news. */
export type Check = (facts: Facts) => Finding | null;
