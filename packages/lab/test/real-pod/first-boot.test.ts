import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { TIME_SERVICE_ADDRESSES } from '../../../../src/fleet/fleet.ts';
import { cloudConfigFile } from '../../../../test/docs/snippets.ts';
import { apiUrlFor } from '../../src/real/external-servers.ts';
import { type Launch, RealPod } from './real-pod.ts';
import { because, DELAYS, eventually, here, host, really, sourcesOf, stratumOf, testFleet } from './setup.ts';

/** What an image comes with: names of the internet, which a pod's hosts do not resolve. */
const POOL = 'pool 2.debian.pool.ntp.org iburst\n';
const OF_THE_IMAGE = {
  ntpsec: `${POOL}restrict default kod nomodify noquery limited\nrestrict 127.0.0.1\nrestrict ::1\n`,
  chrony: `${POOL}makestep 1 3\n`,
};
const HOSTS: Launch[] = [
  host('blue', 'client', 'b', 'ntpsec', 101, { boots: false, config: OF_THE_IMAGE.ntpsec }),
  host('blue', 'client', 'c', 'chrony', 102, { boots: false, config: OF_THE_IMAGE.chrony }),
];
/** The user data of docs/deploy.md, with AZ and URL put in: hosts here have no metadata service. Its pauses are not waited for. */
const BOOT = '/usr/local/sbin/podtime-boot';

describe(`the first boot of a host while podtime is down${because}`, () => {
  let pod: RealPod;
  const urlOf = (launch: Launch) => apiUrlFor(pod.pod(launch.pod), { ipv4: launch.ipv4 });
  const userData = ({ az }: Launch) =>
    cloudConfigFile(BOOT)
      .replace(/^set -eu$/m, 'set -eu\nsleep() { :; }')
      .replace(/^imds=.*$/m, '')
      .replace(/^token=.*$/m, '')
      .replace(/^az=.*$/m, `az=${az}`);
  const boot = async (launch: Launch, url: string) => {
    await pod.hosts.run(
      launch.id,
      `mkdir -p /etc/podtime && printf 'API=%s\\nPOD=%s\\nTIER=%s\\n' '${url}' ${launch.pod} ${launch.tier} >/etc/podtime/host`,
    );
    return pod.hosts.run(launch.id, userData(launch), 120);
  };
  const configPath = ({ daemon }: Launch) => (daemon === 'chrony' ? '/etc/chrony/chrony.conf' : '/etc/ntpsec/ntp.conf');
  const config = async (launch: Launch) => (await pod.hosts.run(launch.id, `cat ${configPath(launch)}`)).stdout;
  const restarts = async ({ id }: Launch) =>
    Number((await pod.hosts.run(id, "grep -c '^--- started' /var/log/podtime-daemon.log")).stdout);

  beforeAll(async () => {
    if (!here) return;
    pod = await RealPod.start({ fleet: testFleet(), delays: DELAYS });
    for (const launch of HOSTS) await pod.launch(launch);
  }, 120_000);

  afterAll(() => pod?.close(), 60_000);

  really('ends in working time: it follows the time service by the file of its image', async () => {
    for (const launch of HOSTS) {
      expect(await stratumOf(pod, launch.id)).not.toBe(4);
      // nobody listens at that port
      const { exitCode } = await boot(launch, `${urlOf(launch)}:81`);
      expect(exitCode).not.toBe(0);
      await eventually(
        `${launch.daemon} follows the time service`,
        90,
        () => stratumOf(pod, launch.id),
        (stratum) => stratum === 4,
      );
      const heard = (await sourcesOf(pod, launch.id)).filter(({ reach }) => reach > 0).map(({ address }) => address);
      expect(heard.length).toBeGreaterThan(0);
      for (const address of heard) expect(TIME_SERVICE_ADDRESSES).toContain(address);
      const image = OF_THE_IMAGE[launch.daemon as keyof typeof OF_THE_IMAGE];
      expect(await config(launch)).toBe(`${image}server 169.254.169.123 iburst\nserver fd00:ec2::123 iburst\n`);
    }
  });

  really('and again, without a restart or a line more', async () => {
    for (const launch of HOSTS) {
      const before = { config: await config(launch), restarts: await restarts(launch) };
      expect((await boot(launch, `${urlOf(launch)}:81`)).exitCode).not.toBe(0);
      expect({ config: await config(launch), restarts: await restarts(launch) }).toEqual(before);
    }
  });

  really('takes the file of podtime once that answers, and keeps it when podtime is gone again', async () => {
    for (const launch of HOSTS) {
      const { exitCode, stdout, stderr } = await boot(launch, urlOf(launch));
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain(`${configPath(launch)} is new`);
      const served = await config(launch);
      expect(served).toMatch(/^# podtime: /);
      expect((await boot(launch, `${urlOf(launch)}:81`)).exitCode).not.toBe(0);
      expect(await config(launch)).toBe(served);
    }
  });
});
