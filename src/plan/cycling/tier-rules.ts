import type { Pod, Tier } from '../../fleet/fleet.ts';
import { isNearLeap } from '../../fleet/leap-seconds.ts';
import { count } from '../../fleet/sentences.ts';
import { limitedMode, type Mode, type ModeLimit, modeWords } from '../mode.ts';
import type { RollOutState } from './roll-outs.ts';
import { announcersOf, type LeapNews } from './seen.ts';
import { formatWindows, isOpen } from './windows.ts';

/** All that the rules of a tier look at. */
export interface TierContext {
  pod: Pod;
  nowMs: number;
  mode: Mode;
  /** As in `PlanInput`. */
  limit?: ModeLimit | undefined;
  /** Running hosts of each tier, and how many of them answered. */
  tiers: Readonly<Record<Tier, { running: number; sampled: number }>>;
  leap: LeapNews;
  /** Boundary servers that are confident and published. */
  confidentServers: number;
  /** How many changes to DNS are due. */
  dnsChanges: number;
  rollOuts: Readonly<Record<Tier, RollOutState>>;
}

/** A rule that keeps a whole tier from being cycled at this tick. */
export interface TierRule {
  rule: string;
  /** Whether what it waits for comes by itself, soon: the schedule then runs a whole tick at the next minute. */
  waits: boolean;
  /** The sentence why not, null when the rule has nothing against it. */
  refuses: (tier: Tier, context: TierContext) => string | null;
}

/** Only mode `act` touches a clock. */
const mode: TierRule = {
  rule: 'mode',
  waits: false,
  refuses: (tier, { mode: current, limit }) =>
    limitedMode(current, limit) === 'act'
      ? null
      : `Nothing of the ${tier} tier is cycled in ${modeWords(current, limit)}.`,
};

const maintenance: TierRule = {
  rule: 'maintenance',
  waits: false,
  refuses: (tier, { pod, nowMs }) =>
    isOpen(pod.maintenance, nowMs)
      ? null
      : `Nothing of the ${tier} tier is cycled outside the maintenance windows (${formatWindows(pod.maintenance)}).`,
};

/**
 * A daemon restarted across a leap second may miss it. The news counts near the end of a UTC month, when most of the boundary servers
 * that answered announce it, or most of all hosts that did: no host alone can stop the cycling of others. Decision 0051.
 */
const leapSecond: TierRule = {
  rule: 'leap-second',
  waits: false,
  refuses: (_tier, { nowMs, leap }) => {
    if (!isNearLeap(nowMs)) return null;
    const by = announcersOf(leap);
    if (by === null) return null;
    const { announcing, answered } = leap[by];
    const noun = by === 'servers' ? 'boundary server' : 'host';
    return `Nothing is cycled while a leap second is announced: by ${announcing} of ${count(answered, noun)} that answered.`;
  },
};

const sampled: TierRule = {
  rule: 'sampled',
  waits: false,
  refuses: (tier, { tiers }) => {
    const { running, sampled: answered } = tiers[tier];
    if (answered * 2 >= running) return null;
    return `Nothing of the ${tier} tier is cycled: ${answered} of its ${count(running, 'host')} answered, half are needed.`;
  },
};

const floor: TierRule = {
  rule: 'floor',
  waits: true,
  refuses: (tier, { pod, confidentServers }) => {
    if (confidentServers >= pod.cycling.floor) return null;
    return `Nothing of the ${tier} tier is cycled: ${count(confidentServers, 'confident boundary server')} published, the floor is ${pod.cycling.floor}.`;
  },
};

/** What is published now is out of date in a moment; a host cycled for it would have to be cycled again. */
const dnsChanging: TierRule = {
  rule: 'dns-changing',
  waits: true,
  refuses: (tier, { dnsChanges }) =>
    dnsChanges === 0 ? null : `The ${tier} tier waits until DNS has changed (${count(dnsChanges, 'change')} due now).`,
};

const stoppedRollOut: TierRule = {
  rule: 'roll-out-stopped',
  waits: false,
  refuses: (tier, { rollOuts }) => {
    const rollOut = rollOuts[tier];
    return rollOut.state === 'stopped' ? rollOut.sentence : null;
  },
};

const waveUnderWay: TierRule = {
  rule: 'wave-under-way',
  waits: true,
  refuses: (tier, { rollOuts }) => {
    const rollOut = rollOuts[tier];
    return rollOut.state === 'under-way' ? rollOut.sentence : null;
  },
};

/** In the order in which they are asked; the first that refuses is said. Force lifts none of them. */
export const TIER_RULES: readonly TierRule[] = [
  mode,
  maintenance,
  leapSecond,
  sampled,
  stoppedRollOut,
  waveUnderWay,
  floor,
  dnsChanging,
];

/** What keeps a tier from being cycled now; null: nothing. */
export function refusalOfTier(
  tier: Tier,
  context: TierContext,
): { rule: string; sentence: string; waits: boolean } | null {
  for (const { rule, waits, refuses } of TIER_RULES) {
    const sentence = refuses(tier, context);
    if (sentence !== null) return { rule, sentence, waits };
  }
  return null;
}
