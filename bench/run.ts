/**
 * Runs every `bench/*.bench.ts` (or those whose name holds the word given) and prints one table. What is measured is
 * a ratio: subject and baseline run by turns in the same process, so that a busy machine slows both.
 */
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One thing worth measuring, beside something whose cost everybody can judge. */
export interface Comparison {
  /** What is measured, with the amount: `parse 1,000 hosts' outputs`. */
  name: string;
  /** Does it once. */
  subject: () => unknown;
  /** What it is measured against, in words: `one split of the same text`. */
  against: string;
  baseline: () => unknown;
  /** Both answer with the milliseconds themselves: what is measured is but a part of what they do. */
  ownClock?: true;
  /** The run fails above this ratio of medians; with the reason beside it in the bench. Absent: only shown. */
  atMost?: number;
}

/** Odd, so that the median is a run. The first ones warm up the compiler. */
const ROUNDS = 25;
const WARM_UP = 5;

async function millisecondsOf(work: () => unknown, ownClock = false): Promise<number> {
  const started = performance.now();
  const answer = await work();
  return ownClock ? Number(answer) : performance.now() - started;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function measure(comparison: Comparison): Promise<{ subjectMs: number; baselineMs: number }> {
  const subject: number[] = [];
  const baseline: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const { ownClock } = comparison;
    const times = [
      await millisecondsOf(comparison.baseline, ownClock),
      await millisecondsOf(comparison.subject, ownClock),
    ] as const;
    if (round < WARM_UP) continue;
    baseline.push(times[0]);
    subject.push(times[1]);
  }
  return { subjectMs: median(subject), baselineMs: median(baseline) };
}

async function comparisonsIn(folder: string, word: string): Promise<Comparison[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.bench.ts') && file.includes(word));
  const found: Comparison[] = [];
  for (const file of files.sort()) {
    const bench = (await import(pathToFileURL(join(folder, file)).href)) as { comparisons: Comparison[] };
    found.push(...bench.comparisons);
  }
  return found;
}

async function main(): Promise<void> {
  const comparisons = await comparisonsIn(import.meta.dirname, process.argv[2] ?? '');
  if (comparisons.length === 0) {
    console.error(`no bench/*.bench.ts has "${process.argv[2]}" in its name`);
    process.exitCode = 2;
    return;
  }
  console.log(`Node ${process.version}, ${cpus().length} cores, medians of ${ROUNDS} rounds\n`);
  console.log('| what | ms | against | ms | ratio | at most |\n| --- | --- | --- | --- | --- | --- |');
  for (const comparison of comparisons) {
    const { subjectMs, baselineMs } = await measure(comparison);
    const ratio = subjectMs / baselineMs;
    const { name, against, atMost } = comparison;
    const cells = [name, subjectMs.toFixed(2), against, baselineMs.toFixed(2), ratio.toFixed(2), atMost ?? ''];
    console.log(`| ${cells.join(' | ')} |`);
    if (atMost !== undefined && ratio > atMost) process.exitCode = 1;
  }
  if (process.exitCode === 1) console.error('\nover the limit');
}

await main();
