import type { Judgement } from '../../diagnosis/judgement.ts';
import type { Tier } from '../../fleet/fleet.ts';
import { count } from '../../fleet/sentences.ts';
import type { CyclingContext } from './context.ts';
import { formatWindows, isNearLeap, isOpen } from './windows.ts';

/** A rule that keeps a whole tier from being cycled at this tick. */
export interface TierRule {
  rule: string;
  /** Whether what it waits for comes by itself, soon: the schedule then runs a whole tick at the next minute. */
  waits: boolean;
  /** The sentence why not, null when the rule has nothing against it. */
  refuses: (tier: Tier, context: CyclingContext) => string | null;
}

/** Only mode `act` touches a clock. */
const mode: TierRule = {
  rule: 'mode',
  waits: false,
  refuses: (tier, { mode: current }) =>
    current === 'act' ? null : `Nothing of the ${tier} tier is cycled in mode ${current}.`,
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
  refuses: (_tier, { nowMs, judgements }) => {
    if (!isNearLeap(nowMs)) return null;
    const answered = [...judgements.values()].filter(({ state }) => state !== 'unknown');
    const servers = answered.filter(({ host }) => host.tier === 'boundary');
    const announcing = (some: readonly Judgement[]) => some.filter(({ leapAnnounced }) => leapAnnounced).length;
    const by = [
      { announced: announcing(servers), total: servers.length, noun: 'boundary server' },
      { announced: announcing(answered), total: answered.length, noun: 'host' },
    ].find(({ announced, total }) => announced * 2 > total);
    if (!by) return null;
    return `Nothing is cycled while a leap second is announced: by ${by.announced} of ${count(by.total, by.noun)} that answered.`;
  },
};

const sampled: TierRule = {
  rule: 'sampled',
  waits: false,
  refuses: (tier, { tiers }) => {
    const { running, sampled: answered } = tiers[tier];
    if (answered * 2 >= running.length) return null;
    return `Nothing of the ${tier} tier is cycled: ${answered} of its ${count(running.length, 'host')} answered, half are needed.`;
  },
};

const floor: TierRule = {
  rule: 'floor',
  waits: true,
  refuses: (tier, { pod, servers }) => {
    const published = servers.confidentPublished.size;
    if (published >= pod.cycling.floor) return null;
    return `Nothing of the ${tier} tier is cycled: ${count(published, 'confident boundary server')} published, the floor is ${pod.cycling.floor}.`;
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
