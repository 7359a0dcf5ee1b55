import { canonicalAddress } from '../fleet/addresses.ts';
import { type SmearClass, TIERS, type Tier } from '../fleet/fleet.ts';
import { followedClasses, type SmearingFleet, smearClassOf } from '../fleet/smear.ts';
import type { Source } from '../ntp/source.ts';
import { type ClockNames, TIME_SERVICE_CLOCK } from './clock-names.ts';
import type { Limit } from './judgement.ts';

/** How the clocks of a pod take a leap second. Clocks of different classes, or of a class that is not known, are not compared around one. */
export interface SmearClasses {
  /** Of what hosts of a tier follow; null: sources of several. */
  followed: Readonly<Record<Tier, SmearClass | null>>;
  /**
   * Of a clock by its name (`ClockNames`), in a row of a host of the tier. A boundary server's is that of what it follows. Upstreams are known by
   * address where fleet.yml has it, else they are of the one class that all of them are of; null: not known.
   */
  classOf(clock: string, tier: Tier): SmearClass | null;
}

/** By what fleet.yml has hosts follow, also where ntpd-rs cannot ask all of it: in doubt offsets are told and not judged. */
export function smearClasses(fleet: SmearingFleet, clocks: ClockNames): SmearClasses {
  const followed = Object.fromEntries(TIERS.map((tier) => [tier, onlyOne([...followedClasses(fleet, tier).keys()])]));
  const ofUpstreams = onlyOne(fleet.upstreams.map(({ smear }) => smear));
  return {
    followed: followed as SmearClasses['followed'],
    classOf(clock, tier) {
      if (clocks.isServer(clock)) return followed.boundary ?? null;
      if (clock === TIME_SERVICE_CLOCK) return 'aws';
      const known = smearClassOf(fleet, clock);
      if (known !== null || tier === 'client') return known;
      return canonicalAddress(clock) === null ? null : ofUpstreams;
    },
  };
}

function onlyOne(classes: readonly SmearClass[]): SmearClass | null {
  const [first, ...others] = new Set(classes);
  return first === undefined || others.length > 0 ? null : first;
}

/** What is not judged of one host while a leap second is near. */
export interface NearLeap {
  /** Offsets that are told and not judged. */
  unjudged: readonly Limit[];
  /** Of the clock behind a row; null: not known. */
  classOf: (source: Source) => SmearClass | null;
}

export function nearLeapOf(classes: SmearClasses, clocks: ClockNames, tier: Tier): NearLeap {
  return {
    unjudged: unjudgedLimits(classes, tier),
    classOf(source) {
      const clock = clocks.nameOf(source);
      return clock === null ? null : classes.classOf(clock, tier);
    },
  };
}

/** Whether a row may stand apart from all of these for its smear alone: none of them is known to be of its class. */
export function isSmearedOtherwise(source: Source, others: readonly Source[], { classOf }: NearLeap): boolean {
  const own = classOf(source);
  return own === null || !others.some((other) => classOf(other) === own);
}

/** Offsets of hosts of a tier that compare clocks of different classes. A host that follows several has an offset from now one, now another. */
function unjudgedLimits({ followed }: SmearClasses, tier: Tier): Limit[] {
  return [
    ...(followed[tier] === null ? (['offset'] as const) : []),
    ...(followed[tier] === 'aws' ? [] : (['time-service'] as const)),
  ];
}
