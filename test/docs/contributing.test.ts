import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const rows = [...page.matchAll(/^\| (.+) \| (.+) \| (.+) \|$/gm)].slice(2).map(([, what, edit = '', then = '']) => ({
  what,
  places: [...`${edit} ${then}`.matchAll(/`([\w./-]+)`/g)]
    .map(([, place = '']) => place)
    .filter((place) => place.includes('/') || place.includes('.')),
}));

describe('CONTRIBUTING.md', () => {
  it.each(rows)('$what: leads to what is there', ({ places }) => {
    expect(places.length).toBeGreaterThan(0);
    expect(places.filter((place) => !existsSync(join(ROOT, place)))).toEqual([]);
  });

  it('has a way for each kind of change', () => {
    expect(rows.length).toBeGreaterThanOrEqual(6);
  });

  it('names only scripts that there are', () => {
    const named = [...page.matchAll(/npm run ([a-z:]+)|`(docs:[a-z]+)`/g)].map(([, run, docs]) => run ?? docs ?? '');
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
