import { spawn } from 'node:child_process';
import { FILE_OF, render } from '../../../../src/config/files.ts';
import { findPod, type Tier } from '../../../../src/fleet/fleet.ts';
import type { DaemonKind } from '../../../../src/host/collected.ts';
import fleet from '../../../../test/builders/shipped-fleet.ts';
import type { SimulatedHost } from '../../src/simulated/simulated-host.ts';
import { createTestHosts, type TestHosts } from './test-hosts.ts';

const blue = findPod(fleet, 'blue');
if (blue === null) throw new Error('fleet.yml has no pod blue');
export const BLUE = blue;
export { fleet };

/** The file that boot.sh would put on such a host. */
export function configOf(daemon: DaemonKind, tier: Tier, az: string): string {
  return render(FILE_OF[daemon], { fleet, pod: BLUE, tier, az }).text;
}

/** A host of pod blue with its rendered file, up at once. `number` is the last part of its addresses. */
export function addToPod(
  test: TestHosts,
  daemon: DaemonKind,
  tier: Tier,
  letter: string,
  number: number,
): SimulatedHost {
  const az = `us-west-2${letter}`;
  return test.hosts.add({
    id: `i-${tier}-${letter}-${daemon}-${number}`,
    pod: 'blue',
    tier,
    az,
    daemon,
    ipv4: `10.20.${letter.charCodeAt(0) - 96}.${number}`,
    ipv6: `2001:db8:20:${letter.charCodeAt(0) - 96}::${number}`,
    config: configOf(daemon, tier, az),
    bootSeconds: 0,
  });
}

/** What DNS says of boundary servers. */
export function publish(test: TestHosts, servers: readonly SimulatedHost[]): void {
  test.zone.records.clear();
  for (const { spec, addresses } of servers) {
    const name = `ntp.az-${spec.az.slice(-1)}.pod`;
    test.zone.records.set(name, [...(test.zone.records.get(name) ?? []), ...addresses]);
  }
}

/** The Records parameter of the `cycle` document. */
export function recordsOf(test: TestHosts): string {
  return [...test.zone.records].map(([name, addresses]) => `${name.split('.')[1]}=${addresses.join('|')}`).join(' ');
}

export function createPodHosts(startMs?: number): TestHosts {
  return createTestHosts({}, {}, startMs);
}

/**
 * Lets simulated time pass while a script runs: so much for each process that this machine starts meanwhile. A script is made of
 * processes, so however slow the machine is, it does not miss its limit.
 */
export async function running<T>(test: TestHosts, script: Promise<T>, secondsPerProcess = 0.05): Promise<T> {
  let ended = false;
  const watched = script.finally(() => {
    ended = true;
  });
  while (!ended) {
    await test.seconds(secondsPerProcess);
    await new Promise((resolve) => spawn('true').once('close', resolve));
  }
  return watched;
}
