import type { Association } from './association.ts';

/** Where a daemon runs. */
export interface Home {
  az: string;
  azOf(address: string): string | null;
}

/**
 * Sets the tallies, as the selection of RFC 5905 (11.2) would: the largest number whose intervals meet, if it is more than half, has
 * the survivors and the system peer; the rest are falsetickers. Answers the system peer.
 */
export function selectSources(
  associations: readonly Association[],
  before: Association | null,
  home: Home,
): Association | null {
  const candidates: Association[] = [];
  for (const association of associations) {
    association.tally = ' ';
    if (association.reach !== 0 && association.stratum < 16 && !association.isNoselect) candidates.push(association);
  }
  if (candidates.length === 0) return null;
  let majority: Association[] = [];
  for (const { errorMs, distanceMs } of candidates) {
    const agreeing = candidates.filter((other) => Math.abs(other.errorMs - errorMs) <= other.distanceMs + distanceMs);
    if (agreeing.length > majority.length) majority = agreeing;
    if (majority.length === candidates.length) break;
  }
  const isMajority = majority.length * 2 > candidates.length;
  for (const candidate of candidates) candidate.tally = isMajority && majority.includes(candidate) ? '+' : 'x';
  if (!isMajority) return null;
  const peer =
    before !== null && majority.includes(before)
      ? before
      : majority.reduce((best, other) => (rank(other, home) < rank(best, home) ? other : best));
  peer.tally = '*';
  return peer;
}

/** The lower stratum, and of two alike the one at home. */
function rank({ stratum, address }: Association, { az, azOf }: Home): number {
  return stratum + (azOf(address) === az ? 0 : 0.5);
}
