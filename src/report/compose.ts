import type { Judgement } from '../diagnosis/judgement.ts';
import type { Tier } from '../fleet/fleet.ts';
import { type CycleOutcome, outcomeSentence } from '../host/verdict.ts';
import type { CycleCommand, Plan, RecordChange } from '../plan/plan.ts';
import type { HostReport, HostVerdict, Outcome, Report } from './report.ts';

/** How many hosts a pod has, how many answered, and how they are. */
export function summaryOf(judgements: Judgement[]): Report['summary'] {
  const unknown = judgements.filter((judgement) => judgement.state === 'unknown').length;
  return {
    expected: judgements.length,
    sampled: judgements.length - unknown,
    confident: judgements.filter((judgement) => judgement.confident).length,
    stale: judgements.filter((judgement) => judgement.stale).length,
    unknown,
  };
}

export function hostReportOf(judgement: Judgement): HostReport {
  const { host, ...rest } = judgement;
  const addresses = [host.ipv4, ...host.ipv6].filter((address) => address !== null);
  return { ...rest, instanceId: host.instanceId, tier: host.tier, az: host.az, addresses };
}

/** A host of the last report that EC2 did not describe this time, though it may live: all that it showed then is out of date. */
export function unreadHostReportOf(last: HostReport): HostReport {
  const sentence = 'Nothing is known of it: EC2 did not describe it at this tick.';
  const confidence = 'It was not seen.';
  return {
    ...last,
    state: 'unknown',
    sentence,
    remarks: [],
    confident: false,
    confidence,
    stale: null,
    unjoinedNames: [],
  };
}

/** The plan as the report's intentions, nothing of it sent yet. */
export function plannedReport(plan: Plan): Pick<Report, 'changes' | 'cycles' | 'refusals' | 'unfinished' | 'memory'> {
  return {
    changes: plan.changes.map((change) => changeReportOf(change, 'planned')),
    cycles: plan.cycles.map((command) => cycleReportOf(command, [], 'planned')),
    refusals: plan.refusals,
    unfinished: plan.unfinished,
    memory: plan.memory,
  };
}

/** A record change and what came of it. The record as Route 53 listed it is for the adapter alone. */
export function changeReportOf(change: RecordChange, outcome: Outcome): Report['changes'][number] {
  const { raw: _, ...reported } = change;
  return { ...reported, outcome };
}

/** A cycle command, SSM's ids of it, and what came of sending it. */
export function cycleReportOf(command: CycleCommand, commandIds: string[], outcome: Outcome): Report['cycles'][number] {
  return { ...command, commandIds, outcome };
}

/** Of a wave's hosts those that were not cycled, and why. */
export function verdictReportsOf(
  tier: Tier,
  outcomes: readonly ({ instanceId: string } & CycleOutcome)[],
): HostVerdict[] {
  return outcomes.flatMap((outcome) => {
    const { instanceId, kind, reason } = outcome;
    if (kind === 'cycled') return [];
    return [{ instanceId, tier, kind, reason, sentence: outcomeSentence(instanceId, outcome) }];
  });
}
