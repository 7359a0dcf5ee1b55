/** Writes docs/cost.md (`npm run docs:cost`, after a change of the template, of a tick's calls or of the prices). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { costPage } from './cost/page.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'podtime-cost-'));
try {
  const sls = join(root, 'node_modules/serverless/bin/serverless.js');
  const fleet = 'fleet=test/fixtures/infra/cost.yml';
  execFileSync(process.execPath, [sls, 'package', '--stage', 'prod', '--package', folder, '--param', fleet], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  const template = read(join(folder, 'cloudformation-template-update-stack.json'));
  const recorded = read(join(root, 'test/fixtures/cost/ticks.json'));
  writeFileSync(join(root, 'docs', 'cost.md'), costPage(template, recorded));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
