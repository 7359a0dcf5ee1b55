import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pageText } from './snippets.ts';

const ROOT = join(import.meta.dirname, '../..');
const CODE = ['.ci', 'bench', 'handlers', 'infra', 'packages', 'scripts', 'src', 'test'];

const pages = readdirSync(join(ROOT, 'docs/decisions')).filter((file) => /^\d{4}-/.test(file));
const rows = [...pageText('decisions/README.md').matchAll(/^\| \[(\d+)\. (.+?)\]\((.+?)\) \| (.*) \|$/gm)].map(
  ([, number = '', title = '', file = '', code = '']) => ({
    number: number.padStart(4, '0'),
    title,
    file,
    code: code.replaceAll('`', '').split(', '),
  }),
);

/** Decision numbers that a file of the code names. */
function namedIn(file: string): string[] {
  const mentions = readFileSync(join(ROOT, file), 'utf8').matchAll(/\bdecisions? ((?:\d{4}(?:, | and )?)+)/gi);
  return [...mentions].flatMap(([, numbers = '']) => numbers.match(/\d{4}/g) ?? []);
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'fixtures'].includes(entry.name) ? [] : filesBelow(path);
    return /\.(ts|mjs|cjs|sh|yml|py)$/.test(entry.name) ? [path] : [];
  });
}

describe('the index of the decisions', () => {
  it('has each decision once, by its title', () => {
    expect(rows.map(({ file }) => file).sort()).toEqual(pages);
    const titles = rows.map(({ number, title, file }) => [`# ${Number(number)}. ${title}`, file]);
    expect(titles).toEqual(rows.map(({ file }) => [pageText(`decisions/${file}`).split('\n')[0], file]));
  });

  it.each(rows)('names code that names decision $number', ({ number, code }) => {
    expect(code.length).toBeGreaterThan(0);
    expect(code.filter((file) => !namedIn(file).includes(number))).toEqual([]);
  });
});

it('code names only decisions that there are', () => {
  const numbers = pages.map((file) => file.slice(0, 4));
  const strange = CODE.flatMap(filesBelow).flatMap((file) =>
    namedIn(file)
      .filter((number) => !numbers.includes(number))
      .map((number) => `${file}: ${number}`),
  );
  expect(strange).toEqual([]);
});
