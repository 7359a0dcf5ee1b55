import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { write } from '../builders/temporary-folder.ts';
import { FIXTURES, type Fixture } from './fixtures.ts';

// Every rule of .dependency-cruiser.mjs, held against code that breaks it.

const ROOT = join(import.meta.dirname, '../..');
const CRUISE = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Cruised {
  summary: {
    violations: { from: string; to: string; rule: { name: string } }[];
    ruleSetUsed: { forbidden: { name: string }[] };
  };
}

/** What the project's own check says of a tree with all fixtures in it. */
async function cruiseFixtures(): Promise<Cruised> {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const imports = Object.values(FIXTURES).flatMap(({ files }) => Object.entries(files));
  const sources = imports.map(([path, names]) => [path, names.map((name) => `import '${name}';\n`).join('')]);
  const packages = [...new Set(imports.flatMap(([, names]) => names))].filter((name) => !/^(\.|node:)/.test(name));
  const folder = write({
    'package.json': JSON.stringify({ dependencies, devDependencies }),
    ...Object.fromEntries(sources),
    ...Object.fromEntries(
      packages.flatMap((name) => [
        [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
        [`node_modules/${name}/index.js`, ''],
      ]),
    ),
  });
  const folders = [...new Set(sources.map(([path = '']) => path.split('/')[0] ?? ''))];
  const args = [CRUISE, '--config', join(ROOT, '.dependency-cruiser.mjs'), '--output-type', 'json', ...folders];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Cruised;
}

let cruised: Cruised;
beforeAll(async () => {
  cruised = await cruiseFixtures();
});

const cases = Object.entries(FIXTURES);

describe('the architecture check', () => {
  it('has a fixture for each rule, and a rule for each fixture', () => {
    const rules = cruised.summary.ruleSetUsed.forbidden.map(({ name }) => name);
    expect(Object.keys(FIXTURES).toSorted()).toEqual(rules.toSorted());
  });

  it('has a layer for each folder of src', () => {
    const layers = readdirSync(join(ROOT, 'src')).map((folder) => `layer-${folder}`);
    expect(
      Object.keys(FIXTURES)
        .filter((rule) => rule.startsWith('layer-'))
        .toSorted(),
    ).toEqual(layers.toSorted());
  });

  it.each(cases)(
    'finds what breaks %s, and nothing else in its files',
    (rule, { files, breach, also = [] }: Fixture) => {
      const found = cruised.summary.violations
        .filter(({ from }) => from in files)
        .map(({ rule: { name }, from, to }) => `${name}: ${from} -> ${to}`);
      expect(found.toSorted()).toEqual([rule, ...also].map((name) => `${name}: ${breach}`).toSorted());
    },
  );

  it.each(cases)('has for %s a fixture in folders of the project as it is', (_, { files }: Fixture) => {
    for (const path of Object.keys(files)) {
      expect([path, existsSync(join(ROOT, dirname(path)))]).toEqual([path, true]);
    }
  });
});
