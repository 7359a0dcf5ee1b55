import type { Report } from './report.ts';
import { headSentence } from './sentences.ts';

/**
 * What of a report any host of the pod may see: how the pod as a whole is, and of no host which it is, what it says or what is done to it.
 * Decision 0130.
 */
export function podSummaryOf(report: Report): Report {
  const { clocks } = report;
  return {
    ...report,
    hosts: [],
    polledAddresses: [],
    staleness: [],
    texts: [],
    ...(clocks && { clocks: { ...(clocks.skew && { skew: clocks.skew }), contradicted: [], unwitnessed: [] } }),
    changes: [],
    cycles: [],
    verdicts: [],
    refusals: [],
    faults: [],
    collectCommandIds: [],
  };
}

/** Its sentences. */
export function summarySentencesOf(report: Report): string[] {
  return [
    headSentence(report),
    'This is the summary: hosts, and what is done to them, are for callers in operatorVpcs.',
  ];
}
