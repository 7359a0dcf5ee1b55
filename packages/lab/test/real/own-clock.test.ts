import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Container } from '../../src/real/container.ts';
import { hastenClock } from '../../src/real/own-clock.ts';
import { whyNoRealHosts } from '../../src/real/requirements.ts';

const reasons = whyNoRealHosts();
const DAY = 86_400;

(reasons.length === 0 ? describe : describe.skip)(`a host with a clock of its own${reasons.join(' ')}`, () => {
  let host: Container;
  beforeAll(async () => {
    const root = mkdtempSync(join(tmpdir(), 'podtime-clock-'));
    const daemon = { kind: 'ntpsec', newer: false } as const;
    host = await Container.create({
      name: 'late',
      daemon,
      root,
      nameservers: [],
      ownClock: { aheadSeconds: -DAY, times: 50 },
    });
  });
  afterAll(() => host?.close());

  /** Seconds by which it is ahead of the machine's. */
  const ahead = async () => Number((await host.run('date +%s.%N')).stdout) - Date.now() / 1000;
  const about = (seconds: number) => expect.closeTo(seconds, -1);

  it('reads it, and steers it without the right to touch the machine’s', async () => {
    expect(await ahead()).toEqual(about(-DAY));
    const before = Date.now();
    const { exitCode, stderr } = await host.run(`date -s @${Math.round(Date.now() / 1000) + 3600}`);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(await ahead()).toEqual(about(3600));
    // python asks by other calls than date
    expect(Number((await host.run("python3 -c 'import time; print(time.time())'")).stdout) - Date.now() / 1000).toEqual(
      about(3600),
    );
    expect(Date.now() - before).toBeLessThan(60_000);
  });

  it('lets it run so many times as fast from a moment on, and nothing but that', async () => {
    hastenClock(host.root);
    const { stdout } = await host.run('date +%s.%N; sleep 1; date +%s.%N');
    const [first = 0, second = 0] = stdout.split('\n').map(Number);
    expect(second - first).toBeGreaterThan(50);
    // the machine may be busy, and a second take longer
    expect(second - first).toBeLessThan(50 * 10);
  });
});
