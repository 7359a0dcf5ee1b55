import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { TIME_SERVICE_ADDRESSES } from '../../../../src/fleet/fleet.ts';
import { parseCollected } from '../../../../src/host/collect.ts';
import type { Collected } from '../../../../src/host/collected.ts';
import { faultsIn } from '../../../../test/config/daemon-log.ts';
import type { Namespace } from '../../src/real/namespace.ts';
import { describeNewerHosts, NEWER_CHRONY, NEWER_NTPSEC, NTPD_RS } from './newer-hosts.ts';
import { PROJECT } from './product.ts';
import { RealPod } from './real-pod.ts';
import {
  because,
  bringUp,
  type Capture,
  capture,
  clockSettings,
  DELAYS,
  eventually,
  here,
  host,
  packetsOf,
  really,
  sourcesOf,
  stratumOf,
  testFleet,
} from './setup.ts';

const run = promisify(execFile);

const SERVERS = [host('blue', 'boundary', 'b', 'ntpsec', 10), host('blue', 'boundary', 'c', 'chrony', 11)] as const;
const NTPSEC = host('blue', 'client', 'b', 'ntpsec', 101);
const CHRONY = host('blue', 'client', 'c', 'chrony', 102);
const IPV6_ONLY = host('blue', 'client', 'a', 'ntpsec', 103, { ipv4: '' });
const NINE = host('blue', 'client', 'a', 'ntpsec', 104, {
  boots: false,
  config: [
    'restrict default nomodify noquery',
    'restrict 127.0.0.1',
    'restrict ::1',
    ...[60, 61, 62].flatMap((number) => [`192.0.2.${number}`, `2001:db8:2::${number}`]),
    ...TIME_SERVICE_ADDRESSES,
    '2001:db8:20::2:10',
  ]
    .map((line) => (line.startsWith('restrict') ? line : `server ${line} iburst minpoll 3 maxpoll 3`))
    .join('\n')
    .concat('\n'),
});
/** Files that hosts' images came with: ntpsec runs on past a syntax error, but not without a certificate that it is to use. */
const REFUSED_AT_FIRST = host('blue', 'client', 'd', 'ntpsec', 105, {
  config: 'nts cert /etc/ntpsec/none.pem\nnts enable\n',
});
const REFUSED = host('blue', 'client', 'd', 'chrony', 106, { boots: false, config: 'port 0\nserver\n' });
/** They boot by boot.sh and run on the files that podtime serves. */
const CLIENTS = [NTPSEC, CHRONY, IPV6_ONLY, NEWER_NTPSEC, NEWER_CHRONY];
const STRANGER = { name: 'stranger', addresses: ['192.0.2.99', '2001:db8:2::99'], stratum: 10 };

/** `answered` or `nothing` to each question `MODE,FROM,TO`, asked from that place. */
async function ask(namespace: Namespace, questions: readonly string[]): Promise<string[]> {
  const program = [process.execPath, join(PROJECT, 'test', 'config', 'probe.cjs'), ...questions];
  const [command = '', ...args] = [...namespace.prefix, ...program];
  return (await run(command, args)).stdout.trim().split('\n');
}

