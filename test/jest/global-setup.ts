import { cleanLeftovers, OwnedFolder } from '../../packages/lab/src/pod/leftovers.ts';

/**
 * In jest's own process, before all tests: a temporary folder for the run, which goes with it. Workers are recorded there,
 * so that they end with a run that is killed: one that waits in a test would run on, and what it started with it.
 */
export default async function openRunFolder(): Promise<void> {
  await cleanLeftovers();
  const folder = OwnedFolder.claim('tests');
  process.env.TMPDIR = folder.path;
  process.env.PODTIME_TEST_RUN = folder.path;
  Object.assign(globalThis, { testRunFolder: folder });
}
