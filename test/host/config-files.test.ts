import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { layout } from './layouts.ts';

// Which file the daemon runs on, what it includes, and what all of it names.

describe.each(SHELLS)('of configurations under %s, collect', (shell) => {
  const newHost = (start: string) => {
    const host = kept(new Host(shell));
    layout(start).lay(host);
    return host;
  };
  /** Hosts that the configuration names, in its order. */
  const namesOf = (host: Host) => /\nnames (.*)\n/.exec(host.run('collect').stdout)?.[1]?.split(' ');

  it('reads of several folders of one confdir the first that has a file of a name, as chronyd does', () => {
    const host = newHost('RHEL 9');
    host
      .file(
        '/etc/chrony.conf',
        'confdir /etc/one /etc/two\nconfdir /etc/three /etc/four\nsourcedir /etc/one /etc/two\n',
      )
      .file('/etc/one/a.conf', 'server one-a.example\n')
      .file('/etc/two/a.conf', 'server two-a.example\n')
      .file('/etc/two/b.conf', 'server two-b.example\n')
      .file('/etc/three/a.conf', 'server three-a.example\n')
      .file('/etc/four/b.conf', 'server four-b.example\n')
      .file('/etc/one/c.sources', 'server one-c.example\n')
      .file('/etc/two/c.sources', 'server two-c.example\n');
    expect(namesOf(host)).toEqual(['one-a', 'two-b', 'three-a', 'four-b', 'one-c'].map((name) => `${name}.example`));
  });

  it('reads the file that the daemon was started with, where the host tells', () => {
    const host = newHost('Debian 12, ntpsec');
    host.file('/run/ntpd.pid', ' 4242\n').file('/proc/4242/stat', '4242 (ntpd) S 1 0 0\n');
    host.file('/proc/4242/cmdline', '/usr/sbin/ntpd\0-p\0/run/ntpd.pid\0-c\0/run/ntpsec/ntp.conf.dhcp\0-g\0');
    host.file('/run/ntpsec/ntp.conf.dhcp', 'server 10.0.0.2\n');
    expect(host.run('collect').stdout).toContain(
      ' file=/run/ntpsec/ntp.conf.dhcp\nage 1234\ncycled -\nrevision -\nliterals 10.0.0.2\nsystem ',
    );
  });

  it('lets nothing hostile through: names, tool output, file names', () => {
    const host = newHost('Debian 12, ntpsec');
    host.on('ntpq -c rv 0 version', 'version="ntpd ntpsec-$(touch owned);`id`"\n');
    host.file(
      '/etc/ntpsec/ntp.conf',
      'server $(reboot)\nserver ;id\nserver "ntp.az-a.pod"\nserver `id`\nincludefile $(touch owned)\nserver\n',
    );
    const { stdout } = host.run('collect');
    expect(stdout).toContain('found ntpsec - service=ntpsec');
    expect(stdout).toContain('\nnames ntp.az-a.pod ntp.az-d.pod\nsystem');
    expect(host.read('owned')).toBeNull();
  });

  it('survives a configuration that includes itself, and an unreadable one', () => {
    const host = newHost('Ubuntu 22.04');
    host.file(
      '/etc/ntp.conf',
      'server ntp.az-a.pod\nincludefile /etc/ntp.conf\nincludefile /etc/missing\nincludefile /etc\n',
    );
    expect(host.run('collect').stdout).toContain('\nnames ntp.az-a.pod\nsystem');
  });

  it('reads the files after one that cannot be read', () => {
    const host = newHost('Amazon Linux 2023');
    host.file('/etc/chrony.d/a.conf', 'server ntp.az-a.pod\n').file('/etc/chrony.d/z.conf', 'server ntp.az-z.pod');
    // its permissions admit root, and reading it is an error of input
    symlinkSync('/proc/self/mem', host.at('/etc/chrony.d/b.conf'));
    expect(host.run('collect').stdout).toContain('\nnames ntp.az-a.pod ntp.az-b.pod ntp.az-z.pod ntp.az-c.pod\n');
  });

  it('names once a host that two directives name', () => {
    const host = newHost('Ubuntu 22.04').file('/etc/ntp.conf', 'server a.example\npool a.example\nserver b.example\n');
    expect(namesOf(host)).toEqual(['a.example', 'b.example']);
  });

  it.each([
    ['Debian 12, ntpsec', '/etc/ntpsec', ['a.example', 'more.example']],
    ['Ubuntu 22.04', '/etc', ['a.example']],
    ['RHEL 9', '/etc', ['a.example']],
  ])('of %s reads the folder ntp.d of ntpsec alone', (start, folder, names) => {
    const host = newHost(start).file(`${folder}/ntp.d/more.conf`, 'server more.example\n');
    for (const file of ['ntp.conf', 'chrony.conf']) host.file(`${folder}/${file}`, 'server a.example\n');
    expect(namesOf(host)).toEqual(names);
  });

  it('reads an included file whose name is quoted', () => {
    const host = newHost('Ubuntu 22.04').file('/etc/more', 'server more.example\n');
    expect(namesOf(host.file('/etc/ntp.conf', 'includefile "/etc/more"\n'))).toEqual(['more.example']);
  });

  it('reads files with blanks in their names', () => {
    const host = newHost('Debian 12, ntpsec');
    host.file('/run/ntpd.pid', '4242\n').file('/proc/4242/stat', '4242 (ntpd) S 1 0 0\n');
    host.file('/proc/4242/cmdline', '/usr/sbin/ntpd\0-c\0/etc/our ntp/ntp.conf\0');
    host
      .file('/etc/our ntp/ntp.conf', 'server a.example\nincludefile more\n')
      .file('/etc/our ntp/more', 'server b.example\n')
      .file('/etc/our ntp/ntp.d/the last.conf', 'server c.example\n');
    expect(namesOf(host)).toEqual(['a.example', 'b.example', 'c.example']);
  });

  it('takes a name for one file, whatever is in it', () => {
    const host = newHost('RHEL 9').file('/etc/chrony.conf', 'include /etc/chrony.d/*.conf\n');
    host
      .file('/etc/chrony.d/b.conf', 'server b.example\n')
      // a pattern that matches the other
      .file('/etc/chrony.d/[b].conf', 'server pattern.example\n')
      // two lines, of which the first is a file
      .file('/etc/chrony.d/none', 'server none.example\n')
      .file('/etc/chrony.d/none\n.conf', 'server lines.example\n');
    expect(namesOf(host)?.toSorted()).toEqual(['b.example', 'pattern.example']);
  });

  it('takes an address with its interface for the address', () => {
    const host = newHost('RHEL 9').file('/etc/chrony.conf', 'server FE80::1%eth0\n');
    expect(host.run('collect').stdout).toContain('\nliterals fe80::1\n');
  });

  it('waits for no pipe', () => {
    const host = newHost('RHEL 9').file('/etc/chrony.conf', 'server a.example\ninclude /etc/chrony.d/*.conf\n');
    host.file('/etc/chrony.d/b.conf', 'server b.example\n');
    execFileSync('mkfifo', [host.at('/etc/chrony.d/pipe.conf')]);
    expect(namesOf(host)).toEqual(['a.example', 'b.example']);
  });

  it('of a daemon without a file reads no other', () => {
    const host = newHost('Ubuntu 22.04');
    rmSync(host.at('/etc/ntp.conf'));
    // `-` stands for it, which for many tools is a file of the working folder, or their standard input
    host.file('-', 'server folder.example\n').file('/etc/other', 'server other.example\n');
    host.input = '# revision 0123456789abcdef\nserver input.example\nincludefile /etc/other\n';
    expect(host.run('collect').stdout).toContain(' file=-\nage 1234\ncycled -\nrevision -\nsystem ntpq\n');
  });
});
