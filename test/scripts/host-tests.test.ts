import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ownTestOf, RUN_NONE, RUNS, testsOf } from '../../scripts/host-tests.ts';

const ROOT = join(import.meta.dirname, '../..');
const names = (folder: string, ending: string) =>
  readdirSync(join(ROOT, folder)).flatMap((name) => (name.endsWith(ending) ? [name.slice(0, -ending.length)] : []));

it('knows of each test of test/host which scripts it runs', () => {
  expect([...Object.keys(RUNS), ...RUN_NONE].toSorted()).toEqual(names('test/host', '.test.ts').toSorted());
});

it('runs the tests of all scripts that a file is a part of, and of no other', () => {
  const running = (...scripts: string[]) =>
    Object.keys(RUNS).filter((name) => RUNS[name]?.some((script) => scripts.includes(script)));
  expect(testsOf('check.sh')).toEqual(running('boot'));
  expect(testsOf('nts-names.sh')).toEqual(running('boot', 'collect'));
  expect(testsOf('lock.sh')).toEqual(running('boot', 'cycle'));
  expect(testsOf('daemon.sh')).toEqual(Object.keys(RUNS));
});

it('runs for each file of src/host the test that is about it', () => {
  const files = names('src/host', '.sh').map((name) => `${name}.sh`);
  expect(files.filter((file) => !testsOf(file).includes(ownTestOf(file)))).toEqual([]);
});
