import { cpus } from 'node:os';
import type { Row } from './measure.ts';

/** What each measure came to before the fleet of ten thousand was worked for, by its name. */
export type Before = Record<string, string>;

/** One table: measure, goal, before, now, holds or not. */
export function tableOf(rows: readonly Row[], before: Before): string {
  const lines = rows.map(({ measure, goal, now, holds }) =>
    [measure, goal, before[measure] ?? '', now, holds === null ? '' : holds ? 'holds' : '**missed**'].join(' | '),
  );
  return [
    '| measure | goal | before | now | |',
    '| --- | --- | --- | --- | --- |',
    ...lines.map((line) => `| ${line} |`),
  ].join('\n');
}

/** The measures whose goals the page says are reached. */
export function reachedIn(page: string): string[] {
  return [...page.matchAll(/^\| ([^|]+) \|.*\| holds \|$/gm)].map(([, measure = '']) => measure);
}

/** Those of them that miss their goal now. */
export function lostGoals(rows: readonly Row[], page: string): string[] {
  const reached = new Set(reachedIn(page));
  return rows.filter(({ measure, holds }) => holds === false && reached.has(measure)).map(({ measure }) => measure);
}

/** docs/scale.md */
export function pageOf(rows: readonly Row[], before: Before, date: string): string {
  return `# How large a pod may be

Written by \`npm run bench:scale -- --whole --write\` on ${date}, on ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}. Nothing of it was measured on AWS.

${tableOf(rows, before)}

- Functions run from the bundles that are deployed, each in a cold process of its own, beside a stand-in for AWS that answers each call after
  20 ms with bodies made beforehand: 4.9 KB of XML and 1.7 KB of output a host. The last host has answered after 3 s.
- CPU is that of the function's process after its import, memory the most that it had. Of several runs the least CPU counts: what a busy machine
  adds is not podtime's.
- "Over the SDK alone": the same calls by the same SDK clients, answers thrown away, in a process of its own, by turns.
- Throttled reads: SSM admits 10 reads a second after a burst of 20. SSM publishes no rates: this is assumed. "The bucket's own" is the least
  time in which it admits as many reads.
- "Before" is podtime as it was on 2026-11-29, on the same machine.
`;
}
