/**
 * Writes docs/status-light.png and docs/status-dark.png, which the README opens with (`npm run docs:picture`): the status page of the pod that
 * `npm start` brings up, after one of its clocks went wrong. Takes some ten minutes, and Chromium (scripts/install-test-tools.sh).
 */
import { join } from 'node:path';
import { untilStatus } from '../packages/lab/test/pod/pod-status.ts';
import { startPod } from '../packages/lab/test/pod/started-pod.ts';
import { startBrowser, whyNoBrowser } from '../test/report/page/chromium.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');
const WRONG = 'blue-client-c1';
const WIDTH = 1200;
const HEIGHT = 900;

const why = whyNoBrowser();
if (why !== null) {
  console.error(why);
  process.exit(1);
}
const pod = await startPod();
try {
  const told = (what: string) => console.log(`the picture waits for ${what}`);
  told('all clocks to be confident');
  await untilStatus(pod, 'blue', 'all confident', ({ summary }) => summary.confident === summary.expected || null);
  const { stdout, stderr, status } = await pod.command('drift', WRONG, '80ms');
  if (status !== 0) throw new Error(stderr);
  told(stdout.trim());
  await untilStatus(pod, 'blue', 'one adrift', ({ hosts }) => hosts.some(({ state }) => state === 'adrift') || null);
  const browser = await startBrowser();
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT }, colorScheme });
      await page.goto(`http://127.0.0.1:${pod.port}/blue/status`);
      await page.screenshot({ path: join(DOCS, `status-${colorScheme}.png`) });
      await page.close();
    }
  } finally {
    await browser.close();
  }
} finally {
  await pod.interrupt();
}
