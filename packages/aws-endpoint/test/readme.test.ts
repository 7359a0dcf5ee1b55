import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startEndpoint } from '../src/endpoint.ts';

const PACKAGE = join(import.meta.dirname, '..');
const text = (path: string) => readFileSync(join(PACKAGE, path), 'utf8');
const README = text('README.md');

/** Cells of the table whose first column is headed so. */
function table(heading: string): string[][] {
  const lines = README.slice(README.indexOf(`| ${heading} |`)).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('README.md', () => {
  it('names every operation that the endpoint has, and no other', async () => {
    const endpoint = await startEndpoint({ region: 'us-west-2' });
    await endpoint.close();
    expect(table('service')).toEqual(
      Object.entries(endpoint.operations).map(([service, names]) => [`\`${service}\``, names.toSorted().join(', ')]),
    );
  });

  it('names every option of npm start', () => {
    const source = text('src/start-options.ts');
    const options = source.slice(source.indexOf('    options: {'), source.indexOf('  const port ='));
    expect(table('option').map(([option]) => option)).toEqual(
      [...options.matchAll(/^ {6}'?([a-z-]+)'?: \{/gm)].map(([, name]) => `\`--${name}\``),
    );
  });

  it('shows a test that runs: example.test.ts', () => {
    expect(/```ts\n(.*?)```/s.exec(README)?.[1]).toBe(text('test/example.test.ts'));
  });

  it('links to what is there', () => {
    const links = [...README.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path ?? '');
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((path) => !existsSync(join(PACKAGE, path)))).toEqual([]);
  });
});
