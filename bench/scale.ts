/**
 * What a pod of ten thousand hosts costs podtime, beside goals: `npm run bench:scale`. A fast stand-in for AWS, the functions from
 * their bundles. `--whole`: 50,000 hosts too; `--only NAME`; `--write`: docs/scale.md; `--hold`: exit code 1 where a goal is missed.
 */
import { parseArgs } from 'node:util';
import { Functions } from './scale/functions.ts';
import type { Measure, Row } from './scale/measure.ts';
import { coldImport } from './scale/measures/cold-import.ts';
import { config } from './scale/measures/config.ts';
import { judging } from './scale/measures/judging.ts';
import { register } from './scale/measures/register.ts';
import { startEvents } from './scale/measures/start-events.ts';
import { throttled } from './scale/measures/throttled.ts';
import { tick } from './scale/measures/tick.ts';
import { twoRuns } from './scale/measures/two-runs.ts';

const MEASURES: readonly Measure[] = [tick, twoRuns, throttled, register, startEvents, judging, config, coldImport];

const { values: given } = parseArgs({
  options: {
    whole: { type: 'boolean', default: false },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    hold: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const chosen = MEASURES.filter(({ name }) => given.only === undefined || name === given.only);
  if (chosen.length === 0) {
    console.error(`There is no measure "${given.only}", only ${MEASURES.map(({ name }) => name).join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  const functions = new Functions();
  const sizes = given.whole ? [1000, 10_000, 50_000] : [1000, 10_000];
  const rows: Row[] = [];
  try {
    for (const measure of chosen) {
      for (const row of await measure.rows({ functions, sizes })) {
        console.log(row);
        rows.push(row);
      }
    }
  } finally {
    functions.remove();
  }
}

await main();
