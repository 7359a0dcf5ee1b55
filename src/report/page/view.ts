import { STATES, type State } from '../../diagnosis/judgement.ts';
import type { Fleet, Pod, Tier } from '../../fleet/fleet.ts';
import { URGENCY } from '../fit.ts';
import type { HostReport, Report, Staleness } from '../report.ts';
import type { Standing } from '../standing.ts';
import { textOf } from '../texts.ts';

/** What a page is made of: the fleet file, and the last report as it is read at a time. */
export interface Seen {
  fleet: Pick<Fleet, 'upstreams' | 'timeService'>;
  pod: Pod;
  report: Report;
  /** What of it could not be read. */
  fault: string | null;
  /** Epoch ms. */
  nowMs: number;
}

/** A row of the report with what it has in common with others put back. */
export interface Clock extends Omit<HostReport, 'stale' | 'polled' | 'remarks' | 'confidence' | 'cause'> {
  stale: Staleness | null;
  polled: string[];
  remarks: string[];
  confidence: string | null;
}

export function clockOf(row: HostReport, { staleness, polledAddresses, texts }: Report): Clock {
  const { stale, polled = [], remarks = [], confidence, cause: _, ...own } = row;
  return {
    ...own,
    stale: staleness[stale ?? -1] ?? null,
    polled: polled.flatMap((place) => polledAddresses[place] ?? []),
    remarks: remarks.map((remark) => textOf(remark, texts)),
    confidence: confidence ? textOf(confidence, texts) : null,
  };
}

/** The lower the sooner somebody is needed: states by urgency, the stale among the unknown, of equals boundary servers first. */
export function urgencyOf({ tier, state, stale }: Omit<Standing, 'confident'>): number {
  const byState = URGENCY.indexOf(state);
  const isStale = stale !== undefined && stale !== null;
  return (isStale ? Math.min(byState, URGENCY.indexOf('unknown') - 0.5) : byState) + (tier === 'boundary' ? 0 : 0.25);
}

export type StateCounts = Partial<Record<State, number>>;

export function countStates(rows: readonly Standing[], tier?: Tier): StateCounts {
  const counts: StateCounts = {};
  for (const row of rows) {
    if (tier === undefined || row.tier === tier) counts[row.state] = (counts[row.state] ?? 0) + 1;
  }
  return counts;
}

/** Those that there are, the healthy first: as bars are filled. */
export function statesIn(counts: StateCounts): { state: State; hosts: number }[] {
  return STATES.toReversed().flatMap((state) => {
    const hosts = counts[state] ?? 0;
    return hosts > 0 ? [{ state, hosts }] : [];
  });
}
