import type { Judgement } from '../diagnosis/judgement.ts';
import type { Plan } from '../plan/types.ts';
import type { HostReport, Report } from './report.ts';

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

/** The plan as the report's intentions, nothing of it sent yet. */
export function planned(plan: Plan): Pick<Report, 'changes' | 'cycles' | 'refusals' | 'unfinished' | 'memory'> {
  return {
    changes: plan.changes.map((change) => ({ ...change, outcome: 'planned' })),
    cycles: plan.cycles.map((cycle) => ({ ...cycle, commandIds: [], outcome: 'planned' })),
    refusals: plan.refusals,
    unfinished: plan.unfinished,
    memory: plan.memory,
  };
}
