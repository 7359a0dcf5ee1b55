import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { RUN_NONE, RUNS, testsOf } from '../../scripts/host-tests.ts';

const ROOT = join(import.meta.dirname, '../..');
const names = (folder: string, ending: string) =>
  readdirSync(join(ROOT, folder)).flatMap((name) => (name.endsWith(ending) ? [name.slice(0, -ending.length)] : []));

it('knows of each test of test/host which scripts it runs', () => {
  expect([...Object.keys(RUNS), ...RUN_NONE].toSorted()).toEqual(names('test/host', '.test.ts').toSorted());
});

it.each([
  ['check.sh', 'boot-check'],
  ['drift.sh', 'boot-drift'],
  ['clock.sh', 'clock'],
  ['others.sh', 'other-daemons'],
  ['certificates.sh', 'certificates'],
])('runs the own tests of %s first', (file, own) => {
  expect(testsOf(file)[0]).toBe(own);
});

it('runs the tests of all scripts that a file is a part of, and of no other', () => {
  const running = (...scripts: string[]) =>
    Object.keys(RUNS).filter((name) => RUNS[name]?.some((script) => scripts.includes(script)));
  const tests = (file: string) => testsOf(file).toSorted();
  expect(tests('check.sh')).toEqual(running('boot').toSorted());
  expect(tests('nts-names.sh')).toEqual(running('boot', 'collect').toSorted());
  expect(tests('lock.sh')).toEqual(running('boot', 'cycle').toSorted());
  expect(tests('daemon.sh')).toEqual(Object.keys(RUNS).toSorted());
});

it('has a test of its own for each file of src/host', () => {
  const owners = names('src/host', '.sh').filter((name) => testsOf(`${name}.sh`)[0] !== Object.keys(RUNS)[0]);
  expect(owners).toEqual(names('src/host', '.sh').filter((name) => !['authentication', 'nts-names'].includes(name)));
});
