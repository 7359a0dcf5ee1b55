import { join } from 'node:path';
import base from '../../jest.config.mjs';

/** The pod of network namespaces: Linux, root, ntpsec, chrony, tcpdump. One file after the other: each brings up a pod. */
/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: join(import.meta.dirname, '..', '..'),
  roots: ['<rootDir>/test/pod'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  verbose: true,
  testTimeout: 120_000,
};
