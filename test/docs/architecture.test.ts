import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pageText } from './snippets.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Made by tools, or by a run. */
const NOT_OURS = ['node_modules', '.git', '.build', '.serverless', '.stryker', 'coverage', '__pycache__'];

const page = pageText('architecture.md');

/** The rows of the table under a heading, each as its cells without back quotes. */
function tableUnder(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| (.+) \|$/gm)]
    .map(([, cells = '']) => cells.split(' | ').map((cell) => cell.replaceAll('`', '').trim()))
    .filter(([first = '']) => !first.startsWith('---'))
    .slice(1);
}

/** Every folder with files of its own; of `fixtures` the folder itself, not its cases. */
function foldersBelow(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter(
    ({ name }) => !NOT_OURS.includes(name),
  );
  const own = folder !== '' && entries.some((entry) => entry.isFile()) ? [folder] : [];
  if (folder.endsWith('fixtures')) return [folder];
  const inner = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  return [...own, ...inner.flatMap(foldersBelow)];
}

describe('the folders', () => {
  const rows = tableUnder('Folders');

  it('are all there, in order, each with its purpose', () => {
    expect(rows.map(([folder]) => folder)).toEqual(foldersBelow('').sort());
    expect(rows.filter(([, purpose = '']) => purpose.length < 10)).toEqual([]);
  });

  it('are described in one line each', () => {
    expect(rows.filter((cells) => cells.length !== 2)).toEqual([]);
  });
});

describe('the walk of a sighting', () => {
  const steps = tableUnder('The walk of a sighting');

  it.each(steps)('%s: %s %s', (_step, file, names) => {
    expect(existsSync(join(ROOT, String(file)))).toBe(true);
    const source = readFileSync(join(ROOT, String(file)), 'utf8');
    for (const name of String(names).split(', ')) {
      expect(source).toMatch(new RegExp(`(?:function|const|class|async) ${name}\\b|^ +(?:async )?${name}[(:]`, 'm'));
    }
  });

  it('goes down, and does not climb back', () => {
    // from what AWS answers to what AWS is told, by the rooms in the order of the arrows
    const rooms = steps.map(([, file = '']) => file.split('/').slice(0, 2).join('/'));
    expect(rooms.filter((room, index) => room !== rooms[index - 1])).toEqual([
      'src/aws',
      'src/host',
      'src/ntp',
      'src/diagnosis',
      'src/metrics',
      'src/plan',
      'src/aws',
    ]);
  });
});
