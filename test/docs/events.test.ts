import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { FUNCTIONS } from '../builders/functions.ts';
import { expectClean } from './shell.ts';

const EVENTS = join(import.meta.dirname, '../../events');
const PAGE = readFileSync(join(EVENTS, 'README.md'), 'utf8');
const rows = [...PAGE.matchAll(/^\| \[(\S+)\]\((\S+)\) \| `(\w+)` \| (.+) \|$/gm)].map(
  ([, file = '', link = '', name = '', what = '']) => ({ file, link, name, what }),
);

it('events/README.md tells of every event, by the function that tests hand it to', () => {
  const files = readdirSync(EVENTS).filter((file) => file.endsWith('.json'));
  expect(rows.map(({ file }) => file).toSorted()).toEqual(files.toSorted());
  for (const { file, link, name } of rows) {
    expect(link).toBe(file);
    // as packages/lab/test/pod/story.test.ts does
    expect(name).toBe(file.split('.')[0]);
    expect(FUNCTIONS).toContain(name);
  }
});

it('events/README.md shows shell that is clean, of files that there are', () => {
  const snippets = [...PAGE.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  expect(snippets).toHaveLength(2);
  // $local is to be split
  for (const text of snippets) expectClean(`#!/bin/sh\n# shellcheck disable=SC2086\ntrue\n${text}`);
});

it('events/README.md shows the line of any event as that which is run', () => {
  const [, run = ''] = /^(npx sls invoke local .*)$/m.exec(PAGE) ?? [];
  const [, any = ''] = /`(npx sls invoke local [^`]*)`/.exec(PAGE) ?? [];
  const ofRow = rows.map(({ file, name }) => any.replace('FUNCTION', name).replace('FILE', file));
  expect(ofRow).toContain(run);
  expect(new Set(ofRow).size).toBe(rows.length);
});
