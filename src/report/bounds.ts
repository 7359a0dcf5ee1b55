import { TIER_PLURALS } from '../fleet/fleet.ts';
import { boundedList, boundedSentences, fewOf } from '../fleet/gathering.ts';
import { count } from '../fleet/sentences.ts';
import { outcomeOfSeveral } from '../host/verdict.ts';
import type { HostVerdict, RefusalReport, Report } from './report.ts';

/*
 * Hosts of a report come in pages. All else is bounded whatever hosts, tags and records say: the first entries stand, and the others are
 * counted. Decision 0063.
 */

/** The report as it is written, shown and logged. */
export function boundedReport(report: Report): Report {
  const { changes, refusals, verdicts, faults, clocks } = report;
  return {
    ...report,
    ...(clocks && { clocks: boundedClocks(clocks) }),
    changes: boundedList(changes),
    refusals: boundedRefusals(refusals),
    verdicts: boundedVerdicts(verdicts),
    faults: boundedSentences([...changesLeftOut(changes), ...faults]),
  };
}

export function boundedClocks(clocks: NonNullable<Report['clocks']>): NonNullable<Report['clocks']> {
  const { contradicted, unwitnessed } = clocks;
  return { ...clocks, contradicted: boundedSentences(contradicted), unwitnessed: boundedList(unwitnessed) };
}

/** What is said of changes that `boundedList` leaves out. */
export function changesLeftOut(changes: Report['changes']): string[] {
  const left = changes.slice(boundedList(changes).length);
  if (left.length === 0) return [];
  const open = left.filter(({ outcome }) => outcome !== 'done').length;
  return [`${count(left.length, 'more record change')} are not listed; ${open} of them are not done.`];
}

/** Beyond the first one entry for each rule. */
export function boundedRefusals(refusals: readonly RefusalReport[]): RefusalReport[] {
  return bounded(
    refusals,
    ({ rule }) => rule,
    (left, { rule }) => {
      const times = left.reduce((sum, each) => sum + each.count, 0);
      const subjects = left.flatMap((each) => each.subjects);
      const sentence = `${times} more by rule ${rule} are not listed (${fewOf(subjects)}).`;
      return { rule, count: times, subjects: subjects.slice(0, SUBJECTS), sentence };
    },
  );
}

const SUBJECTS = 3;

/** Beyond the first one entry for each tier and kind. */
function boundedVerdicts(verdicts: readonly HostVerdict[]): HostVerdict[] {
  return bounded(
    verdicts,
    ({ tier, kind }) => `${tier} ${kind}`,
    (left, { tier, kind }) => {
      const hosts = left.reduce((sum, each) => sum + each.hosts, 0);
      const instanceIds = left.flatMap((each) => each.instanceIds);
      const reason = 'various';
      const what = outcomeOfSeveral({ kind, reason, why: '' });
      const sentence = `${hosts} more ${TIER_PLURALS[tier]} ${what} (${fewOf(instanceIds)}).`;
      return { hosts, instanceIds: instanceIds.slice(0, SUBJECTS), tier, kind, reason, sentence };
    },
  );
}

function bounded<E>(entries: readonly E[], key: (entry: E) => string, summed: (left: E[], first: E) => E): E[] {
  const kept = boundedList(entries);
  const left = new Map<string, E[]>();
  for (const entry of entries.slice(kept.length)) {
    const group = left.get(key(entry));
    if (group) group.push(entry);
    else left.set(key(entry), [entry]);
  }
  return [...kept, ...[...left.values()].map((group) => summed(group, group[0] as E))];
}
