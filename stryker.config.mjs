// Mutation testing of the pure core: `npm run verify:mutants`. docs/mutants.md lists what survives, and why.

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['src/plan/**/*.ts', 'src/state/due.ts', 'src/diagnosis/**/*.ts', 'src/host/*.ts'],
  testRunner: 'core',
  plugins: ['./test/mutation/runner.mjs'],
  // TypeScript 7 has no JavaScript API, by which Stryker would read this
  tsconfigFile: 'none',
  // nothing compiles: esbuild takes the types off
  disableTypeChecks: false,
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A busy machine is slow: only a mutant that never ends takes so long.
  timeoutMS: 20_000,
  dryRunTimeoutMinutes: 60,
  ignorePatterns: ['.build', '.serverless', 'coverage'],
  tempDirName: '.stryker',
  reporters: ['json', 'clear-text', 'progress-append-only'],
  jsonReporter: { fileName: '.stryker/mutants.json' },
  clearTextReporter: { logTests: false, allowColor: false, reportTests: false },
  thresholds: { high: 95, low: 85, break: 85 },
};
