import { symlinkSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { captured, Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { withChrony, withClassic } from './layouts.ts';
import { withTimesyncd } from './other-layouts.ts';
import { whereIs } from './programs.ts';

// Time daemons that are found by their processes alone.

describe.each(SHELLS)('under %s', (shell) => {
  const newHost = () => kept(new Host(shell));

  const process = (host: Host, pid: number, name: string, commandLine: string, exe: string, state = 'S') => {
    host.file(`/proc/${pid}/stat`, `${pid} (${name}) ${state} 1 ${'0 '.repeat(17)}123400 86331392 1356\n`);
    host.file(`/proc/${pid}/cmdline`, commandLine);
    symlinkSync(exe, host.at(`/proc/${pid}/exe`));
    return host.file('/proc/uptime', '5000.50 9000.00\n');
  };

  describe('of a host whose chronyd is a service, collect', () => {
    const chronyHost = () => {
      const host = newHost().on('service chronyd status', '');
      withChrony(host);
      return process(host, 40, 'chronyd', '/usr/sbin/chronyd\0', '/usr/sbin/chronyd');
    };
    const beside = (host: Host) => parseCollected(host.run('collect').stdout)?.otherDaemons;

    it('tells all that run beside it, each once, by the names of their processes', () => {
      const host = chronyHost();
      process(
        host,
        50,
        'systemd-timesyn',
        '/usr/lib/systemd/systemd-timesyncd\0',
        '/usr/lib/systemd/systemd-timesyncd',
      );
      process(host, 51, 'ntpd', '/usr/sbin/ntpd\0-f\0/etc/openntpd/ntpd.conf\0', '/usr/sbin/ntpd');
      process(host, 52, 'ntpd', `ntpd: ntp engine${'\0'.repeat(12)}`, '/usr/sbin/ntpd');
      process(host, 53, 'ntpd', `ntpd: dns engine${'\0'.repeat(12)}`, '/usr/sbin/ntpd');
      process(host, 54, 'busybox', 'busybox\0ntpd\0-n\0', '/bin/busybox');
      process(host, 55, 'ntp-daemon', '/usr/bin/ntp-daemon\0', '/usr/bin/ntp-daemon');
      expect(beside(host)).toEqual(['systemd-timesyncd', 'openntpd', 'busybox-ntpd', 'ntpd-rs']);
    });

    it('tells an ntpd that no service started', () => {
      expect(beside(process(chronyHost(), 51, 'ntpd', '/usr/sbin/ntpd\0-g\0', '/usr/sbin/ntpd'))).toEqual(['ntpd']);
    });

    it('tells those beside each other by one blank, whatever runs between them', () => {
      const host = chronyHost();
      process(host, 51, 'ntp-daemon', '/usr/bin/ntp-daemon\0', '/usr/bin/ntp-daemon');
      process(host, 52, 'busybox', 'busybox\0crond\0', '/bin/busybox');
      process(host, 53, 'busybox', 'busybox\0ntpd\0', '/bin/busybox');
      expect(host.run('collect').stdout).toContain('\nalso ntpd-rs busybox-ntpd\nage');
    });

    it('reads more processes than awk may open files', () => {
      const host = chronyHost();
      host.standIn('awk', `ulimit -n 16\nexec ${whereIs('awk')} "$@"`);
      for (let pid = 100; pid < 140; pid++) process(host, pid, 'sleep', 'sleep\0', '/usr/bin/sleep');
      process(host, 150, 'ntp-daemon', '/usr/bin/ntp-daemon\0', '/usr/bin/ntp-daemon');
      expect(beside(host)).toEqual(['ntpd-rs']);
    });

    it('tells none of processes that are no daemons, or dead', () => {
      const host = chronyHost();
      process(host, 51, 'less', 'less\0ntpd: ntp engine\0', '/bin/busybox');
      process(host, 52, 'busybox', 'busybox\0crond\0', '/bin/busybox');
      process(host, 53, 'ntpd', '', '/usr/sbin/ntpd', 'Z');
      process(host, 54, 'ntpd) (ntpd', '/usr/bin/true\0', '/usr/bin/true');
      expect(beside(host)).toEqual([]);
    });

    it('tells none of a container, which has a network of its own', () => {
      const host = chronyHost();
      process(
        host,
        51,
        'systemd-timesyn',
        '/usr/lib/systemd/systemd-timesyncd\0',
        '/usr/lib/systemd/systemd-timesyncd',
      );
      process(host, 52, 'ntpd', 'ntpd\0-n\0', '/bin/busybox');
      host.file('/proc/self/ns/net', '').file('/proc/52/ns/net', '').file('/proc/51/ns/other', '');
      symlinkSync(host.at('/proc/self/ns/net'), host.at('/proc/51/ns/net'));
      expect(beside(host)).toEqual(['systemd-timesyncd']);
    });

    it('asks each process about what it is only where its name does not tell', () => {
      const host = chronyHost();
      host.standIn('tr', 'echo tr >>"$WORLD/calls"').standIn('readlink', 'echo readlink >>"$WORLD/calls"');
      process(host, 51, 'systemd-timesyn', '', '/usr/lib/systemd/systemd-timesyncd');
      host.run('collect');
      expect(host.calls().filter((call) => /^(tr|readlink)/.test(call))).toEqual([]);
    });
  });

  it('collect finds systemd-timesyncd also where an OpenNTPD runs beside it', () => {
    const host = process(withTimesyncd(newHost()), 55, 'ntpd', 'ntpd: ntp engine\0', '/usr/sbin/ntpd');
    expect(host.run('collect').stdout).toContain(
      '\nfound systemd-timesyncd 252 service=systemd-timesyncd file=/etc/systemd/timesyncd.conf\nalso openntpd\nage',
    );
  });

  it('collect asks nothing about the process of the daemon that it found', () => {
    const host = newHost().on('service ntp status', '').file('/run/ntpd.pid', '51\n').file('/proc/self/stat', '');
    withClassic(host);
    host.standIn('readlink', 'echo readlink >>"$WORLD/calls"');
    process(host, 51, 'ntpd', '/usr/sbin/ntpd\0-g\0', '/usr/sbin/ntpd');
    host.run('collect');
    expect(host.calls().filter((call) => call === 'readlink')).toEqual([]);
    process(host, 52, 'ntpd', '/usr/sbin/ntpd\0-g\0', '/usr/sbin/ntpd');
    host.run('collect');
    expect(host.calls().filter((call) => call === 'readlink')).toEqual(['readlink']);
  });

  it('collect takes no row for a pattern of names of files', () => {
    const host = newHost().on('service ntp status', '');
    withClassic(host);
    const peer = captured('classic-4.2.8p6.client-settled.pnw').match(/^\*.*$/m)?.[0] ?? '';
    host.file(`/${peer.replace('*', 'x')}`, '');
    expect(host.run('collect').stdout).toContain(`\n${peer}\n`);
  });

  describe('of daemons that podtime does not read, collect', () => {
    const open = (host: Host) => {
      process(host, 55, 'ntpd', '/usr/sbin/ntpd\0-f\0/etc/openntpd/ntpd.conf\0', '/usr/sbin/ntpd');
      return process(host, 57, 'ntpd', `ntpd: ntp engine${'\0'.repeat(12)}`, '/usr/sbin/ntpd');
    };

    it('calls OpenNTPD by its name, which no service of an ntpd started', () => {
      const host = open(newHost().tools('service')).file(
        '/etc/openntpd/ntpd.conf',
        'servers pool.ntp.org\nserver ntp.example\n',
      );
      const { stdout } = host.run('collect');
      expect(stdout).toBe(
        'podtime-collect 1\nfound openntpd - service=- file=/etc/openntpd/ntpd.conf\nage 3766\ncycled -\nrevision -\nend\n',
      );
      expect(parseCollected(stdout)).toMatchObject({ daemon: { kind: 'openntpd', version: null }, faults: [] });
    });

    it('calls OpenNTPD by its name, started as the service ntpd', () => {
      const host = open(newHost().on('service ntpd status', '').tools('ntpq'));
      expect(host.run('collect').stdout).toContain('\nfound openntpd - service=ntpd file=-\nage 3766\n');
    });

    it.each([
      ['ntpd', 'ntpd\0-n\0-p\0pool.ntp.org\0', '/bin/busybox'],
      ['ntpd', '/usr/sbin/ntpd\0-n\0', '/bin/busybox.nosuid'],
      ['busybox', 'busybox\0ntpd\0-n\0', '/bin/busybox'],
      ['busybox', '/bin/busybox\0ntpd\0', '/usr/bin/box'],
    ])("calls busybox's ntpd by its name: %s, %j of %s", (name, commandLine, exe) => {
      const host = process(newHost().tools('service'), 55, 'busybox', 'busybox\0crond\0', exe);
      process(host, 56, name, commandLine, exe);
      expect(host.run('collect').stdout).toBe(
        'podtime-collect 1\nfound busybox-ntpd - service=- file=-\nage 3766\ncycled -\nrevision -\nend\n',
      );
    });

    it('takes an ntpd that does not answer for neither', () => {
      const host = newHost()
        .on('service ntpd status', '')
        .on('ntpq -c rv 0 version', { stderr: '***Request timed out\n' });
      process(host, 55, 'ntpd', '/usr/sbin/ntpd\0-g\0', '/usr/sbin/ntpd');
      process(host, 56, 'less', 'less\0ntpd: ntp engine\0', '/bin/busybox');
      expect(host.run('collect').stdout).toContain('\nfound ntpd - service=ntpd file=-\n');
    });
  });
});
