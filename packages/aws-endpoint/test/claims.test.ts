import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const CLAIMS = readFileSync(join(ROOT, 'docs/aws-claims.md'), 'utf8');

/** Rows of the tables whose columns are `claim` (or a rate), `kind` and `source`. */
const rows = CLAIMS.split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter((cells) => cells.length >= 3 && cells.at(-2) !== 'kind' && !/^-+$/.test(cells[0] ?? ''));

/** Error codes that the endpoint itself names. */
function codes(): string[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const found = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'))
    .flatMap((source) => [...source.matchAll(/AwsError\(\s*'([A-Za-z.]+)'/g)].map(([, code]) => code ?? ''));
  return [...new Set(found)].toSorted();
}

describe('docs/aws-claims.md', () => {
  it('says of every claim whether it is documented, observed or assumed', () => {
    expect(rows.length).toBeGreaterThan(100);
    const unsaid = rows.filter((cells) => !/\b(documented|observed|assumed|limit)\b/.test(cells.at(-2) ?? ''));
    expect(unsaid).toEqual([]);
  });

  it('names a source for whatever is documented', () => {
    expect(rows.filter((cells) => /documented/.test(cells.at(-2) ?? '') && cells.at(-1) === '')).toEqual([]);
  });

  it('has every error code that the endpoint answers', () => {
    expect(codes().length).toBeGreaterThan(30);
    expect(codes().filter((code) => !CLAIMS.includes(code))).toEqual([]);
  });
});
