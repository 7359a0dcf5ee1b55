/**
 * Writes docs/mutants.md from Stryker's report (the second half of `npm run verify:mutants`). The reasons why mutants survive
 * stand in test/mutation/survivors.json. Ends with 1 when one survives without a reason; a reason that none has is printed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { idleReasons, type MutantReport, mutantsPage, type Reason, survivorsOf } from './mutants-page.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs/mutants.md');
const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

const report: MutantReport = read('.stryker/mutants.json');
const reasons: Reason[] = read('test/mutation/survivors.json');
const [head = ''] = readFileSync(PAGE, 'utf8').split('\n## Figures\n');
writeFileSync(PAGE, mutantsPage(head, report, reasons));

const unexplained = survivorsOf(report, reasons).filter(({ reason }) => reason === null);
for (const { file, line, mutator, from, to } of unexplained)
  console.error(`${file}:${line} survives without a reason: ${mutator}: ${from} as ${to}`);
if (unexplained.length > 0) process.exitCode = 1;
for (const reason of idleReasons(report, reasons))
  console.error(`No survivor has this reason any more: ${JSON.stringify(reason)}`);
