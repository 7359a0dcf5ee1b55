import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Container } from '../../src/real/container.ts';
import { whyNoTestingChrony } from '../../src/real/newer-daemons.ts';
import { hastenClock, setClockRate } from '../../src/real/own-clock.ts';
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

  /** What a script prints; one that fails says why. */
  async function printed(script: string): Promise<string> {
    const { stdout, stderr, exitCode } = await host.run(script);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return stdout;
  }
  /** Seconds by which it is ahead of the machine's. */
  const ahead = async () => Number(await printed('date +%s.%N')) - Date.now() / 1000;
  const about = (seconds: number) => expect.closeTo(seconds, -1);

  it('reads it, and steers it without the right to touch the machine’s', async () => {
    expect(await ahead()).toEqual(about(-DAY));
    const before = Date.now();
    const { exitCode, stderr } = await host.run(`date -s @${Math.round(Date.now() / 1000) + 3600}`);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(await ahead()).toEqual(about(3600));
    // python asks by other calls than date
    const pythons = Number(await printed("python3 -c 'import time; print(time.time())'"));
    expect(pythons - Date.now() / 1000).toEqual(about(3600));
    expect(Date.now() - before).toBeLessThan(60_000);
  });

  it('lets it gain so many ppm on the machine’s from a moment on', async () => {
    // 0.2 s a second
    setClockRate(host.root, 200_000);
    const stdout = await printed(
      "python3 -c 'import time\nfor _ in range(2): print(time.time(), time.monotonic()); time.sleep(1)'",
    );
    const [first = [], second = []] = stdout.split('\n').map((line) => line.split(' ').map(Number));
    const [gone = 0, passed = 0] = second.map((value, at) => value - (first[at] ?? 0));
    expect(gone / passed).toBeCloseTo(1.2, 3);
  });

  it('lets it run so many times as fast from a moment on, and nothing but that', async () => {
    hastenClock(host.root);
    const stdout = await printed('date +%s.%N; sleep 1; date +%s.%N');
    const [first = 0, second = 0] = stdout.split('\n').map(Number);
    expect(second - first).toBeGreaterThan(50);
    // the machine may be busy, and a second take longer
    expect(second - first).toBeLessThan(50 * 10);
  });
});

const whyNoTesting = reasons.join(' ') || whyNoTestingChrony();

(whyNoTesting ? describe.skip : describe)(`the chrony of Debian's testing on one${whyNoTesting ?? ''}`, () => {
  let host: Container;
  beforeAll(async () => {
    host = await Container.create({
      name: 'newest',
      daemon: { kind: 'chrony', newer: false, newest: true },
      root: mkdtempSync(join(tmpdir(), 'podtime-clock-')),
      nameservers: [],
      ownClock: { aheadSeconds: -DAY },
    });
    host.configure('local stratum 10\nbindcmdaddress 127.0.0.1\ncmdport 323\n');
    await host.systemctl('start');
  });
  afterAll(() => host?.close());

  it('answers its own chronyc, and has the time of that clock', async () => {
    const { stdout, stderr } = await host.run('chronyd --version && chronyc -c -n tracking');
    const [version = '', tracking = ''] = stdout.split('\n');
    const [refid, , stratum, referenceSeconds] = tracking.split(',');
    expect({ stderr, version, refid, stratum }).toEqual({
      stderr: '',
      version: expect.stringMatching(/^chronyd \(chrony\) version (?:4\.[89]|4\.\d\d|[5-9])/),
      refid: '7F7F0101',
      stratum: '10',
    });
    expect(Number(referenceSeconds) - Date.now() / 1000).toEqual(expect.closeTo(-DAY, -1));
  });
});
