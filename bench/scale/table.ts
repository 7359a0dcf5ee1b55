import { cpus, loadavg } from 'node:os';
import type { Row } from './measure.ts';

/** The last commit before pods of ten thousand hosts were worked for, of which before.json is. */
const BEFORE_COMMIT = '289219f';

/** What each measure came to before that, by its name. */
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

const VERDICTS: Record<string, boolean | null> = { holds: true, '**missed**': false, '': null };

/** The table of a page, read back. */
export function rowsIn(page: string): Row[] {
  return page.split('\n').flatMap((line) => {
    const [, measure = '', goal = '', , now = '', verdict = ''] = line.split('|').map((cell) => cell.trim());
    const isRow = line.startsWith('| ') && measure !== 'measure' && !measure.startsWith('---');
    return isRow ? [{ measure, goal, now, holds: VERDICTS[verdict] ?? null }] : [];
  });
}

/** The page's rows with some of them measured anew; what it did not have comes last. */
export function mergedRows(page: string, rows: readonly Row[]): Row[] {
  const byMeasure = new Map([...rowsIn(page), ...rows].map((row) => [row.measure, row]));
  return [...byMeasure.values()];
}

/** Those of them that miss their goal now. */
export function lostGoals(rows: readonly Row[], page: string): string[] {
  const reached = new Set(rowsIn(page).flatMap(({ measure, holds }) => (holds ? [measure] : [])));
  return rows.filter(({ measure, holds }) => holds === false && reached.has(measure)).map(({ measure }) => measure);
}

/** Those whose calls or bytes are over their goal, which no busy machine explains. */
export function missedCounts(rows: readonly Row[]): string[] {
  return rows.filter(({ countsHold }) => countsHold === false).map(({ measure, now }) => `${measure}: ${now}`);
}

/** docs/scale.md */
export function pageOf(rows: readonly Row[], before: Before, date: string): string {
  const load = loadavg()[0]?.toFixed(0);
  return `# How large a pod may be

Written by \`npm run bench:scale -- --whole --write\` (one measure anew: \`--only NAME\` beside that; rows may be of several runs of the day, on another machine of two cores too, and with other work on it) on ${date}, on ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, at a load average of ${load}.
**Simulated only: nothing of it was measured on AWS.** How far pods can grow, and what limits them, is in [architecture.md](architecture.md#how-far).

${tableOf(rows, before)}

- Functions run from the bundles that are deployed, each in a cold process of its own, beside a stand-in for AWS that answers each call after
  20 ms with bodies made beforehand: 4.9 KB of XML and 1.7 KB of output a host. The last host has answered after 3 s.
- CPU is that of the function's process after its import, memory the most that it had, with Node's heap limited as on Lambda by the memory of the pod's watchdog. Of six runs of 1,000 hosts and two of 10,000 the least CPU and the most memory count; of 50,000 hosts there is one. What a busy machine adds to CPU is not podtime's.
- "Over the SDK alone": the same calls by the same SDK clients, answers thrown away, in a process of its own, by turns.
- Calls are held to the fewest by name: pages of SSM's and EC2's lists, a look at the command each second, and beside them the state (read, claim,
  release), memory, report and history once each. A wave adds a command for each 50 hosts, the answers of the wave before, the
  mode and who is held, read once more before clocks are touched, and one intent.
- Cold imports: a function's module beside one of the SDK's clients and commands that it has in it, bundled in the same way, each in a process of
  its own, in pairs by turns: the median of the pairs' ratios. Node's own start is not in it.
- Throttled reads: SSM admits 10 reads a second after a burst of 20. SSM publishes no rates: this is assumed. Counted is from the first page of the
  list, when the hosts have answered; "the bucket's own" is the least time in which it admits as many reads.
- Largest pods: the process is held to the share of a processor that Lambda gives with the watchdog's memory (1,769 MB are a whole one), SSM's
  reads are throttled as above, one host in a hundred says nothing, and the function has its own time limit.
- Billed times are of ticks with one silent host and of runs in cold processes, at the same share of a processor: [cost.md](cost.md) counts them.
- Start events come as SQS hands them over: in batches as large as serverless.yml says. Each batch is one run.
- The text of ntpq is measured beside telegraf's parser apart from this: [benchmarks.md](benchmarks.md#reading-ntpq-beside-telegraf).
- "Before" is commit ${BEFORE_COMMIT}, measured by the same bench on the same machine on the same day.
- \`npm run verify\` fails where a goal is missed that this page says is reached.
`;
}
