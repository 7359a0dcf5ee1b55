import { count } from '../fleet/sentences.ts';
import type { HostReport, Report } from './report.ts';

/** The report as plain sentences, most urgent first; what an operator reads at 3 a.m. */
export function sentencesOf(report: Report): string[] {
  const { summary } = report;
  const head =
    `Pod ${report.pod}, mode ${report.mode}${report.dryRun ? ', dry run' : ''}: ${count(summary.sampled, 'host')} of ${summary.expected} answered, ` +
    `${summary.confident} confident, ${summary.stale} stale, ${summary.unknown} unknown.`;
  const changes = report.changes.map(changeSentence);
  const cycles = report.cycles.map(
    (cycle) =>
      `Cycle ${count(cycle.instanceIds.length, cycle.tier)} (${cycle.instanceIds.join(', ')}), ${cycle.reason}: ${cycle.outcome}.`,
  );
  const verdicts = report.verdicts.map((verdict) => verdict.sentence);
  const refusals = report.refusals.map((refusal) => refusal.sentence);
  return [
    head,
    ...report.faults,
    ...changes,
    ...cycles,
    ...verdicts,
    ...refusals,
    ...report.hosts.flatMap(hostSentences),
  ];
}

/** What is to be said of one host; nothing of a healthy one. */
export function hostSentences(host: HostReport): string[] {
  const who = `${host.instanceId} (${host.tier}, ${host.az})`;
  return [
    ...(host.state === 'healthy' ? [] : [`${who} is ${stateWords(host.state)}: ${host.sentence}`]),
    ...(host.stale ? [`${who} is stale: ${host.stale.sentence}`] : []),
  ];
}

/** One record change, done or not. */
export function changeSentence(change: Omit<Report['changes'][number], 'ttlSeconds'>): string {
  const verb = change.action === 'DELETE' ? 'Withdraw' : 'Register';
  const what = `${change.name} ${change.type} ${change.address} (${change.setIdentifier})`;
  return `${verb} ${what}, ${change.reason}: ${change.outcome}.`;
}

function stateWords(state: HostReport['state']): string {
  return state === 'no-daemon' ? 'unsynchronised (no daemon)' : state;
}
