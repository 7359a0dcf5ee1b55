import { chmodSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { layout, withChrony, withClassic, withNtpsec } from './layouts.ts';

// Which daemon is found, with its version, its process and its age.

describe.each(SHELLS)('under %s, collect', (shell) => {
  const emptyHost = () => {
    return kept(new Host(shell));
  };
  const newHost = (start: string) => {
    const host = emptyHost();
    layout(start).lay(host);
    return host;
  };
  const program = (host: Host, path: string, text: string) =>
    chmodSync(host.file(path, `#!/bin/sh\n${text}\n`).at(path), 0o755);

  it('finds by its tool what no service started, and asks no further tool then', () => {
    const tools = (host: Host) => [...new Set(host.calls().map((call) => call.split(' ')[0]))];
    const chrony = emptyHost().tools('service', 'ntpq', 'ntp-ctl');
    withChrony(chrony);
    expect(chrony.run('collect').stdout).toContain('\nfound chrony 4.3 service=- file=-\n');
    expect(tools(chrony)).toEqual(['service', 'chronyc']);
    const ntpsec = emptyHost().tools('service', 'ntp-ctl');
    withNtpsec(ntpsec);
    expect(ntpsec.run('collect').stdout).toContain('\nfound ntpsec 1.2.2 service=- file=-\n');
    expect(tools(ntpsec)).toEqual(['service', 'ntpq']);
  });

  it('tells that the query tool is not installed', () => {
    const host = emptyHost().on('service ntp status', '');
    expect(host.run('collect').stdout).toContain('\ntrouble ntpq is not installed\nend\n');
  });

  it('tells which daemons are installed where none runs', () => {
    const host = emptyHost().tools('service', 'ntpq', 'chronyc').file('/usr/sbin/chronyd', '');
    program(host, '/usr/sbin/ntpd', '');
    expect(host.run('collect').stdout).toContain('; installed: ntpd\n');
  });

  it.each(['/usr/local/sbin', '/usr/sbin', '/sbin'])('finds tools in %s, which its PATH may lack', (folder) => {
    const host = emptyHost().on('service ntp status', '');
    program(host, `${folder}/ntpq`, `echo 'version="ntpd 4.2.8p15"'`);
    expect(host.run('collect').stdout).toContain('\nfound ntpd 4.2.8p15 ');
  });

  it('asks tools to speak plain English', () => {
    const host = emptyHost().on('service ntp status', '');
    host.variables = { LANG: 'de_DE.UTF-8' };
    host.standIn('ntpq', 'echo "LC_ALL=$LC_ALL"');
    expect(host.run('collect').stdout).toContain('\ntrouble LC_ALL=C\n');
  });

  it('takes no row of a table for a pattern of files', () => {
    const host = newHost('Ubuntu 22.04').file('/somewhere', '');
    host.on('ntpq -pnw', '     remote           refid\nsome*\n');
    expect(host.run('collect').stdout).toMatch(/\nsome\*\nend\n$/);
  });

  it('reads a version without quotes', () => {
    const host = newHost('Ubuntu 22.04').on('ntpq -c rv 0 version', 'version=ntpd 4.2.8p15\n');
    expect(host.run('collect').stdout).toContain('\nfound ntpd 4.2.8p15 service=');
  });

  it('tells no version of a chrony that does not, though an ntpd beside it does', () => {
    const host = newHost('RHEL 9').on('systemctl is-active ntpd', 'active\n').on('chronyc -v', 'no such option\n');
    withClassic(host);
    expect(host.run('collect').stdout).toContain('\nfound chrony - service=chronyd file=/etc/chrony.conf\nalso ntpd\n');
  });

  it("tells an old ntpd's age by its pid file", () => {
    const host = newHost('Ubuntu 22.04').file('/run/ntpd.pid', '1234\n', 77);
    expect(host.on('ntpq -c rv 0 ss_uptime,ss_received,ss_limited,kstflags', '').run('collect').stdout).toContain(
      '\nage 77\n',
    );
  });

  it('reads the age before what else ntpd tells beside it', () => {
    const host = newHost('Ubuntu 22.04').on(
      'ntpq -c rv 0 ss_uptime,ss_received,ss_limited,kstflags',
      'ss_uptime=77, ss_reset=5\n',
    );
    expect(host.run('collect').stdout).toContain('\nage 77\n');
  });

  it.each(['../etc/fake', '1234567890'])('takes %s for no process id', (pid) => {
    const host = newHost('Ubuntu 22.04').file('/run/ntpd.pid', `${pid}\n`).file('/etc/other', 'server 10.0.0.2\n');
    host.file(`/proc/${pid}/stat`, '1 (ntpd) S 1 0 0\n').file(`/proc/${pid}/cmdline`, 'ntpd\0-c\0/etc/other\0');
    expect(host.run('collect').stdout).toContain(' file=/etc/ntp.conf\n');
  });

  it("tells chrony's age by the first of two pid files", () => {
    expect(newHost('RHEL 9').file('/run/chronyd.pid', '1\n', 5_000).run('collect').stdout).toContain('\nage 1234\n');
  });

  it.each(['/run/ntpd.pid', '/var/run/ntpd.pid', '/run/ntpsec/ntpd.pid'])(
    'does not believe %s when it outlived its daemon',
    (pidFile) => {
      const host = newHost('Debian 12, ntpsec').file(pidFile, '4242\n').file('/etc/other', '');
      host.file('/proc/4242/stat', '4242 (bash) S 1 0 0\n').file('/proc/4242/cmdline', 'bash\0-c\0/etc/other\0');
      expect(host.run('collect').stdout).toContain(' file=/etc/ntpsec/ntp.conf\n');
    },
  );

  it('does not believe systemd when it names the process of another program', () => {
    const host = newHost('Debian 12, ntpsec').file('/proc/self/stat', '').file('/etc/other', '');
    host.on('systemctl show -p MainPID ntpsec', 'MainPID=4242\n').file('/proc/4242/stat', '4242 (bash) S 1 0 0\n');
    host.file('/proc/4242/cmdline', 'bash\0-c\0/etc/other\0');
    expect(host.run('collect').stdout).toContain(' file=/etc/ntpsec/ntp.conf\n');
  });

  it('asks systemd for no process of a daemon that is no service', () => {
    const host = newHost('a daemon outside').tools('systemctl').file('/proc/self/stat', '');
    host.run('collect');
    expect(host.calls().filter((call) => call.startsWith('systemctl show'))).toEqual([]);
  });
});
