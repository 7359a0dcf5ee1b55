import type { Judgement, SeenSource } from '../diagnosis/judgement.ts';
import { described, INTEGER, NUMBER, type Of, object, optional, TEXT } from '../fleet/json-schema.ts';
import { URGENCY } from './fit.ts';

/** One source of a host, as its daemon sees it. */
export const SOURCE = object({
  remote: described('Its address, or its name while it has none', TEXT),
  tally: described('As ntpq prints it: `*` followed, `+` used, `x` not believed. Missing: not told', optional(TEXT)),
  reach: described('The reach register, 0 to 255, the newest poll in the low bit', optional(INTEGER)),
  stratum: optional(INTEGER),
  offsetMs: described('Signed, positive when the source is ahead of this host', optional(NUMBER)),
});

export type SourceReport = Of<typeof SOURCE>;

/** So many rows have sources beside all that they have in common with others; a whole pod stays one answer. Decision 0128. */
const ROWS_WITH_SOURCES = 60;

/** Whose rows have sources: boundary servers, then those that need somebody most. */
export function toldWithSources(judgements: readonly Judgement[]): ReadonlySet<Judgement> {
  const rank = ({ host, state }: Judgement) => (host.tier === 'boundary' ? -1 : URGENCY.indexOf(state));
  const known = judgements.filter(({ sources }) => sources !== undefined && sources.length > 0);
  return new Set(known.toSorted((a, b) => rank(a) - rank(b)).slice(0, ROWS_WITH_SOURCES));
}

export function sourceReportOf({ remote, tally, reach, stratum, offsetMs }: SeenSource): SourceReport {
  return {
    remote,
    ...(tally !== null && tally !== ' ' && { tally }),
    ...(reach !== null && { reach }),
    ...(stratum !== null && { stratum }),
    ...(offsetMs !== null && { offsetMs }),
  };
}
