/**
 * The fault matrix, the kills and the runs at once, whole: every function's calls by every fault. Writes docs/reliability.md;
 * fails when a cell goes against a rule. `npm run bench:reliability -- WORD…`: only cells whose names hold all the words, page
 * untouched. `SEED=…` repeats the runs at once; `WORKERS=…` is how many processes share the work (default: one a core);
 * after `MINUTES=…` no more is begun, and the page says how much was.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Baseline, baselineOf, type Cell, type Observed, observe, runCell } from '../test/reliability/cell.ts';
import { FAULTS, type Fault } from '../test/reliability/faults.ts';
import { type Kill, killName, killsOf, runKill } from '../test/reliability/kills.ts';
import { callName, cellName, matrixOf } from '../test/reliability/matrix.ts';
import { type Figures, type Line, pageOf } from '../test/reliability/page.ts';
import { type Programs, programs } from '../test/reliability/programs.ts';
import { runRace } from '../test/reliability/races.ts';
import { RACE, SCENARIOS, type Scenario } from '../test/reliability/scenarios.ts';
import { seededRandom, seedOfRun } from '../test/reliability/seeded.ts';
import { keepingSection } from './heal-table.ts';
import { WORLD_MARKS } from './world/page.ts';

const ROUNDS = 200;
const ROUNDS_OF_JOB = 10;
const CELLS_OF_JOB = 20;
const { MINUTES = 'Infinity' } = process.env;
const WORKERS = Number(process.env.WORKERS ?? availableParallelism());
const PAGE = join(import.meta.dirname, '../docs/reliability.md');

/** What one worker is asked: cells and kills of one operation in one scenario, or some rounds at once. */
type Job =
  | {
      scenario: string;
      cells: (Pick<Cell, 'at' | 'field'> & { fault: string })[];
      kills: Pick<Kill, 'at' | 'when'>[];
    }
  | { seeds: number[] };

const words = process.argv.slice(2);
const isWanted = (name: string) => words.every((word) => name.includes(word));

async function work(): Promise<void> {
  const made = await programs();
  const baselines = new Map<Scenario, Promise<Baseline>>();
  const baselineFor = (scenario: Scenario) => {
    const known = baselines.get(scenario) ?? baselineOf(scenario, made);
    baselines.set(scenario, known);
    return known;
  };
  process.on('message', (job: Job) => {
    linesOf(job, baselineFor, made).then(
      (lines) => process.send?.({ lines }),
      (error: Error) => process.send?.({ failed: `${error.stack} ${String(error.cause ?? '')}` }),
    );
  });
  process.once('disconnect', () => process.exit());
  process.send?.({ lines: [] });
}

async function linesOf(
  job: Job,
  baselineFor: (scenario: Scenario) => Promise<Baseline>,
  made: Programs,
): Promise<Line[]> {
  const lines: Line[] = [];
  if ('seeds' in job) {
    const baseline = await baselineFor(RACE);
    for (const seed of job.seeds) {
      const result = await runRace(baseline, seed, made);
      lines.push({ kind: 'race', name: `at once, seed ${seed}`, functionName: '', call: '', fault: '', ...result });
    }
    return lines;
  }
  const scenario = SCENARIOS.find(({ name }) => name === job.scenario) as Scenario;
  const { functionName } = scenario;
  const baseline = await baselineFor(scenario);
  for (const { at, field, fault: faultName } of job.cells) {
    const fault = FAULTS.find(({ name }) => name === faultName) as Fault;
    const name = cellName({ scenario, at, fault, field });
    const result = await runCell({ at, fault, field }, baseline, made);
    lines.push({ kind: 'cell', name, functionName, call: callName(at), fault: faultName, ...result });
  }
  for (const { at, when } of job.kills) {
    const name = killName({ scenario, at, when });
    const result = await runKill({ at, when }, baseline, made);
    lines.push({ kind: 'kill', name, functionName, call: callName(at), fault: '', ...result });
  }
  return lines;
}

