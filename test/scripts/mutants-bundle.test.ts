import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');

/** Bundles the tests that mutants are tried by, declares those of each file, and prints which files could not be loaded. */
const LOAD_ALL = `
const { bundleTests } = await import('./test/mutation/bundle.mjs');
const { Suite } = await import('./test/mutation/suite.mjs');
const { files, load } = await bundleTests(process.cwd());
const faults = [];
let tests = 0;
for (const file of files) {
  const suite = new Suite(file);
  try {
    load(file, suite.globals);
    tests += suite.tests.length;
  } catch (error) {
    faults.push(file + ': ' + error.message);
  }
}
console.log(JSON.stringify({ faults, isMany: files.length > 50 && tests > 1000 }));
`;

describe('the tests that mutants are tried by', () => {
  it('make one script, of which every file loads without Jest', () => {
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', LOAD_ALL], { cwd: ROOT, encoding: 'utf8' });
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({ faults: [], isMany: true });
  }, 120_000);
});
