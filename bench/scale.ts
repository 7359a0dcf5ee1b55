/**
 * What a pod of ten thousand hosts costs podtime, beside goals: `npm run bench:scale`. A fast stand-in for AWS, the functions from
 * their bundles. `--whole`: 50,000 hosts too; `--only NAME`, as often as wanted; `--write`: docs/scale.md; `--hold`: exit code 1 where a
 * goal is missed that the page says is reached; `--keep`: what is measured now becomes the table's "before". `--short`: 1,000 hosts alone,
 * in a minute or two; exit code 1 where calls or bytes are over their goal, for no busy machine makes more of them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Functions } from './scale/functions.ts';
import type { Measure, Row } from './scale/measure.ts';
import { billed } from './scale/measures/billed.ts';
import { coldImport } from './scale/measures/cold-import.ts';
import { config } from './scale/measures/config.ts';
import { judging } from './scale/measures/judging.ts';
import { largestPod } from './scale/measures/largest-pod.ts';
import { notDue } from './scale/measures/not-due.ts';
import { register } from './scale/measures/register.ts';
import { startEvents } from './scale/measures/start-events.ts';
import { throttled } from './scale/measures/throttled.ts';
import { tick } from './scale/measures/tick.ts';
import { twoRuns } from './scale/measures/two-runs.ts';
import { waves } from './scale/measures/waves.ts';
import { type Before, lostGoals, mergedRows, missedCounts, pageOf, tableOf } from './scale/table.ts';

const MEASURES: readonly Measure[] = [
  tick,
  waves,
  twoRuns,
  notDue,
  throttled,
  largestPod,
  register,
  startEvents,
  judging,
  config,
  coldImport,
  billed,
];
const BEFORE = join(import.meta.dirname, 'scale/before.json');
const PAGE = join(import.meta.dirname, '../docs/scale.md');

const { values: given } = parseArgs({
  options: {
    whole: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
    hold: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

async function rowsOf(measures: readonly Measure[]): Promise<Row[]> {
  const functions = new Functions();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      functions.remove();
      process.exit(1);
    });
  }
  const sizes = given.short ? [1000] : given.whole ? [1000, 10_000, 50_000] : [1000, 10_000];
  const rows: Row[] = [];
  try {
    for (const measure of measures) {
      for await (const row of measure.rows({ functions, sizes, isShort: given.short })) {
        // seen while the rest is measured
        console.error(`${row.measure}: ${row.now}`);
        rows.push(row);
      }
    }
  } finally {
    functions.remove();
  }
  return rows;
}

async function main(): Promise<void> {
  const named = MEASURES.filter(({ name }) => given.only.length === 0 || given.only.includes(name));
  const chosen = given.short ? named.filter(({ wholeOnly }) => !wholeOnly) : named;
  if (chosen.length === 0) {
    console.error(
      `There is no measure "${given.only.join(', ')}", only ${MEASURES.map(({ name }) => name).join(', ')}.`,
    );
    process.exitCode = 2;
    return;
  }
  const rows = await rowsOf(chosen);
  const before = JSON.parse(readFileSync(BEFORE, 'utf8')) as Before;
  if (given.keep) {
    const kept = { ...before, ...Object.fromEntries(rows.map(({ measure, now }) => [measure, now])) };
    writeFileSync(BEFORE, `${JSON.stringify(kept, null, 2)}\n`);
  }
  console.log(`\n${tableOf(rows, before)}`);
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  const lost = lostGoals(rows, page);
  if (given.write) {
    const all = chosen.length === MEASURES.length ? rows : mergedRows(page, rows);
    writeFileSync(PAGE, pageOf(all, before, new Date().toISOString().slice(0, 10)));
  }
  const missed = rows.filter(({ holds }) => holds === false);
  if (missed.length > 0) console.error(`\n${missed.length} of ${rows.length} goals are missed.`);
  if (lost.length > 0) console.error(`Lost since the page was written: ${lost.join('; ')}.`);
  if (given.hold && lost.length > 0) process.exitCode = 1;
  const counts = missedCounts(rows);
  if (given.short && counts.length > 0) {
    console.error(`Over their goal:\n${counts.join('\n')}`);
    process.exitCode = 1;
  }
}

await main();
