import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { captured, Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { withChrony, withClassic } from './layouts.ts';
import { BUSCTL, withNtpdRs, withProgram, withTimesyncd } from './other-layouts.ts';

// Hosts whose daemon is none of those that podtime serves files for: what collect finds and prints of them, and that cycle never
// touches them.

const CYCLE = {
  Wave: 'w-1',
  Zone: 'pod',
  Records: 'az-b=10.20.9.9',
  CoolDownSeconds: '0',
  Force: 'yes',
};

describe.each(SHELLS)('under %s', (shell) => {
  const newHost = () => kept(new Host(shell));
  const services = (host: Host) => host.calls().filter((call) => / status$| is-active /.test(call));

  describe('of ntpd-rs, collect', () => {
    it('prints in few bytes what podtime reads of what ntp-ctl tells', () => {
      const host = withNtpdRs(newHost());
      expect(host.run('collect')).toMatchObject({
        stdout: `podtime-collect 1
found ntpd-rs 1.4.0 service=ntpd-rs file=/etc/ntpd-rs/ntp.toml
age 184
cycled -
revision 00112233445566778899aabbccddeeff
names ntp.az-a.pod ntp.az-b.pod
literals 169.254.169.123 fd00:ec2:0::123
system ntp-ctl
leap=0 rootdelay=0.00410874 rootdisp=0.00451055 stratum=4
sources ntp-ctl
address poll unanswered offset delay uncertainty
10.20.3.11 16 0 9.0139e-05 0.000220904 1.26678e-05
10.20.5.13 16 8 0 - -
10.20.6.14 16 0 3.50008 0.000194028 6.71344e-06
10.20.4.12 16 0 9.63619e-05 0.000203177 2.11515e-05
10.20.2.10 16 0 9.09308e-05 0.000202491 4.16837e-06
end
`,
        stderr: '',
        status: 0,
      });
    });

    it('asks its tool once for all of it', () => {
      const host = withNtpdRs(newHost());
      host.run('collect');
      expect(host.calls().filter((call) => !call.startsWith('service '))).toEqual([
        `ntp-ctl -c ${host.at('/etc/ntpd-rs/ntp.toml')} status -f prometheus`,
      ]);
    });

    it('asks no host for its service that has no ntp-daemon', () => {
      const host = newHost();
      withChrony(host.on('service chronyd status', ''));
      host.run('collect');
      expect(services(host)).toEqual([
        'service ntpsec status',
        'service ntp status',
        'service ntpd status',
        'service chrony status',
        'service chronyd status',
      ]);
    });

    it('prints addresses bare, and reference clocks by their names', () => {
      const host = withNtpdRs(newHost());
      const labels = [
        '{name="ntp.az-b.pod:123",address="[2001:db8:20::2:10]:123",id="7"}',
        '{name="10.20.2.10:1123",address="10.20.2.10:1123",id="8"}',
        '{name="/run/gps 1.sock",address="",id="9"}',
      ];
      const text = labels.map((label) => `ntp_source_poll_interval_seconds${label} 1024.0000002384186\n`).join('');
      host.on(
        `ntp-ctl -c ${host.at('/etc/ntpd-rs/ntp.toml')} status -f prometheus`,
        `# HELP x\nntp_system_stratum 3\n${text}`,
      );
      expect(host.run('collect').stdout).toMatch(
        /\n2001:db8:20::2:10 1024 - - - -\n10.20.2.10 1024 - - - -\n\/run\/gps\?1.sock 1024 - - - -\nend\n$/,
      );
    });

    it('asks it about the file that it was started with, and tells its age by its process where it does not', () => {
      const host = withNtpdRs(newHost());
      host.on('systemctl show -p MainPID ntpd-rs', 'MainPID=77\n').file('/proc/self/stat', '');
      host.file('/proc/77/stat', `77 (ntp-daemon) S 1 ${'0 '.repeat(17)}123400 86331392 1356\n`);
      host.file('/proc/77/cmdline', '/usr/bin/ntp-daemon\0--config=/etc/other.toml\0').file('/etc/other.toml', '');
      host.file('/proc/uptime', '5000.50 9000.00\n');
      host.on(`ntp-ctl -c ${host.at('/etc/other.toml')} status -f prometheus`, 'ntp_system_stratum 3\n');
      expect(host.run('collect').stdout).toContain(
        '\nfound ntpd-rs - service=ntpd-rs file=/etc/other.toml\nage 3766\ncycled -\nrevision -\nsystem ntp-ctl\n',
      );
    });

    it.each([
      ['Could not open socket at /var/run/ntpd-rs/observe: No such file or directory (os error 2)\n', 1],
      ['', 0],
    ])('tells what ntp-ctl said when it failed: %j', (stderr, status) => {
      const host = withNtpdRs(newHost());
      host.on(`ntp-ctl -c ${host.at('/etc/ntpd-rs/ntp.toml')} status -f prometheus`, { stderr, status });
      const { stdout } = host.run('collect');
      expect(stdout).toContain('\nfound ntpd-rs - service=ntpd-rs file=/etc/ntpd-rs/ntp.toml\nage -\n');
      expect(stdout).toContain(
        `\ntrouble ${stderr.replace(' (os error 2)', '').trim() || 'ntp-ctl printed nothing'}\nend\n`,
      );
    });

    it('tells that it asked for its service too, and that it is installed, where it is stopped', () => {
      const host = withProgram(withNtpdRs(newHost()), '/usr/bin/ntp-daemon');
      host.on('service ntpd-rs status', { status: 3 }).on('ntp-ctl status -f prometheus', { status: 1 });
      expect(host.run('collect').stdout).toContain(
        '\nfound none asked service for ntpsec ntp ntpd chrony chronyd ntpd-rs; installed: ntp-daemon\n',
      );
    });

    it('finds one that no service started by what its tool answers', () => {
      const host = withNtpdRs(newHost()).on('service ntpd-rs status', { status: 3 });
      host.on('ntp-ctl status -f prometheus', captured('ntpd-rs-1.4.0.never-heard.prometheus'));
      expect(host.run('collect').stdout).toContain(
        '\nfound ntpd-rs 1.4.0 service=- file=/etc/ntpd-rs/ntp.toml\nage 184\n',
      );
    });

    it.each([
      ['server ntp.az-a.pod\n', 'found chrony 4.3 service=chronyd file=/etc/chrony.conf\nalso ntpd ntpd-rs\n'],
      ['server other.example\n', 'found ntpd-rs 1.4.0 service=ntpd-rs file=/etc/ntpd-rs/ntp.toml\nalso ntpd chrony\n'],
    ])('of three daemons takes the one that is podtime’s where chrony has %j', (chrony, lines) => {
      const host = withNtpdRs(newHost()).on('service ntpd status', '').on('service chronyd status', '');
      withClassic(host);
      withChrony(host);
      host.file('/etc/chrony.conf', chrony);
      const { stdout } = host.run('collect');
      expect(stdout).toContain(`\n${lines}`);
      expect(parseCollected(stdout)).toMatchObject({
        otherDaemons: lines.includes('chrony 4.3') ? ['ntpd', 'ntpd-rs'] : ['ntpd', 'chrony'],
      });
    });

    it('tells the sources that a TOML file names in tables of one line', () => {
      const host = withNtpdRs(newHost());
      host.file(
        '/etc/ntpd-rs/ntp.toml',
        'source = [\n  { mode = "server", address = "ntp.az-a.pod:1234" }, { address = "10.0.0.9:123", mode = "nts" },\n' +
          '  # { address = "ntp.az-x.pod" }\n  { mode = "pool", address = "fd00::9" } ]\n[keyset]\naddress = "ntp.az-y.pod"\n',
      );
      expect(host.run('collect').stdout).toContain('\nnames ntp.az-a.pod\nliterals 10.0.0.9 fd00::9\n');
    });
  });

  describe('of systemd-timesyncd, collect', () => {
    it('prints what it tells on D-Bus', () => {
      const host = withTimesyncd(newHost());
      expect(host.run('collect')).toMatchObject({
        stdout: `podtime-collect 1
found systemd-timesyncd 252 service=systemd-timesyncd file=/etc/systemd/timesyncd.conf
age 3766
cycled -
revision -
system busctl
now ${host.now}
${captured('systemd-252.slewed.busctl').replace(/.iay.*/, 'address 2001:db8:20:0:0:0:2:10')}end
`,
        stderr: '',
        status: 0,
      });
    });

    it('tells it beside another by its process, and asks nobody for its service then', () => {
      const host = withTimesyncd(newHost()).on('systemctl is-active chronyd', 'active\n');
      withChrony(host);
      const { stdout } = host.run('collect');
      expect(stdout).toContain('\nfound chrony 4.3 service=chronyd file=-\nalso systemd-timesyncd\nage');
      expect(parseCollected(stdout)).toMatchObject({ otherDaemons: ['systemd-timesyncd'], faults: [] });
      expect(host.calls().filter((call) => /timesync|busctl/.test(call))).toEqual([]);
    });

    it('tells that none runs, and that it is installed, where it is stopped', () => {
      // one file by two names, where /lib is a link
      const host = withProgram(withTimesyncd(newHost()), '/lib/systemd/systemd-timesyncd');
      host.on('systemctl is-active systemd-timesyncd', {
        stdout: 'inactive\n',
        status: 3,
      });
      expect(host.run('collect').stdout).toContain(
        '\nfound none asked systemctl for ntpsec ntp ntpd chrony chronyd systemd-timesyncd; installed: systemd-timesyncd\n',
      );
    });

    it.each([
      [
        'System has not been booted with systemd as init system (PID 1). Can’t operate.\nFailed to connect to bus: Host is down\n'.replace(
          '’',
          "'",
        ),
        'System has not been booted with systemd as init system (PID 1). Cant operate.',
      ],
      ['', 'busctl printed nothing'],
    ])('tells what busctl said when it failed: %j', (stderr, trouble) => {
      const host = withTimesyncd(newHost()).on(BUSCTL, { stderr, status: 1 });
      const { stdout } = host.run('collect');
      expect(stdout).toMatch(new RegExp(`\\nrevision -\\ntrouble ${trouble.replace(/[().]/g, '\\$&')}\\nend\\n$`));
      expect(parseCollected(stdout)).toMatchObject({
        daemon: { kind: 'systemd-timesyncd' },
        system: null,
        sources: [],
      });
    });
  });

  it.each<[string, (host: Host) => Host]>([['systemd-timesyncd', withTimesyncd]])(
    'cycle never touches %s, forced or not',
    (name, lay) => {
      const host = lay(newHost());
      host.file('/etc/hosts', '');
      const { stdout, status } = host.run('cycle', CYCLE);
      const file = '/etc/systemd/timesyncd.conf';
      expect({ stdout, status }).toEqual({
        stdout: `verdict nothing never-cycled ${name}\nfound ${name} 252 service=${name} file=${file}\nend\n`,
        status: 0,
      });
      expect(host.calls().filter((call) => / restart|refresh|burst/.test(call))).toEqual([]);
    },
  );
});

describe('what ntpd-rs 1.4.0 printed, as collect prints it', () => {
  const folder = join(import.meta.dirname, '../fixtures/ntpd-rs');
  const heard = (name: string) => {
    const host = withNtpdRs(kept(new Host(SHELLS[0] ?? 'bash')));
    const stdout = readFileSync(join(folder, name), 'utf8');
    host.on(`ntp-ctl -c ${host.at('/etc/ntpd-rs/ntp.toml')} status -f prometheus`, { stdout });
    const { system, sources = [], faults } = parseCollected(host.run('collect').stdout) ?? {};
    const unanswered = sources.map(({ address, unansweredPolls }) => `${address} ${unansweredPolls}`).toSorted();
    return { leap: system?.leap, stratum: system?.stratum, unanswered, faults };
  };
  const THREE = ['10.20.2.10', '10.20.3.11', '10.20.4.12'];

  it.each([
    ['started-0s-one-dead-one-unresolved', 'alarm', 16, [...THREE.map((each) => `${each} 0`), '10.20.4.99 8']],
    ['unsynchronised-60s-one-dead-one-unresolved', 'alarm', 16, [...THREE.map((each) => `${each} 0`), '10.20.4.99 8']],
    ['synchronised-160s-one-dead-one-unresolved', 'none', 3, [...THREE.map((each) => `${each} 0`), '10.20.4.99 8']],
    ['synchronised-3-sources-one-ipv6-and-serving', 'none', 3, ['10.20.3.11 0', '10.20.4.12 0', '2001:db8:20::2:10 0']],
    ['two-of-three-cut-75s', 'none', 3, ['10.20.2.10 5', '10.20.3.11 5', '10.20.4.12 0', '10.20.4.99 8']],
    ['two-of-three-cut-155s', 'none', 3, ['10.20.2.10 8', '10.20.3.11 8', '10.20.4.12 0', '10.20.4.99 8']],
    ['all-upstreams-cut-200s', 'none', 3, [...THREE.map((each) => `${each} 8`), '10.20.4.99 8']],
  ])('%s', (name, leap, stratum, unanswered) => {
    expect(heard(`${name}.txt`)).toEqual({ leap, stratum, unanswered, faults: [] });
  });
});

describe('bytes of collect, of which SSM keeps 2,400', () => {
  const toml = (names: readonly string[]) =>
    names.map((name) => `[[source]]\nmode = "server"\naddress = "${name}"\n`).join('');
  const zone = 'timekeeping-eu-north-1.internal.example.com';
  const names = [...'abcdefg'].map((letter) => `ntp.az-${letter}.${zone}`);
  /** A source as 1.4.0 tells it, all its columns full. */
  const metrics = (count: number) => {
    const labels = Array.from(
      { length: count },
      (_, n) =>
        `{name="ntp.az-b.${zone}:123",address="[fd12:3456:789a:bcde:f012:3456:789a:${(0xb000 + n).toString(16)}]:123",id="${n}"}`,
    );
    const values = {
      poll_interval_seconds: '131072.00003051758',
      unanswered_polls: '0',
      offset_seconds: '-0.0000840113849643411',
      delay_seconds: '0.0005211746321341895',
      uncertainty_seconds: '0.00002938771321341895',
      root_delay_seconds: '0.003906250000909495',
    };
    const rows = Object.entries(values).flatMap(([metric, value]) =>
      labels.map((label) => `ntp_source_${metric}${label} ${value}\n`),
    );
    return captured('ntpd-rs-1.4.0.settled-falseticker.prometheus').replace(/ntp_source_[^\n]*\n/g, '') + rows.join('');
  };
  const outputOf = (count: number) => {
    const host = withNtpdRs(kept(new Host(SHELLS[0] ?? 'bash')));
    host.file(
      '/etc/ntpd-rs/ntp.toml',
      `# revision ${'0123456789abcdef'.repeat(4)}\n${toml(['169.254.169.123', 'fd00:ec2::123', ...names])}`,
    );
    host.on(`ntp-ctl -c ${host.at('/etc/ntpd-rs/ntp.toml')} status -f prometheus`, metrics(count));
    return host.run('collect').stdout;
  };

  it('stay far under the cut for nine sources of ntpd-rs with full IPv6 addresses', () => {
    const output = outputOf(9);
    expect(parseCollected(output)).toMatchObject({ truncated: false, faults: [] });
    expect(parseCollected(output)?.sources).toHaveLength(9);
    expect(Buffer.byteLength(output)).toBeLessThan(1_700);
  });

  it('are shortened for many sources of ntpd-rs, each still with what tells whether it is heard and agrees', () => {
    const output = outputOf(25);
    const collected = parseCollected(output);
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(2_380);
    expect(collected).toMatchObject({ truncated: false, faults: [], configNames: names });
    expect(collected?.sources.map(({ unansweredPolls }) => unansweredPolls)).toEqual(Array(25).fill(0));
    expect(collected?.sources[0]).toMatchObject({
      address: 'fd12:3456:789a:bcde:f012:3456:789a:b000',
      pollSeconds: 131_072,
      offsetMs: -0.0840114,
      delayMs: null,
    });
  });
});
