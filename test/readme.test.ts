import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { VERBS } from '../packages/lab/src/pod/client/verb-list.mjs';

// What the README shows is there: its commands, functions, verbs and links.
const readme = readFileSync('README.md', 'utf8');
const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts;
const all = (pattern: RegExp) => [...readme.matchAll(pattern)].map((match) => match[1] ?? '');

describe('the README', () => {
  it('shows first how to run it, then how to test it', () => {
    expect(all(/^npm ci && (npm .*)$/gm)).toEqual(['npm start', 'npm test']);
  });

  it('names only scripts that there are', () => {
    expect(all(/npm run ([a-z:]+)/g).filter((name) => !(name in scripts))).toEqual([]);
  });

  it('names only verbs of the pod that there are', () => {
    const verbs = all(/npm run pod -- ([a-z]+)/g);
    expect(verbs.length).toBeGreaterThan(2);
    expect(verbs.filter((verb) => !(verb in VERBS))).toEqual([]);
  });

  it('invokes only functions that there are, with payloads of JSON', () => {
    const text = readFileSync('serverless.yml', 'utf8').replaceAll(/\$\{[^}]*\}/g, 'x');
    const functions = Object.keys((parse(text) as { functions: object }).functions);
    const invoked = [...readme.matchAll(/sls invoke --stage prod -f (\w+) -d '([^']+)'/g)];
    expect(invoked.length).toBeGreaterThan(2);
    // of the stage that the README deploys, not of the default one
    expect(readme).toContain('sls deploy --stage prod');
    expect(readme).not.toMatch(/sls (?:invoke|logs) -f \w+ -/);
    for (const [, name, payload = ''] of invoked) {
      expect(functions).toContain(name);
      expect(() => JSON.parse(payload)).not.toThrow();
    }
  });

  it('has the pictures that it shows', () => {
    const shown = all(/(?:src|srcset)="([^"]+)"/g);
    expect(shown.length).toBeGreaterThan(0);
    for (const path of shown) expect(readFileSync(path).subarray(1, 4).toString()).toBe('PNG');
  });

  it('shows how fast clients heal as the benchmark has it', () => {
    const benchmark = readFileSync('docs/benchmarks.md', 'utf8');
    const shown = [...readme.matchAll(/^\| (ntpsec|chrony) \| (.*?) \| (.*?) \|$/gm)];
    expect(shown.map(([, daemon]) => daemon)).toEqual(['chrony', 'ntpsec']);
    for (const [, daemon, ...cells] of shown) {
      const measured = ['alone', 'with podtime'].map((how) => {
        const [, median] =
          new RegExp(`^\\| ${daemon} \\| \`server\` \\| ${how} \\| (.*?) \\|`, 'm').exec(benchmark) ?? [];
        return median;
      });
      const inBenchmark = (cell: string) =>
        cell
          .replaceAll(',', '')
          .replace(/^never in (\d+) s$/, '> $1')
          .replace(/ s$/, '');
      expect(cells.map(inBenchmark)).toEqual(measured);
    }
  });

  it('links only to what is there', () => {
    expect(all(/\]\(([^)#]+)\)/g).filter((path) => !existsSync(path))).toEqual([]);
  });
});
