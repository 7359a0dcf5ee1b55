/**
 * `npm run bench:world -- --days 200 --seed 1`: the real judge and plan over days of simulated time in a model of the world,
 * each day beside a twin of the same seed without podtime. `--trace` tells one day's events, `--write` writes the results into docs,
 * `--processes N` (all cores). Exit status 1 when a day failed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withSection } from './heal-table.ts';
import { failuresOf, runFleetDay } from './world/fleet-day.ts';
import { runSentences, WORLD_MARKS, type WorldRun, worldSection } from './world/page.ts';
import { runSeeds, type Told } from './world/shards.ts';
import { Totals } from './world/totals.ts';

/** What is reliable has a page of its own. */
const PAGES = ['reliability.md', 'benchmarks.md'].map((page) => join(import.meta.dirname, '../docs', page)) as [
  string,
  string,
];
/** Days after which a long run says how far it is. */
const TOLD_EVERY_DAYS = 500;
/** More failures than that are not shown, only counted. */
const FAILURES_SHOWN = 20;

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    processes: { type: 'string', default: String(availableParallelism()) },
    trace: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const [days, seed, processes] = [values.days, values.seed, values.processes].map(Number) as [number, number, number];
if (![days, seed, processes].every((number) => Number.isSafeInteger(number) && number >= 0) || days * processes === 0) {
  console.error('--days and --processes want whole numbers above 0, --seed one from 0');
  process.exit(2);
}

if (values.trace) {
  const day = runFleetDay(seed, { trace: (line) => console.log(line) });
  const failures = failuresOf(day);
  console.log(failures.length === 0 ? `\nseed ${seed}: held` : `\nseed ${seed}: failed\n${failures.join('\n')}`);
  process.exit(failures.length === 0 ? 0 : 1);
}

const startedMs = performance.now();
const totals = new Totals();
let shown = 0;

function runSoFar(): WorldRun {
  const minutes = Math.round((performance.now() - startedMs) / 6000) / 10;
  return { seed, days, minutes, processes, date: new Date().toISOString().slice(0, 10) };
}

function tell({ day, failures }: Told): void {
  totals.add(day, failures);
  if (totals.days % TOLD_EVERY_DAYS === 0)
    console.error(`${totals.days} of ${days} days, ${totals.failed.length} failed`);
  if (failures.length === 0 || shown >= FAILURES_SHOWN) return;
  shown += 1;
  const [first, ...others] = failures;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  console.error(
    `seed ${day.seed}: ${first}${more}\n  alone: npm run bench:world -- --days 1 --seed ${day.seed} --trace`,
  );
}

// a run that is ended tells what it has
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
const seeds = Array.from({ length: days }, (_, index) => seed + index);
await runSeeds(seeds, processes, tell, ending.signal);
console.log([...runSentences(totals, runSoFar()), '', ...totals.table()].join('\n'));
if (values.write) {
  const page = PAGES.find((each) => existsSync(each)) ?? PAGES[1];
  writeFileSync(page, withSection(readFileSync(page, 'utf8'), worldSection(totals, runSoFar()), WORLD_MARKS));
}
process.exitCode = totals.failed.length > 0 || totals.isWorse() ? 1 : ending.signal.aborted ? 130 : 0;
