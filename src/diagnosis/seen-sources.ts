import { printable } from '../fleet/printable.ts';
import type { Facts } from './facts.ts';
import type { Judgement } from './judgement.ts';

/** What a host polls, as its daemon sees it: of each no more than people are shown. */
export function seenSources({ polled }: Facts): Pick<Judgement, 'sources'> {
  if (polled.length === 0) return {};
  const sources = polled.map(({ remote, address, tally, reach, stratum, offsetMs }) => ({
    remote: address ?? printable(remote).text,
    tally,
    reach,
    stratum,
    offsetMs,
  }));
  return { sources };
}
