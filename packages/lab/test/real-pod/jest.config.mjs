import { join } from 'node:path';
import base from '../../../../jest.config.mjs';

/**
 * The pod of network namespaces: Linux, root, ntpsec, chrony, tcpdump. Two files at once: each brings up a pod of its own,
 * which waits more than it computes.
 * @type {import('jest').Config}
 */
export default {
  ...base,
  rootDir: join(import.meta.dirname, '..', '..', '..', '..'),
  roots: ['<rootDir>/packages/lab/test/real-pod'],
  // Upstreams with NTS, and a pod that loses all true time, take minutes more: `REAL_POD=whole`, as `npm run verify` does. test/host/nts.test.ts
  // has most of the first.
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.REAL_POD === 'whole' ? [] : ['/(?:nts|together)[.]test'])],
  maxWorkers: 2,
  verbose: true,
  testTimeout: 120_000,
  // A test that failed may have left something open, on which the run would wait for ever.
  forceExit: true,
};
