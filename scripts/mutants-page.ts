/** What of Stryker's report (mutation-testing-report-schema 2) the page needs. */
export interface MutantReport {
  files: Record<
    string,
    {
      source: string;
      mutants: {
        mutatorName: string;
        replacement?: string;
        status: string;
        location: { start: { line: number; column: number }; end: { line: number; column: number } };
      }[];
    }
  >;
}

/** Why mutants may survive: all that fit what is given. `line` is a text within their source line. */
export interface Reason {
  file?: string;
  line?: string;
  mutator?: string;
  replacement?: string;
  reason: string;
}

interface Survivor {
  file: string;
  line: number;
  text: string;
  mutator: string;
  from: string;
  to: string;
  reason: string | null;
}

const SURVIVES = ['Survived', 'NoCoverage'];
const DETECTED = ['Killed', 'Timeout'];

/** @returns what survived, in the order of files and lines, each with the first reason that fits it. */
export function survivorsOf(report: MutantReport, reasons: readonly Reason[]): Survivor[] {
  return Object.entries(report.files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants
      .filter(({ status }) => SURVIVES.includes(status))
      .map(({ mutatorName, replacement = '', location: { start, end } }) => {
        const text = (lines[start.line - 1] ?? '').trim();
        const until = end.line === start.line ? end.column - 1 : undefined;
        const survivor = { file, line: start.line, text, mutator: mutatorName, to: replacement };
        const from = (lines[start.line - 1] ?? '').slice(start.column - 1, until);
        return { ...survivor, from, reason: reasons.find((each) => fits(each, survivor))?.reason ?? null };
      })
      .sort((a, b) => a.line - b.line);
  });
}

type Mutation = Pick<Survivor, 'file' | 'text' | 'mutator' | 'to'>;

function fits({ file, line, mutator, replacement }: Reason, survivor: Mutation): boolean {
  return (
    (file === undefined || survivor.file === file) &&
    (line === undefined || survivor.text.includes(line)) &&
    (mutator === undefined || survivor.mutator === mutator) &&
    (replacement === undefined || survivor.to === replacement)
  );
}

/** Reasons that fit nothing that survived: what they were for has been killed, or was changed. */
export function idleReasons(report: MutantReport, reasons: readonly Reason[]): Reason[] {
  const survivors = survivorsOf(report, []);
  return reasons.filter((reason) => !survivors.some((survivor) => fits(reason, survivor)));
}

/** Share of the mutants that tests found out, as Stryker counts it: without those that cannot run. */
export function scoreOf(counts: Record<string, number>): number {
  const sum = (statuses: string[]) => statuses.reduce((total, status) => total + (counts[status] ?? 0), 0);
  return (100 * sum(DETECTED)) / sum([...DETECTED, ...SURVIVES]);
}

function tableOf(report: MutantReport): string {
  const counts = new Map<string, Record<string, number>>();
  for (const [file, { mutants }] of Object.entries(report.files)) {
    for (const folder of [file.slice(0, file.lastIndexOf('/')), 'all']) {
      const row = counts.get(folder) ?? {};
      counts.set(folder, row);
      for (const { status } of mutants) row[status] = (row[status] ?? 0) + 1;
    }
  }
  const rows = [...counts].sort(([a], [b]) => (a === 'all' ? 1 : b === 'all' ? -1 : a.localeCompare(b)));
  const cells = rows.map(([folder, row]) => {
    const [killed = 0, timeout = 0, survived = 0, missed = 0] = [...DETECTED, ...SURVIVES].map((status) => row[status]);
    const total = killed + timeout + survived + missed;
    const name = folder === 'all' ? 'all' : `\`${folder}\``;
    return `| ${[name, total, killed, timeout, survived, missed, `${scoreOf(row).toFixed(1)} %`].join(' | ')} |`;
  });
  return [
    '| folder | mutants | killed | ended by their time | survived | reached by no test | score |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...cells,
  ].join('\n');
}

const code = (text: string) => `\`\` ${text.replace(/\s+/g, ' ').slice(0, 90)} \`\``;

function listOf(survivors: readonly Survivor[]): string {
  const byReason = new Map<string, Survivor[]>();
  for (const survivor of survivors) {
    const reason = survivor.reason ?? 'No reason yet.';
    byReason.set(reason, [...(byReason.get(reason) ?? []), survivor]);
  }
  return [...byReason]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([reason, listed]) => {
      const rows = listed.map(
        ({ file, line, from, to, mutator }) => `- \`${file}:${line}\` ${mutator}: ${code(from)} as ${code(to)}`,
      );
      return `### ${reason}\n\n${rows.join('\n')}`;
    })
    .join('\n\n');
}

/** The page: its head, which is written by hand, then what the report says. */
export function mutantsPage(head: string, report: MutantReport, reasons: readonly Reason[]): string {
  return `${head.trimEnd()}\n\n## Figures\n\n${tableOf(report)}\n\n## Survivors\n\n${listOf(survivorsOf(report, reasons))}\n`;
}
