import type { Report } from '../../src/report/report.ts';

/** The report of a tick over a pod of no hosts, in which nothing was done. */
export function emptyReport(pod: string): Report {
  return {
    version: 6,
    pod,
    tickId: 'tick-1',
    startedAtMs: 1_795_348_800_000,
    endedAtMs: 1_795_348_860_000,
    mode: 'act',
    dryRun: false,
    hosts: [],
    polledAddresses: [],
    staleness: [],
    texts: [],
    summary: { expected: 0, sampled: 0, confident: 0, stale: 0, unknown: 0 },
    changes: [],
    cycles: [],
    verdicts: [],
    refusals: [],
    faults: [],
    collectCommandIds: [],
  };
}
