import type { Report } from './report.ts';

/** The report as plain sentences, most urgent first; what an operator reads at 3 a.m. */
export function sentencesOf(report: Report): string[] {
  const { summary } = report;
  const head =
    `Pod ${report.pod}, mode ${report.mode}${report.dryRun ? ', dry run' : ''}: ${count(summary.sampled, 'host')} of ${summary.expected} answered, ` +
    `${summary.confident} confident, ${summary.stale} stale, ${summary.unknown} unknown.`;
  const bad = report.hosts
    .filter((host) => host.state !== 'healthy')
    .map((host) => `${host.instanceId} (${host.tier}, ${host.az}) is ${stateWords(host.state)}: ${host.sentence}`);
  const stale = report.hosts.flatMap((host) =>
    host.stale ? [`${host.instanceId} is stale: ${host.stale.sentence}`] : [],
  );
  const changes = report.changes.map(
    (change) =>
      `${change.action === 'DELETE' ? 'Withdraw' : 'Register'} ${change.name} ${change.type} ${change.address} ` +
      `(${change.setIdentifier}), ${change.reason}: ${change.outcome}.`,
  );
  const cycles = report.cycles.map(
    (cycle) =>
      `Cycle ${count(cycle.instanceIds.length, cycle.tier)} (${cycle.instanceIds.join(', ')}), ${cycle.reason}: ${cycle.outcome}.`,
  );
  const refusals = report.refusals.map((refusal) => refusal.sentence);
  return [head, ...report.faults, ...changes, ...cycles, ...refusals, ...stale, ...bad];
}

function stateWords(state: Report['hosts'][number]['state']): string {
  return state === 'no-daemon' ? 'unsynchronised (no daemon)' : state;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
