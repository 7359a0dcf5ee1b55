import { copyFileSync, realpathSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { nextWave } from './client.ts';
import { cannotHaveNamespaces, Network, type RealHost } from './namespaces.ts';
import { whereIs } from './programs.ts';

const reason = cannotHaveNamespaces();
const describeReal = reason === null ? describe : describe.skip;

const REVISION = '0123456789abcdef';
const NTPSEC = `# podtime: pod blue, tier client
# revision ${REVISION}
restrict default ignore
restrict 127.0.0.1
restrict ::1
restrict source nomodify noquery
server ntp.az-b.pod iburst
server ntp.az-c.pod iburst
`;
const CHRONY = `# podtime: pod blue, tier client
# revision ${REVISION}
server ntp.az-b.pod iburst
server ntp.az-c.pod iburst
port 0
`;

const OLD = { 'ntp.az-b.pod': '10.77.0.1', 'ntp.az-c.pod': 'fd00:77::3' };
const NEW = { 'ntp.az-b.pod': '10.77.0.2', 'ntp.az-c.pod': 'fd00:77::3' };
const OLD_RECORDS = 'az-b=10.77.0.1 az-c=fd00:77::3';
const NEW_RECORDS = 'az-b=10.77.0.2 az-c=fd00:77::3';

/** What drift files hold before their daemons start: chrony's as it writes it. */
const DRIFT = { chrony: '           12.345000             0.678000\n', ntpsec: '12.345\n' };

describeReal(`documents on real daemons${reason === null ? '' : ` (${reason})`}`, () => {
  let network: Network;
  let servers: RealHost;
  let ntpsec: RealHost;
  let chrony: RealHost;

  beforeAll(async () => {
    network = new Network();
    // one daemon answers for the new, the old and the other server; an address that came later can go alone
    servers = network.host('servers', '10.77.0.2/24', '10.77.0.1/24', 'fd00:77::3/64');
    ntpsec = network.host('ntpsec', '10.77.0.11/24', 'fd00:77::11/64');
    chrony = network.host('chrony', '10.77.0.12/24', 'fd00:77::12/64');
    servers.file(
      '/etc/chrony/chrony.conf',
      `local stratum 3\nallow all\ncmdport 0\ndriftfile ${driftFile(servers, DRIFT.chrony)}\n`,
    );
    servers.service(
      'chrony',
      `chronyd -x -d -u root -f ${servers.root}/etc/chrony/chrony.conf`,
      '/run/chrony/chronyd.pid',
    );
    // a kernel that it may not steer would tell it a frequency of 0
    const remembering = `disable kernel\ndriftfile ${driftFile(ntpsec, DRIFT.ntpsec)}\n`;
    ntpsec.file('/etc/ntpsec/ntp.conf', `${NTPSEC}${remembering}`);
    ntpsec.names(OLD);
    ntpsec.service(
      'ntpsec',
      // it must not touch this machine's clock
      `setpriv --bounding-set=-sys_time ntpd -n -g -p /run/ntpd.pid -c ${ntpsec.root}/etc/ntpsec/ntp.conf`,
      '/run/ntpd.pid',
    );
    chrony.file('/etc/chrony/chrony.conf', CHRONY);
    chrony.names(OLD);
    chrony.service(
      'chrony',
      `chronyd -x -d -u root -f ${chrony.root}/etc/chrony/chrony.conf`,
      '/run/chrony/chronyd.pid',
    );
    await servers.run('service', 'chrony', 'start');
    await Promise.all([ntpsec.run('service', 'ntpsec', 'start'), chrony.run('service', 'chrony', 'start')]);
    await Promise.all([ntpsec.until(/^\*/m, 'ntpq', '-pn'), chrony.until(/^\^\*/m, 'chronyc', '-n', 'sources')]);
  });

  afterAll(() => network?.remove());

  it.each([
    ['ntpsec', () => ntpsec, '/etc/ntpsec/ntp.conf', /^1\.\d/],
    ['chrony', () => chrony, '/etc/chrony/chrony.conf', /^\d\.\d/],
  ])('collect reads %s', async (kind, host, file, version) => {
    const { stdout, stderr, status } = await host().document('collect');
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const collected = parseCollected(stdout);
    expect(collected).toMatchObject({
      daemon: { kind, version: expect.stringMatching(version) },
      otherDaemons: [],
      found: expect.stringContaining(` service=${kind} file=${file}`),
      cycledSecondsAgo: null,
      configRevision: REVISION,
      configNames: ['ntp.az-b.pod', 'ntp.az-c.pod'],
      configAddresses: [],
      truncated: false,
      faults: [],
    });
    expect(collected?.ageSeconds).toBeGreaterThan(0);
    expect(collected?.ageSeconds).toBeLessThan(60);
    expect(collected?.sources.map(({ address }) => address).sort()).toEqual(['10.77.0.1', 'fd00:77::3']);
    expect(collected?.system).toMatchObject({ leap: 'none', stratum: 4 });
  });

  it('collect tells what runs beside the daemon in the same network, and nothing of the other hosts of this kernel', async () => {
    const program = '/usr/lib/systemd/systemd-timesyncd';
    copyFileSync(realpathSync(whereIs('sleep') ?? ''), join(ntpsec.root, 'timesyncd'));
    ntpsec.file(program, '');
    renameSync(join(ntpsec.root, 'timesyncd'), join(ntpsec.root, program));
    const ids = `ids=; for exe in /proc/[0-9]*/exe; do [ "$exe" -ef ${ntpsec.root}${program} ] && ids="$ids $exe"; done`;
    // setsid is there before the program that it becomes
    const started = await ntpsec.run(
      'sh',
      '-c',
      `setsid ${ntpsec.root}${program} 600 >/dev/null 2>&1 & while ${ids}; [ -z "$ids" ]; do sleep 0.1; done; echo "$ids"`,
    );
    const besides = await Promise.all(
      [servers, ntpsec, chrony].map(async (host) => parseCollected((await host.document('collect')).stdout)),
    );
    expect(besides.map((collected) => collected?.otherDaemons)).toEqual([[], ['systemd-timesyncd'], []]);
    for (const exe of started.stdout.split(' ').filter((each) => each.includes('/')))
      process.kill(Number(exe.split('/')[2]));
  });

  it("collect reads chrony's drift file in the sign of its frequency, and what its clients sent", async () => {
    const collected = parseCollected((await servers.document('collect')).stdout);
    expect(collected).toMatchObject({ driftPpm: -12.345, driftSkewPpm: 0.678, packetsDropped: 0, faults: [] });
    expect(collected?.system?.frequencyPpm).toBe(-12.345);
    expect(collected?.packetsReceived).toBeGreaterThan(0);
  });

  it("collect reads ntpsec's drift file in the sign of its frequency, its packets and the flag of the kernel", async () => {
    const collected = parseCollected((await ntpsec.document('collect')).stdout);
    expect(collected).toMatchObject({ driftPpm: 12.345, driftSkewPpm: null, packetsDropped: 0, faults: [] });
    // it learns from its sources by now, in ppm of less than one
    expect(Math.abs((collected?.system?.frequencyPpm ?? 0) - 12.345)).toBeLessThan(1);
    expect(collected?.packetsReceived).toBeGreaterThan(0);
    expect(typeof collected?.kernelUnsynchronised).toBe('boolean');
  });

  it('cycle follows a replaced server: restarts ntpsec, refreshes chrony', async () => {
    const given = { Zone: 'pod', CoolDownSeconds: '3' };
    const both = (Records: string) =>
      Promise.all([ntpsec, chrony].map((host) => host.document('cycle', { ...given, Records, Wave: nextWave() })));
    const verdicts = async (Records: string) => (await both(Records)).map(({ verdict }) => verdict);
    const processes = async () =>
      Promise.all([ntpsec.run('cat', '/run/ntpd.pid'), chrony.run('cat', '/run/chrony/chronyd.pid')]);
    const before = await processes();

    expect(await verdicts(OLD_RECORDS)).toEqual(['verdict nothing already-right', 'verdict nothing already-right']);
    // DNS has changed, the hosts' resolvers have not seen it
    servers.takeAddress('10.77.0.1/24');
    expect(await verdicts(NEW_RECORDS)).toEqual(Array(2).fill('verdict nothing not-yet ntp.az-b.pod'));
    ntpsec.names(NEW);
    chrony.names(NEW);

    const outcomes = await both(NEW_RECORDS);

    expect(outcomes.map(({ verdict }) => verdict)).toEqual([
      expect.stringMatching(/^verdict cycled ntpsec in \d+ s$/),
      expect.stringMatching(/^verdict cycled chrony in \d+ s$/),
    ]);
    expect(outcomes.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      Array(2).fill({ status: 0, stderr: '' }),
    );
    for (const { stdout } of outcomes) {
      expect(stdout).toMatch(/^\S*[*+\- ?]* ?10\.77\.0\.2 .*[1-7]/m);
      expect(stdout).not.toMatch(/^..?10\.77\.0\.1 /m);
    }
    const after = await processes();
    expect(after[0].stdout).not.toBe(before[0].stdout);
    expect(after[1].stdout).toBe(before[1].stdout);
    expect(await verdicts(NEW_RECORDS)).toEqual(['verdict nothing already-right', 'verdict nothing already-right']);
    expect(parseCollected((await chrony.document('collect')).stdout)?.cycledSecondsAgo).toBeLessThan(60);
  });

  it('cycle restarts a chrony that keeps the address of a name without a record', async () => {
    chrony.names({ 'ntp.az-c.pod': 'fd00:77::3' });
    const before = await chrony.run('cat', '/run/chrony/chronyd.pid');

    const { stdout, verdict } = await chrony.document('cycle', {
      Zone: 'pod',
      CoolDownSeconds: '0',
      Wave: nextWave(),
      Records: 'az-c=fd00:77::3',
    });

    expect(verdict).toMatch(/^verdict cycled chrony in \d+ s$/);
    expect(stdout).toContain('Polls 10.77.0.2, which no record holds.\n');
    expect(stdout).toContain('chrony keeps 10.77.0.2, which no record holds.\nRestarting chrony.\n');
    expect((await chrony.run('cat', '/run/chrony/chronyd.pid')).stdout).not.toBe(before.stdout);
  });
});

/** A drift file for a daemon, which knows it by its path on this machine: there, and where collect looks for that path. */
function driftFile(host: RealHost, text: string): string {
  const path = `${host.root}/var/lib/drift`;
  host.file('/var/lib/drift', text);
  host.file(path, text);
  return path;
}
