import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

const rows = [...page.matchAll(/^\| (.+) \| (.+) \| (.+) \|$/gm)]
  .map(([, attempt = '', , test = '']) => ({ attempt, test }))
  .filter(({ attempt }) => attempt !== '---' && !attempt.startsWith('who tries'));

describe('docs/security.md', () => {
  it.each(rows)('$attempt: names tests that there are', ({ test }) => {
    for (const named of test.split('<br>')) {
      const [, file = '', title = ''] = /^`(test\/[\w./-]+(?:\.test|-cases)\.ts)`: (.+)$/.exec(named) ?? [];
      expect([named, existsSync(join(ROOT, file))]).toEqual([named, true]);
      // titles of tests stand in quotes of either kind
      const tests = readFileSync(join(ROOT, file), 'utf8').replaceAll("\\'", "'");
      expect(tests).toContain(title);
    }
  });

  it('has a claim for each way of attack', () => {
    expect(rows.length).toBeGreaterThan(20);
  });
});
