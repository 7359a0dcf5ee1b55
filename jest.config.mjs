import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Loaded when they are first used, not when they are imported: most tests use one or two of the six, or none. */
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const SDK_CLIENTS = Object.keys(dependencies).filter((name) => name.startsWith('@aws-sdk/client-'));

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/jest/environment.mjs',
  roots: ['<rootDir>/test', '<rootDir>/packages'],
  testMatch: ['**/*.test.ts'],
  // A guard against waiting for ever, never a measure: a busy machine takes ten times as long as an idle one.
  testTimeout: 300_000,
  // The longest tests wait more than they compute, and others wait for what they started: three workers for each core, and no
  // more of them than shorten a run that the longest test decides.
  maxWorkers: Math.min(availableParallelism() * 3, 16),
  // Tests of the pod of network namespaces want root and real daemons: a run of their own.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/packages/lab/test/real-pod/'],
  // No test is to depend on the AWS settings of whoever runs it.
  setupFiles: ['<rootDir>/test/jest/no-aws-settings.ts', '<rootDir>/test/jest/record-worker.ts'],
  // A temporary folder for each run, which goes with it, however it ends.
  globalSetup: '<rootDir>/test/jest/global-setup.ts',
  globalTeardown: '<rootDir>/test/jest/global-teardown.ts',
  testSequencer: '<rootDir>/test/jest/longest-first.mjs',
  transform: {
    '^.+\\.[mc]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs', lazy: SDK_CLIENTS },
        sourceMaps: 'inline',
      },
    ],
  },
  // These ship ES modules only; Jest runs CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!@middy/|d3-|internmap/|hyparquet)'],
  // The build inlines the stage's validated fleet and the script of boot; tests read the same files in the same way.
  moduleNameMapper: {
    '(^|/)fleet\\.yml$': '<rootDir>/test/builders/shipped-fleet.ts',
    '/src/host/boot\\.sh$': '<rootDir>/test/builders/boot-script.ts',
  },
};
