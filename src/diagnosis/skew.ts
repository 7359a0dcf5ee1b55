import { withoutNoise } from '../ntp/numbers.ts';

/** What one clock says of itself, at the moment when it was looked at. */
export interface SetClock {
  /** Signed, positive when the reference is ahead of this host. */
  offsetMs: number;
  /** Root dispersion + root delay / 2 (RFC 5905, 11.2: the root distance without the jitter): the offset is true to within this. */
  rootDistanceMs: number;
  /** How fast the error may grow. */
  growthPpm: number;
}

/** The most by which any two clocks of a pod can differ. */
export interface Skew {
  skewMs: number;
  /** Over so many hosts, whose clocks are set and known, … */
  hosts: number;
  /** … of so many that run. */
  of: number;
}

/**
 * The provable bound on the difference of any two clocks of a pod at one instant, which databases ask for. Each clock lies within e of
 * where its offset says, e = root dispersion + root delay / 2 + growth x age; so clocks i and j differ by no more than (o_i + e_i) - (o_j - e_j), and the
 * most of it over all pairs is max(o + e) - min(o - e).
 *
 * It holds as long as of each host's sources the majority is honest: RFC 5905's root distance bounds what delay and drift can do, not
 * what a liar that is followed does. Hosts whose clocks are not known are not in it, so it is told with how many are.
 * null: fewer than two clocks are known, and nothing can differ. Decision 0083.
 *
 * @param clocks those that are set and known
 * @param of how many hosts run
 * @param ageSeconds how far no clock's own word is from that instant: since the hosts were asked
 */
export function skewOf(
  clocks: readonly SetClock[],
  { of, ageSeconds }: { of: number; ageSeconds: number },
): Skew | null {
  if (clocks.length < 2) return null;
  let first = Number.NEGATIVE_INFINITY;
  let last = Number.POSITIVE_INFINITY;
  for (const { offsetMs, rootDistanceMs, growthPpm } of clocks) {
    const error = rootDistanceMs + (growthPpm * Math.max(0, ageSeconds)) / 1000;
    first = Math.max(first, offsetMs + error);
    last = Math.min(last, offsetMs - error);
  }
  return { skewMs: withoutNoise(first - last), hosts: clocks.length, of };
}
