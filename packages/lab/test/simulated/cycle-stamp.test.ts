import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { createScaledClock } from '@podtime/aws-endpoint/clock';
import { parseCollected } from '../../../../src/host/collect.ts';
import { interpolated } from '../../../../test/host/host.ts';
import { addHost, createTestHosts, type TestHosts } from './test-hosts.ts';

let test: TestHosts | undefined;
afterEach(() => test?.hosts.close());

const CYCLED_SECONDS_AGO = 20_000;

it('a cycle is as long ago by a host of a faster pod as by the clock of podtime', async () => {
  const clock = createScaledClock(20);
  test = createTestHosts({ clock, graceRealMs: 60_000 });
  const host = addHost(test.hosts, 'ntpsec', 'server ntp.az-b.pod iburst\n');
  const stamp = join(host.root, 'var/lib/podtime/cycled');
  mkdirSync(dirname(stamp));
  writeFileSync(stamp, `${Math.floor(clock.nowMs() / 1000)}\n`);
  const cycledAt = new Date(clock.wallMs() - CYCLED_SECONDS_AGO * 1000);
  utimesSync(stamp, cycledAt, cycledAt);
  // a second look tells the same cycle; the script itself runs in simulated time
  for (const _ of [1, 2]) {
    const { stdout } = await host.run(interpolated('collect', {}), 40);
    const secondsAgo = parseCollected(stdout)?.cycledSecondsAgo ?? 0;
    expect(secondsAgo).toBeGreaterThanOrEqual(CYCLED_SECONDS_AGO - 1);
    expect(secondsAgo).toBeLessThan(CYCLED_SECONDS_AGO + 10_000);
  }
});
