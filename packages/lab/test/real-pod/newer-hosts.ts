import { expect } from '@jest/globals';
import { parseCollected } from '../../../../src/host/collect.ts';
import type { RealPod } from './real-pod.ts';
import { eventually, host, NEWER, pidOf, really } from './setup.ts';

export const NEWER_NTPSEC = host('blue', 'client', 'b', 'ntpsec', 108, NEWER);
export const NEWER_CHRONY = host('blue', 'client', 'c', 'chrony', 109, NEWER);

const UPSTREAMS = ['192.0.2.60', '192.0.2.61', '192.0.2.62'];
/** It follows the upstreams by a file of its own, and polls so often that it has the eight samples that it wants in time. */
export const NTPD_RS = host('blue', 'client', 'd', 'ntpd-rs', 110, {
  boots: false,
  config: [
    '[observability]',
    'observation-path = "/run/ntpd-rs/observe"',
    '[source-defaults]',
    'poll-interval-limits = { min = 1, max = 1 }',
    'initial-poll-interval = 1',
    ...UPSTREAMS.flatMap((address) => ['[[source]]', 'mode = "server"', `address = "${address}"`]),
    '',
  ].join('\n'),
});

/** Tests of these three, which are up in the pod beside hosts of older daemons. */
export function describeNewerHosts(pod: () => RealPod): void {
  const newer = [NEWER_NTPSEC, NEWER_CHRONY];
  const pids = () => Promise.all(newer.map(({ id }) => pidOf(pod(), id)));

  really('hosts of newer daemons are read and judged as those of older ones', async () => {
    const judged = await eventually(
      'confident and healthy',
      90,
      async () => {
        const { hosts } = await pod().tick('blue');
        return newer.map(({ id }) => hosts.find(({ instanceId }) => instanceId === id));
      },
      (seen) => seen.every((each) => each?.confident === true && each.state === 'healthy'),
      2,
    );
    expect(judged.map((each) => each?.stale)).toEqual([null, null]);
    const collected = newer.map(({ id }) => parseCollected(pod().outputsOf('collect', id)[0] ?? ''));
    expect(collected).toMatchObject([
      { daemon: { kind: 'ntpsec', version: '1.2.3' }, faults: [] },
      { daemon: { kind: 'chrony', version: '4.6.1' }, faults: [] },
    ]);
  });

  really('and cycled: ntpd is started anew, chronyd only looks its names up', async () => {
    const before = await pids();
    await pod().invoke('cycle', { pod: 'blue', tier: 'client', instanceIds: newer.map(({ id }) => id), force: true });
    const outputs = await eventually(
      'both were cycled',
      90,
      () => newer.map(({ id }) => pod().outputsOf('cycle', id)[0]),
      (seen) => seen.every((output) => output !== undefined),
    );
    expect(outputs).toEqual([
      expect.stringMatching(/^verdict cycled ntpsec in \d+ s$/m),
      expect.stringMatching(/^verdict cycled chrony in \d+ s$/m),
    ]);
    expect((await pids()).map((pid, at) => pid === before[at])).toEqual([false, true]);
  });

  really('ntpd-rs follows three upstreams of Stratum 2, says so, and is stopped and started', async () => {
    const { id } = NTPD_RS;
    const synchronised = (what: string) =>
      eventually(
        what,
        60,
        () => pod().hosts.get(id)?.query(),
        (seen) => seen?.synchronised === true && seen.sources.length === UPSTREAMS.length,
      );
    const status = await synchronised('synchronised');
    const sources = status?.sources.toSorted((a, b) => a.address.localeCompare(b.address));
    expect({ ...status, sources }).toEqual({
      synchronised: true,
      stratum: 3,
      offsetMs: null,
      sources: UPSTREAMS.map((address) => ({
        kind: 'server',
        address,
        reach: 0o377,
        isSystemPeer: false,
        isRejected: false,
      })),
    });
    const asked = await pod().hosts.run(id, 'ntp-ctl -c /etc/ntpd-rs/ntp.toml status -f prometheus');
    expect({ status: asked.exitCode, stderr: asked.stderr, lines: asked.stdout.split('\n') }).toEqual({
      status: 0,
      stderr: '',
      lines: expect.arrayContaining([
        expect.stringMatching(/^ntp_uptime_seconds\{version="1\.4\.0",.*\} [\d.]+$/),
        'ntp_system_leap_indicator 0',
        'ntp_system_stratum 3',
      ]),
    });
    const pid = await pidOf(pod(), id);
    await pod().hosts.stopDaemon(id);
    expect(await pod().hosts.get(id)?.query()).toBeNull();
    await pod().hosts.startDaemon(id);
    await synchronised('synchronised again');
    expect(await pidOf(pod(), id)).not.toBe(pid);
  });
}
