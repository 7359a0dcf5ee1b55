import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { VERBS } from '../../src/pod/client/verb-list.mjs';

const LAB = join(import.meta.dirname, '..', '..');
const readme = readFileSync(join(LAB, 'README.md'), 'utf8');

it('shows each verb of npm run pod, as it is', () => {
  const [, table = ''] = /^## npm run pod\n([\s\S]*?)^## /m.exec(readme) ?? [];
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  const verbs = Object.values(VERBS).map(
    ({ usage, meaning }) => `| \`${usage.replaceAll('|', '\\|')}\` | ${meaning} |`,
  );
  expect(rows).toEqual(verbs);
});

it('names only folders and scripts that there are', () => {
  const paths = [...readme.matchAll(/`((?:src|test)\/[\w/.-]+)`/g)].map(([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(4);
  expect(paths.filter((path) => !existsSync(join(LAB, path)))).toEqual([]);
});
