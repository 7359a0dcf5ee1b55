import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';
import { bundleTests } from './bundle.mjs';
import { Suite } from './suite.mjs';

// Thousands of mutants, each tried by all tests that reach it: of a property a few runs must do, and the same in each run.
process.env.FUZZ ??= '0.02';
// A mutant that fails a property is killed: nobody reads its smallest example.
fc.configureGlobal({ endOnFailure: true, seed: 8 });

/** What Stryker's instrumented code reads and counts. */
globalThis.__stryker__ ??= {};
const instrumented = globalThis.__stryker__;

/** Tests that take longer come last. */
const LONG_MS = 50;

/** A busy machine is slow: by the time of this process alone, in milliseconds. */
function processMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Stryker's runner for the tests of the pure core: in its own process, without Jest, which would load forty files anew
 * for each of thousands of mutants. As in Jest each file has modules of its own, loaded while the mutant is active, so that
 * a mutant of a constant is one like any other: what loading a file reaches counts for all its tests. Decision 0061.
 */
class CoreTestRunner {
  static inject = [];
  #bundle;
  /** Ids of tests. */
  #long = new Set();
  /** Source file -> the files of tests that found its mutants out, the last of them first. */
  #killers = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    // what tests leave goes with Stryker's copy of the project
    process.env.TMPDIR = mkdtempSync(join(process.cwd(), 'temporary-'));
    this.#bundle = await bundleTests(process.cwd());
  }

  async dryRun() {
    instrumented.activeMutant = undefined;
    instrumented.mutantCoverage = { static: {}, perTest: {} };
    const tests = [];
    for (const file of this.#bundle.files) {
      tests.push(...(await this.#runFile(file, { load: this.#bundle.count, wants: () => true, bail: false })));
    }
    return { status: DryRunStatus.Complete, tests, mutantCoverage: instrumented.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, disableBail }) {
    instrumented.activeMutant = activeMutant.id;
    instrumented.mutantCoverage = { static: {}, perTest: {} };
    instrumented.hitLimit = hitLimit;
    instrumented.hitCount = hitLimit === undefined ? undefined : 0;
    const filter = testFilter && new Set(testFilter);
    const files = this.#inOrder(activeMutant.fileName).filter(
      (file) => !testFilter || testFilter.some((id) => isOf(file, id)),
    );
    const tests = [];
    for (const long of [false, true]) {
      const wants = (id) => this.#long.has(id) === long && (filter?.has(id) ?? true);
      for (const file of files) {
        if (long && ![...this.#long].some((id) => isOf(file, id) && wants(id))) continue;
        tests.push(...(await this.#runFile(file, { load: this.#bundle.load, wants, bail: !disableBail })));
        if (!disableBail && tests.at(-1)?.status === TestStatus.Failed) break;
      }
      if (!disableBail && tests.at(-1)?.status === TestStatus.Failed) break;
    }
    this.#remember(activeMutant.fileName, tests.at(-1));
    const endless = determineHitLimitReached(instrumented.hitCount, instrumented.hitLimit);
    return endless ?? toMutantRunResult({ status: DryRunStatus.Complete, tests }, disableBail);
  }

  /** What found out the mutants before comes first, then tests of the mutant's own folder: `test/plan/dns` for `src/plan/dns`. */
  #inOrder(source) {
    const killers = this.#killers.get(source) ?? [];
    const near = foldersShared(source);
    return [
      ...killers,
      ...this.#bundle.files.filter((file) => !killers.includes(file)).sort((a, b) => near(b) - near(a)),
    ];
  }

  #remember(source, last) {
    if (last?.status !== TestStatus.Failed) return;
    const others = (this.#killers.get(source) ?? []).filter((file) => file !== last.fileName);
    this.#killers.set(source, [last.fileName, ...others]);
  }

  /** @returns Stryker's result of each test; of one only, if the file cannot be loaded. */
  async #runFile(file, { load, wants, bail }) {
    const suite = new Suite(file);
    const result = (id, failure, timeSpentMs) => ({
      id,
      name: id,
      fileName: file,
      timeSpentMs,
      status: failure === null ? TestStatus.Success : TestStatus.Failed,
      ...(failure === null ? {} : { failureMessage: String(failure.stack) }),
    });
    instrumented.currentTestId = undefined;
    try {
      load(file, suite.globals);
    } catch (error) {
      return [result(suite.tests[0]?.id ?? file, error, 0)];
    }
    const tests = suite.tests.filter(({ id }) => wants(id));
    countLoading(tests);
    const results = [];
    for (const test of tests) {
      instrumented.currentTestId = test.id;
      const startMs = processMs();
      const failure = await suite.failureOf(test);
      const tookMs = processMs() - startMs;
      if (tookMs > LONG_MS) this.#long.add(test.id);
      results.push(result(test.id, failure, tookMs));
      if (bail && failure !== null) break;
    }
    instrumented.currentTestId = undefined;
    await suite.end();
    return results;
  }
}

/** Test ids begin with their file. */
const isOf = (file, id) => id.startsWith(`${file} > `);

/** How many folders a file of tests shares with the source. */
const foldersShared = (source) => {
  const folders = source.split('/src/')[1]?.split('/') ?? [];
  return (file) => folders.findIndex((folder, index) => file.split('/')[index + 1] !== folder);
};

/** What loading a file reached counts for all its tests: the mutant may show in any of them. */
function countLoading(tests) {
  const { perTest, static: loading } = instrumented.mutantCoverage;
  for (const { id } of tests) perTest[id] = { ...loading, ...perTest[id] };
  for (const mutant of Object.keys(loading)) delete loading[mutant];
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'core', CoreTestRunner)];
