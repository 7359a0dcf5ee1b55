import { type Totals, thousands } from './totals.ts';

/** Between these the results stand in a page that others write too. */
export const WORLD_MARKS = ['<!-- world: written by npm run bench:world -- --write -->', '<!-- /world -->'] as const;

/** How the run went, beside what it found. */
export interface WorldRun {
  seed: number;
  days: number;
  minutes: number;
  processes: number;
  date: string;
}

export function runSentences(totals: Totals, { seed, days, minutes, processes }: WorldRun): string[] {
  const { failed } = totals;
  return [
    `${thousands(totals.days)} of ${thousands(days)} fleet-days (seeds from ${seed}), ${thousands(totals.hosts)} hosts, ` +
      `${thousands(totals.ticks)} ticks, ${thousands(totals.cycles)} cycles: ${minutes} minutes in ${processes} processes.`,
    `Fewer client-minutes without a good source on ${thousands(totals.better)} days, as many on ${thousands(totals.equal)}.`,
    ...(totals.isWorse() ? ['Over the whole run clients were longer without a good source than without podtime.'] : []),
    failed.length === 0
      ? 'No rule was broken, and on no day were clients longer without a good source than without podtime.'
      : `${failed.length} days failed: ${failed.slice(0, 50).join(' ')}.`,
  ];
}

/** The part of a page that tells what a run found. */
export function worldSection(totals: Totals, run: WorldRun): string {
  const [amount = '', comparison = '', ...verdict] = runSentences(totals, run);
  return [
    '## Days in a model of the world',
    '',
    `\`npm run bench:world -- --days ${run.days} --seed ${run.seed} --write\` on ${run.date}. The real judge and the real plan run over a day of simulated`,
    'time while instances come and go, AWS fails and lies, hosts lie, upstreams go wrong and runs are killed; each day runs again as a twin of',
    'the same seed, in which podtime only registers servers at boot. At every tick rules of safety are checked on what is so. What is modelled,',
    'and what is counted apart, stands in [decision 57](decisions/0057-days-beside-a-twin.md).',
    '',
    amount,
    comparison,
    ...verdict,
    '',
    ...totals.table(),
    '',
    'A replaced server can be followed when it has time to give and can be resolved; healed is a client at its first answer from it. podtime',
    'waits until the new server is confident, 5 to 6 minutes. Held hosts are left out. In the worst cases AWS, the mode or a maintenance window',
    'held podtime back for hours, or it was dead.',
  ].join('\n');
}