/** Shares the jobs out over a worker for each core. */
async function share(jobs: Job[]): Promise<Line[]> {
  const lines: Line[] = [];
  const untilMs = Date.now() + Number(MINUTES) * 60_000;
  const serve = (worker: ChildProcess) =>
    new Promise<void>((resolve, reject) => {
      worker.on('message', (message: { lines?: Line[]; failed?: string }) => {
        if (message.failed !== undefined) return reject(new Error(message.failed));
        for (const line of message.lines ?? []) {
          lines.push(line);
          if (line.violations.length > 0) console.log(`${line.name}: ${line.violations.join('; ')}`);
        }
        const job = Date.now() < untilMs ? jobs.shift() : undefined;
        process.stderr.write(`${lines.length} run, ${jobs.length} jobs left\r`);
        if (job === undefined) resolve();
        else worker.send(job);
      });
      worker.once('exit', () => reject(new Error('a worker ended')));
    });
  const workers = Array.from({ length: WORKERS }, () => fork(import.meta.filename, ['worker', ...words]));
  try {
    await Promise.all(workers.map(serve));
  } finally {
    for (const worker of workers) worker.kill();
  }
  return lines;
}

function jobsOf(cells: readonly Cell[], kills: readonly Kill[], seed: number): Job[] {
  const jobs: Job[] = [];
  for (const scenario of SCENARIOS) {
    const own = ({ scenario: other }: { scenario: Scenario }) => other === scenario;
    for (const operation of new Set(kills.filter(own).map(({ at }) => at.operation))) {
      const wanted = cells.filter((cell) => own(cell) && cell.at.operation === operation && isWanted(cellName(cell)));
      const killed = kills.filter((kill) => own(kill) && kill.at.operation === operation && isWanted(killName(kill)));
      const named = wanted.map(({ at, fault, field }) => ({ at, fault: fault.name, field }));
      if (killed.length > 0) {
        jobs.push({ scenario: scenario.name, cells: [], kills: killed.map(({ at, when }) => ({ at, when })) });
      }
      for (let first = 0; first < named.length; first += CELLS_OF_JOB) {
        jobs.push({ scenario: scenario.name, cells: named.slice(first, first + CELLS_OF_JOB), kills: [] });
      }
    }
  }
  const rounds = isWanted('at once') ? ROUNDS : 0;
  for (let first = 0; first < rounds; first += ROUNDS_OF_JOB) {
    jobs.push({ seeds: Array.from({ length: ROUNDS_OF_JOB }, (_, index) => seed + first + index) });
  }
  // in no order, so that a run that ends early has tried some of everything
  const random = seededRandom(seed);
  return jobs
    .map((job) => ({ job, rank: random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ job }) => job);
}

async function main(): Promise<void> {
  const made = await programs();
  const observed: Observed[] = [];
  for (const scenario of SCENARIOS) observed.push(await observe(scenario, made));
  const { cells, notApplicable } = matrixOf(observed);
  const kills = killsOf(observed);
  const seed = seedOfRun();
  console.log(`${cells.length} cells, ${kills.length} kills, ${ROUNDS} rounds of runs at once, seed ${seed}`);
  const lines = await share(jobsOf(cells, kills, seed));
  const failing = lines.filter(({ violations }) => violations.length > 0);
  console.log(`${lines.length} run, ${failing.length} against a rule`);
  const figures: Figures = { seed, observed, notApplicable, planned: { cells: cells.length, kills: kills.length } };
  if (words.length === 0) {
    const page = pageOf(lines, figures);
    writeFileSync(PAGE, keepingSection(readFileSync(PAGE, 'utf8'), page, WORLD_MARKS));
  }
  process.exitCode = failing.length > 0 || lines.length === 0 ? 1 : 0;
}

if (words[0] === 'worker') {
  words.shift();
  await work();
} else {
  await main();
}
