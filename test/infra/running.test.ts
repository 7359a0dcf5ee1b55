import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Build } from '../../infra/build.ts';
import { NO_TOPICS } from '../../infra/monitoring/alarms.ts';
import { ROOT, SILENT } from '../builders/packaged-service.ts';

const FIXTURES = 'test/fixtures/infra';

/** Where `invoke local` and `offline` find the config function of this fleet. */
async function moduleOf(fleetFile: string): Promise<string> {
  const settings = { fleetFile: `${FIXTURES}/${fleetFile}`, stage: 'local', region: 'us-west-2', topics: NO_TOPICS };
  const functions = { config: { handler: 'handlers/config.handler' } };
  await new Build(ROOT, SILENT, settings).runFromBundles(functions);
  return join(ROOT, functions.config.handler.replace(/\.handler$/, '.js'));
}

it('runs functions from a folder of their fleet, so that two pods on one machine keep their own', async () => {
  const [complete, twoRegions] = [await moduleOf('complete.yml'), await moduleOf('two-regions.yml')];
  expect(complete).not.toBe(twoRegions);
  expect(readFileSync(complete, 'utf8')).toContain('yellow');
  expect(readFileSync(complete, 'utf8')).not.toContain('green-2');
  expect(readFileSync(twoRegions, 'utf8')).toContain('green-2');
});
