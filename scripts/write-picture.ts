/**
 * Writes docs/status-light.png and docs/status-dark.png, which the README opens with (`npm run docs:picture`): the status page of the pod that
 * `npm start` brings up, after one of its clocks went wrong. Takes some minutes, and Chromium (scripts/install-test-tools.sh).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runCommand } from '../packages/lab/src/pod/client/run.mjs';
import { anyFreePort } from '../packages/lab/src/pod/settings.ts';
import { startBrowser, whyNoBrowser } from '../test/report/page/chromium.ts';

const ROOT = join(import.meta.dirname, '..');
const WRONG = 'blue-client-c1';
const WIDTH = 1200;
const HEIGHT = 780;
/** Against waiting for ever. */
const MOST_MS = 15 * 60_000;

/** Of what `npm run pod -- hosts --json` lists. */
interface Listed {
  name: string;
  podtime: { state: string; confident: boolean } | null;
}

const why = whyNoBrowser();
if (why !== null) {
  console.error(why);
  process.exit(1);
}
const port = await anyFreePort();
const env = { ...process.env, PORT: String(port), AWS_PORT: String(await anyFreePort()) };
const pod = spawn(process.execPath, ['--import', 'tsx', 'packages/lab/src/pod/start.ts'], {
  cwd: ROOT,
  env,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const ended = once(pod, 'exit');
const endMs = Date.now() + MOST_MS;

/** Asks the pod until podtime says so of its hosts. */
async function until(what: string, holds: (hosts: Listed[]) => boolean): Promise<void> {
  console.log(`the picture waits for ${what}`);
  for (;;) {
    if (pod.exitCode !== null || Date.now() > endMs) throw new Error(`it did not come to that: ${what}`);
    await pause(2000);
    const { status, stdout } = await runCommand(['hosts', '--json', 'blue'], env, ROOT);
    if (status === 0 && holds(JSON.parse(stdout))) return;
  }
}

try {
  await until(
    'all clocks to be well',
    (hosts) => hosts.length >= 14 && hosts.every(({ podtime }) => podtime?.confident),
  );
  const { stdout, stderr, status } = await runCommand(['drift', WRONG, '80ms'], env, ROOT);
  if (status !== 0) throw new Error(stderr);
  console.log(stdout.trim());
  await until('that to be seen', (hosts) =>
    hosts.some(({ name, podtime }) => name === WRONG && podtime?.state === 'adrift'),
  );
  const browser = await startBrowser();
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT }, colorScheme });
      await page.goto(`http://127.0.0.1:${port}/blue/status`);
      await page.screenshot({ path: join(ROOT, 'docs', `status-${colorScheme}.png`) });
      await page.close();
    }
  } finally {
    await browser.close();
  }
} finally {
  pod.kill('SIGINT');
  await ended;
}
