/** Writes docs/cost.md (`npm run docs:cost`, after a change of the template, of a tick's calls or of the prices). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sortedUnique } from '../src/fleet/ordering.ts';
import { costPage, FLEET_FILES } from './cost/page.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'podtime-cost-'));
try {
  const sls = join(root, 'node_modules/serverless/bin/serverless.js');
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  const templates = new Map(
    sortedUnique(Object.values(FLEET_FILES)).map((fleetFile) => {
      const packaging = ['package', '--stage', 'prod', '--package', folder, '--param', `fleet=${fleetFile}`];
      execFileSync(process.execPath, [sls, ...packaging], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
      return [fleetFile, read(join(folder, 'cloudformation-template-update-stack.json'))];
    }),
  );
  const recorded = read(join(root, 'test/fixtures/cost/ticks.json'));
  const page = costPage((hosts) => templates.get(FLEET_FILES[hosts] ?? ''), recorded);
  writeFileSync(join(root, 'docs', 'cost.md'), page);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