describe(`real daemons on the files that podtime serves${because}`, () => {
  let pod: RealPod;
  let clock: string;
  const captures = new Map<string, Capture>();
  const namespace = (id: string) => pod.hosts.get(id)?.container.namespace as Namespace;

  beforeAll(async () => {
    if (!here) return;
    clock = clockSettings();
    pod = await RealPod.start({ fleet: testFleet(), delays: DELAYS });
    await pod.hosts.addExternalServer(STRANGER);
    // EC2 knows nothing of it, so that podtime does not look for a daemon there
    await Promise.all([pod.add(NTPD_RS), bringUp(pod, SERVERS, [...CLIENTS, NINE, REFUSED_AT_FIRST, REFUSED])]);
    for (const { id } of [...CLIENTS, ...SERVERS]) captures.set(id, await capture(namespace(id)));
  }, 120_000);

  afterAll(async () => {
    for (const each of captures.values()) each.stop();
    await pod?.close();
  }, 60_000);

  really('boot by boot.sh: each file is fetched from the API and the daemon runs on it', async () => {
    for (const { id } of [...SERVERS, ...CLIENTS]) {
      const booted = await pod.hosts.get(id)?.booted;
      // on a busy machine the API answers late, and boot.sh asks again
      const complaints = (booted?.stderr ?? 'not booted').replaceAll(/^curl: \(28\) .*\n/gm, '');
      expect({ id, status: booted?.exitCode, complaints }).toEqual({ id, status: 0, complaints: '' });
    }
  });

  really('boundary servers reach Stratum 3 and clients Stratum 4, the time service being only watched', async () => {
    const ids = [...SERVERS, ...CLIENTS].map(({ id }) => id);
    const expected = [...SERVERS.map(() => 3), ...CLIENTS.map(() => 4)];
    const strata = await eventually(
      'strata 3 and 4',
      90,
      () => Promise.all(ids.map((id) => stratumOf(pod, id))),
      (seen) => JSON.stringify(seen) === JSON.stringify(expected),
    );
    expect(strata).toEqual(expected);
    for (const id of ids) {
      const watched = (await sourcesOf(pod, id)).filter(({ address }) => TIME_SERVICE_ADDRESSES.includes(address));
      expect({ id, heard: watched.filter(({ reach }) => reach > 0).length > 0 }).toEqual({ id, heard: true });
      expect({ id, rejected: new Set(watched.map(({ isRejected }) => isRejected)) }).toEqual({
        id,
        rejected: new Set([true]),
      });
    }
  });

  really('every rendered file is taken by its daemon without a warning', async () => {
    for (const { id } of [...SERVERS, ...CLIENTS]) {
      const { stdout } = await pod.hosts.run(id, 'cat /var/log/podtime-daemon.log');
      expect(stdout).toContain('--- started');
      expect({ id, faults: faultsIn(stdout) }).toEqual({ id, faults: [] });
    }
  });

  really('a stranger outside gets no answer, IPv4 and IPv6, though its questions arrive', async () => {
    const stranger = pod.hosts.externalServer(STRANGER.name).namespace;
    const [ipv4 = '', ipv6 = ''] = STRANGER.addresses;
    const questions = SERVERS.flatMap((server) => [
      `client,${ipv4},${server.ipv4}`,
      `client,${ipv6},${server.ipv6}`,
      `control,${ipv4},${server.ipv4}`,
    ]);
    expect(await ask(stranger, questions)).toEqual(questions.map(() => 'nothing'));
    for (const { id, ipv4: own, ipv6: own6 } of SERVERS) {
      const packets = packetsOf(captures.get(id) as Capture);
      const arrived = packets.filter(({ from }) => STRANGER.addresses.includes(from)).map(({ to }) => to);
      expect(new Set(arrived)).toEqual(new Set([own, own6]));
      expect(packets.filter(({ to }) => STRANGER.addresses.includes(to))).toEqual([]);
    }
    // the way out is open: the same stranger hears an upstream
    expect(await ask(stranger, [`client,${ipv4},192.0.2.60`, `client,${ipv6},2001:db8:2::60`])).toEqual([
      'answered',
      'answered',
    ]);
  });

  really("a daemon that will not start is told of by its last words, and costs only its own host's time", async () => {
    const sentencesAbout = (id: string) =>
      pod.functionOutput.filter((line) => line.startsWith(id)).map((line) => line.slice(id.length + 1));
    expect(sentencesAbout(REFUSED.id)).toEqual([
      expect.stringMatching(
        /^chrony does not start\. It said: .*Could not parse server directive at line 2 in file \/etc\/chrony\/chrony\.conf$/,
      ),
    ]);
    expect(sentencesAbout(REFUSED_AT_FIRST.id)).toEqual([
      expect.stringMatching(
        /^ntpsec does not start\. It said: .*can't stat certificate \(chain\) from \/etc\/ntpsec\/none\.pem: No such file.*Bailing\.$/,
      ),
      expect.stringMatching(/^booted: .* ntpsec was restarted$/),
    ]);
    const judged = await eventually(
      'podtime sees no daemon',
      40,
      async () => (await pod.tick('blue')).hosts.find(({ instanceId }) => instanceId === REFUSED.id),
      (seen) => seen?.state === 'no-daemon',
      2,
    );
    expect(judged?.sentence).toMatch(/no time daemon|no daemon/i);
    // all others came up beside it, and the one whose file was replaced by boot.sh runs on that
    const booted = await pod.hosts.get(REFUSED_AT_FIRST.id)?.booted;
    expect({ status: booted?.exitCode, said: booted?.stderr }).toEqual({ status: 0, said: '' });
    await eventually(
      'it keeps time',
      60,
      () => stratumOf(pod, REFUSED_AT_FIRST.id),
      (stratum) => stratum === 4,
    );
  });

  really('a host that has not booted cannot be made to lie', async () => {
    const unbooted = host('blue', 'client', 'd', 'chrony', 107, { boots: false });
    await pod.add(unbooted);
    await expect(pod.hosts.drift(unbooted.id, 80)).rejects.toThrow(
      new RangeError(`${unbooted.name} has not booted yet: its chronyd has no file to run on`),
    );
    await pod.hosts.remove(unbooted.id);
  });

  really('a client gets the time and no control; only the host itself may query', async () => {
    const byTools = Promise.all([
      pod.hosts.run(NTPSEC.id, `ntpq -pn ${SERVERS[0].ipv4}`),
      pod.hosts.run(CHRONY.id, `chronyc -h ${SERVERS[1].ipv4} tracking`),
    ]);
    const asked = [NTPSEC, CHRONY].flatMap(({ id, ipv4, ipv6 }) =>
      SERVERS.map((server) =>
        ask(namespace(id), [
          `client,${ipv4},${server.ipv4}`,
          `client,${ipv6},${server.ipv6}`,
          `control,${ipv4},${server.ipv4}`,
          `control,${ipv6},${server.ipv6}`,
        ]),
      ),
    );
    expect(await Promise.all(asked)).toEqual(asked.map(() => ['answered', 'answered', 'nothing', 'nothing']));
    const [byNtpq, byChronyc] = await byTools;
    expect({ stdout: byNtpq.stdout, refused: /timed out/.test(byNtpq.stderr) }).toEqual({ stdout: '', refused: true });
    expect({ status: byChronyc.exitCode, said: byChronyc.stdout.trim() }).toEqual({
      status: 1,
      said: '506 Cannot talk to daemon',
    });
    for (const { id } of SERVERS) expect((await sourcesOf(pod, id)).length).toBeGreaterThan(0);
  });

  really('a host of IPv6 only boots, keeps time and is judged', async () => {
    const polled = await eventually(
      'two boundary servers heard by IPv6',
      60,
      async () => (await sourcesOf(pod, IPV6_ONLY.id)).filter(({ reach }) => reach > 0).map(({ address }) => address),
      (seen) => seen.length >= 3,
    );
    expect(polled).toEqual(expect.arrayContaining(['fd00:ec2::123', '2001:db8:20::2:10', '2001:db8:20::3:11']));
    const judged = await eventually(
      'confident and healthy',
      60,
      async () => (await pod.tick('blue')).hosts.find(({ instanceId }) => instanceId === IPV6_ONLY.id),
      (seen) => seen?.confident === true && seen.state === 'healthy',
      2,
    );
    expect({ stale: judged?.stale, measured: judged?.measures.timeServiceOffsetMs !== undefined }).toEqual({
      stale: null,
      measured: true,
    });
    // the pod has IPv4 and its files name the time service by both addresses: this host cannot reach the one
    expect(judged?.remarks).toContain(
      'the AWS time service (169.254.169.123) cannot be heard: EC2 gives this host no IPv4 address.',
    );
    expect(judged?.polled).toEqual(['169.254.169.123', '2001:db8:20::2:10', '2001:db8:20::3:11', 'fd00:ec2::123']);
    expect(judged?.measures.reachableSources).toBe(3);
  });

  describeNewerHosts(() => pod);

  really('the output for nine sources of both families stays under 2,400 bytes', async () => {
    await eventually(
      'nine sources heard',
      60,
      async () => (await sourcesOf(pod, NINE.id)).map(({ address, reach }) => `${address} ${reach}`),
      (seen) => seen.length === 9 && seen.every((row) => !row.endsWith(' 0')),
    );
    await pod.tick('blue');
    const printed = pod.outputsOf('collect', NINE.id)[0] ?? '';
    const { sources, truncated, faults } = parseCollected(printed) as Collected;
    expect({ truncated, faults, families: sources.map(({ address }) => address?.includes(':')).toSorted() }).toEqual({
      truncated: false,
      faults: [],
      families: [...Array(4).fill(false), ...Array(5).fill(true)],
    });
    expect(Buffer.byteLength(printed)).toBeLessThan(2400);
  });

  really('clients send NTP to their boundary servers and the time service, and to nobody else', async () => {
    for (const { id, ipv4, ipv6 } of CLIENTS) {
      const own = [ipv4, ipv6 ?? '', '169.254.169.123'];
      const asked = () =>
        new Set(
          packetsOf(captures.get(id) as Capture)
            .filter(({ from, kind }) => own.includes(from) && kind.includes('Client'))
            .map(({ to }) => to),
        );
      const allowed = [...TIME_SERVICE_ADDRESSES, ...SERVERS.flatMap((server) => [server.ipv4, server.ipv6 ?? ''])];
      await eventually(
        'polls captured',
        30,
        () => [...asked()],
        (seen) => seen.length >= 3,
      );
      expect({ id, strays: [...asked()].filter((to) => !allowed.includes(to)) }).toEqual({ id, strays: [] });
    }
  });

  really("the machine's own clock is as it was", () => {
    expect(clockSettings()).toBe(clock);
  });
});
